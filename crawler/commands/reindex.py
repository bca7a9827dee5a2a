"""`scrapy reindex`: make the search index anew."""

import argparse
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.archive import Archive, ArchiveError
from crawler.commandline import CheckedCommand


class Command(CheckedCommand):
    """Rebuild the search index."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Make the search index of archive.db anew"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Make the search index of archive.db anew from its articles. SQLite's own 'rebuild' would lose the "
            "folding of đ: this is the command to use. Exit code: 0 done, 1 not."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's signature
        """Rebuild it, and say how many articles it holds."""
        if args:
            raise UsageError("no arguments are taken", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        path = Path(self.settings["ARCHIVE_DB"])
        if not path.exists():
            self.fail(f"Nothing was crawled yet: there is no {path}. Try `make demo`.")
            return
        try:
            with Archive(path) as archive:
                number = archive.rebuild_search()
        except ArchiveError as error:
            self.fail(str(error))
            return
        print(f"{number} articles indexed")

    def fail(self, why: str) -> None:
        """Say why, and set the exit code."""
        print(f"Error: {why}")
        self.exitcode = 1
