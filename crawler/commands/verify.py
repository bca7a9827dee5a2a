"""`scrapy verify`: is everything as it was kept, and does archive.db say what the WARC says."""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.archive import ArchiveError
from crawler.checksums import CHECKSUMS
from crawler.commandline import CheckedCommand
from crawler.fixity.differences import ADVICE, Difference
from crawler.fixity.files import Checked
from crawler.fixity.verification import NothingToVerifyError, update, verify
from crawler.terminal import Line
from crawler.text import counted

_MOST_OF_A_KIND = 100


class Command(CheckedCommand):
    """Verify the archive."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Check every byte of the WARC files, and every row of archive.db against them"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            f"Read every WARC file whole: its SHA-256 against {CHECKSUMS}, each record's digests, and each row of "
            "archive.db against the record it was read from; then SQLite's own checks, and the digests of all "
            "articles. Prints what differs and what to do about it. Nothing is changed but by --update; a crawl may "
            "go on meanwhile. Exit code: 0 all is as it was kept, 1 something differs."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """How much to look at, and whether to list new files."""
        super().add_options(parser)
        parser.add_argument(
            "--sample",
            metavar="N[%]",
            help="a quick look: N captures at random, or N %% of them, and no file hashes",
        )
        parser.add_argument(
            "--update", action="store_true", help=f"add files to {CHECKSUMS} that have no line and are whole"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Verify, print every difference as it is found, and what to do at the end."""
        if args:
            raise UsageError("no arguments are taken", print_help=False)
        if opts.sample and not re.fullmatch(r"[1-9]\d*|[1-9]\d?%|100%", opts.sample):
            raise UsageError("--sample takes a number or a share, like 500 or 5%", print_help=False)
        if opts.sample and opts.update:
            raise UsageError("--update needs whole files: leave out --sample", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        folder = Path(self.settings["ARCHIVE_WARC_DIR"])
        line, found = Line(sys.stderr), Found()

        def report(difference: Difference) -> None:
            line.clear()
            found.add(difference)

        def progress(done: int, total: int) -> None:
            unit = "captures" if opts.sample else "MB"
            scale = 1 if opts.sample else 1_000_000
            line.show(f"{done // scale} of {-(-total // scale)} {unit} verified", is_last=done == total)

        try:
            checked = verify(Path(self.settings["ARCHIVE_DB"]), folder, report, progress, sample=opts.sample)
            if opts.update and checked.whole_unlisted:
                update(folder, checked)
                found.forgive("unlisted", len(checked.whole_unlisted))
                checked.notes += [f"{name} was added to {CHECKSUMS}" for name in checked.whole_unlisted]
        except (NothingToVerifyError, ArchiveError, OSError, KeyboardInterrupt) as error:
            line.end()
            print(f"Error: {str(error) or 'stopped: not everything was looked at'}")
            self.exitcode = 1
            return
        line.end()
        print("\n".join(_closing_words(checked, found, is_sample=bool(opts.sample))))
        self.exitcode = int(bool(found.counts))


class Found:
    """The differences of one verification, printed as they come."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, difference: Difference) -> None:
        """Count it, and print it unless there were too many of its kind."""
        self.counts[difference.kind] += 1
        if self.counts[difference.kind] <= _MOST_OF_A_KIND:
            print(f"{difference.where}: {difference.text}", flush=True)

    def forgive(self, kind: str, number: int) -> None:
        """Take back what was put right."""
        self.counts[kind] -= number
        self.counts = +self.counts


def _closing_words(checked: Checked, found: Found, *, is_sample: bool) -> list[str]:
    lines = [f"Note: {note}." for note in checked.notes]
    for kind, number in found.counts.items():
        if number > _MOST_OF_A_KIND:
            lines.append(f"… and {number - _MOST_OF_A_KIND} more of this kind.")
        lines.append(f"What to do ({number}): {ADVICE[kind]}")
    total = found.counts.total()
    well = "What was looked at is as it was kept" if is_sample else "All is as it was kept"
    verdict = f"{total} thing{'s differ' if total != 1 else ' differs'}" if total else well
    rest = "; the rest was not: leave out --sample for all" if is_sample else ""
    return [
        *lines,
        (
            f"{verdict}: {counted(checked.files, 'file')}, {counted(checked.records, 'record')}, "
            f"{counted(checked.rows, 'capture')} and {counted(checked.articles, 'article')} were looked at{rest}."
        ),
    ]
