"""Articles that are gone: since when, once two crawls agree. Derived from the captures, in any order of arrival."""

import sqlite3
from collections.abc import Iterable

from crawler.archive.times import utc_text
from crawler.items import Capture

GONE = frozenset(("not_found", "soft_not_found", "members_only", "redirect_away"))
"""What the address of an article that is not there any more ends in."""

_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in sorted(GONE))
_AT = """
SELECT id FROM articles WHERE url = ?1 AND portal = ?2
UNION SELECT article FROM captures WHERE target_uri = ?1 AND portal = ?2 AND article IS NOT NULL
"""
_MISSES = f"""
WITH last AS (SELECT max(fetched_at) AS fetched_at FROM captures WHERE article = ?1)
SELECT min(fetched_at) AS since, count(DISTINCT coalesce(crawl, substr(captures.fetched_at, 1, 10))) AS crawls
FROM captures WHERE outcome IN ({_OUTCOMES})
AND portal = (SELECT portal FROM articles WHERE id = ?1) AND captures.fetched_at > (SELECT fetched_at FROM last)
AND target_uri IN (SELECT url FROM articles WHERE id = ?1 UNION SELECT target_uri FROM captures WHERE article = ?1)
"""  # noqa: S608 - constants only
_SET = "UPDATE articles SET gone_at = ? WHERE id = ? AND gone_at IS NOT ?"


def missing(connection: sqlite3.Connection, capture: Capture) -> None:
    """Judge every article whose address just turned out to be none."""
    judge(
        connection,
        [row[0] for row in connection.execute(_AT, [capture.target_uri, capture.portal]).fetchall()],
    )


def judge(connection: sqlite3.Connection, articles: Iterable[int]) -> None:
    """Set gone_at, the time of the first miss since the article was last there, where two crawls missed it.

    Captures of no crawl (of other people's WARC files) count as one crawl for each day, UTC.
    """
    for article in articles:
        since, crawls = connection.execute(_MISSES, [article]).fetchone()
        gone_at = since if crawls >= 2 else None
        connection.execute(_SET, [gone_at, article, gone_at])


def judge_new(connection: sqlite3.Connection, article: int, url: str, capture: Capture) -> None:
    """Judge an article whose capture was just saved; misses may have been known before it."""
    query = (
        f"SELECT 1 FROM captures WHERE target_uri IN (?, ?) AND outcome IN ({_OUTCOMES}) AND fetched_at > ?"  # noqa: S608 - constants only
    )
    later = [url, capture.target_uri, utc_text(capture.fetched_at)]
    row = connection.execute("SELECT gone_at FROM articles WHERE id = ?", [article]).fetchone()
    if row[0] is not None or connection.execute(query, later).fetchone():
        judge(connection, [article])
