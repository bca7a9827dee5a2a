"""Asking a portal: a request for each link that the archive says is owed, and the reading of each answer."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.cms.response import fetched_answer, not_asked_again, unanswered, why_no_response
from crawler.following import Scope, judged, scope_of
from crawler.items import ArticleNumber, Capture, Link, Page, Reading
from crawler.pacing import ASKED_AGAIN, NotAskedError, RobotsUnreachableError
from crawler.portals import ArgumentError, Portal, is_loopback, user_agent
from crawler.reading import READER
from crawler.registry import portal_at

LOOPBACK_SETTINGS = {
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}
"""This machine's own servers need no politeness."""

_SWITCH = {"0": False, "no": False, "false": False, "1": True, "yes": True, "true": True}
_OF_SCRAPYD = frozenset(("_job",))  # it tells every spider the number of its job


class PortalSpider(Spider):
    """Asks a portal for what its crawl's worklist holds; reading is the CMS's part, keeping is the archive's."""

    name = "portal"
    portal: ClassVar[Portal | None] = None

    def __init__(
        self,
        *,
        target: Portal,
        url: str,
        mode: str | None = None,
        budget: int = 0,
        scope: Scope | None = None,
        **arguments: Any,
    ) -> None:
        super().__init__(**arguments)
        self.scope = scope or scope_of(target)
        self.target = target
        self.home_url = url
        self.hosts = target.hosts | {urlsplit(url).netloc.lower()}
        self.mode = mode
        self.budget = budget
        self.home: Page | None = None

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        url: str | None = None,
        full: str = "0",
        probe: str = "0",
        media: str = "1",
        **arguments: Any,
    ) -> Self:
        """Return the spider for a registered portal, or for `url`.

        Raises ArgumentError when there is neither, and for a mistyped argument, which must not be without effect.
        `full=1` asks for everything again, `probe=N` for up to N article numbers that no list shows; `media=0`
        leaves out the files that articles name, whatever the registry says.
        """
        unknown = sorted(arguments.keys() - _OF_SCRAPYD)
        if unknown:
            raise ArgumentError(f"-a {unknown[0]}=… is not known; known are full, media, probe and url")
        if not probe.isdecimal():
            raise ArgumentError(f"-a probe={probe} is no number: it is how many article numbers to ask for")
        is_full, has_media = _switch("full", full), _switch("media", media)
        target = cls.portal or portal_at(url or "", Path(crawler.settings["ARCHIVE_PORTALS"]))
        url = url or target.url
        if not target.is_at(url):
            raise ArgumentError(
                f"{url} is not on the hosts of {target.key} ({', '.join(sorted(target.hosts))}); add it to its "
                "`other_hosts`, or crawl it as a portal of its own with `portal -a url=…`"
            )
        named = user_agent(crawler.settings["USER_AGENT"], crawler.settings["ARCHIVE_CONTACT"])
        crawler.settings.set("USER_AGENT", named, priority="spider")
        if is_loopback(url):
            crawler.settings.setdict(LOOPBACK_SETTINGS, priority="spider")
        budget = int(probe)
        scope = scope_of(target)
        if not has_media:
            scope = replace(scope, media=False)
        mode = "probe" if budget else "full" if is_full else None
        return super().from_crawler(
            crawler, *args, target=target, url=url, mode=mode, budget=budget, scope=scope, **arguments
        )

    async def start(self) -> AsyncIterator[Request]:
        """Nothing: the crawl's scheduler begins with what the archive says is owed."""
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    def request(self, link: Link) -> Request:
        """The request for one link; crawler.robots asks for robots.txt before the first."""
        return Request(
            link.url,
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"kind": link.kind, "number": link.number},
            meta={"handle_httpstatus_all": True},
        )

    async def parse(self, response: Response, kind: str, number: ArticleNumber | None) -> AsyncIterator[Page]:
        """Read one response and hand it to the archive, which follows what it leads to."""
        capture: Capture = response.meta["capture"]
        fetched = fetched_answer(response, capture.fetched_at)
        reading = await READER.read(fetched, self.hosts, kind)
        yield self._page(capture, judged(reading, kind, number), kind)

    def _page(self, capture: Capture, reading: Reading, kind: str) -> Page:
        page = Page(capture=capture, reading=reading, asked_as=kind)
        if kind == "home":
            self.home = page
        return page

    def failed(self, failure: Failure) -> Iterator[Page]:
        """Hand over a request that ended without a response to read."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        if isinstance(failure.value, NotAskedError):
            yield from self._not_asked(request)
            return
        capture, outcome = request.meta.get("capture"), "parse_error"
        if capture is None or not isinstance(failure.value, IgnoreRequest):
            outcome = _outcome_of(failure.value)
            capture = unanswered(self.target.key, request.url)
        reading = Reading(outcome=outcome, message=why_no_response(failure.value))
        yield self._page(capture, reading, request.cb_kwargs["kind"])

    def _not_asked(self, request: Request) -> Iterator[Page]:
        """Let the answer stand that was to be asked for again; what was never asked is owed still."""
        capture: Capture | None = request.meta.get("capture")
        if capture is not None:
            reading = not_asked_again(was_refused=ASKED_AGAIN in request.meta)
            yield self._page(capture, reading, request.cb_kwargs["kind"])


def _switch(name: str, value: str) -> bool:
    """Whether an argument that is on or off is on."""
    if value.lower() not in _SWITCH:
        raise ArgumentError(f"-a {name}={value} is neither on nor off: it is {name}=1 or {name}=0")
    return _SWITCH[value.lower()]


def _outcome_of(error: BaseException | None) -> str:
    """What a request ends as that was not answered."""
    if isinstance(error, RobotsUnreachableError):
        return "robots_unreachable"
    return "robots_denied" if isinstance(error, IgnoreRequest) else "no_response"
