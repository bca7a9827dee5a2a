"""The rows of `crawls`: when a crawl began, how it ended, what it met."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from crawler.archive.times import utc_text
from crawler.items import Page

ARTICLE_OUTCOMES = ("article_new", "article_changed", "article_unchanged")
PROBLEMS = frozenset(
    {
        *(
            "blocked",
            "http_error",
            "id_reused",
            "list_emptied",
            "no_response",
            "parse_error",
            "robots_denied",
            "robots_unreachable",
            "redirect_endless",
        ),
        "unrecognised",
    }
)
"""Outcomes that leave something unread; a crawl with one of them is not complete."""

_ENDING = """
SELECT crawls.*, begun.started_at AS run_started_at FROM crawls JOIN crawls AS begun ON begun.id = crawls.run
WHERE crawls.id = ?
"""
_NOT_A_URLS_END = "retried"
NAMED_PROBLEMS = 100
"""How many problems of a crawl are named."""


@dataclass(kw_only=True)
class CrawlTotals:
    """What a crawl has met so far: outcomes by URL, and its first problems by name."""

    outcomes: Counter[str] = field(default_factory=Counter)
    named_problems: list[dict[str, str]] = field(default_factory=list)

    def add(self, page: Page, outcome: str) -> None:
        """Count one page under its final outcome."""
        self.outcomes[outcome] += 1
        if outcome in PROBLEMS and len(self.named_problems) < NAMED_PROBLEMS:
            self.named_problems.append(
                {
                    "url": page.capture.target_uri,
                    "outcome": outcome,
                    "message": page.reading.message
                    or (str(page.capture.status) if page.capture.status else ""),
                }
            )

    @property
    def urls(self) -> int:
        """URLs that were asked for; answers that were asked for again do not count."""
        return self.outcomes.total() - self.outcomes[_NOT_A_URLS_END]

    @property
    def articles(self) -> int:
        """Articles met, new, changed or unchanged."""
        return sum(self.outcomes[outcome] for outcome in ARTICLE_OUTCOMES)

    @property
    def problems(self) -> int:
        """URLs whose content was not read though it may be there."""
        return sum(self.outcomes[outcome] for outcome in PROBLEMS)


def load(connection: sqlite3.Connection, crawl: int) -> CrawlTotals:
    """What a crawl had met when it was last saved."""
    row = connection.execute("SELECT outcomes, problem_list FROM crawls WHERE id = ?", [crawl]).fetchone()
    return CrawlTotals(
        outcomes=Counter(json.loads(row["outcomes"])), named_problems=json.loads(row["problem_list"])
    )


def update(connection: sqlite3.Connection, crawl: int, totals: CrawlTotals) -> None:
    """Write what a crawl has met so far."""
    connection.execute(
        "UPDATE crawls SET urls = ?, articles_new = ?, articles_changed = ?, articles_unchanged = ?, "
        "problems = ?, outcomes = ?, problem_list = ? WHERE id = ?",
        [
            totals.urls,
            *(totals.outcomes[outcome] for outcome in ARTICLE_OUTCOMES),
            totals.problems,
            json.dumps(dict(sorted(totals.outcomes.items()))),
            json.dumps(totals.named_problems, ensure_ascii=False),
            crawl,
        ],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How a crawl ended."""

    finished_at: datetime  # aware
    status: str  # complete, partial, empty, failed
    message: str | None  # None when there is nothing to say
    is_finished: bool  # False: the next crawl goes on with what this one had left


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What the WARC says of a crawl that has ended, so that its row can be made again."""

    started_at: datetime  # aware, as the next one
    run_started_at: datetime  # when the run began that it was part of
    mode: str  # see crawler.archive.Run
    end: End


def ending(connection: sqlite3.Connection, crawl: int) -> Ending:
    """How a crawl ended, as its row says."""
    row = connection.execute(_ENDING, [crawl]).fetchone()
    return Ending(
        started_at=datetime.fromisoformat(row["started_at"]),
        run_started_at=datetime.fromisoformat(row["run_started_at"]),
        mode=row["mode"],
        end=End(
            finished_at=datetime.fromisoformat(row["finished_at"]),
            status=row["status"],
            message=row["message"],
            is_finished=bool(row["is_finished"]),
        ),
    )


def finish(connection: sqlite3.Connection, crawl: int, end: End) -> None:
    """Give a crawl its one final status."""
    connection.execute(
        "UPDATE crawls SET finished_at = ?, status = ?, message = ?, is_finished = ? WHERE id = ?",
        [utc_text(end.finished_at), end.status, end.message, int(end.is_finished), crawl],
    )


def end_interrupted(connection: sqlite3.Connection, portal: str, found_at: datetime) -> int:
    """Mark this portal's crawls that never ended (killed, power cut) as partial; returns how many."""
    return connection.execute(
        "UPDATE crawls SET status = 'partial', finished_at = ?, message = ? "
        "WHERE portal = ? AND status = 'running'",
        [utc_text(found_at), "interrupted: the program was killed or lost its power; crawl again", portal],
    ).rowcount
