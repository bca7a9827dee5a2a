"""The crawl's archive session."""

import asyncio
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, Self, cast

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.archive import Archive, ArchiveError
from crawler.archive.crawls import PROBLEMS
from crawler.following import Scope
from crawler.items import Capture, Link, Page
from crawler.keeping import CrawlResult, Keeper, why_home_failed
from crawler.opening import acquire_archive, archive_users, open_keeper, release_archive
from crawler.portals import Portal
from crawler.probing import Probes
from crawler.reading import READER
from crawler.warc import Exchange
from crawler.worklist import Worklist

SECONDS_A_COMMIT = 5.0
COMMITS_A_SECOND = 12
"""Of all crawls of a process together: each brings a WARC file to the disk first (10 ms on a slow disk), and until
then its pages wait in memory (13 KB an article: with 300 crawls 45 MB)."""
SILENT_AFTER = 10
"""Requests in a row without an answer after which a portal is left alone until the next crawl."""

BY_HAND = "stopped by hand; crawl again to go on"
UNWRITTEN_END = "a fault kept its end from being written, the log says which; the next crawl goes on with it"
CUT_OFF = "cut_off"
"""The reason of a crawl's end that Scrapy did not see."""

STOPPED = {
    CUT_OFF: BY_HAND,
    "home": "its home page could not be read",
    "shutdown": BY_HAND,
    "silent": f"the portal stopped answering: {SILENT_AFTER} requests in a row failed; crawl again later to go on",
    "finished": None,
}

logger = logging.getLogger(__name__)


class _PortalSpider(Protocol):
    target: Portal
    hosts: frozenset[str]
    home_url: str
    home: Page | None
    mode: str | None
    budget: int
    scope: Scope


def session_of(crawler: Crawler) -> "ArchiveSession":
    """The archive session of a crawl; NotConfigured when it has none, as in `scrapy fetch` and `shell`."""
    session = crawler.get_extension(ArchiveSession)
    if session is None:
        raise NotConfigured("nothing is archived without crawler.extensions.ArchiveSession")
    return session


def _worklist(archive: Archive, keeper: Keeper, spider: _PortalSpider) -> Worklist | Probes:
    key = keeper.portal.key
    if keeper.run.mode == "probe":
        return Probes(archive.gaps(key), spider.budget)
    now = datetime.now(UTC)
    return Worklist(archive.frontier(key, now), keeper.run, now, spider.scope)


class ArchiveSession:
    """Opens the archive before the first request, saves while the crawl runs, judges it at the end."""

    def __init__(self, crawler: Crawler, archive: Archive, keeper: Keeper) -> None:
        self.result: CrawlResult | None = None
        self.keeper = keeper
        self._crawler = crawler
        self._spider = cast("_PortalSpider", crawler.spider)
        self.hosts = self._spider.hosts
        self.worklist = _worklist(archive, keeper, self._spider)
        self.worklist.begin(self._spider.home_url, self.hosts)
        self._unanswered = 0
        self._archive = archive
        self._failure: str | None = None
        self._has_ended = False
        self._saving = create_looping_call(self._flush_in_turn)
        self._flushed_at = time.monotonic()
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open everything, mending what a crash left behind. Raises ArchiveError or WarcError in plain words."""
        spider = crawler.spider
        if getattr(spider, "target", None) is None:
            raise NotConfigured("only a portal's spider is archived")
        portal_spider = cast("_PortalSpider", spider)
        archive = acquire_archive(crawler.settings)
        try:
            keeper = open_keeper(archive, portal_spider.target, crawler.settings, portal_spider.mode)
        except BaseException:
            release_archive(archive)
            raise
        session = cls(crawler, archive, keeper)
        crawler.signals.connect(session.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(session.spider_closed, signal=signals.spider_closed)
        return session

    def spider_opened(self) -> None:
        """Start saving at intervals."""
        READER.acquire()
        self._saving.start(SECONDS_A_COMMIT, now=False)

    def record(self, exchange: Exchange, media_type: str | None) -> Capture:
        """Write one exchange to the WARC. A failed write stops the crawl, and nothing more is parsed."""
        if self._failure is not None:
            raise IgnoreRequest("the crawl has failed")
        try:
            return self.keeper.record(exchange, media_type)
        except OSError as error:
            self._fail(f"the WARC file could not be written: {error.strerror}")
            raise IgnoreRequest("the WARC file could not be written") from error

    def settle(self, page: Page) -> None:
        """Keep one page that was read."""
        if self._failure is not None:
            return
        is_home = page is self._spider.home
        page = self.worklist.judged(page)
        if is_home:
            self._spider.home = page
        if page.reading.outcome in PROBLEMS and not is_home:  # the closing words speak of home
            logger.warning(
                "%s: %s %s", page.reading.outcome, page.reading.message or "", page.capture.target_uri
            )
        self.worklist.settled(page)
        page = replace(page, owed=self.worklist.admit(page))
        try:
            self.keeper.settle(page)
        except (OSError, ArchiveError) as error:
            self._fail(str(error))
        else:
            self._saved()
            self._look_after(page)

    def next_link(self) -> Link | None:
        """What to ask for next; None when there is nothing now."""
        link = self.worklist.next()
        if link is None and not self.worklist.is_empty and self._failure is None:
            self._flush()
            self.worklist.refill()
            link = self.worklist.next()
        return link

    @property
    def failure(self) -> str | None:
        """Why the archive could not be written; None as long as it can be."""
        return self._failure

    def left(self) -> int:
        """How many URLs are known to wait; those that wait in the archive are counted with each save."""
        return self.worklist.waiting

    def _look_after(self, page: Page) -> None:
        """End a crawl that cannot go on: without a home page, or when nothing is answered any more."""
        silent = (
            page.reading.outcome in {"no_response", "robots_unreachable"} or (page.capture.status or 0) >= 500
        )
        self._unanswered = self._unanswered + 1 if silent else 0
        if page.asked_as == "home" and why_home_failed(page):
            self._close("home")
        elif self._unanswered == SILENT_AFTER:
            self._close("silent")

    def _close(self, reason: str) -> None:
        self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=reason))

    def _flush_in_turn(self) -> None:
        if time.monotonic() - self._flushed_at >= archive_users() / COMMITS_A_SECOND:
            self._flush()

    def _flush(self) -> None:
        self._flushed_at = time.monotonic()
        if self._failure is None:
            try:
                self.keeper.flush()
            except (OSError, ArchiveError) as error:
                self._fail(str(error))
            else:
                self._saved()

    def _saved(self) -> None:
        if self.keeper.is_saved:
            self.worklist.saved()

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self._close("failed")

    def spider_closed(self, reason: str) -> None:
        """Give the crawl its one status."""
        if self._saving.running:
            self._saving.stop()
            READER.release()
        now = datetime.now(UTC)
        home = self._spider.home
        try:
            if self._failure is None:
                try:
                    stopped = STOPPED.get(reason, reason) or self.worklist.remark
                    if reason == CUT_OFF and self.keeper.has_unread:
                        self.result = self.keeper.leave(now, BY_HAND)
                    else:
                        self.result = self.keeper.finish(now, home=home, stopped=stopped)
                except (OSError, ArchiveError) as error:
                    self._failure = str(error)
            if self._failure is not None:
                self.result = self.keeper.abandon(now, self._failure)
        except ArchiveError as error:
            message = f"the crawl's end could not be written: {self._failure or error}"
            self.result = CrawlResult(status="failed", message=message, totals=self.keeper.totals)
        finally:
            self._has_ended = True
            release_archive(self._archive)

    def cut_off(self) -> CrawlResult:
        """End a crawl that Scrapy did not close: a signal met it as it began, or a second one came.

        One that a fault of the program kept from ending is failed; the next crawl goes on with it.
        """
        if self._has_ended:
            return CrawlResult(status="failed", message=UNWRITTEN_END, totals=self.keeper.totals)
        self.spider_closed(CUT_OFF)
        assert self.result is not None  # noqa: S101 - each way to end sets it, or raises
        return self.result
