"""The search index: fed here in Python, since SQLite's tokenizer does not fold đ to d.

Each row holds the folded text of one article; snippets come from the view articles_full, where every letter
stands at the same place. FTS5's own 'rebuild' would lose the fold: `rebuild` here is the one to use.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from crawler.archive.migrations import SEARCH_INDEX
from crawler.text import fold

COLUMNS = ("headline", "description", "article_body", "author", "keywords")
_INSERT = "INSERT INTO articles_fts (rowid, headline, description, article_body, author, keywords) VALUES "
_DELETE = (
    "INSERT INTO articles_fts (articles_fts, rowid, headline, description, article_body, author, keywords) "
    "VALUES ('delete', ?, ?, ?, ?, ?, ?)"
)
_SELECT = f"SELECT id, {', '.join(COLUMNS)} FROM articles_full"  # noqa: S608 - constants only
_ROWS_A_STATEMENT = 100

IndexRow = tuple[int, str | None, str | None, str | None, str | None, str | None]


def add(connection: sqlite3.Connection, articles: Iterable[int]) -> None:
    """Index articles that are not in the index yet; many rows a statement, since FTS5 flushes at each."""
    ids = sorted(articles)
    for start in range(0, len(ids), _ROWS_A_STATEMENT):
        part = ids[start : start + _ROWS_A_STATEMENT]
        marks = ",".join("?" * len(part))
        rows = connection.execute(f"{_SELECT} WHERE id IN ({marks})", part)
        _insert(connection, [_folded(row) for row in rows])


def remove(connection: sqlite3.Connection, article: int) -> None:
    """Take an article out, before its texts change: FTS5 must be told exactly what it had been given."""
    for row in connection.execute(f"{_SELECT} WHERE id = ?", [article]).fetchall():
        connection.execute(_DELETE, _folded(row))


def rebuild(connection: sqlite3.Connection) -> int:
    """Make the index anew from the articles, in the caller's transaction; returns how many were indexed."""
    connection.execute("DROP TABLE IF EXISTS articles_fts")
    connection.execute(SEARCH_INDEX.strip().removesuffix(";"))
    count = 0
    for rows in _batches(connection.execute(f"{_SELECT} ORDER BY id")):
        _insert(connection, [_folded(row) for row in rows])
        count += len(rows)
    return count


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[IndexRow]]:
    while rows := cursor.fetchmany(_ROWS_A_STATEMENT):
        yield rows


def _folded(row: IndexRow) -> IndexRow:
    number, *texts = row
    folded = [None if text is None else fold(text) for text in texts]
    return (number, folded[0], folded[1], folded[2], folded[3], folded[4])


def _insert(connection: sqlite3.Connection, rows: list[IndexRow]) -> None:
    if rows:
        values = [value for row in rows for value in row]
        connection.execute(_INSERT + ",".join(["(?, ?, ?, ?, ?, ?)"] * len(rows)), values)
