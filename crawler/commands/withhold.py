"""`scrapy withhold`: articles that must not be shown."""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from scrapy.exceptions import UsageError

from crawler.archive import Archive, ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import LIST_NAME, Withheld, read
from crawler.archive.withholding import current
from crawler.commandline import CheckedCommand
from crawler.lifting import LiftError, read_again
from crawler.warcin.kept import place_of


class Command(CheckedCommand):
    """Withhold an article, show it again, or list what is withheld."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options] [ARTICLE_KEY]"

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Withhold an article from serving and exports, or show it again"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Take an article out of archive.db whole, text, search and addresses, and keep it out in every crawl and "
            f"every rebuild: {LIST_NAME}, beside archive.db, remembers it. It stays in the WARC. Its page then says "
            "that it is withheld, and the reason: name nobody in it. Without ARTICLE_KEY, list what is withheld. The "
            "file is packed anew: on a large archive that takes minutes, in which crawls cannot write. "
            "Exit code: 0 done, 1 not."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Why, or that no longer."""
        super().add_options(parser)
        parser.add_argument("--reason", help="why it must not be shown, in words that everybody may read")
        parser.add_argument("--lift", action="store_true", help="show it again, as the WARC has it")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do it, and say what is so now."""
        if (
            len(args) > 1
            or (args and bool(opts.reason) == opts.lift)
            or (not args and (opts.reason or opts.lift))
        ):
            raise UsageError('name one article, and --reason "…" or --lift', print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        path, folder = Path(self.settings["ARCHIVE_DB"]), Path(self.settings["ARCHIVE_WARC_DIR"])
        if not path.exists():
            self.fail(f"Nothing was crawled yet: there is no {path}. Name another file with -s ARCHIVE_DB=…")
            return
        try:
            if not args and (listed := _obeyed(path)) is not None:
                _list(listed)
                return
            with Archive(path, lock_timeout=self.settings.getfloat("ARCHIVE_LOCK_TIMEOUT")) as archive:
                if not args:
                    _list(archive.withheld())
                elif opts.lift:
                    self._lift(archive, args[0], folder)
                else:
                    today = datetime.now(UTC).date().isoformat()
                    self._withhold(
                        archive, Withheld(article_key=args[0], reason=opts.reason, since=today), folder
                    )
        except (ArchiveError, LiftError) as error:
            self.fail(str(error))

    def _withhold(self, archive: Archive, entry: Withheld, folder: Path) -> None:
        key = entry.article_key
        is_clean = archive.withhold(entry)
        print(
            f"{key} is withheld: nothing of it is in {archive.path} any more, and {archive.withheld_list} keeps it "
            f"out. {_in_warc(archive, key, folder)} {_number(archive.withheld())}. Exports and copies that were made "
            "before still have it."
        )
        if not is_clean:
            self.fail(
                f"another program is reading {archive.path}, and an old state of it is still in {archive.path}-wal: "
                "run the same command again"
            )

    def _lift(self, archive: Archive, key: str, folder: Path) -> None:
        if key not in archive.withheld():
            self.fail(f"{key} is not withheld. `scrapy withhold` lists what is.")
            return
        archive.lift(key, read_again(archive.hidden_captures(key), folder))
        print(f"{key} is shown again, as the WARC has it. {_number(archive.withheld())}.")

    def fail(self, why: str) -> None:
        """Say why, and set the exit code."""
        print(f"Error: {why}")
        self.exitcode = 1


def _in_warc(archive: Archive, key: str, folder: Path) -> str:
    captures = archive.hidden_captures(key)
    missing = {str(capture["warc_file"]) for capture in captures if place_of(capture, folder) is None}
    if not missing:
        return "It stays in the WARC."
    names = ", ".join(sorted(missing))
    return f"It cannot be shown again without these WARC files, which are not in {folder}: {names}."


def _obeyed(path: Path) -> Mapping[str, Withheld] | None:
    """What is withheld, where the archive has obeyed its list whole, and so need not be written; else None."""
    listed = read(path.with_name(LIST_NAME))
    with reading(path) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'withheld'").fetchone() is None:
            return None
        known = current(connection)
    return known if all(known.get(key) == entry for key, entry in listed.items()) else None


def _list(listed: Mapping[str, Withheld]) -> None:
    for entry in listed.values():
        print(f"{entry.article_key}  since {entry.since}: {entry.reason}")
    print(f"{_number(listed)}.")


def _number(listed: Mapping[str, Withheld]) -> str:
    number = len(listed)
    return f"{number} article{' is' if number == 1 else 's are'} withheld"
