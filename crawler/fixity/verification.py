"""One verification: the files, the database, and what is withheld."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler import checksums
from crawler.archive import ArchiveError, withheld_list, withholding
from crawler.archive.readonly import reading
from crawler.fixity.differences import Difference, Progress, Report
from crawler.fixity.files import Checked, FilesCheck
from crawler.fixity.rows import check_database

_PASSING = frozenset(
    (
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
    )
)

_KNOWS_WITHHOLDING = "SELECT 1 FROM sqlite_master WHERE name = 'withheld'"
_STILL_THERE = "SELECT article_key FROM withheld JOIN articles USING (article_key)"


class NothingToVerifyError(Exception):
    """There is neither an archive nor a WARC folder; the text says what to do next."""


def verify(
    archive: Path, folder: Path, report: Report, progress: Progress, *, sample: str | None = None
) -> Checked:
    """Look at every byte of the WARC files and at every row of archive.db; nothing is written.

    `sample` is how many of the captures to look at instead, or a share of them like "5%"; file hashes and content
    digests are then left out. Raises NothingToVerifyError, or OSError when a file cannot be read.
    """
    if not archive.exists() and not folder.is_dir():
        raise NothingToVerifyError(
            f"Nothing was crawled yet: there is neither {archive} nor {folder}. Name others with "
            "-s ARCHIVE_DB=… and -s ARCHIVE_WARC_DIR=…"
        )
    with _reading(archive, report) as connection:
        files = FilesCheck(folder, connection, report, progress)
        with _database_faults(archive, report):
            if sample is None:
                files.check_all()
            else:
                files.check_sample(_number(connection, sample))
        with _database_faults(archive, report):
            if connection is not None:
                files.checked.articles = check_database(connection, report, quick=sample is not None)
                _check_withheld(connection, archive, report)
    return files.checked


@contextmanager
def _reading(archive: Path, report: Report) -> Iterator[sqlite3.Connection | None]:
    """The database; None where there is none, or none that can be read: the WARC files are looked at all the same."""
    if not archive.exists():
        report(Difference(kind="no_database", where=archive.name, text=f"it is not in {archive.parent}"))
        yield None
        return
    with ExitStack() as stack:
        connection = None
        try:
            connection = stack.enter_context(reading(archive))
            connection.execute("SELECT count(*) FROM captures").fetchone()
        except (ArchiveError, sqlite3.Error, UnicodeDecodeError) as error:
            connection = None
            kind = "database" if _is_damage(error) else "unopened"
            report(Difference(kind=kind, where=archive.name, text=f"it cannot be read: {error}"))
        yield connection


def _is_damage(error: Exception) -> bool:
    """Whether the file itself is at fault, and not the disk, the folder or another program."""
    cause = error.__cause__ or error
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode & 0xFF not in _PASSING
    return not isinstance(cause, (ArchiveError, OSError))


@contextmanager
def _database_faults(archive: Path, report: Report) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        report(Difference(kind="database", where=archive.name, text=f"it cannot be read: {error}"))


def _number(connection: sqlite3.Connection | None, sample: str) -> int:
    if not sample.endswith("%") or connection is None:
        return int(sample.removesuffix("%"))
    captures = connection.execute("SELECT count(*) FROM captures WHERE warc_file IS NOT NULL").fetchone()[0]
    return -(-int(captures) * int(sample.removesuffix("%")) // 100)


def _check_withheld(connection: sqlite3.Connection, archive: Path, report: Report) -> None:
    listed = withheld_list.read(archive.with_name(withheld_list.LIST_NAME))
    known = {}
    if connection.execute(
        _KNOWS_WITHHOLDING
    ).fetchone():  # an older archive.db is not brought up to date here
        known = withholding.current(connection)
        for (key,) in connection.execute(_STILL_THERE):
            report(Difference(kind="withheld", where=key, text="it is withheld, and its text is there"))
    for key in sorted(listed.keys() ^ known.keys()):
        there, missing = ("withheld.yml", "archive.db") if key in listed else ("archive.db", "withheld.yml")
        report(Difference(kind="withheld", where=key, text=f"it is withheld in {there} and not in {missing}"))


def update(folder: Path, checked: Checked) -> None:
    """Add the files to SHA256SUMS that were found whole and have no line there."""
    checksums.add(folder, checked.whole_unlisted)
