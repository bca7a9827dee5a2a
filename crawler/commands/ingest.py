"""`scrapy ingest`: WARC files of any writer into the archive."""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.archive import Archive, ArchiveError
from crawler.commandline import CheckedCommand
from crawler.ingested import in_words
from crawler.ingesting import Ingest, Ingested
from crawler.liveline import LiveLine
from crawler.portals import RegistryError
from crawler.registry import load_portals
from crawler.warc import is_being_written
from crawler.warcin.files import find_files

EXIT_WHOLE, EXIT_NOTHING, EXIT_PARTLY = 0, 1, 3


class Command(CheckedCommand):
    """Read WARC files into the archive."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options] PATH [PATH …]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Read WARC files, of this program or any other, into archive.db"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Read what WARC, WACZ and ARC files hold of the registered portals into archive.db, as a crawl would have "
            "read it at the time of each capture. PATH is a file, a folder, a pattern such as 'cc/*.warc.gz', or - for "
            "a list of them on standard input. What is known already is passed over, so it can be stopped (Ctrl-C) and "
            "run again. The files stay where they are: put those that are to be kept under warc/. "
            "Exit code: 0 all was read, 1 nothing could be done, 3 some records could not be read, or stopped."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The command's own options."""
        super().add_options(parser)
        parser.add_argument(
            "--discover",
            action="store_true",
            help="look at hosts that are not registered too, and print lines for spiders/portals.yml",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Ingest, say what became of it, and set the exit code."""
        if not args:
            raise UsageError("name files or folders, for instance: scrapy ingest warc/", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        names = [name for arg in args for name in ([*_listed()] if arg == "-" else [arg])]
        paths, missing = find_files(names)
        written = [path for path in paths if is_being_written(path)]
        paths = [path for path in paths if path not in written]
        for name in missing:
            print(f"There is no WARC file at {name}.")
        for path in written:
            print(f"{path} is being written by a crawl: left out.")
        if not paths:
            print("Error: nothing to read.")
            self.exitcode = EXIT_NOTHING
            return
        try:
            found = self._ingest(paths, discover=opts.discover)
        except (ArchiveError, RegistryError) as error:
            print(f"Error: {error}")
            self.exitcode = EXIT_NOTHING
            return
        print("\n".join(in_words(found)))
        self.exitcode = exit_code(found) if not missing else exit_code(found) or EXIT_PARTLY

    def _ingest(self, paths: list[Path], *, discover: bool) -> Ingested:
        assert self.settings is not None  # noqa: S101 - as above
        portals = load_portals(Path(self.settings["ARCHIVE_PORTALS"]))
        line = LiveLine(sys.stderr)
        timeout = self.settings.getfloat("ARCHIVE_LOCK_TIMEOUT")
        with Archive(Path(self.settings["ARCHIVE_DB"]), lock_timeout=timeout) as archive:
            ingest = Ingest(
                archive,
                portals=portals,
                warc_folder=Path(self.settings["ARCHIVE_WARC_DIR"]),
                processes=len(os.sched_getaffinity(0)),
            )
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: ingest.stop())
            try:
                return ingest.run(paths, line.show, discover=discover)
            finally:
                line.end()


def _listed() -> Iterator[str]:
    return (name for line in sys.stdin if (name := line.rstrip("\r\n")))


def exit_code(found: Ingested) -> int:
    """0 when all was read, 1 when no file could be, 3 when some of it could not."""
    if not found.tally.files and not found.is_stopped:
        return EXIT_NOTHING
    return EXIT_WHOLE if found.is_whole else EXIT_PARTLY
