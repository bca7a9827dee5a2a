"""`scrapy cite`: evidence for one article, for people who do not have this archive."""

import argparse
import re
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.citation.bundle import bundle
from crawler.citation.evidence import CitationError
from crawler.commandline import CheckedCommand

FOLDER = Path("evidence")
"""Where bundles go when nobody says where: git ignores it."""


class Command(CheckedCommand):
    """Make a bundle of evidence."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options] ARTICLE_KEY"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Make a zip of evidence for one article, which anybody can check offline"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Write a small zip for a journalist or a court: the WARC records of the article's current revision byte "
            "for byte, its row and its crawl's as JSON, checksums, a README in Vietnamese and English, and verify.py, "
            "which checks all of it with nothing but Python 3. The same archive gives the same bytes; the archive is "
            "only read. Exit code: 0 written, 1 not."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Where to write it."""
        super().add_options(parser)
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE.zip",
            help=f"the file to write (default: in {FOLDER}/, the key with - for /)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Make it, and say how to check it."""
        if len(args) != 1:
            raise UsageError("name one article by its key, for instance sample/vi/news/512", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        path = Path(opts.output or FOLDER / (re.sub(r"[^\w.-]+", "-", args[0]).strip(".-") + ".zip"))
        archive = Path(self.settings["ARCHIVE_DB"])
        try:
            _write(path, bundle(archive, Path(self.settings["ARCHIVE_WARC_DIR"]), args[0]))
        except CitationError as error:
            print(f"Error: {error}")
            self.exitcode = 1
            return
        print(f"{path} is written. Whoever gets it unpacks it and types: python3 -I verify.py")


def _write(path: Path, data: bytes) -> None:
    try:
        if path.parent == FOLDER:
            FOLDER.mkdir(exist_ok=True)
        if path.exists() and path.read_bytes() != data:
            raise CitationError(f"{path} exists already and is something else. Name another file with -o")
        partial = path.with_name(path.name + ".part")
        try:
            partial.write_bytes(data)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CitationError(f"{path} cannot be written (name another with -o): {error.strerror}") from error
