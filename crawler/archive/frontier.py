"""What a portal still owes us: URLs met and not yet answered, articles to look at again, what is known already."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.addresses import masked_address
from crawler.archive.articles import article_key
from crawler.archive.times import utc_text
from crawler.items import ArticleNumber, Capture, Link, Page

RETRYABLE = frozenset(("blocked", "http_error", "no_response", "retried", "robots_unreachable"))
"""Outcomes that are no answer: the next crawl asks for the URL again."""

ASKED_KINDS = ("home", "next", "listing", "feed", "article", "module_page", "media")
"""Kinds of links that a crawl asks for, the most urgent first: how much there is to do is then known early."""

_NOT_ANSWERS = ", ".join(f"'{outcome}'" for outcome in sorted(RETRYABLE))
_ANSWERS = f"""
SELECT min(fetched_at), max(fetched_at) FILTER (WHERE fetched_at <= ?),
    max(article IS NOT NULL OR outcome = 'withheld') FROM captures
WHERE target_uri IN (?, ?) AND portal = ? AND status IS NOT NULL AND outcome NOT IN ({_NOT_ANSWERS})
"""  # noqa: S608 - constants only
_IN_RUN = f"""
SELECT 1 FROM captures JOIN crawls ON crawls.id = captures.crawl
WHERE target_uri IN (?, ?) AND captures.portal = ? AND run = ?
AND captures.status IS NOT NULL AND outcome NOT IN ({_NOT_ANSWERS}) LIMIT 1
"""  # noqa: S608 - constants only
_FIRST_SEEN = """
SELECT first_seen FROM articles WHERE article_key = ?1
UNION ALL SELECT withheld_since FROM withheld WHERE article_key = ?1
"""
_IS_OWED = "SELECT 1 FROM known_urls WHERE portal = ? AND url = ? AND kind NOT IN ('page', 'file')"
_OWED = """
SELECT url, kind FROM known_urls
WHERE portal = ? AND kind = ? AND asked_in IS NOT ? AND (kind <> 'home' OR asked_in IS NULL)
ORDER BY first_seen LIMIT ?
"""
_VISITS = """
SELECT articles.id, articles.url, articles.date_published, articles.date_modified, articles.gone_at,
    revisions.first_seen AS content_since,
    (SELECT max(fetched_at) FROM captures WHERE article = articles.id AND fetched_at <= ?1) AS last_kept,
    (SELECT max(fetched_at) FROM captures WHERE target_uri = articles.url AND portal = articles.portal
     AND status IS NOT NULL AND fetched_at <= ?1) AS last_asked
FROM articles JOIN revisions ON revisions.article = articles.id AND revisions.content IS NULL
WHERE articles.portal = ?2 AND articles.id > ?3 ORDER BY articles.id LIMIT ?4
"""
_OWE = """
INSERT INTO known_urls (url, portal, kind, first_seen, found_in) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET kind = excluded.kind WHERE kind IN ('page', 'file')
"""
_KNOWN = """
INSERT INTO known_urls (url, portal, kind, first_seen, found_in)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
    SELECT 1 FROM captures WHERE target_uri = ?1 AND portal = ?2 AND status IS NOT NULL)
ON CONFLICT DO UPDATE SET first_seen = excluded.first_seen, found_in = excluded.found_in
WHERE kind IN ('page', 'file') AND (excluded.first_seen, excluded.found_in) < (first_seen, found_in)
"""
_ANSWERED = "DELETE FROM known_urls WHERE portal = ? AND url = ?"
_ASKED = "UPDATE known_urls SET asked_in = ? WHERE portal = ? AND url = ?"


NEVER = "0001-01-01T00:00:00.000000Z"
"""When an article was looked at of which every capture is dated later than now, by a clock that was ahead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """When a URL was answered before, as texts in UTC; None when it never was."""

    first: str | None
    last: str | None  # up to now
    is_article: bool  # one of the answers was an article's page


@dataclass(frozen=True, kw_only=True, slots=True)
class Visits:
    """How an article was looked at so far; times are texts in UTC, the portal's own dates local."""

    article: int
    url: str
    date_published: str | None
    date_modified: str | None
    is_gone: bool
    content_since: str  # when its present content was first seen
    last_asked: str  # up to now, else NEVER
    last_kept: str  # as an article, up to now; earlier than last_asked when it was missing then


class Frontier:
    """Look-ups for one portal's crawl that takes place `now` (aware); nothing is written here."""

    def __init__(self, connection: sqlite3.Connection, portal: str, now: datetime) -> None:
        self._connection = connection
        self._portal = portal
        self._now = utc_text(now)

    def answers(self, url: str) -> Answers:
        """When a URL was answered."""
        addresses = [self._now, url, masked_address(url), self._portal]
        first, last, is_article = self._connection.execute(_ANSWERS, addresses).fetchone()
        return Answers(first=first, last=last, is_article=bool(is_article))

    def is_answered_in(self, url: str, run: int) -> bool:
        """Whether a URL was answered in a run; times would not do, since a clock may have been ahead."""
        addresses = [url, masked_address(url), self._portal, run]
        return self._connection.execute(_IN_RUN, addresses).fetchone() is not None

    def article_since(self, number: ArticleNumber | None) -> str | None:
        """Since when an article is known or withheld, UTC; None when it is not, or when no number is given."""
        if number is None:
            return None
        row = self._connection.execute(_FIRST_SEEN, [article_key(self._portal, *number)]).fetchone()
        return None if row is None else str(row[0])

    def is_owed(self, url: str) -> bool:
        """Whether a URL waits to be asked for."""
        return self._connection.execute(_IS_OWED, [self._portal, url]).fetchone() is not None

    def kind_of(self, url: str) -> str | None:
        """The kind under which a URL is known and not yet answered; None when it is not."""
        query = "SELECT kind FROM known_urls WHERE portal = ? AND url = ?"
        row = self._connection.execute(query, [self._portal, url]).fetchone()
        return None if row is None else str(row[0])

    def owed(self, crawl: int, most: int) -> Iterator[Link]:
        """URLs that wait, the most urgent kind first, without those that this crawl has asked for in vain."""
        for kind in ASKED_KINDS:
            rows = self._connection.execute(_OWED, [self._portal, kind, crawl, most]).fetchall()
            yield from (Link(url=row["url"], kind=row["kind"]) for row in rows)

    def visits(self, after: int, most: int) -> list[Visits]:
        """The portal's articles with a local id above `after`, in that order."""
        rows = self._connection.execute(_VISITS, [self._now, self._portal, after, most]).fetchall()
        return [
            Visits(
                article=row["id"],
                url=row["url"],
                date_published=row["date_published"],
                date_modified=row["date_modified"],
                is_gone=row["gone_at"] is not None,
                content_since=row["content_since"],
                last_asked=max(row["last_asked"] or NEVER, row["last_kept"] or NEVER),
                last_kept=row["last_kept"] or NEVER,
            )
            for row in rows
        ]


def save_owed(connection: sqlite3.Connection, page: Page, outcome: str) -> None:
    """What one page leaves owed: its own URL when it was no answer, the links that its crawl must follow."""
    capture = page.capture
    if capture.status is not None and outcome not in RETRYABLE:
        connection.execute(_ANSWERED, [capture.portal, capture.target_uri])
    elif outcome != "retried" and page.asked_as is not None and page.asked_as != "home":
        # (A crawl begins at the home page in any case, and that may have moved by then.)
        connection.execute(_OWE, _row(capture, Link(url=capture.target_uri, kind=page.asked_as)))
        connection.execute(_ASKED, [capture.crawl, capture.portal, capture.target_uri])
    connection.executemany(_OWE, [_row(capture, link) for link in page.owed])
    others = [link for link in page.reading.links if link.kind in {"page", "file"}]
    connection.executemany(_KNOWN, [_row(capture, link) for link in others])


def _row(capture: Capture, link: Link) -> tuple[str, str, str, str, str]:
    return (link.url, capture.portal, link.kind, utc_text(capture.fetched_at), capture.record_id)
