"""Walking a portal: from its home page through every list to every article."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit
from uuid import uuid4

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser
from twisted.python.failure import Failure

from crawler.cms import read_response
from crawler.cms.response import fetched_response, header_pairs, why_no_response
from crawler.items import Capture, Fetched, Page, Reading
from crawler.portals import Portal, RegistryError, is_loopback, portal_at, user_agent

PRIORITY = {"home": 20, "next": 10, "listing": 10, "feed": 5, "article": 0}
"""Lists first: how much there is to do is then known early. "next" is a list's next page."""

LOOPBACK_SETTINGS = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}
"""This machine's own servers need no politeness."""


class PortalSpider(Spider):
    """Fetches what a portal's lists lead to; reading is the CMS's part, keeping is the archive's."""

    name = "portal"
    portal: ClassVar[Portal | None] = None

    def __init__(self, *, target: Portal, url: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.target = target
        self.home_url = url
        self.hosts = target.hosts | {urlsplit(url).netloc.lower()}
        self.home: Page | None = None
        self._sitemaps: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, url: str | None = None, **arguments: Any) -> Self:
        """Return the spider for a registered portal, or for `url`; RegistryError when there is neither."""
        target = cls.portal or portal_at(url or "", Path(crawler.settings["ARCHIVE_PORTALS"]))
        url = url or target.url
        if not target.is_at(url):
            raise RegistryError(
                f"{url} is not on the hosts of {target.key} ({', '.join(sorted(target.hosts))}); add it to its "
                "`other_hosts`, or crawl it as a portal of its own with `portal -a url=…`"
            )
        named = user_agent(crawler.settings["USER_AGENT"], crawler.settings["ARCHIVE_CONTACT"])
        crawler.settings.set("USER_AGENT", named, priority="spider")
        if is_loopback(url):
            crawler.settings.setdict(LOOPBACK_SETTINGS, priority="spider")
        spider = super().from_crawler(crawler, *args, target=target, url=url, **arguments)
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Begin at the home page; robots.txt is fetched before it by Scrapy's own middleware."""
        yield self._request(self.home_url, "home")

    def robots_parsed(self, robotparser: RobotParser) -> None:
        """Remember the sitemaps that robots.txt names."""
        if isinstance(robotparser, ProtegoRobotParser):
            named = robotparser.rp.sitemaps
            self._sitemaps.update(url for url in named if urlsplit(url).netloc.lower() in self.hosts)

    def _request(self, url: str, kind: str) -> Request:
        return Request(
            url,
            callback=self.parse,
            errback=self.failed,
            priority=PRIORITY[kind],
            cb_kwargs={"kind": kind},
            meta={"handle_httpstatus_all": True},
        )

    def parse(self, response: Response, kind: str) -> Iterator[Page | Request]:
        """Read one response, hand it to the archive, and follow what it leads to."""
        capture: Capture = response.meta["capture"]
        reading = self._read(
            fetched_response(
                url=response.url,
                status=response.status,
                headers=header_pairs(response.headers.items()),
                body=response.body,
                fetched_at=capture.fetched_at,
            )
        )
        if kind == "next" and reading.listing is not None and not reading.listing.items:
            reading = replace(reading, outcome="parse_error", message="the list names nothing on this page")
        page = Page(capture=capture, reading=reading)
        if kind == "home":
            self.home = page
        yield page
        yield from self._next(reading, kind)

    def _read(self, fetched: Fetched) -> Reading:
        try:
            return read_response(fetched, hosts=self.hosts)
        except Exception as error:  # a parser's bug loses no page: it is kept, counted and named
            self.logger.debug("a parser failed at %s", fetched.url, exc_info=True)
            message = f"a fault of the parser, please report it: {type(error).__name__}: {error}"
            return Reading(outcome="parse_error", message=message)

    def _next(self, reading: Reading, kind: str) -> Iterator[Request]:
        moved = reading.outcome == "redirect"
        for link in reading.links:
            if link.kind in PRIORITY:
                yield self._request(link.url, kind if moved else link.kind)
        if reading.listing is None:
            return
        for item in reading.listing.items:
            yield self._request(item.url, "article")
        if reading.listing.next_url:
            yield self._request(reading.listing.next_url, "next")
        while self._sitemaps:
            yield self._request(self._sitemaps.pop(), "feed")

    def failed(self, failure: Failure) -> Iterator[Page]:
        """Hand over a request that ended without a response to read."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        capture, outcome = request.meta.get("capture"), "parse_error"
        if capture is None or not isinstance(failure.value, IgnoreRequest):
            outcome = "robots_denied" if isinstance(failure.value, IgnoreRequest) else "no_response"
            capture = Capture(
                record_id=uuid4().urn,
                crawl=None,
                portal=self.target.key,
                target_uri=request.url,
                fetched_at=datetime.now(UTC),
            )
        page = Page(capture=capture, reading=Reading(outcome=outcome, message=why_no_response(failure.value)))
        if request.cb_kwargs["kind"] == "home":
            self.home = page
        yield page
