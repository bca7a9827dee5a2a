"""`scrapy export`: every article as JSON Lines, with its schema and checksums."""

import argparse
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.commandline import CheckedCommand
from crawler.export import ARTICLES, CHECKSUMS, SCHEMA, ExportError, export, withheld_count
from crawler.terminal import Line
from crawler.text import counted


class Command(CheckedCommand):
    """Write complete dumps."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options] DIR"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Write every article as JSON Lines, with a JSON Schema and checksums"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            f"Write {ARTICLES} (an article a line, sorted by article_key, keys as in docs/data.md), {SCHEMA} "
            f"and {CHECKSUMS} into DIR. The same archive gives the same bytes. The archive is only read; a crawl "
            "may go on meanwhile. Check a copy with: sha256sum -c SHA256SUMS. Exit code: 0 written, 1 not."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's signature
        """Export, and say what was written."""
        if len(args) != 1 or not args[0].strip():
            raise UsageError("name one folder, for instance: scrapy export export", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        folder = Path(args[0])
        line = Line(sys.stderr)

        def progress(written: int, total: int) -> None:
            line.show(f"{written} of {total} articles written", is_last=written == total)

        try:
            number = export(Path(self.settings["ARCHIVE_DB"]), folder, progress)
        except (ExportError, KeyboardInterrupt) as error:
            line.end()
            print(f"Error: {str(error) or 'stopped; nothing was written'}")
            self.exitcode = 1
            return
        line.end()
        print(
            f"{counted(number, 'article')} in {folder / ARTICLES}; check with: cd {folder} && sha256sum -c {CHECKSUMS}"
        )
        if withheld := withheld_count(Path(self.settings["ARCHIVE_DB"])):
            print(f"{withheld} withheld and not in it: `scrapy withhold` names what and why")
