"""Complete dumps: every article as a line of JSON, with its schema and checksums; the archive is only read."""

import fcntl
import gzip
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from crawler.archive.errors import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import check_obeyed
from crawler.dictionary import PARTS, Column, export_schema, exported_columns

ARTICLES, SCHEMA, CHECKSUMS = "articles.jsonl.gz", "articles.schema.json", "SHA256SUMS"

_PARTIAL = ".part"
_COMPRESSION = 6
_DECODED = frozenset({"list", "object", "objects"})

Progress = Callable[[int, int], None]
"""Called with how many articles are written, and how many there are."""


class ExportError(Exception):
    """The export could not be made; the text says why and what to do next."""


def export(archive: Path, folder: Path, progress: Progress) -> int:
    """Write articles.jsonl.gz, articles.schema.json and SHA256SUMS into a folder; returns how many articles.

    One read transaction: a crawl may go on meanwhile. The same archive gives the same bytes. The files get
    their names when all are whole, SHA256SUMS last. Raises ExportError in plain words.
    """
    try:
        with reading(archive) as connection:
            check_obeyed(archive, connection)
        with _locked(folder):
            return _export(archive, folder, progress)
    except ArchiveError as error:
        raise ExportError(str(error)) from error
    except OSError as error:
        raise ExportError(f"{folder} cannot be written: {error.strerror or error}") from error


def withheld_count(archive: Path) -> int:
    """How many articles are withheld, and so in no export; 0 for an archive that knows of no withholding."""
    with reading(archive) as connection:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'withheld'").fetchone() is None:
            return 0
        return int(connection.execute("SELECT count(*) FROM withheld").fetchone()[0])


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Make the folder where it is missing, and keep a second export out of it."""
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is a file: name a folder, which is made where it is missing")
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ExportError(
            f"Another export is writing into {folder}. Wait for it, or name another one."
        ) from error
    finally:
        os.close(handle)


def _export(archive: Path, folder: Path, progress: Progress) -> int:
    files = {name: folder / (name + _PARTIAL) for name in (ARTICLES, SCHEMA, CHECKSUMS)}
    try:
        with reading(archive) as connection, _writing(files[ARTICLES]) as stream:
            written = _write_articles(connection, stream, progress)
        with _writing(files[SCHEMA]) as stream:
            stream.write(json.dumps(export_schema(), ensure_ascii=False, indent=2).encode() + b"\n")
        with _writing(files[CHECKSUMS]) as stream:
            for name in (ARTICLES, SCHEMA):
                stream.write(f"{_sha256(files[name])}  {name}\n".encode())
        for name, partial in files.items():
            partial.replace(folder / name)
    finally:
        for partial in files.values():
            partial.unlink(missing_ok=True)
    return written


@contextmanager
def _writing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing; it is on the disk when this ends."""
    with path.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _write_articles(connection: sqlite3.Connection, stream: IO[bytes], progress: Progress) -> int:
    written = 0
    connection.execute("BEGIN")
    total = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
    # No name and no time in the gzip header: the same articles are the same bytes.
    with gzip.GzipFile("", "wb", _COMPRESSION, stream, mtime=0) as packed:
        for record in records(connection):
            packed.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            written += 1
            progress(written, total)
    return written


def records(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Every article by article_key, with its attachments and images; keys as in docs/data.md."""
    columns = exported_columns("articles_full")
    parts = {part: exported_columns(part) for part in PARTS}
    queries = {
        part: f"SELECT {_names(found)} FROM {part} WHERE article = ? ORDER BY position"  # noqa: S608 - the dictionary's own names
        for part, found in parts.items()
    }
    for row in connection.execute(f"SELECT id, {_names(columns)} FROM articles_full ORDER BY article_key"):  # noqa: S608 - the same
        beside = {
            part: [_record(found, parts[part]) for found in connection.execute(query, [row["id"]])]
            for part, query in queries.items()
        }
        yield _record(row, columns) | beside


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(column.name for column in columns)


def _record(row: sqlite3.Row, columns: tuple[Column, ...]) -> dict[str, Any]:
    return {column.name: _value(row[column.name], column) for column in columns}


def _value(stored: Any, column: Column) -> Any:
    if stored is None:
        return None
    if column.kind in _DECODED:
        return json.loads(stored)
    return bool(stored) if column.kind == "boolean" else stored


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
