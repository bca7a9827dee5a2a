"""Witnesses of publication dates, and the date and flags that follow from all of them.

A list, a sitemap or a feed may name an article before its page was read, or after: witnesses are kept by
article key, and the article's date columns are judged anew whenever one is added.
"""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from crawler.archive.columns import date_columns
from crawler.archive.times import utc_text
from crawler.items import Capture, Witness
from crawler.witnesses import decide

_ADD = """
INSERT INTO witnesses (article_key, source, text, iso, weekday_conflict, first_seen, record_id)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET first_seen = excluded.first_seen, record_id = excluded.record_id
WHERE (excluded.first_seen, excluded.record_id) < (first_seen, record_id)
"""
_OF_ARTICLE = (
    "SELECT source, text, iso, weekday_conflict, first_seen FROM witnesses "
    "WHERE article_key = ? ORDER BY first_seen, text"
)


def add(connection: sqlite3.Connection, key: str, capture: Capture, found: Iterable[Witness]) -> bool:
    """Keep what one capture says of an article's date; returns whether anything of it is new.

    Of what was said before, only the first time counts.
    """
    cursor = connection.executemany(
        _ADD,
        [
            (
                key,
                witness.source,
                witness.text,
                witness.iso,
                int(witness.weekday_conflict),
                utc_text(capture.fetched_at),
                capture.record_id,
            )
            for witness in found
        ],
    )
    return cursor.rowcount > 0


def judge(connection: sqlite3.Connection, key: str) -> None:
    """Set an article's date columns from its witnesses: the newest statement of each source.

    Does nothing while the article itself is not known. "future" means later than the first statement.
    """
    before = connection.execute(
        "SELECT id, date_published, date_source, date_flags FROM articles WHERE article_key = ?", [key]
    ).fetchone()
    if before is None:
        return
    rows = connection.execute(_OF_ARTICLE, [key]).fetchall()
    if not rows:
        return
    latest = {row["source"]: row for row in rows}
    decision = decide(
        [
            Witness(
                source=row["source"],
                text=row["text"],
                iso=row["iso"],
                weekday_conflict=bool(row["weekday_conflict"]),
            )
            for row in latest.values()
        ],
        captured_at=datetime.fromisoformat(min(row["first_seen"] for row in latest.values())),
    )
    after = date_columns(decision.date_published, decision.date_source, decision.flags)
    if any(after[name] != before[name] for name in ("date_published", "date_source", "date_flags")):
        connection.execute(
            f"UPDATE articles SET {', '.join(f'{name} = ?' for name in after)} WHERE id = ?",  # noqa: S608 - own column names
            [*after.values(), before["id"]],
        )
