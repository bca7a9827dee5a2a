"""Taking an article out of the archive: its row, texts, files, revisions, dates and search entry."""

import sqlite3

from crawler.archive import search

_FORGET_WITNESSES = """
DELETE FROM witnesses WHERE article_key = (SELECT article_key FROM articles WHERE id = ?)
AND source NOT IN ('list', 'sitemap', 'rss')
"""
_DEPENDENTS = """
SELECT tables.name, keys."from" FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
WHERE tables.type = 'table' AND keys."table" = 'articles' AND tables.name <> 'captures'
"""


def remove(connection: sqlite3.Connection, article: int, *, is_indexed: bool = True) -> None:
    """Take out an article that no capture names any more; what lists print beside its number stays."""
    if is_indexed:
        search.remove(connection, article)
    connection.execute(_FORGET_WITNESSES, [article])
    for table, column in connection.execute(_DEPENDENTS).fetchall():
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [article])  # noqa: S608 - the schema's own names
    connection.execute("DELETE FROM articles WHERE id = ?", [article])
