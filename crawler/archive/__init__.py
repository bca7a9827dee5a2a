"""The SQLite archive: the only code that writes SQL. `Archive` is its door."""

from crawler.archive.articles import article_key
from crawler.archive.crawls import CrawlTotals, End, Ending
from crawler.archive.errors import ArchiveError
from crawler.archive.runs import Run
from crawler.archive.store import Archive

__all__ = ["Archive", "ArchiveError", "CrawlTotals", "End", "Ending", "Run", "article_key"]
