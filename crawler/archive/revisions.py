"""Revisions: the maximal runs of an article's captures with one content, ordered by (fetched_at, record_id).

They follow from the captures alone, so the order in which captures arrive does not matter. The current
revision's content is the article itself (its `content` here is NULL); past ones keep theirs as JSON.
"""

import json
import sqlite3
from typing import Any

from crawler.archive.content import attachment_content
from crawler.archive.times import utc_text
from crawler.items import Capture

_INSERT = (
    "INSERT INTO revisions (article, first_seen, record_id, content_digest, content) VALUES (?, ?, ?, ?, ?)"
)
_STORED = (
    "SELECT headline, description, article_body, author, source, article_section, keywords, date_published, "
    "date_modified, url FROM articles_full WHERE id = ?"
)


def start(connection: sqlite3.Connection, article: int, capture: Capture, digest: str) -> None:
    """Begin the current revision with this capture."""
    connection.execute(_INSERT, [article, utc_text(capture.fetched_at), capture.record_id, digest, None])


def close_current(connection: sqlite3.Connection, article: int) -> None:
    """Turn what the article shows now into a past revision, before the article is overwritten."""
    connection.execute(
        "UPDATE revisions SET content = ? WHERE article = ? AND content IS NULL",
        [_stored_content(connection, article), article],
    )


def place_older(
    connection: sqlite3.Connection, article: int, capture: Capture, content: dict[str, Any], digest: str
) -> bool:
    """Fit a capture older than the newest known one into the runs; returns whether its content is new."""
    fetched_at = utc_text(capture.fetched_at)
    captures = connection.execute(
        "SELECT fetched_at, record_id, content_digest FROM captures "
        "WHERE article = ? AND content_digest IS NOT NULL",
        [article],
    ).fetchall()
    runs: list[tuple[str, str, str]] = []
    for seen in sorted([*map(tuple, captures), (fetched_at, capture.record_id, digest)]):
        if not runs or runs[-1][2] != seen[2]:
            runs.append(seen)
    contents = _contents(connection, article)
    is_new = digest not in contents
    contents.setdefault(digest, json.dumps(content, ensure_ascii=False, sort_keys=True))
    connection.execute("DELETE FROM revisions WHERE article = ?", [article])
    last = len(runs) - 1
    connection.executemany(
        _INSERT,
        [(article, *run, None if place == last else contents[run[2]]) for place, run in enumerate(runs)],
    )
    connection.execute(
        "UPDATE articles SET first_seen = ?, record_id = ? WHERE id = ?", [runs[0][0], runs[last][1], article]
    )
    return is_new


def _contents(connection: sqlite3.Connection, article: int) -> dict[str, str]:
    rows = connection.execute(
        "SELECT content_digest, content FROM revisions WHERE article = ?", [article]
    ).fetchall()
    return {row[0]: row[1] if row[1] is not None else _stored_content(connection, article) for row in rows}


def _stored_content(connection: sqlite3.Connection, article: int) -> str:
    content = dict(connection.execute(_STORED, [article]).fetchone())
    content["keywords"] = json.loads(content["keywords"])
    url = content.pop("url")
    content["attachments"] = [
        attachment_content(row["name"], row["url"], url)
        for row in connection.execute(
            "SELECT name, url FROM attachments WHERE article = ? ORDER BY position", [article]
        )
    ]
    return json.dumps(content, ensure_ascii=False, sort_keys=True)
