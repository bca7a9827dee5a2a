"""`scrapy crawlall`: crawl every portal that is due, many at once, each at its own pace."""

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError
from scrapy.settings import Settings

from crawler.archive import ArchiveError
from crawler.archive.readonly import reading
from crawler.commandline import CheckedCommand
from crawler.commands.crawl import EXIT_CODES, code_of
from crawler.history import past_crawls
from crawler.keeping import CrawlResult
from crawler.opening import acquire_archive, release_archive
from crawler.portals import VIET_NAM, Portal, RegistryError, contact_problem
from crawler.registry import load_portals
from crawler.rounds import Round, RoundBusyError, RoundError, Visit, only_round
from crawler.roundview import RoundView
from crawler.sample import SampleNotStartedError
from crawler.sample.running import SAMPLE, sample_portal
from crawler.schedule import Due, is_open, next_crawl, wanted
from crawler.text import counted


class Command(CheckedCommand):
    """Crawl every portal that is due."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {}

    def syntax(self) -> str:
        """How it is called."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Crawl every portal that is due, many at once, each at its own pace"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Crawl every registered portal that is due (`every:` in spiders/portals.yml; one whose crawl was "
            "interrupted is due at once, one that did not answer some hours later), without those that are "
            "`closed:`. Ctrl-C ends all of them after what they have in flight, and the next crawl goes on there; "
            "a second Ctrl-C ends at once. `scrapy status` says how all is. Exit code: 0 all complete, or nothing "
            "was due, or another crawlall is at work; 1 it could not run; 3 some portals are partial, empty or failed."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--portal", metavar="KEY", action="append", help="only this one, due or not (repeatable)")
        add("--province", metavar="NAME", help="only portals of this province, the former or the present one")
        add("--limit", metavar="N", type=_whole, help="at most so many, the longest overdue first")
        add("--max-hours", metavar="H", type=_number, help="end after so many hours; the next goes on")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, say how it ended, and set the exit code."""
        if args:
            raise UsageError("name portals with --portal KEY", print_help=False)
        assert isinstance(self.settings, Settings)  # noqa: S101 - Scrapy's own invariant, for the types
        try:
            with only_round(Path(self.settings["ARCHIVE_WARC_DIR"])):
                self.exitcode = _crawl(self.settings, opts)
        except RoundBusyError as error:
            print(error)
        except (RoundError, RegistryError, ArchiveError, SampleNotStartedError) as error:
            print(f"Error: {error}")
            self.exitcode = code_of(error)


def _crawl(settings: Settings, opts: argparse.Namespace) -> int:
    archive = acquire_archive(settings)  # held open: the crawls of the round share it
    try:
        with reading(archive.path) as connection:
            past = past_crawls(connection, datetime.now(UTC))
        registry = load_portals(Path(settings["ARCHIVE_PORTALS"]))
        portals = wanted(registry, keys=opts.portal, province=opts.province, without=SAMPLE)
        dues = {portal: due for portal in portals if (due := next_crawl(portal, past.get(portal.key, ())))}
        chosen = portals if opts.portal else due_now(dues, datetime.now(UTC))
        chosen = chosen[: opts.limit]
        later = {portal: due for portal, due in dues.items() if portal not in chosen}
        if not chosen:
            print("\n".join(["Nothing is due.", *_next(later)]))
            return 0
        for portal in chosen:
            if problem := contact_problem(portal.url, settings["ARCHIVE_CONTACT"]):
                raise RoundError(problem)
        return _run(settings, chosen, later, opts.max_hours)
    finally:
        release_archive(archive)


def _run(
    settings: Settings, chosen: Sequence[Portal], later: Mapping[Portal, Due], max_hours: float | None
) -> int:
    # The view of the round says what a crawl's own progress would.
    extensions = {**settings.getdict("EXTENSIONS"), "crawler.progress.Progress": None}
    settings.set("EXTENSIONS", extensions, priority="cmdline")
    view = RoundView(sys.stderr, len(chosen))
    with _visits(chosen) as visits:
        a_round = Round(settings, view, max_hours=max_hours)
        # Scrapy prints a traceback for an unreachable robots.txt; the crawl's own words follow.
        logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
        try:
            a_round.run(visits)
        finally:
            view.stop()
    print("\n".join([*in_words(chosen, a_round.results), *_next(later)]))
    if a_round.failure is not None:
        print(f"Error: {a_round.failure}")
        return EXIT_CODES["failed"]
    statuses = {result.status for result in a_round.results.values()}
    is_whole = statuses == {"complete"} and len(a_round.results) == len(chosen)
    return EXIT_CODES["complete" if is_whole else "partial"]


@contextmanager
def _visits(portals: Sequence[Portal]) -> Iterator[list[Visit]]:
    """What is to be visited; the sample portal is served as long as it is."""
    if all(portal.key != SAMPLE for portal in portals):
        yield [Visit(portal=portal) for portal in portals]
        return
    with sample_portal() as url:
        yield [Visit(portal=portal, url=url if portal.key == SAMPLE else None) for portal in portals]


def due_now(dues: Mapping[Portal, Due], now: datetime) -> list[Portal]:
    """The portals that are due and may be asked at this hour, those that have waited longest first."""
    ready = [portal for portal, due in dues.items() if due.at <= now and is_open(portal, now)]
    return sorted(ready, key=lambda portal: dues[portal].at)


def in_words(portals: Sequence[Portal], results: Mapping[str, CrawlResult]) -> Iterator[str]:
    """How a round ended, a line for all of it and one for each portal that is not complete."""
    statuses = Counter(result.status for result in results.values())
    met: Counter[str] = sum((result.totals.outcomes for result in results.values()), Counter())
    ended = ", ".join(f"{statuses[status]} {status}" for status in EXIT_CODES if statuses[status])
    left = len(portals) - len(results)
    yield (
        f"{counted(len(results), 'portal')} crawled{f': {ended}' if ended else ''}; "
        f"{met['article_new']} articles new, {met['article_changed']} changed, "
        f"{met['article_unchanged']} unchanged"
    )
    for portal in portals:
        result = results.get(portal.key)
        if result is not None and result.status != "complete":
            yield f"  {result.status}: {portal.key}: {result.message}"
    if left:
        yield f"{counted(left, 'portal')} not begun, or cut off: due at once"


def _next(later: Mapping[Portal, Due]) -> Iterator[str]:
    if later:
        portal, due = min(later.items(), key=lambda item: item[1].at)
        when = f"{max(due.at, datetime.now(UTC)).astimezone(VIET_NAM):%Y-%m-%d %H:%M} Viet Nam time"
        yield f"{counted(len(later), 'portal')} due later, first {portal.key} at {when}"


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be a number above 0")
    return number


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number above 0")
    return int(text)
