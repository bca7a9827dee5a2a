"""`scrapy checkportals`: is the registry sound, and if not, where."""

import argparse
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands import ScrapyCommand

from crawler.portals import read_portals


class Command(ScrapyCommand):
    """Check the registry of portals."""

    requires_project = True
    requires_crawler_process = False
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
            "line. Exit code: 0 sound, 1 not."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's signature
        """Print the problems and set the exit code."""
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        path = Path(args[0] if args else self.settings["ARCHIVE_PORTALS"])
        portals, problems = read_portals(path)
        for problem in problems:
            print(f"{path}, {problem}")
        unverified = sum(not portal.verified for portal in portals.values())
        print(f"{len(portals)} portals, {unverified} of them not visited yet; {len(problems)} problems")
        self.exitcode = 1 if problems else 0
