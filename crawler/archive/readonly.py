"""Reading an archive.db without writing, also in a folder that cannot be written."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crawler.archive.errors import ArchiveError, in_plain_words

_CANNOT_MAKE_FILES = frozenset((sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY))
_FULL_DISK = frozenset((sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN))
_PRIMARY = 0xFF  # SQLite's extended result codes have the primary one in their last byte


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The archive, open for reading only, in autocommit; others may write meanwhile.

    A database in WAL mode can only be read where its -wal and -shm are, or can be made. Where they cannot, and no
    -wal holds anything, the file is whole by itself and is read as one that never changes; if somebody who may write
    there has changed it by the end of the block, ArchiveError says so. Raises ArchiveError in plain words, in the
    block too, and when there is no archive.
    """
    _check(path)
    try:
        with closing(_opened(path, "mode=ro")) as connection:
            if not _is_refused(connection):
                yield connection
                return
        before = _state(path)
        _check_wal(path)
        with closing(_opened(path, "immutable=1")) as connection:
            yield connection
    except sqlite3.Error as error:
        raise ArchiveError(in_plain_words(path, error)) from error
    if _state(path) != before:
        raise ArchiveError(f"{path} was written while it was read: run the same command again")


def _check(path: Path) -> None:
    try:
        is_there = path.exists()
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    if not is_there:
        raise ArchiveError(
            f"Nothing was crawled yet: there is no {path}. Try `make demo`, or name another file with "
            "-s ARCHIVE_DB=…"
        )
    if not os.access(path, os.R_OK, effective_ids=True):
        raise ArchiveError(f"{path} cannot be read: you may not. Check its permissions.")


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _check_wal(path: Path) -> None:
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        raise ArchiveError(
            f"{wal} holds what is not in {path.name} yet, and nothing can be written in {path.parent}. Copy both "
            "files to a folder that can be written, and name the copy with -s ARCHIVE_DB=…"
        )


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def _is_refused(connection: sqlite3.Connection) -> bool:
    """Whether SQLite would have to make files beside the database and may not."""
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        code = error.sqlite_errorcode
        if code & _PRIMARY in _CANNOT_MAKE_FILES or code in _FULL_DISK:
            return True
        raise
    return False
