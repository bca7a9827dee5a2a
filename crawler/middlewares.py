"""The WARC comes first: every response is written as it came, before anything else sees it."""

from datetime import UTC, datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.http.request import NO_CALLBACK

from crawler.extensions import ArchiveSession, session_of
from crawler.items import Page, Reading
from crawler.recovery import media_type_and_charset
from crawler.warc import Exchange


class WarcMiddleware:
    """Innermost downloader middleware: its bytes are still compressed, and robots.txt passes here too.

    (A signal handler would not do: Scrapy swallows what it raises, and parsing would go on after a failed write.)
    """

    def __init__(self, session: ArchiveSession) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of this crawl."""
        return cls(session_of(crawler))

    def process_response(self, request: Request, response: Response) -> Response:
        """Write one exchange; the spider finds its capture in response.meta["capture"]."""
        content_type = response.headers.get("Content-Type")
        media_type, _ = media_type_and_charset(content_type.decode("latin-1") if content_type else None)
        exchange = Exchange(
            url=request.url,
            method=request.method,
            request_headers=_pairs(request.headers),
            status=response.status,
            protocol=response.protocol or "HTTP/1.1",
            response_headers=_pairs(response.headers),
            body=response.body,
            fetched_at=datetime.now(UTC),
            ip_address=str(response.ip_address) if response.ip_address else None,
            truncated="disconnect" if "dataloss" in response.flags else None,
        )
        capture = self._session.record(exchange, media_type)
        if request.callback is NO_CALLBACK:  # robots.txt, which Scrapy's own middleware reads
            self._session.settle(Page(capture=capture, reading=Reading(outcome="robots")))
        else:
            request.meta["capture"] = capture
        return response


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    """Headers in order, repeated ones repeated; bytes that are not UTF-8 as Latin-1, as warcio writes them."""
    return [(name.decode("latin-1"), _text(value)) for name, values in headers.items() for value in values]


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
