"""Handing pages to the archive."""

from typing import Self

from scrapy.crawler import Crawler

from crawler.extensions import ArchiveSession, session_of
from crawler.items import Page


class ArchivePipeline:
    """Passes every page that the spider read to the crawl's archive session."""

    def __init__(self, session: ArchiveSession) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the pipeline of this crawl."""
        return cls(session_of(crawler))

    def process_item(self, item: Page) -> Page:
        """Keep one page; it is saved with the next commit."""
        self._session.settle(item)
        return item
