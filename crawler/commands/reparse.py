"""`scrapy reparse`: the archive once more from its own WARC files, after the parsers have changed."""

import argparse
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError
from crawler.commandline import CheckedCommand
from crawler.ingested import in_words as ingested_in_words
from crawler.ingesting import Ingest
from crawler.liveline import LiveLine
from crawler.portals import RegistryError
from crawler.registry import load_portals
from crawler.regression import in_words
from crawler.reparsing import Reparse, ReparseError


class Command(CheckedCommand):
    """Rebuild the archive, compare, replace."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[--apply]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Read archive.db anew from its WARC files, and say what becomes better or worse"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Read all WARC files of the archive anew, with the parsers as they are now, into work/, and print how the "
            "result differs from archive.db: for each field in how many articles it is the same, better (there was no "
            "value), lost (there is none now) or other, with examples. archive.db stays as it is. Look at the report; "
            "then `scrapy reparse --apply` puts the result in its place, while Datasette may go on serving. "
            "Exit code: 0 nothing is lost, 1 nothing could be done, 3 something would be lost or could not be read, or "
            "it was stopped."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The command's own options."""
        super().add_options(parser)
        parser.add_argument(
            "--apply", action="store_true", help="replace archive.db by what the last `scrapy reparse` made"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Rebuild and report, or replace; set the exit code."""
        if args:
            raise UsageError("no arguments are taken", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        reparse = Reparse(
            archive=Path(self.settings["ARCHIVE_DB"]), warc_folder=Path(self.settings["ARCHIVE_WARC_DIR"])
        )
        try:
            if opts.apply:
                reparse.apply(self.settings.getfloat("ARCHIVE_LOCK_TIMEOUT"))
                print(f"{reparse.archive} is now as its WARC files are read today.")
            else:
                print("\n".join(self._rebuild(reparse)))
        except (ReparseError, ArchiveError, RegistryError) as error:
            print(f"Error: {error}")
            self.exitcode = 1

    def _rebuild(self, reparse: Reparse) -> Iterator[str]:
        assert self.settings is not None  # noqa: S101 - as above
        line = LiveLine(sys.stderr)

        def stop_with_signals(ingest: Ingest) -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: ingest.stop())

        portals = load_portals(Path(self.settings["ARCHIVE_PORTALS"]))
        found, report = reparse.rebuild(portals, line.show, stop_with_signals)
        line.end()
        if report is None:
            self.exitcode = 3
            yield "Stopped. Nothing was changed."
            return
        yield from ingested_in_words(found)
        yield ""
        yield from in_words(report)
        yield ""
        if report.is_worse or not found.is_whole:
            self.exitcode = 3
        if report.lost_captures:
            yield f"Put the missing WARC files into {reparse.warc_folder}, then run `scrapy reparse` again."
        else:
            yield f"{reparse.archive} is as it was. To replace it by this: scrapy reparse --apply"
