"""The SQLite archive: the only code that writes SQL. `Archive` is its door."""

from crawler.archive.articles import article_key
from crawler.archive.crawls import CrawlTotals
from crawler.archive.errors import ArchiveError
from crawler.archive.store import Archive

__all__ = ["Archive", "ArchiveError", "CrawlTotals", "article_key"]
