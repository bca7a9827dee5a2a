"""Crawls as their WARC files tell of them, and whether a capture is known already."""

import sqlite3
from datetime import datetime

from crawler.archive.crawls import Ending
from crawler.archive.times import utc_text

RESTORED = "read from its WARC files, which do not say how it ended"
"""The message of a crawl that only its WARC files tell of."""

_BY_ID = "SELECT 1 FROM captures WHERE record_id = ?"
_COPY = "SELECT 1 FROM captures WHERE target_uri = ? AND fetched_at = ? AND payload_digest = ?"
_SAME = "SELECT id FROM crawls WHERE portal = ? AND substr(started_at, 1, 19) = ? ORDER BY id"
_RESTORE = """
INSERT INTO crawls (id, portal, started_at, status, message, is_restored)
VALUES (CASE WHEN EXISTS (SELECT 1 FROM crawls WHERE id = ?1) THEN NULL ELSE ?1 END, ?2, ?3, 'partial', ?4, 1)
"""
_OWN_RUN = "UPDATE crawls SET run = id WHERE id = ?"
_END = """
UPDATE crawls SET started_at = ?, finished_at = ?, status = ?, message = ?, is_finished = ?, mode = ?,
    run = coalesce((SELECT id FROM crawls AS begun WHERE begun.portal = crawls.portal
        AND substr(begun.started_at, 1, 19) = ? ORDER BY begun.id = ? DESC LIMIT 1), id)
WHERE id = ? AND is_restored AND message IS ?
"""
_ENDS = """
UPDATE crawls SET finished_at = (SELECT max(fetched_at) FROM captures WHERE captures.crawl = crawls.id)
WHERE message = ?
"""


def is_known(
    connection: sqlite3.Connection, record_id: str | None, url: str, fetched_at: str, digest: str | None
) -> bool:
    """Whether the archive has a capture, or a copy of it: the same address, time (as kept) and payload."""
    if record_id is not None and connection.execute(_BY_ID, [record_id]).fetchone():
        return True
    return digest is not None and connection.execute(_COPY, [url, fetched_at, digest]).fetchone() is not None


def restore_crawl(connection: sqlite3.Connection, portal: str, number: int, started_at: datetime) -> int:
    """The id of a portal's crawl that began in that second; made, with the id `number` where it is free.

    Two crawls may have begun in one second. Where `number` is free, this one was never made here: it would have it.
    """
    moment = utc_text(started_at)
    same = [row["id"] for row in connection.execute(_SAME, [portal, moment[:19]]).fetchall()]
    if number in same:
        return number
    if same and connection.execute("SELECT 1 FROM crawls WHERE id = ?", [number]).fetchone():
        return int(same[0])
    crawl = int(connection.execute(_RESTORE, [number, portal, moment, RESTORED]).lastrowid or 0)
    connection.execute(_OWN_RUN, [crawl])
    return crawl


def restore_end(connection: sqlite3.Connection, crawl: int, ending: Ending) -> None:
    """End a restored crawl as its WARC files say; call it when the crawl that began its run is restored too."""
    end, run_began = ending.end, utc_text(ending.run_started_at)[:19]
    of_end = [
        utc_text(ending.started_at),
        utc_text(end.finished_at),
        end.status,
        end.message,
        end.is_finished,
    ]
    connection.execute(_END, [*of_end, ending.mode, run_began, crawl, crawl, RESTORED])


def end_restored(connection: sqlite3.Connection) -> None:
    """Let restored crawls of which nothing more is known end with their last capture."""
    connection.execute(_ENDS, [RESTORED])
