"""`scrapy status`: how the archive of each portal is, and what needs a person."""

import argparse
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import check_obeyed
from crawler.commandline import CheckedCommand
from crawler.commands.crawl import code_of
from crawler.health import Health, as_json, look, unregistered_portals
from crawler.liveline import duration
from crawler.portals import VIET_NAM, Portal, RegistryError
from crawler.registry import load_portals
from crawler.sample.running import SAMPLE
from crawler.schedule import wanted
from crawler.text import counted
from crawler.warc import being_crawled
from crawler.warcin.kept import missing_files

NAMED_FILES = 3


class Command(CheckedCommand):
    """Say how all is."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Say how the archive of each portal is, and what needs a person"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Say for each portal when it was last crawled to the end and when it is due, how many articles it "
            "published in the 30 days before that and how many are usual, how many of its article numbers are "
            "accounted for (archived, withheld, redirected, not public, members only), and how many URLs are owed; "
            "then what needs a person, and WARC files that are missing. The archive is only read. "
            "Exit code: 0 all well, 1 something needs a person."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options."""
        super().add_options(parser)
        add = parser.add_argument
        add("--portal", metavar="KEY", action="append", help="only this one (repeatable)")
        add("--province", metavar="NAME", help="only portals of this province, the former or the present one")
        add("--json", action="store_true", help="print the same for programs, a list with an object a portal")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print it, and set the exit code."""
        if args:
            raise UsageError("name portals with --portal KEY", print_help=False)
        now = datetime.now(UTC)
        try:
            healths, faults = self._look(opts, now)
        except (ArchiveError, RegistryError) as error:
            print(f"Error: {error}")
            self.exitcode = code_of(error)
            return
        if opts.json:
            print(json.dumps([as_json(health, now) for health in healths], ensure_ascii=False, indent=1))
        else:
            print("\n".join(in_words(healths, now)))
        for fault in faults:
            print(f"Error: {fault}", file=sys.stderr if opts.json else sys.stdout)
        self.exitcode = 1 if faults or any(health.needs for health in healths) else 0

    def _look(self, opts: argparse.Namespace, now: datetime) -> tuple[list[Health], list[str]]:
        """The health of each portal, and what is amiss with the archive as a whole, in plain words."""
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        registry = load_portals(Path(self.settings["ARCHIVE_PORTALS"]))
        path = Path(self.settings["ARCHIVE_DB"])
        scheduled = frozenset(registry) - {SAMPLE}
        with reading(path) as connection:
            others = {portal.key: portal for portal in unregistered_portals(connection, scheduled)}
            known: dict[str, Portal] = {**registry, **others}
            if SAMPLE not in (*others, *(opts.portal or ())):  # never crawled, and not asked about
                known.pop(SAMPLE, None)
            portals = wanted(known, keys=opts.portal, province=opts.province, without="")
            folder = Path(self.settings["ARCHIVE_WARC_DIR"])
            healths = list(look(connection, portals, scheduled, now, being_crawled(folder)))
            return healths, list(_faults(path, folder, connection))


def _faults(path: Path, folder: Path, connection: sqlite3.Connection) -> Iterator[str]:
    try:
        check_obeyed(path, connection)
    except ArchiveError as error:
        yield str(error)
    missing, named = missing_files(connection, folder)
    if missing:
        more = ", …" if len(missing) > NAMED_FILES else ""
        yield (
            f"{folder} lacks {len(missing)} of {counted(named, 'WARC file')} that {path} names: "
            f"{', '.join(missing[:NAMED_FILES])}{more}. Put back what is missing, or name its folder with "
            "-s ARCHIVE_WARC_DIR=…"
        )


def in_words(healths: Sequence[Health], now: datetime) -> Iterator[str]:
    """A line for each portal, then what needs a person."""
    wide = max((len(health.portal.key) for health in healths), default=0)
    yield (
        f"{'portal':<{wide}}  {'last good crawl':<16}  {'next':<13}  {'30 days (usual)':>15}  "
        f"{'ids accounted for':>22}  {'owed':>7}"
    )
    for health in healths:
        kept = health.kept
        good = f"{health.last_good.astimezone(VIET_NAM):%Y-%m-%d %H:%M}" if health.last_good else "none"
        articles = f"{kept.recent:,} ({kept.usual:,.0f})"
        ids = f"{kept.accounted:,} of {kept.ids:,}"
        state = f"  {health.state}" if health.state != "well" else ""
        if since := health.running_since or health.failing_since:
            state += f" since {since.astimezone(VIET_NAM):%Y-%m-%d %H:%M}"
        yield (
            f"{health.portal.key:<{wide}}  {good:<16}  {_next(health, now):<13}  {articles:>15}  {ids:>22}  "
            f"{kept.owed:>7,}{state}"
        )
    yield "Times are Viet Nam's. 30 days: articles published in the 30 days before the last good crawl."
    needing = [health for health in healths if health.needs]
    if needing:
        yield "What needs a person:"
        yield from (f"  {health.portal.key}: {need}" for health in needing for need in health.needs)
    counts = Counter(health.state for health in healths)
    states = ", ".join(f"{number} {state}" for state, number in counts.most_common())
    some = len(needing) or "none"
    yield f"{counted(len(healths), 'portal')}: {states}; {some} of them need{'s' * (some == 1)} a person"


def _next(health: Health, now: datetime) -> str:
    if health.due is None:
        return "never" if health.portal.closed else "when asked"
    left = health.due.at - now
    return f"in {duration(left.total_seconds())}" if left > timedelta(0) else "now"
