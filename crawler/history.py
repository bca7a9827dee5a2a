"""What the archive knows of each portal's crawls; only read, whatever a crawl writes meanwhile."""

import json
import sqlite3
from collections import defaultdict
from datetime import datetime

from crawler.archive.restoring import RESTORED
from crawler.archive.times import utc_text
from crawler.schedule import PastCrawl

_CRAWLS = """
SELECT crawls.portal, crawls.started_at, begun.started_at AS since, crawls.status, crawls.is_finished,
    crawls.message, crawls.outcomes, crawls.is_restored,
    CASE WHEN NOT crawls.is_finished THEN
        (SELECT outcome FROM captures WHERE rowid = (SELECT max(rowid) FROM captures WHERE crawl = crawls.id))
    END AS last_outcome
FROM crawls JOIN crawls AS begun ON begun.id = crawls.run
WHERE crawls.mode <> 'probe' AND crawls.started_at <= ?1 AND crawls.started_at >= coalesce(
    (SELECT max(started_at) FROM crawls AS good WHERE good.portal = crawls.portal AND good.is_finished
        AND good.mode <> 'probe' AND good.started_at <= ?1), '')
ORDER BY crawls.started_at DESC, crawls.id DESC
"""


def past_crawls(connection: sqlite3.Connection, now: datetime) -> dict[str, list[PastCrawl]]:
    """The crawls of each portal, newest first, back to the last one that reached its end; `now` is aware.

    Those that a clock which was ahead dated later than now count as never: they would keep a portal from being due.
    """
    past: defaultdict[str, list[PastCrawl]] = defaultdict(list)
    for row in connection.execute(_CRAWLS, [utc_text(now)]):
        past[row["portal"]].append(
            PastCrawl(
                started_at=datetime.fromisoformat(row["started_at"]),
                since=datetime.fromisoformat(row["since"]),
                status=row["status"],
                is_finished=bool(row["is_finished"]),
                last_outcome=row["last_outcome"],
                message=row["message"],
                is_end_known=not (row["is_restored"] and row["message"] == RESTORED),
                outcomes=json.loads(row["outcomes"]),
            )
        )
    return past
