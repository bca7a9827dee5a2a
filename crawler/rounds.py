"""A round: many portals crawled in one process, each at its own pace, each ending in a status of its own."""

import asyncio
import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from crawler.archive import ArchiveError, CrawlTotals
from crawler.extensions import ArchiveSession
from crawler.keeping import CrawlResult
from crawler.portals import Portal
from crawler.schedule import is_open
from crawler.warc import ROUND_LOCK, WarcBusyError, WarcError

AT_ONCE = 200
"""Crawls under way at once: at 2.1 s a request they ask for 95 pages a second, about what one core can read and keep.
Each takes half a MB, and a WARC file, a connection and its address's file (crawler.sharedpace) of the 1,024 that a
process may have open."""

SECONDS_A_LOOK = 30.0
SECONDS_A_TRY = 0.1

TIME_IS_OVER = "the hours given with --max-hours are over; the next crawl goes on"
HOURS_ARE_OVER = "the portal's own hours (`night:`) are over; the next crawl goes on"

logger = logging.getLogger(__name__)


class RoundError(Exception):
    """A round that could not begin; the text says why and what to do next."""


class RoundBusyError(Exception):
    """Another round is at work on the same archive; the text says which."""


@contextmanager
def only_round(folder: Path) -> Iterator[None]:
    """Hold the archive's lock for a round. Raises RoundBusyError when another has it, RoundError when nobody can.

    The lock is the system's, not the file's: it ends with the process, however that ends.
    """
    path = folder / ROUND_LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise RoundError(
            f"{path} cannot be written ({error.strerror}). Name another folder with -s ARCHIVE_WARC_DIR=…"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            who = file.read().strip() or "another process"
            raise RoundBusyError(
                f"Another crawlall ({who}) is at work on {folder}: nothing was begun."
            ) from error
        about = f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        with suppress(
            OSError
        ):  # the disk is full: who works here is not told then, and the archive says the rest
            os.ftruncate(file.fileno(), 0)
            os.write(file.fileno(), about.encode())
        yield


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One portal of a round, and what is to be said to its spider."""

    portal: Portal
    url: str | None = None  # where it is really served; None: at its own address


class Watch(Protocol):
    """Whoever shows a round's course."""

    def begun(self, portal: Portal, session: ArchiveSession) -> None:
        """A portal's crawl has begun."""

    def ended(self, portal: Portal, result: CrawlResult) -> None:
        """A portal's crawl has ended, or could not begin."""


class Round(AsyncCrawlerProcess):
    """Crawls portals, the first ones first, and keeps how each ended."""

    def __init__(self, settings: Settings, watch: Watch, *, max_hours: float | None) -> None:
        """`max_hours`: after how long all that are still under way are ended as partial; None: never."""
        super().__init__(settings)
        self.results: dict[str, CrawlResult] = {}  # by the portal's key
        self.failure: str | None = None  # why the archive could not be written; None as long as it can be
        self._watch = watch
        self._max_hours = max_hours
        self._under_way: dict[Crawler, Portal] = {}
        self._ending: str | None = None  # why no portal is begun any more
        self._is_stopping = False  # by a signal
        self._round: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Future[None]] = set()

    def run(self, visits: Sequence[Visit]) -> None:
        """Crawl them all, to the end of the round, or until a second Ctrl-C."""
        self._round = asyncio.get_event_loop().create_task(self._crawl_all(visits))
        self._round.add_done_callback(self._stop_reactor)
        self.start(stop_after_crawl=False)
        if self._round.done():
            self._round.result()

    async def stop(self) -> None:
        """End every crawl after what it has in flight, as the first signal asks; the second waits for nothing."""
        if self._round is None or self._is_stopping:
            return
        self._is_stopping = True
        self._end("shutdown")
        await asyncio.wait({self._round})

    async def _crawl_all(self, visits: Sequence[Visit]) -> None:
        loop = asyncio.get_running_loop()
        if self._max_hours is not None:
            loop.call_later(self._max_hours * 3600, self._end, TIME_IS_OVER)
        waiting = list(reversed(visits))
        running: set[asyncio.Task[None]] = set()
        while running or (waiting and self._ending is None):
            while waiting and self._ending is None and len(running) < AT_ONCE:
                running.add(loop.create_task(self._visit(waiting.pop())))
                await asyncio.sleep(0)  # those under way go on meanwhile
            done, running = await asyncio.wait(
                running, timeout=SECONDS_A_LOOK, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            self._send_home()

    async def _visit(self, visit: Visit) -> None:
        portal = visit.portal
        crawler = self.create_crawler(portal.key)
        crawler.signals.connect(
            lambda: self._begun(crawler, portal), signal=signals.engine_started, weak=False
        )
        try:
            await self.crawl(crawler, **({"url": visit.url} if visit.url else {}))
            result = self._result(crawler)
        except WarcBusyError as error:
            result = _failed(str(error))
        except (ArchiveError, WarcError) as error:
            result = _failed(str(error))
            self._archive_failed(str(error))
        except Exception as error:  # a fault in one portal's crawl ends no other
            logger.exception("the crawl of %s ended by a fault of the program", portal.key)
            result = _failed(f"a fault of the program, please report it: {type(error).__name__}: {error}")
        finally:
            self._under_way.pop(crawler, None)
        self.results[portal.key] = result
        self._watch.ended(portal, result)

    def _result(self, crawler: Crawler) -> CrawlResult:
        session = crawler.get_extension(ArchiveSession)
        if session is None:
            return _failed("it could not begin; the log says why")
        result = session.result or session.cut_off()
        if session.failure is not None:
            self._archive_failed(session.failure)
        return result

    def _begun(self, crawler: Crawler, portal: Portal) -> None:
        self._under_way[crawler] = portal
        session = crawler.get_extension(ArchiveSession)
        if session is not None:
            self._watch.begun(portal, session)
        if self._ending is not None:  # said while this one was beginning
            self._close(crawler, self._ending)

    def _archive_failed(self, reason: str) -> None:
        self.failure = self.failure or reason
        self._end(f"ended with all others: {reason}")

    def _end(self, reason: str) -> None:
        self._ending = self._ending or reason
        for crawler in list(self._under_way):
            self._close(crawler, reason)

    def _send_home(self) -> None:
        """End the crawls of portals that may not be asked at this hour: waiting for the next would hold the round."""
        now = datetime.now(UTC)
        for crawler, portal in self._under_way.items():
            if not is_open(portal, now):
                self._close(crawler, HOURS_ARE_OVER)

    def _close(self, crawler: Crawler, reason: str) -> None:
        if crawler not in self._under_way:
            return
        if not crawler.engine.running:  # its engine says that it starts before it runs
            asyncio.get_running_loop().call_later(SECONDS_A_TRY, self._close, crawler, reason)
            return
        closing = asyncio.ensure_future(crawler.engine.close_spider_async(reason=reason))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


def _failed(message: str) -> CrawlResult:
    return CrawlResult(status="failed", message=message, totals=CrawlTotals())
