"""robots.txt as RFC 9309 has it: who has none allows everything, who cannot be asked for it allows nothing."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.cms import read_response
from crawler.cms.response import fetched_answer, not_asked_again, unanswered, why_no_response
from crawler.cms.web import absolute, is_own
from crawler.extensions import ArchiveSession
from crawler.items import Capture, Page, Reading
from crawler.pacing import ASKED_AGAIN, NotAskedError, RobotsUnreachableError
from crawler.politeness import is_stopping, refusal

MOST_REDIRECTS = 5
"""That lead from one robots.txt to another are followed (RFC 9309, 2.3.1.2)."""

_REDIRECTS = "robots_redirects"


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's own, which takes a server that fails for one that allows everything; here it allows nothing (2.3.1.4).

    Outside of retrying, so that robots.txt is asked for as often as any URL. What was answered is handed to the
    archive, decompressed, since no spider reads it.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._session = crawler.get_extension(ArchiveSession)  # None where nothing is kept
        self._unreachable: dict[str, str] = {}  # by netloc, why

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's call
        """Let a request pass that may be made; RobotsUnreachableError, or IgnoreRequest for what is forbidden."""
        await super().process_request(request)
        why = self._unreachable.get(urlparse_cached(request).netloc)
        if is_stopping(self.crawler) or request.meta.get("dont_obey_robotstxt"):
            return  # of a crawl that is being stopped nothing is asked for in any case
        if why is not None:
            raise RobotsUnreachableError(f"its robots.txt cannot be had: {why}")

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Settle a robots.txt; return the request for the one that it leads to, if any."""
        if request.callback is not NO_CALLBACK:
            return response
        if self._session is not None:
            self._settle(self._session, request, response)
        return _redirected(request, response) or response

    def _settle(self, session: ArchiveSession, request: Request, response: Response) -> None:
        capture: Capture = request.meta["capture"]
        fetched = fetched_answer(response, capture.fetched_at)
        session.settle(Page(capture=capture, reading=read_response(fetched, hosts=session.hosts)))

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Settle a robots.txt that was not to be had; of one that is not asked for again, the answer stands."""
        if request.callback is not NO_CALLBACK or self._session is None:
            return
        capture: Capture | None = request.meta.get("capture")
        reading = Reading(outcome="no_response", message=why_no_response(exception))
        if isinstance(exception, NotAskedError):
            if capture is None:
                return
            reading = not_asked_again(was_refused=ASKED_AGAIN in request.meta)
        capture = capture or unanswered(self._session.keeper.portal.key, request.url)
        self._session.settle(Page(capture=capture, reading=reading))

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or refusal(response, datetime.now(UTC)) is not None:
            raise IgnoreRequest(f"HTTP {response.status}")
        if not 200 <= response.status < 300:  # there is none; what is there says nothing
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if not isinstance(exc, NotAskedError):  # the crawl is being stopped, and asks for nothing else either
            self._unreachable[netloc] = why_no_response(exc)
        super()._robots_error(exc, netloc)


def _redirected(request: Request, response: Response) -> Request | None:
    """The request for the robots.txt that one leads to, on the same host; None where it leads to none or too often.

    Many portals answer http with a redirect to https. Elsewhere (2.3.1.2 asks for more) nothing is asked for.
    """
    count = request.meta.get(_REDIRECTS, 0)
    location = response.headers.get("Location")
    if not (300 <= response.status < 400 and location) or count == MOST_REDIRECTS:
        return None
    target = absolute(request.url, location.decode("latin-1"))
    own = frozenset((urlparse_cached(request).netloc,))
    if target is None or urlsplit(target).path != "/robots.txt" or not is_own(target, own):
        return None
    return request.replace(url=target, dont_filter=True, meta={**request.meta, _REDIRECTS: count + 1})
