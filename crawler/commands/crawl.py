"""`scrapy crawl`: Scrapy's own, with plain words for what goes wrong and an exit code that tells."""

import argparse
import logging
import os
import sys
from pathlib import Path

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError
from crawler.archive.readonly import reading
from crawler.commandline import CheckedCommand, alike
from crawler.extensions import ArchiveSession, session_of
from crawler.keeping import CrawlResult
from crawler.portals import ArgumentError, Portal, RegistryError, contact_problem, unregistered
from crawler.sample import SampleNotStartedError
from crawler.sample.running import SAMPLE, sample_portal
from crawler.text import counted
from crawler.warc import WarcError

EXIT_CODES = {"complete": 0, "failed": 1, "partial": 3, "empty": 4}
"""The process's exit code for each status of a crawl."""
MISTYPED = 2
"""The exit code for a command that was typed wrongly; Scrapy and argparse have it too."""

NAMED_PROBLEMS = 5


def say(words: str) -> None:
    """Print for a person; where nobody can be told (a full disk, a closed pipe), the exit code still tells."""
    try:
        print(words, flush=True)
    except OSError:
        # Python would fail once more, and with another exit code, when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def code_of(error: Exception) -> int:
    """The exit code for what kept a command from beginning."""
    return MISTYPED if isinstance(error, ArgumentError) else EXIT_CODES["failed"]


class CrawlError(Exception):
    """A crawl that could not begin; the text says why and what to do next."""


NOT_BEGUN = (CrawlError, RegistryError, ArchiveError, WarcError, SampleNotStartedError)
"""What keeps a crawl from beginning; their texts are for people."""


class Command(CheckedCommand, ScrapyCrawl):
    """Crawl one portal into the archive."""

    session: ArchiveSession  # of the crawl that was run

    def syntax(self) -> str:
        """How it is called."""
        return "[options] <portal>"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Crawl one portal into the WARC files and archive.db"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Crawl a registered portal by its key (`scrapy list` prints them), or any portal by its address: "
            "scrapy crawl portal -a url=https://… . The crawl of `sample` starts the sample portal by itself. "
            "Where the archive lies: -s ARCHIVE_DB=archive.db -s ARCHIVE_WARC_DIR=warc. "
            "Exit code: 0 complete, 1 failed, 3 partial, 4 nothing found."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, print how it ended, and set the exit code."""
        if len(args) != 1:
            raise UsageError("name one portal, for instance: scrapy crawl sample")
        try:
            result = self.crawl(args[0], opts.spargs)
        except NOT_BEGUN as error:
            say(f"Error: {error}")
            self.exitcode = code_of(error)
            return
        say(in_words(result))
        self.exitcode = EXIT_CODES[result.status]

    def crawl(self, key: str, arguments: dict[str, str]) -> CrawlResult:
        """Crawl one portal to its end. Raises in plain words what keeps it from beginning."""
        process = self.crawler_process
        assert isinstance(process, AsyncCrawlerProcess)  # noqa: S101 - Scrapy's own invariant, for the types
        try:
            crawler = process.create_crawler(key)
        except OSError as error:
            raise CrawlError(f"the log cannot be written ({error.strerror}): is its disk full?") from error
        except KeyError as error:
            if url := _address_of(key, Path(process.settings["ARCHIVE_DB"])):
                raise ArgumentError(
                    f"{key} is not registered: say its address, as in `portal -a url={url}`"
                ) from error
            hint = alike(key, process.spider_loader.list())
            raise ArgumentError(
                f"there is no portal {key}{hint}; `scrapy list` prints the registered ones"
            ) from error
        _check_contact(crawler, arguments)
        # Scrapy prints a traceback for an unreachable robots.txt; the crawl's own words follow.
        logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
        if key == SAMPLE and "url" not in arguments:
            with sample_portal() as url:
                return self._run(process, crawler, {**arguments, "url": url})
        return self._run(process, crawler, arguments)

    def _run(self, process: AsyncCrawlerProcess, crawler: Crawler, arguments: dict[str, str]) -> CrawlResult:
        task = process.crawl(crawler, **arguments)
        process.start()
        if task.done() and not task.cancelled() and (error := task.exception()):
            raise error
        self.session = session_of(crawler)
        return self.session.result or self.session.cut_off()


def _address_of(key: str, path: Path) -> str | None:
    """Where a portal is that the archive has under a key; None when it has none."""
    try:
        with reading(path) as connection:
            row = connection.execute("SELECT url FROM portals WHERE key = ?", [key]).fetchone()
    except ArchiveError:
        return None
    return str(row["url"]) if row else None


def _check_contact(crawler: Crawler, arguments: dict[str, str]) -> None:
    portal: Portal | None = getattr(crawler.spidercls, "portal", None)
    url = arguments.get("url") or (portal.url if portal else "")
    if not url:
        raise ArgumentError("give the portal's address: scrapy crawl portal -a url=https://…")
    unregistered(url)
    if problem := contact_problem(url, crawler.settings["ARCHIVE_CONTACT"]):
        raise CrawlError(problem)


def in_words(result: CrawlResult) -> str:
    """How a crawl ended, in a few lines for a person; one line for a failed one."""
    totals = result.totals
    if result.status == "failed":
        return f"Error: {result.message}"
    met = f"{counted(totals.urls, 'URL')}, {counted(totals.problems, 'problem')}"
    lines = [f"{result.status}: {_articles(result)}; {met}"]
    if result.message:
        lines.append(result.message)
    lines += [
        f"  {problem['outcome']}: {problem['url']} {problem['message']}".rstrip()
        for problem in totals.named_problems[:NAMED_PROBLEMS]
    ]
    if totals.problems > NAMED_PROBLEMS:
        lines.append(f"  … and {totals.problems - NAMED_PROBLEMS} more, in the table `crawls`")
    return "\n".join(lines)


def _articles(result: CrawlResult) -> str:
    totals = result.totals
    new, changed, unchanged = (
        totals.outcomes[outcome] for outcome in ("article_new", "article_changed", "article_unchanged")
    )
    looked = f", {unchanged} looked at again" if unchanged else ""
    if result.status == "complete" and not new and not changed:
        gone = sum(totals.outcomes[outcome] for outcome in ("not_found", "soft_not_found", "redirect_away"))
        if gone:
            return f"no article is new or changed, {result.kept} are kept{looked}, {gone} not found"
        return f"nothing changed, all {result.kept} articles are as kept{looked}"
    return f"{counted(result.kept, 'article')} ({new} new, {changed} changed{looked})"
