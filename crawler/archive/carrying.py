"""What an archive knows that no WARC file tells, carried over into one that was rebuilt from the WARC files.

That is: portals without captures, how crawls began to the microsecond, went on and ended, crawls that kept nothing, and
requests that nothing answered, and what is still to be asked for. Everything else follows from the WARC files.
"""

import sqlite3
from collections import Counter

from crawler.archive import crawls

_MAP = """
CREATE TEMP TABLE crawl_ids AS
WITH same AS (
    SELECT before.id AS old, after.id AS new FROM old.crawls AS before JOIN main.crawls AS after
    ON after.portal = before.portal AND substr(after.started_at, 1, 19) = substr(before.started_at, 1, 19)
), own AS (SELECT old FROM same WHERE old = new)
SELECT old, min(new) AS new FROM same WHERE old = new OR (old NOT IN own AND new NOT IN own) GROUP BY old
"""
"""Crawls of a portal that began in one second; where that holds of several, their ids tell which is which."""
_MISSING = "SELECT id FROM old.crawls WHERE id NOT IN (SELECT old FROM crawl_ids) ORDER BY id"
_ADD = """
INSERT INTO main.crawls (id, portal, started_at, status)
SELECT CASE WHEN EXISTS (SELECT 1 FROM main.crawls WHERE id = ?1) THEN NULL ELSE ?1 END, portal, started_at, status
FROM old.crawls WHERE id = ?1
"""
_NEW_ID = "(SELECT new FROM crawl_ids WHERE crawl_ids.old = {})"
_COUNTED = frozenset(
    ("urls", "articles_new", "articles_changed", "articles_unchanged", "problems", "outcomes", "problem_list")
)
_OUTCOMES = "SELECT outcome, count(*) FROM captures WHERE crawl = ? GROUP BY outcome"
_PROBLEMS = """
SELECT target_uri, outcome, coalesce(message, status, '') FROM captures WHERE crawl = ? ORDER BY fetched_at, record_id
"""


def carry_over(connection: sqlite3.Connection) -> None:
    """Take over from the archive that is attached as `old`, in the caller's transaction."""
    connection.execute("INSERT OR IGNORE INTO main.portals SELECT * FROM old.portals")
    connection.execute(_MAP)
    for (old,) in connection.execute(_MISSING).fetchall():
        new = connection.execute(_ADD, [old]).lastrowid
        connection.execute("INSERT INTO crawl_ids VALUES (?, ?)", [old, new])
    _carry_crawls(connection)
    _carry_unanswered(connection)
    for (crawl,) in connection.execute("SELECT id FROM main.crawls").fetchall():
        _count(connection, crawl)
    connection.execute("DROP TABLE crawl_ids")


def _carry_crawls(connection: sqlite3.Connection) -> None:
    names = [name for name in _columns(connection, "crawls") if name not in _COUNTED | {"id", "portal"}]
    values = [_NEW_ID.format("o.run") if name == "run" else f"o.{name}" for name in names]
    pairs = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
    connection.execute(
        f"UPDATE main.crawls SET {pairs} FROM old.crawls AS o JOIN crawl_ids ON crawl_ids.old = o.id "  # noqa: S608 - own names
        "WHERE crawl_ids.new = crawls.id"
    )


def _carry_unanswered(connection: sqlite3.Connection) -> None:
    """Requests without an answer, and addresses that a crawl still owes."""
    _carry_rows(connection, "captures", "crawl", "o.warc_file IS NULL AND o.article IS NULL")
    _carry_rows(connection, "known_urls", "asked_in", "o.kind NOT IN ('page', 'file')")


def _carry_rows(connection: sqlite3.Connection, table: str, crawl_column: str, condition: str) -> None:
    names = _columns(connection, table)
    values = ", ".join(_NEW_ID.format(f"o.{name}") if name == crawl_column else f"o.{name}" for name in names)
    connection.execute(
        f"INSERT OR IGNORE INTO main.{table} ({', '.join(names)}) SELECT {values} FROM old.{table} AS o "  # noqa: S608 - own names
        f"WHERE {condition}"
    )


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row["name"] for row in connection.execute(f"PRAGMA main.table_info({table})")]


def _count(connection: sqlite3.Connection, crawl: int) -> None:
    totals = crawls.CrawlTotals(outcomes=Counter(dict(map(tuple, connection.execute(_OUTCOMES, [crawl])))))
    problems = (row for row in connection.execute(_PROBLEMS, [crawl]) if row["outcome"] in crawls.PROBLEMS)
    totals.named_problems = [
        {"url": url, "outcome": outcome, "message": str(message)}
        for (url, outcome, message), _ in zip(problems, range(crawls.NAMED_PROBLEMS), strict=False)
    ]
    crawls.update(connection, crawl, totals)
