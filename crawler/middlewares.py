"""The WARC comes first: every response is written as it came, before anything else sees it."""

from datetime import UTC, datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.bounds import truncated
from crawler.cms.response import header_pairs, media_type_and_charset
from crawler.extensions import ArchiveSession, session_of
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
        content_type = response.headers.get("Content-Type", b"") or b""
        media_type, _ = media_type_and_charset(content_type.decode("latin-1"))
        exchange = exchange_of(request, response)
        request.meta["capture"] = self._session.record(exchange, media_type)
        return response


def exchange_of(request: Request, response: Response) -> Exchange:
    """A request and its response as they crossed the wire, for a WARC file."""
    return Exchange(
        url=request.url,
        method=request.method,
        request_headers=header_pairs(request.headers.items()),
        status=response.status,
        protocol=response.protocol or "HTTP/1.1",
        response_headers=header_pairs(response.headers.items()),
        body=response.body,
        fetched_at=datetime.now(UTC),
        ip_address=str(response.ip_address) if response.ip_address else None,
        truncated=truncated(request, response),
    )
