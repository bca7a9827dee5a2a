"""Scrapy's scheduler over a crawl's worklist: the archive decides what is asked for, and forgets nothing."""

from collections import deque
from typing import Protocol, cast

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler, Scheduler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.extensions import ArchiveSession, session_of
from crawler.items import Link


class _PortalSpider(Protocol):
    def request(self, link: Link) -> Request:
        """The request for one link."""


class ArchiveScheduler(BaseScheduler):
    """Hands out what the archive's session says comes next; requests that are tried again come first."""

    def __init__(self, session: ArchiveSession, spider: _PortalSpider) -> None:
        self._session = session
        self._spider = spider
        self._again: deque[Request] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BaseScheduler:  # type: ignore[override]
        """Return the scheduler of a portal's crawl; Scrapy's own where nothing is archived, as in `scrapy shell`."""
        try:
            return cls(session_of(crawler), cast("_PortalSpider", crawler.spider))
        except NotConfigured:
            return Scheduler.from_crawler(crawler)

    def has_pending_requests(self) -> bool:
        """Whether anything is left to ask for."""
        return bool(self._again) or not self._session.worklist.is_empty

    def enqueue_request(self, request: Request) -> bool:
        """Take back a request that is to be tried again."""
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """The next request; None when there is none now."""
        if self._again:
            return self._again.popleft()
        link = self._session.next_link()
        return None if link is None else self._spider.request(link)
