"""The WARC files against SHA256SUMS, their own digests, and the rows that point into them."""

import fcntl
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from crawler import checksums
from crawler.fixity.differences import Difference, Progress, Report
from crawler.fixity.records import DamagedError, Record, record_at
from crawler.fixity.rows import CAPTURE_COLUMNS, compare
from crawler.warc import OPEN_SUFFIX
from crawler.warcin.files import is_named_like_one

_ROWS = f"SELECT {CAPTURE_COLUMNS} FROM captures WHERE warc_file = ? ORDER BY warc_offset"  # noqa: S608 - constants
_SAMPLE = (
    f"SELECT warc_file, {CAPTURE_COLUMNS} FROM captures WHERE warc_file IS NOT NULL ORDER BY random() LIMIT ?"  # noqa: S608 - constants
)
_NAMED = "SELECT warc_file, count(*) AS number FROM captures WHERE warc_file IS NOT NULL GROUP BY warc_file"
_OURS = re.compile(r".+-\d{8}T\d{6}Z-\d+-\d{5}\.warc\.gz")
_MOST_ASKED_AGAIN = 1000
_BUFFER = 1 << 20


@dataclass(kw_only=True)
class Checked:
    """How much was looked at, and what a person may want to know of it."""

    files: int = 0
    records: int = 0
    rows: int = 0
    articles: int = 0
    whole_unlisted: dict[str, str] = field(default_factory=dict)  # name to SHA-256
    notes: list[str] = field(default_factory=list)


class FilesCheck:
    """One look at the WARC files of a folder; `connection` is None when there is no archive.db to compare.

    Those are files of a WARC, WACZ or ARC name, and whatever else SHA256SUMS or archive.db names.
    """

    def __init__(
        self, folder: Path, connection: sqlite3.Connection | None, report: Report, progress: Progress
    ) -> None:
        self.checked = Checked()
        self._folder = folder
        self._connection = connection
        self._report = report
        self._progress = progress
        self._sums = checksums.read(folder)
        rows = connection.execute(_NAMED) if connection else ()
        self._records_in: dict[str, int] = dict(map(tuple, rows))
        named = self._sums.digests.keys() | self._records_in.keys()
        found = (path for path in folder.rglob("*") if path.is_file())
        self._paths = sorted(path for path in found if is_named_like_one(path) or self._name(path) in named)
        self._names = {self._name(path) for path in self._paths}
        self._unread: list[tuple[str, Record]] = []
        self._faults = 0

    def _differs(self, kind: str, where: str, text: str) -> None:
        self._faults += 1
        self._report(Difference(kind=kind, where=where, text=text))

    def _name(self, path: Path) -> str:
        """A file's name as archive.db and SHA256SUMS have it."""
        return path.relative_to(self._folder).as_posix().removesuffix(OPEN_SUFFIX)

    def check_all(self) -> None:
        """Every byte of every file."""
        self._check_names()
        total, done = sum(path.stat().st_size for path in self._paths), 0
        for path in self._paths:
            before = self._faults
            for position in self._check_records(path):
                self._progress(done + position, total)
            done += path.stat().st_size
            if not path.name.endswith(OPEN_SUFFIX):
                self._check_sum(path, is_whole=self._faults == before)
        self._check_unread()

    def check_sample(self, number: int) -> None:
        """So many records at random, of those that archive.db names; and that every file is there."""
        self._check_names()
        if self._connection is None:
            return
        for place, row in enumerate(self._connection.execute(_SAMPLE, [number]), 1):
            path = self._path(row["warc_file"])
            if path is not None:
                with path.open("rb") as file:
                    self._check_one(file, path, row)
            self._progress(place, number)

    def _path(self, name: str) -> Path | None:
        found = (self._folder / name, self._folder / (name + OPEN_SUFFIX))
        return next((path for path in found if path.is_file()), None)

    def _check_names(self) -> None:
        for line in self._sums.faulty_lines:
            self._differs("checksums", f"{checksums.CHECKSUMS}, line {line}", "no line of sha256sum's")
        for name in self._sums.digests:
            if name not in self._names:
                self._differs("missing", name, "the file is in SHA256SUMS and not in the folder")
        for name, number in self._records_in.items():
            if name not in self._names and name not in self._sums.digests:
                text = f"the file is not in the folder, and archive.db names {number} records of it"
                self._differs("missing", name, text)

    def _check_records(self, path: Path) -> Iterator[int]:
        """Check one file's records and yield how far it is, in bytes."""
        self.checked.files += 1
        name = self._name(path)
        rows: Iterator[sqlite3.Row] = iter(
            self._connection.execute(_ROWS, [name]) if self._connection else ()
        )
        if not is_ours(name):
            yield from self._check_foreign(path, rows)
            return
        row = next(rows, None)
        position, size = 0, path.stat().st_size
        with path.open("rb", buffering=_BUFFER) as file:
            while position < size:
                record = self._record(file, path, position, is_last=row is None)
                while row is not None and row["warc_offset"] < position:
                    self._differs(
                        "row", _at(name, row["warc_offset"]), f"no record begins where {_named(row)} is"
                    )
                    row = next(rows, None)
                if row is not None and row["warc_offset"] == position:
                    if record is not None:
                        self._compare(name, row, record)
                    row = next(rows, None)
                elif record is not None and record.kind == "response" and path.suffix != OPEN_SUFFIX:
                    self._add_unread(name, record)
                if record is None:  # the next record that is known of may be whole
                    position = size if row is None else row["warc_offset"]
                else:
                    position += record.length
                yield min(position, size)
        while row is not None:
            self._differs("missing", _at(name, row["warc_offset"]), f"the file ends before {_named(row)}")
            row = next(rows, None)

    def _check_foreign(self, path: Path, rows: Iterator[sqlite3.Row]) -> Iterator[int]:
        """Another writer's file, which may be no WARC at all: the records that archive.db names, by themselves."""
        if ".arc" in path.suffixes:  # ARC records have neither identifiers nor digests
            return
        with path.open("rb", buffering=_BUFFER) as file:
            for row in rows:
                self._check_one(file, path, row)
                yield int(row["warc_offset"])

    def _record(self, file: BinaryIO, path: Path, position: int, *, is_last: bool) -> Record | None:
        try:
            record = record_at(file, position)
        except DamagedError as error:
            if path.name.endswith(OPEN_SUFFIX) and is_last:
                self.checked.notes.append(_open_note(path))
            else:
                self._differs("damaged", _at(self._name(path), position), str(error))
            return None
        self.checked.records += 1
        for header in record.false_digests:
            # Other writers take payload digests of a body without its chunks, or before they unpacked it.
            if header == "WARC-Block-Digest" or is_ours(path.name):
                text = f"{header} is not that of the {record.kind} {record.target_uri}"
                self._differs("damaged", _at(self._name(path), position), text)
        return record

    def _compare(self, name: str, row: sqlite3.Row, record: Record) -> None:
        self.checked.rows += 1
        for text in compare(row, record, is_ours=is_ours(name)):
            self._differs("row", _at(name, record.offset), text)

    def _check_one(self, file: BinaryIO, path: Path, row: sqlite3.Row) -> None:
        if record := self._record(file, path, row["warc_offset"], is_last=False):
            self._compare(self._name(path), row, record)

    def _check_sum(self, path: Path, *, is_whole: bool) -> None:
        name = self._name(path)
        expected, found = self._sums.digests.get(name), checksums.sha256(path)
        if expected is None:
            self._differs("unlisted", name, "the file is not in SHA256SUMS")
            if is_whole:
                self.checked.whole_unlisted[name] = found
        elif expected != found:
            text = "the file's SHA-256 is not the one in SHA256SUMS"
            if is_whole:
                text += ", though its records are whole: a byte between them, or SHA256SUMS, has changed"
            self._differs("damaged", name, text)

    def _add_unread(self, name: str, record: Record) -> None:
        if self._connection is not None:
            if len(self._unread) < _MOST_ASKED_AGAIN:
                self._unread.append((name, record))
            else:
                self._differs("unread", _at(name, record.offset), _not_read(record))

    def _check_unread(self) -> None:
        """Ask again for what had no row: a crawl that goes on may have saved it meanwhile."""
        if self._connection is None or not self._unread:
            return
        for name, record in self._unread:
            query = "SELECT 1 FROM captures WHERE record_id = ?"
            if self._connection.execute(query, [record.record_id]).fetchone() is None:
                self._differs("unread", _at(name, record.offset), _not_read(record))


def is_ours(name: str) -> bool:
    """Whether a file is named as crawls name theirs; the end that says it is being written aside."""
    return _OURS.fullmatch(name.rpartition("/")[2].removesuffix(OPEN_SUFFIX)) is not None


def _at(name: str, offset: int) -> str:
    return f"{name}, byte {offset}"


def _named(row: sqlite3.Row) -> str:
    return f"{row['record_id']} ({row['target_uri']})"


def _not_read(record: Record) -> str:
    return f"archive.db does not know the answer of {record.target_uri}"


def _open_note(path: Path) -> str:
    with closing(path.open("rb")) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return f"{path.name} is being written: what was finished of it was looked at"
    return f"{path.name} was left open by a crash: the next crawl of its portal mends it"
