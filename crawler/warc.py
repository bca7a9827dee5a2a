"""Writing the master copies: WARC/1.1, one gzip member a record, repaired when a crash tore the last one."""

import fcntl
import hashlib
import os
import zlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler import checksums

OPEN_SUFFIX = ".open"
ROUND_LOCK = "crawlall.lock"
"""The file beside them that `scrapy crawlall` locks."""

ROLLOVER_BYTES = 1_000_000_000
_CHUNK = 1 << 20

Headers = Sequence[tuple[str, str]]


class WarcError(Exception):
    """A WARC file cannot be written or is in use; the text says why and what to do next."""


class WarcBusyError(WarcError):
    """Another process crawls the same portal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One HTTP request and its response as they crossed the wire, the body still compressed."""

    url: str
    method: str
    request_headers: Headers  # in order, repeated ones repeated
    status: int
    protocol: str  # "HTTP/1.1"
    response_headers: Headers
    body: bytes
    fetched_at: datetime  # aware
    ip_address: str | None = None
    truncated: str | None = None  # length, time, disconnect; None when the body is whole


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """Where a response record lies."""

    record_id: str  # without angle brackets
    payload_digest: str
    warc_file: str  # final name, without ".open"
    warc_offset: int


class _Hashed:
    """Passes bytes on to a file, and knows the SHA-256 of what it was given."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.sha256.update(data)
        self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


class WarcWriter:
    """The WARC files of one crawl, in `folder`; the current one ends in .open and is locked while written."""

    def __init__(
        self, folder: Path, *, portal: str, crawl: int, started_at: datetime, info: dict[str, str]
    ) -> None:
        """Open the first file. Raises WarcError when the folder cannot be written."""
        self._folder = folder
        self._stem = f"{portal}-{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{crawl}"
        self._info = info
        self._serial = 0
        self._full: dict[str, tuple[BinaryIO, str]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._open_next()
        except OSError as error:
            raise WarcError(
                f"{folder} cannot be written ({error.strerror}). Name another with -s ARCHIVE_WARC_DIR=…"
            ) from error

    def _open_next(self) -> None:
        self._name = f"{self._stem}-{self._serial:05d}.warc.gz"
        self._serial += 1
        self._file: BinaryIO = (self._folder / (self._name + OPEN_SUFFIX)).open("ab")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._hashed = _Hashed(self._file)
        self._writer = WARCWriter(self._hashed, gzip=True, warc_version="WARC/1.1")
        warcinfo = self._writer.create_warcinfo_record(self._name, self._info)
        self._warcinfo_id = warcinfo.rec_headers.get_header("WARC-Record-ID")
        self._writer.write_record(warcinfo)

    def write(self, exchange: Exchange) -> Written:
        """Append the response and its request; OSError when the disk does not take them."""
        if self._file.tell() >= ROLLOVER_BYTES:
            self.sync()
            self._full[self._name] = (self._file, self._hashed.sha256.hexdigest())
            self._open_next()
        offset = self._file.tell()
        response = self._response_record(exchange)
        self._writer.write_request_response_pair(self._request_record(exchange), response)
        self._file.flush()  # the system has it then, whatever becomes of this process
        return Written(
            record_id=response.rec_headers.get_header("WARC-Record-ID").strip("<>"),
            payload_digest=response.rec_headers.get_header("WARC-Payload-Digest"),
            warc_file=self._name,
            warc_offset=offset,
        )

    def _response_record(self, exchange: Exchange) -> ArcWarcRecord:
        about = {"WARC-Date": _warc_date(exchange.fetched_at)}
        if exchange.ip_address:
            about["WARC-IP-Address"] = exchange.ip_address
        if exchange.truncated:
            about["WARC-Truncated"] = exchange.truncated
        status = f"{exchange.status} {_reason(exchange.status)}".strip()
        return self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=StatusAndHeaders(
                status, list(exchange.response_headers), protocol=exchange.protocol
            ),
            warc_headers_dict=about,
        )

    def _request_record(self, exchange: Exchange) -> ArcWarcRecord:
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = [("Host", parts.netloc), *exchange.request_headers]
        return self._writer.create_warc_record(
            exchange.url,
            "request",
            http_headers=StatusAndHeaders(
                f"{exchange.method} {target} {exchange.protocol}", headers, is_http_request=True
            ),
        )

    def describe(self, fields: Mapping[str, str]) -> None:
        """Append what is to be said of the crawl; OSError when the disk does not take it."""
        self._writer.write_record(_metadata(self._writer, self._warcinfo_id, fields))

    def sync(self) -> None:
        """Bring everything written so far to the disk; OSError when it does not take it."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def release(self, unread: Container[str | None]) -> None:
        """Give full files their final names, but for those that hold an answer which no commit knows yet."""
        for name in [name for name in self._full if name not in unread]:
            file, sha256 = self._full.pop(name)
            finish(self._folder / (name + OPEN_SUFFIX), sha256=sha256)
            file.close()

    def close(self) -> None:
        """Finish every file under its final name."""
        self.sync()
        self._full[self._name] = (self._file, self._hashed.sha256.hexdigest())
        self.release(())


def describe(path: Path, fields: Mapping[str, str]) -> None:
    """Append what is to be said of its crawl to a whole .open file; OSError when the disk does not take it."""
    with path.open("r+b") as file:
        warcinfo_id = next(ArchiveIterator(file)).rec_headers.get_header("WARC-Record-ID")
        file.seek(0, os.SEEK_END)
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        writer.write_record(_metadata(writer, warcinfo_id, fields))
        file.flush()
        os.fsync(file.fileno())


def _metadata(writer: WARCWriter, warcinfo_id: str, fields: Mapping[str, str]) -> ArcWarcRecord:
    """A metadata record about the crawl that a warcinfo record names (ISO 28500, 6.6)."""
    lines = "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields.items()).encode()
    about = {"WARC-Refers-To": warcinfo_id}
    return writer.create_warc_record(
        "", "metadata", payload=BytesIO(lines), length=len(lines), warc_headers_dict=about
    )


def finish(path: Path, *, sha256: str | None = None) -> None:
    """Give a whole .open file its final name; its line in SHA256SUMS comes first, so that none is without.

    `sha256` is that of the bytes that were written; None when only the file itself knows.
    """
    final = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
    checksums.add(path.parent, {final.name: sha256 or checksums.sha256(path)})
    path.rename(final)


def left_open(folder: Path, portal: str) -> list[Path]:
    """The .open files that earlier crawls of a portal left behind, oldest first.

    Raises WarcBusyError when one is still being written: two crawls of one portal never run at once.
    """
    found = sorted(folder.glob(f"{portal}-[0-9]*.warc.gz{OPEN_SUFFIX}"))
    for path in found:
        if is_being_written(path):
            raise WarcBusyError(
                f"{portal} is being crawled by another process ({path.name}). Wait until it ends."
            )
    return found


def being_crawled(folder: Path) -> frozenset[str]:
    """The keys of the portals that are crawled into a folder now, by whatever processes."""
    found = folder.glob(f"*.warc.gz{OPEN_SUFFIX}")
    return frozenset(path.name.rsplit("-", 3)[0] for path in found if is_being_written(path))


def is_being_written(path: Path) -> bool:
    """Whether a crawl writes this file now. Several may ask at once, since the lock they try is a shared one."""
    if not path.name.endswith(OPEN_SUFFIX):
        return False
    try:
        file = path.open("rb")
    except FileNotFoundError:  # its crawl has just given it its final name
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def repair(path: Path) -> int:
    """Cut a torn last record off a WARC file of ours; returns how many bytes were cut, 0 for a whole file.

    Every record is a gzip member of its own (RFC 1952), so all members before the torn one are whole.
    """
    whole = 0
    with path.open("rb") as file:
        member = zlib.decompressobj(wbits=31)
        position = 0
        while chunk := file.read(_CHUNK):
            position += len(chunk)
            try:
                while chunk:
                    member.decompress(chunk)
                    if not member.eof:
                        break
                    chunk = member.unused_data
                    whole = position - len(chunk)
                    member = zlib.decompressobj(wbits=31)
            except zlib.error:
                break
    cut = path.stat().st_size - whole
    if cut:
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
    return cut


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
