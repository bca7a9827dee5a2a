"""What a portal may cost: bounds on what it sends, and on where its name may lead."""

import asyncio
import ipaddress
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, Self

from scrapy import Request, Spider, signals
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.resolver import CachingThreadedResolver
from scrapy.robotstxt import ProtegoRobotParser
from twisted.internet.abstract import isIPAddress
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, HEADER, STATUS
from twisted.web._newclient import Request as TwistedRequest
from twisted.web.iweb import IResponse

from crawler.cms.web import has_end
from crawler.encodings import unpacked

logger = logging.getLogger(__name__)

ROBOTS_BYTES = 512 * 1024
"""Of robots.txt so much is taken, which RFC 9309, 2.5 asks for at least; matching more would stop the crawl."""

HEAD_BYTES = 2 * 1024 * 1024
"""Headers of more than this are no answer."""

_PART_OF_TIMEOUT = 0.9  # Scrapy drops what has arrived when DOWNLOAD_TIMEOUT is over: be earlier, to keep it
_BROKEN_OFF = frozenset(("dataloss", "partial"))  # Scrapy's flags of a body that ended with its connection


@dataclass(kw_only=True, slots=True)
class _Arrival:
    """How an answer's body arrives."""

    due: float  # monotonic seconds
    size: int = 0  # bytes so far
    stopped: str | None = None  # WARC's word for why it was stopped: length, time

    def stop(self, why: str) -> NoReturn:
        """End the download; what arrived of it becomes the response."""
        self.stopped = why
        raise StopDownload(fail=False)


def _seconds(crawler: Crawler) -> float:
    """How long an answer may take from its request on."""
    return crawler.settings.getfloat("DOWNLOAD_TIMEOUT") * _PART_OF_TIMEOUT


def truncated(request: Request, response: Response) -> str | None:
    """WARC's word for why a body is not whole: length, time or disconnect; None when it is."""
    return _stopped(request) or ("disconnect" if "dataloss" in response.flags else None)


def _stopped(request: Request) -> str | None:
    arrival: _Arrival | None = request.meta.get("arrival")
    return arrival.stopped if arrival else None


class BrokenAnswerError(Exception):
    """An answer that did not arrive whole: as good as none. The text says why."""


class BoundsMiddleware:
    """Stops an answer that is too large or takes too long, keeping what arrived, and asks again for half answers.

    It unpacks bodies too, in place of Scrapy's HttpCompressionMiddleware, as bodies in WARC files are unpacked.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._seconds = _seconds(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of this crawl."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.headers_received, signal=signals.headers_received)
        crawler.signals.connect(middleware.bytes_received, signal=signals.bytes_received)
        return middleware

    def headers_received(self, body_length: object, request: Request) -> None:
        """Stop a body that is announced as too large before any of it arrives."""
        asked = time.monotonic() - request.meta["download_latency"]
        request.meta["arrival"] = arrival = _Arrival(due=asked + self._seconds)
        # Of an unknown length Twisted gives an object that is no number.
        if isinstance(body_length, int) and body_length > self._bytes and not _is_robots(request):
            arrival.stop("length")

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Stop a body that turns out to be too large or too slow."""
        arrival: _Arrival = request.meta["arrival"]
        arrival.size += len(data)
        if arrival.size > self._most(request):
            arrival.stop("length")
        if time.monotonic() > arrival.due:
            arrival.stop("time")

    def _most(self, request: Request) -> int:
        return ROBOTS_BYTES if _is_robots(request) else self._bytes

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Unpack the body. An answer that is empty or has no end is asked for again, one that is too large not.

        Of robots.txt the beginning will do; half of it is taken when it was asked for again and came no better.
        Raises BrokenAnswerError when it was so again and again, IgnoreRequest for one that is too large.
        """
        stopped = _stopped(request)
        encodings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
        body = unpacked(response.body, encodings, self._most(request))
        is_robots = _is_robots(request)
        if not is_robots and (stopped == "length" or len(body) > self._bytes):
            del body, response  # which the error would hold
            raise IgnoreRequest(
                f"its body is larger than {self._bytes >> 20} MB; what arrived of it is in the WARC"
            )
        if stopped == "time" or not _is_whole(request, response, body):
            why = "too slow" if stopped else "cut short" if body else "empty"
            if again := self._again(request, why):
                return again
            if not (is_robots and body):
                raise BrokenAnswerError(f"its body is {why}; what arrived of it is in the WARC")
        return response.replace(body=body) if encodings else response

    def _again(self, request: Request, why: str) -> Request | None:
        spider = self._crawler.spider
        assert spider is not None  # noqa: S101 - Scrapy's own invariant, for the types
        return get_retry_request(request, spider=spider, reason=why)


def _is_robots(request: Request) -> bool:
    return request.callback is NO_CALLBACK


def _is_whole(request: Request, response: Response, body: bytes) -> bool:
    """Whether an answer is all there, as far as can be seen; a page that ends is, even if more was announced."""
    if response.status != 200:
        return True
    if _is_robots(request):  # an empty one is whole
        return "dataloss" not in response.flags
    end = has_end(body)
    if "dataloss" in response.flags:
        return end is True
    return bool(body) and end is not False


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Hangs up on a server whose headers do not end: Twisted would keep them all.

    And on one that sends nothing more in the middle of a body: what arrived of it is kept then.
    """

    _head = 0  # bytes of the present answer's headers
    _due: asyncio.TimerHandle | None = None

    def __init__(self, seconds: float, quiescent: Callable[..., None]) -> None:
        """Give an answer so many seconds from its request to its end."""
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self._seconds = seconds

    def request(self, request: TwistedRequest) -> "Deferred[IResponse]":
        """Send a request."""
        self._head = 0
        self._forget_due()
        self._due = asyncio.get_running_loop().call_later(self._seconds, self._hang_up)
        return super().request(request)

    def _hang_up(self) -> None:
        if self._parser is not None and self._parser.state == BODY and self.transport is not None:
            self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's
        """End."""
        self._forget_due()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _forget_due(self) -> None:
        if self._due is not None:
            self._due.cancel()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's
        """Take what arrived."""
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > HEAD_BYTES and self.transport is not None:
                self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def __init__(self, seconds: float, *named: object) -> None:
        super().__init__(*named)  # type: ignore[no-untyped-call]
        self._seconds = seconds

    def buildProtocol(self, addr: object) -> _BoundedProtocol:  # noqa: N802, ARG002 - Twisted's
        return _BoundedProtocol(self._seconds, self._quiescentCallback)


class BoundedHandler(HTTP11DownloadHandler):
    """Scrapy's own, with a bound on headers; Scrapy has bounds on bodies only. A body that stalls is kept so far."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        factory = partial(_BoundedFactory, _seconds(crawler))
        self._pool._factory = factory  # type: ignore[assignment]  # noqa: SLF001 - as Scrapy does

    async def download_request(self, request: Request) -> Response:
        """Fetch; an answer that broke off when it was late was stopped for that."""
        response = await super().download_request(request)
        arrival: _Arrival | None = request.meta.get("arrival")
        if arrival and not arrival.stopped and _BROKEN_OFF & set(response.flags):
            arrival.stopped = "time" if time.monotonic() > arrival.due else None
        return response


class BoundedRobotParser(ProtegoRobotParser):
    """The rules at the beginning of a robots.txt, up to ROBOTS_BYTES."""

    def __init__(self, robotstxt_body: bytes, spider: Spider | None) -> None:
        if len(robotstxt_body) > ROBOTS_BYTES:
            robotstxt_body = robotstxt_body[:ROBOTS_BYTES].rpartition(b"\n")[0]
        super().__init__(robotstxt_body, spider)


class PublicResolver(CachingThreadedResolver):
    """Finds public addresses only, so that no portal's name leads the crawler to servers that are not the public's.

    `localhost`, and an address in place of a name, are what whoever crawls has typed.
    """

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> "Deferred[str]":  # noqa: N802 - Twisted's
        """The name's IPv4 address. Fails with DNSLookupError where there is none that is public."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        return found if name == "localhost" or isIPAddress(name) else found.addCallback(_public, name)


def _public(address: str, name: str) -> str:
    if not ipaddress.ip_address(address).is_global:
        logger.warning("%s leads to %s, which is not a public address: it is not asked", name, address)
        raise DNSLookupError
    return address
