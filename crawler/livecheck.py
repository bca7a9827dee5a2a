"""Is each registered portal still there, and which software runs it: one look at every home page."""

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.cms import read_response
from crawler.cms.response import fetched_answer, why_no_response
from crawler.items import OUTCOMES
from crawler.pacing import RobotsUnreachableError
from crawler.portals import Portal, user_agent

MAX_REDIRECTS = 5

LOOK_ONLY: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 16,
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "crawler.robots.RobotsMiddleware": 100,
        "crawler.politeness.PacingMiddleware": 1000,
    },
    "EXTENSIONS": {},
    "ITEM_PIPELINES": {},
    "RETRY_ENABLED": False,
}
"""Settings of a spider that looks at single pages and keeps nothing."""


def name_visitor(crawler: Crawler) -> None:
    """Add whoever runs the program to the User-Agent of a spider that is being made."""
    named = user_agent(crawler.settings["USER_AGENT"], crawler.settings["ARCHIVE_CONTACT"])
    crawler.settings.set("USER_AGENT", named, priority="spider")


class HomePages(Spider):
    """Asks every portal for its home page, all at once, each only once; `found` gets what each shows.

    `found[key]` is the software, or None and why it was not recognised. Nothing is kept.
    """

    name = "home_pages"
    custom_settings = LOOK_ONLY

    def __init__(
        self, *, portals: Iterable[Portal], found: dict[str, tuple[str | None, str]], **more: Any
    ) -> None:
        super().__init__(**more)
        self._portals = list(portals)
        self._found = found

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **arguments: Any) -> Self:
        """Return the spider."""
        name_visitor(crawler)
        return super().from_crawler(crawler, *args, **arguments)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for every home page."""
        for portal in self._portals:
            yield self._request(portal, portal.url, MAX_REDIRECTS)

    def _request(self, portal: Portal, url: str, redirects: int) -> Request:
        return Request(
            url,
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"portal": portal, "redirects": redirects},
            meta={"handle_httpstatus_all": True},
        )

    def parse(self, response: Response, portal: Portal, redirects: int) -> Iterator[Request]:
        """Note what the home page is, or follow its redirect on the portal's own hosts."""
        fetched = fetched_answer(response, datetime.now(UTC))
        reading = read_response(fetched, hosts=portal.hosts)
        if reading.outcome == "redirect" and reading.links and redirects:
            yield self._request(portal, reading.links[0].url, redirects - 1)
            return
        detail = f" ({reading.message})" if reading.message else ""
        self._found[portal.key] = (reading.site, f"{OUTCOMES.get(reading.outcome, reading.outcome)}{detail}")

    def failed(self, failure: Failure) -> None:
        """Note that nothing answered."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        if isinstance(failure.value, RobotsUnreachableError):
            why = f"not asked, {failure.value}"
        elif isinstance(failure.value, IgnoreRequest):
            why = OUTCOMES["robots_denied"]
        else:
            why = f"no answer, {why_no_response(failure.value)}"
        self._found[request.cb_kwargs["portal"].key] = (None, why)
