"""Runs: one look at a portal, begun by one crawl and, where that was interrupted, continued by the next ones.

What was answered since a run began is not asked for again in it. There is no other state than the archive.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.times import utc_text

SWEEP_EVERY = timedelta(days=30)
GAPS_EVERY = timedelta(days=7)
"""How soon numbers that no list names lead to a sweep: drafts leave such gaps too, and a sweep does not close them."""

CONTINUED_WITHIN = {"update": timedelta(days=1), "sweep": timedelta(days=14), "full": timedelta(days=14)}
"""How long after its beginning a run is still continued; an update that is a day old would miss today's lists."""

_LAST = """
SELECT crawls.run, crawls.mode, crawls.is_finished OR crawls.is_restored AS has_ended, begun.started_at AS since
FROM crawls JOIN crawls AS begun ON begun.id = crawls.run
WHERE crawls.portal = ? AND crawls.mode <> 'probe' AND crawls.started_at <= ?
ORDER BY crawls.started_at DESC, crawls.id DESC LIMIT 1
"""
_SWEPT = """
SELECT begun.started_at AS since, crawls.finished_at FROM crawls JOIN crawls AS begun ON begun.id = crawls.run
WHERE crawls.portal = ? AND crawls.started_at <= ? AND crawls.is_finished AND crawls.mode IN ('sweep', 'full')
ORDER BY begun.started_at DESC LIMIT 1
"""
_GAPS = """
WITH ids AS (
    SELECT in_language, module, CAST(cms_id AS INTEGER) AS cms_id, first_seen FROM articles WHERE portal = ?1
    UNION ALL SELECT in_language, module, cms_id, first_seen FROM other_ids WHERE portal = ?1
    UNION ALL SELECT in_language, module, CAST(cms_id AS INTEGER), withheld_since FROM withheld WHERE portal = ?1
), highest AS MATERIALIZED (
    SELECT in_language, module, top FROM ledger_tops WHERE portal = ?1
), tops AS (
    SELECT in_language, module, top, coalesce(max(cms_id) FILTER (WHERE first_seen <= ?2), 0) AS swept
    FROM ids JOIN highest USING (in_language, module) WHERE cms_id <= top GROUP BY in_language, module
)
SELECT 1 FROM tops WHERE top - swept > (
    SELECT count(*) FROM ids WHERE ids.in_language = tops.in_language AND ids.module = tops.module
    AND ids.cms_id > tops.swept AND ids.cms_id <= tops.top)
"""
_BEGIN = "INSERT INTO crawls (portal, started_at, status, run, mode) VALUES (?, ?, 'running', ?, ?)"
_UNREAD = """
SELECT count(DISTINCT captures.target_uri) FROM captures JOIN crawls ON crawls.id = captures.crawl
WHERE crawls.run = ?1 AND crawls.id < ?2
AND outcome IN (
    'parse_error', 'unrecognised', 'id_reused', 'list_emptied', 'robots_denied', 'redirect_endless')
AND NOT EXISTS (SELECT 1 FROM captures AS later WHERE later.target_uri = captures.target_uri AND later.crawl = ?2)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One crawl, and the run that it is part of."""

    crawl: int
    run: int  # the crawl that began it; the same as `crawl` for a new run
    mode: str  # update: lists until everything is known; sweep: lists to their ends; full: everything again; probe
    started_at: datetime  # aware
    since: str  # when the run began, UTC; what was answered since then is done

    @property
    def is_continued(self) -> bool:
        """Whether an earlier crawl began it."""
        return self.run != self.crawl


def begin(connection: sqlite3.Connection, portal: str, started_at: datetime, wanted: str | None) -> Run:
    """Open a crawl's row, status running, as part of an unfinished run or of a new one.

    `wanted` is the mode that was asked for; None leaves it to what the archive knows. Crawls that are dated later
    than this one, by a clock that was ahead, count as never.
    """
    now = utc_text(started_at)
    last = connection.execute(_LAST, [portal, now]).fetchone()
    goes_on = last is not None and not last["has_ended"] and wanted in (None, last["mode"])
    if goes_on and _age(last["since"], started_at) < CONTINUED_WITHIN[last["mode"]]:
        run, mode, since = last["run"], last["mode"], last["since"]
    else:
        run, mode, since = None, wanted or _mode(connection, portal, started_at), now
    crawl = int(connection.execute(_BEGIN, [portal, now, run, mode]).lastrowid or 0)
    if run is None:
        connection.execute("UPDATE crawls SET run = id WHERE id = ?", [crawl])
    return Run(crawl=crawl, run=run or crawl, mode=mode, started_at=started_at, since=since)


def load(connection: sqlite3.Connection, crawl: int) -> Run:
    """An earlier crawl and its run."""
    row = connection.execute(
        "SELECT crawls.run, crawls.mode, crawls.started_at, begun.started_at AS since FROM crawls "
        "JOIN crawls AS begun ON begun.id = crawls.run WHERE crawls.id = ?",
        [crawl],
    ).fetchone()
    started_at = datetime.fromisoformat(row["started_at"])
    return Run(crawl=crawl, run=row["run"], mode=row["mode"], started_at=started_at, since=row["since"])


def unread(connection: sqlite3.Connection, run: Run) -> int:
    """How many URLs earlier crawls of a run could not read, and this one did not ask for again."""
    if not run.is_continued:
        return 0
    return int(connection.execute(_UNREAD, [run.run, run.crawl]).fetchone()[0])


def _mode(connection: sqlite3.Connection, portal: str, now: datetime) -> str:
    swept = connection.execute(_SWEPT, [portal, utc_text(now)]).fetchone()
    if swept is None or _age(swept["since"], now) >= SWEEP_EVERY:
        return "sweep"
    if _age(swept["since"], now) < GAPS_EVERY:
        return "update"
    gaps = connection.execute(_GAPS, [portal, swept["finished_at"]]).fetchone()
    return "sweep" if gaps else "update"


def _age(then: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(then)
