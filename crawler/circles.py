"""Ways through a portal that never end: lists that repeat themselves on ever new pages, redirects to redirects."""

import logging

from crawler.addresses import request_url
from crawler.items import Link, Page

MOST_REDIRECTS = 10
"""In a row; a browser gives up after twenty."""

_REMEMBERED = 1000

logger = logging.getLogger(__name__)


class Circles:
    """Remembers, for one crawl, by which way a list's next page or a redirect's target is reached."""

    def __init__(self) -> None:
        self._named: dict[
            str, frozenset[int]
        ] = {}  # by next page: the articles that its list named until there
        self._lengths: dict[str, int] = {}  # by target: how many redirects led there
        self._targets: dict[str, str] = {}  # where each of the last redirects leads; never a circle

    def why_endless(self, page: Page) -> str | None:
        """Why a redirect leads nowhere, in plain words; None for every other page. To be asked once for each page."""
        if page.reading.outcome != "redirect":
            return None
        url = page.capture.target_uri
        length = self._lengths.pop(url, 0) + 1
        for target in (request_url(link.url) for link in page.reading.links):
            if self._leads_to(target, url):
                return "it leads in a circle, not followed"
            if length > MOST_REDIRECTS:
                return f"{length} redirects in a row, not followed"
            self._lengths[target] = length
            self._targets[url] = target
            if len(self._targets) > _REMEMBERED:
                del self._targets[next(iter(self._targets))]
        return None

    def _leads_to(self, url: str | None, end: str) -> bool:
        while url is not None and url != end:
            url = self._targets.get(url)
        return url == end

    def is_endless(self, page: Page, link: Link) -> bool:
        """Whether a link to a list's next page leads on without an end; to be asked once for each that is followed."""
        if link.kind != "next" or page.reading.outcome == "redirect":
            return False
        listing = page.reading.listing
        items = frozenset(hash(item.url) for item in listing.items) if listing is not None else frozenset()
        before = self._named.pop(page.capture.target_uri, frozenset())
        if page.asked_as == "next" and items <= before:
            logger.warning("%s: the list names nothing new there, not followed", page.capture.target_uri)
            return True
        self._named[request_url(link.url)] = before | items
        return False
