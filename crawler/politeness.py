"""Scrapy's side of politeness: each request waits its turn, and a portal that refuses us is asked again later."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.error import DNSLookupError

from crawler.cms import blocked, blocked_seconds
from crawler.cms.nukeviet.pages import may_be_notice
from crawler.cms.response import fetched_answer
from crawler.pacing import ASKED_AGAIN, MAX_WAIT, Pace, Pacer, Turn
from crawler.portals import MIN_DELAY, Portal, is_loopback
from crawler.sharedpace import FOLDER, SharedPace

PACER = Pacer()
"""The process's one, since its crawls may meet at one IP address; other processes are met in the archive's folder."""

MAX_ASKED_AGAIN = 5
"""How often one URL is asked for again that was refused; the last refusal is then its answer."""

STOPPED = "the portal kept refusing us; crawl again later"
TURN = "turn"
"""Where a request's meta holds its Turn."""

_REFUSING = frozenset((429, 503))

logger = logging.getLogger(__name__)


def pace_of(portal: Portal | None, url: str, delay: float) -> Pace:
    """How an address is asked: as its portal when it is on that portal's hosts, else as its own host.

    `delay` is the setting DOWNLOAD_DELAY; the portal's own counts when it is longer, and MIN_DELAY when both are
    shorter, but for servers on this machine.
    """
    own = portal if portal is not None and portal.is_at(url) else None
    host = urlsplit(url).netloc.lower()
    asked = max(delay, (own.delay or 0.0) if own else 0.0)
    return Pace(
        key=own.key if own else host,
        name=own.name if own else host,
        delay=asked if is_loopback(url) else max(asked, MIN_DELAY),
        night=own.night if own else None,
    )


def is_stopping(crawler: Crawler) -> bool:
    """Whether a crawl is being ended, and asks for nothing more."""
    slot = crawler.engine._slot  # noqa: SLF001 - Scrapy has no other sign that a spider is being closed
    return not crawler.engine.running or slot is None or slot.closing is not None


class PacingMiddleware:
    """Innermost downloader middleware, so that retries and robots.txt wait their turn too."""

    def __init__(self, crawler: Crawler, pacer: Pacer) -> None:
        self._crawler = crawler
        self._pacer = pacer
        self._portal: Portal | None = getattr(crawler.spider, "target", None)
        self._delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._paces: dict[str, Pace] = {}  # by host; every page asks for it

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of this crawl."""
        middleware = cls(crawler, PACER)
        middleware.begin()
        folder = Path(crawler.settings["ARCHIVE_WARC_DIR"])
        if folder.is_dir():  # not where a page is only looked at, and nothing is archived
            PACER.shared = SharedPace(folder / FOLDER)
        crawler.signals.connect(middleware.robots_parsed, signal=signals.robots_parsed)
        return middleware

    def begin(self) -> None:
        """Forget how slowly an earlier crawl of this process had to ask the portal."""
        if self._portal is None:
            return
        if self._delay < MIN_DELAY and not self._portal.is_loopback:
            logger.warning("DOWNLOAD_DELAY=%g is too short for a portal: %g s it is", self._delay, MIN_DELAY)
        self._pacer.begin(self._pace(self._portal.url))

    def _pace(self, url: str) -> Pace:
        host = urlsplit(url).netloc
        if host not in self._paces:
            self._paces[host] = pace_of(self._portal, url, self._delay)
        return self._paces[host]

    async def process_request(self, request: Request) -> None:
        """Wait for the request's turn; NotAskedError when the crawl is stopped meanwhile."""
        pace = self._pace(request.url)
        address = await _address(urlparse_cached(request).hostname or "") if pace.delay else None
        request.meta[TURN] = await self._pacer.enter(pace, address, lambda: is_stopping(self._crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Let the next one begin."""
        _end_turn(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002 - Scrapy's call
        """Let the next one begin."""
        _end_turn(request)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Obey the Crawl-delay that is meant for us."""
        settings = self._crawler.settings
        seconds = robotparser.crawl_delay(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"])
        if seconds is not None:
            self._pacer.obey_crawl_delay(self._pace(request.url), seconds)


def _end_turn(request: Request) -> None:
    turn: Turn | None = request.meta.get(TURN)
    if turn is not None:
        turn.end()


async def _address(host: str) -> str | None:
    """The IP address that Scrapy will connect to, which remembers it; None when the name is not found."""
    from twisted.internet import reactor  # noqa: PLC0415 - Scrapy installs it first

    try:
        address: str = await maybe_deferred_to_future(reactor.resolve(host))  # type: ignore[arg-type]
    except DNSLookupError:  # the download will say so in its own words
        return None
    return address


class RefusalMiddleware:
    """Answers a refusal (NukeViet's flood page, 429, 503 with Retry-After) by waiting and asking again.

    Outside of decompression and the WARC, which has the refusal by then; inside Scrapy's retries, which would
    ask again at once. The request goes back to the head of the queue, and waits there like all of the portal's.
    """

    def __init__(self, crawler: Crawler, pacer: Pacer) -> None:
        self._crawler = crawler
        self._pacer = pacer
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of this crawl."""
        return cls(crawler, PACER)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return an answer, or the request for it to be asked again, or the last refusal."""
        turn: Turn | None = request.meta.get(TURN)
        if turn is None:  # another middleware's answer: nobody was asked
            return response
        refused = refusal(response, datetime.now(UTC))
        if refused is None:
            self._pacer.answered(turn)
            return response
        if self._pacer.refused(turn, refused.seconds) is None:
            self._stop()
            return response
        asked_again = request.meta.get(ASKED_AGAIN, 0)
        if asked_again >= MAX_ASKED_AGAIN or is_stopping(self._crawler):
            return response
        return request.replace(dont_filter=True, meta={**request.meta, ASKED_AGAIN: asked_again + 1})

    def _stop(self) -> None:
        if self._closing is None:
            closing = self._crawler.engine.close_spider_async(reason=STOPPED)
            self._closing = asyncio.ensure_future(closing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An answer that only says that we ask too often, or too early."""

    seconds: float | None  # how long it asks to wait; None when it does not say


def refusal(response: Response, now: datetime) -> Refusal | None:
    """How a response refuses us, whatever its status; None when it is an answer.

    `now` (aware) is when it came; a date in Retry-After counts from the response's own Date, if it has one.
    """
    if response.status not in _REFUSING and not may_be_notice(response.body):
        return None
    fetched = fetched_answer(response, now)
    seconds = retry_after(_header(response, "Retry-After"), _date(response) or now)
    if blocked(fetched):
        return Refusal(seconds=blocked_seconds(fetched) if seconds is None else seconds)
    return Refusal(seconds=seconds) if response.status == 503 and seconds is not None else None


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, at most MAX_WAIT; None when it says nothing readable.

    `now` (aware) is what a date counts from: the answer's own Date, since the portal's clock may be wrong.

    >>> retry_after("120", datetime.now(UTC)), retry_after("soon", datetime.now(UTC))
    (120.0, None)
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MAX_WAIT)
    moment = _http_date(text)
    if moment is None:
        return None
    seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(seconds.total_seconds(), 0.0), MAX_WAIT)


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _date(response: Response) -> datetime | None:
    date = _http_date(_header(response, "Date") or "")
    return date if date and date.tzinfo else None


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a number of any size may stand where the hour should
        return None
