"""The crawl's archive session."""

import asyncio
import logging
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, Self, cast

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.archive import Archive, ArchiveError
from crawler.archive.crawls import PROBLEMS
from crawler.items import Capture, Page
from crawler.keeping import CrawlResult, Keeper
from crawler.portals import Portal
from crawler.recovery import recover
from crawler.warc import Exchange

SECONDS_A_COMMIT = 5.0
STOPPED = {
    "shutdown": "stopped by hand; crawl again to go on",
    "finished": None,
}

logger = logging.getLogger(__name__)


class _PortalSpider(Protocol):
    target: Portal
    home: Page | None


def session_of(crawler: Crawler) -> "ArchiveSession":
    """The archive session of a crawl; NotConfigured when it has none, as in `scrapy fetch` and `shell`."""
    session = crawler.get_extension(ArchiveSession)
    if session is None:
        raise NotConfigured("nothing is archived without crawler.extensions.ArchiveSession")
    return session


class ArchiveSession:
    """Opens the archive before the first request, saves while the crawl runs, judges it at the end."""

    def __init__(self, crawler: Crawler, archive: Archive, keeper: Keeper) -> None:
        self.result: CrawlResult | None = None
        self.keeper = keeper
        self._crawler = crawler
        self._spider = cast("_PortalSpider", crawler.spider)
        self._archive = archive
        self._failure: str | None = None
        self._saving = create_looping_call(self._flush)
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open everything, mending what a crash left behind. Raises ArchiveError or WarcError in plain words."""
        settings = crawler.settings
        portal = getattr(crawler.spider, "target", None)
        if portal is None:
            raise NotConfigured("only a portal's spider is archived")
        folder = Path(settings["ARCHIVE_WARC_DIR"])
        try:
            lock_timeout = settings.getfloat("ARCHIVE_LOCK_TIMEOUT")
        except ValueError as error:
            raise ArchiveError("ARCHIVE_LOCK_TIMEOUT must be a number of seconds") from error
        archive = Archive(Path(settings["ARCHIVE_DB"]), lock_timeout=lock_timeout)
        try:
            for found in recover(archive, portal, folder):
                logger.warning(
                    "%s was left open by a crash: %d bytes of a torn record cut off, %d pages recovered",
                    found.warc_file,
                    found.bytes_cut,
                    found.pages,
                )
            keeper = Keeper(
                archive,
                portal=portal,
                warc_folder=folder,
                started_at=datetime.now(UTC),
                info={
                    "software": f"district-portal-archive/{version('district-portal-archive')} "
                    f"Scrapy/{version('scrapy')} warcio/{version('warcio')}",
                    "format": "WARC File Format 1.1",
                    "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
                    "http-header-user-agent": settings["USER_AGENT"],
                    "operator": settings["ARCHIVE_CONTACT"],
                    "settings": f"DOWNLOAD_DELAY={settings.getfloat('DOWNLOAD_DELAY')} "
                    f"CONCURRENT_REQUESTS_PER_DOMAIN={settings.getint('CONCURRENT_REQUESTS_PER_DOMAIN')}",
                },
            )
        except BaseException:
            archive.close()
            raise
        session = cls(crawler, archive, keeper)
        crawler.signals.connect(session.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(session.spider_closed, signal=signals.spider_closed)
        return session

    def spider_opened(self) -> None:
        """Start saving at intervals."""
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
        if (
            page.reading.outcome in PROBLEMS and page is not self._spider.home
        ):  # the closing words speak of home
            logger.warning(
                "%s: %s %s", page.reading.outcome, page.reading.message or "", page.capture.target_uri
            )
        try:
            self.keeper.settle(page)
        except (OSError, ArchiveError) as error:
            self._fail(str(error))

    def _flush(self) -> None:
        if self._failure is None:
            try:
                self.keeper.flush()
            except (OSError, ArchiveError) as error:
                self._fail(str(error))

    def _fail(self, reason: str) -> None:
        self._failure = reason
        self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="failed"))

    def spider_closed(self, reason: str) -> None:
        """Give the crawl its one status."""
        if self._saving.running:
            self._saving.stop()
        now = datetime.now(UTC)
        home = self._spider.home
        try:
            if self._failure is None:
                try:
                    stopped = STOPPED.get(reason, reason)
                    self.result = self.keeper.finish(now, home=home, stopped=stopped)
                except (OSError, ArchiveError) as error:
                    self._failure = str(error)
            if self._failure is not None:
                self.result = self.keeper.abandon(now, self._failure)
        except ArchiveError as error:
            message = f"the crawl's end could not be written: {self._failure or error}"
            self.result = CrawlResult(status="failed", message=message, totals=self.keeper.totals)
        finally:
            self._archive.close()
