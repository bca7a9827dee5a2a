"""`scrapy demo`: crawl the sample portal and show what came of it."""

import argparse
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from scrapy.exceptions import UsageError

from crawler.archive.readonly import reading
from crawler.commands.crawl import Command as CrawlCommand
from crawler.commands.crawl import say
from crawler.sample.running import SAMPLE

_BY_SECTION = "SELECT article_section, count(*) FROM articles WHERE portal = ? GROUP BY 1 ORDER BY 2 DESC, 1"
_BY_YEAR = "SELECT published_year, count(*) FROM articles WHERE portal = ? GROUP BY 1 ORDER BY 1"
_EXAMPLES = (
    "SELECT article_key, date_published, view_count, headline FROM articles WHERE portal = ? "
    "ORDER BY view_count = 679 DESC, date_published DESC LIMIT 3"
)
_BAR_WIDTH = 30

NEXT_STEPS = """
What to do next:
  make serve                                   look at it in a browser, with Datasette
  .venv/bin/scrapy crawl portal -a url=https://ADDRESS/ -s ARCHIVE_CONTACT=YOU@EXAMPLE.ORG
                                               crawl a real portal (`scrapy list` prints the registered ones)"""


class Command(CrawlCommand):
    """Crawl the sample portal and print a summary."""

    def syntax(self) -> str:
        """How it is called."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Crawl the sample portal on this machine and show what came of it"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Start the sample portal, crawl it over HTTP into the WARC files and archive.db, stop it, and "
            "print a summary. Needs no network. A second run says that nothing changed."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, then print the archive's articles by section and by year, and three examples."""
        if args:
            raise UsageError("no arguments are taken", print_help=False)
        super().run([SAMPLE], opts)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        path = Path(self.settings["ARCHIVE_DB"])
        if self.exitcode == 0:
            with reading(path) as connection:
                say("\n".join([*summary(connection), NEXT_STEPS]))


def summary(connection: sqlite3.Connection) -> Iterator[str]:
    """The sample portal's articles by section and by year as small bar charts, and three rows."""
    for title, query in (("section", _BY_SECTION), ("year", _BY_YEAR)):
        rows = connection.execute(query, [SAMPLE]).fetchall()
        yield f"\nArticles by {title}:"
        longest = max((count for _, count in rows), default=1)
        for name, count in rows:
            bar = "█" * max(1, round(count / longest * _BAR_WIDTH))
            yield f"  {name or '(none)'!s:<28} {count:>4} {bar}"
    yield "\nThree of them:"
    for key, date, views, headline in connection.execute(_EXAMPLES, [SAMPLE]):
        yield f"  {key}  {date}  {views} views  {headline}"
