"""Ways through a portal that never end: lists that repeat themselves on ever new pages, redirects to redirects."""

import logging

from crawler.addresses import request_url
from crawler.items import Link, Page

MOST_REDIRECTS = 10
"""In a row; a browser gives up after twenty."""

logger = logging.getLogger(__name__)


class Circles:
    """Remembers, for one crawl, by which way a list's next page or a redirect's target is reached."""

    def __init__(self) -> None:
        self._named: dict[
            str, frozenset[int]
        ] = {}  # by next page: the articles that its list named until there
        self._redirects: dict[str, int] = {}  # by target: how many redirects led there

    def is_endless(self, page: Page, link: Link) -> bool:
        """Whether a link of a page leads on without an end; to be asked once for each link that is followed."""
        if page.reading.outcome == "redirect":
            return self._is_chain(page, link)
        return link.kind == "next" and self._is_repetition(page, link)

    def _is_chain(self, page: Page, link: Link) -> bool:
        count = self._redirects.pop(page.capture.target_uri, 0) + 1
        if count > MOST_REDIRECTS:
            logger.warning("%s: %d redirects in a row, not followed", page.capture.target_uri, count)
            return True
        self._redirects[request_url(link.url)] = count
        return False

    def _is_repetition(self, page: Page, link: Link) -> bool:
        listing = page.reading.listing
        items = frozenset(hash(item.url) for item in listing.items) if listing is not None else frozenset()
        before = self._named.pop(page.capture.target_uri, frozenset())
        if page.asked_as == "next" and items <= before:
            logger.warning("%s: the list names nothing new there, not followed", page.capture.target_uri)
            return True
        self._named[request_url(link.url)] = before | items
        return False
