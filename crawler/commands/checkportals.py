"""`scrapy checkportals`: is the registry sound, and if not, where."""

import argparse
from pathlib import Path
from typing import Any, ClassVar

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.exceptions import UsageError

from crawler.commandline import CheckedCommand
from crawler.livecheck import HomePages
from crawler.portals import Portal, contact_problem
from crawler.registry import read_portals
from crawler.sample.running import SAMPLE
from crawler.text import counted


class Command(CheckedCommand):
    """Check the registry of portals."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options] [FILE]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Check the registry of portals and say on which line something is wrong"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Check spiders/portals.yml, or another FILE of the same form, and print every problem with its "
            "line. With --live, look at each portal's home page too (one polite request each, nothing is kept), "
            "and say which software runs it. Exit code: 0 sound, 1 not."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options."""
        super().add_options(parser)
        parser.add_argument("--live", action="store_true", help="ask every portal for its home page")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the problems and set the exit code."""
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        if len(args) > 1:
            raise UsageError("name one file at most", print_help=False)
        path = Path(args[0] if args else self.settings["ARCHIVE_PORTALS"])
        portals, problems = read_portals(path)
        for problem in problems:
            print(problem.in_file(path))
        unverified = sum(not portal.verified for portal in portals.values())
        print(
            f"{counted(len(portals), 'portal')}, {unverified} of them not visited yet; "
            f"{counted(len(problems), 'problem')}"
        )
        real = [portal for key, portal in portals.items() if key != SAMPLE]
        sound = self._look_at(real) if opts.live else True
        self.exitcode = 0 if sound and not problems else 1

    def _look_at(self, portals: list[Portal]) -> bool:
        """Print what each portal's home page shows; whether all were recognised."""
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)  # noqa: S101 - Scrapy's own invariant
        assert self.settings is not None  # noqa: S101 - the same
        for portal in portals:
            if problem := contact_problem(portal.url, self.settings["ARCHIVE_CONTACT"]):
                print(f"Error: {problem}")
                return False
        found: dict[str, tuple[str | None, str]] = {}
        self.crawler_process.crawl(HomePages, portals=portals, found=found)
        self.crawler_process.start()
        for portal in portals:
            software, why = found.get(portal.key, (None, "not asked"))
            print(f"{portal.key:<28} {software or 'not recognised: ' + why}  {portal.url}")
        recognised = sum(software is not None for software, _ in found.values())
        print(f"{recognised} of {counted(len(portals), 'portal')} recognised")
        return recognised == len(portals)
