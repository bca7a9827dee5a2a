"""Reading a WARC file record by record with every digest checked; memory stays flat whatever a record's size.

Digests are those of WARC/1.1, 5.8 and 5.9: `sha1:` and the like, in base 32 or hexadecimal.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

_CHUNK = 1 << 14
_LONGEST_HEAD = 1 << 20
_END = b"\r\n\r\n"
_GZIP = b"\x1f\x8b"
_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha384", "sha512"})


class DamagedError(Exception):
    """A record cannot be read as one; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One WARC record, without its bytes."""

    offset: int  # bytes, of its gzip member
    length: int  # bytes in the file, compressed
    headers: Mapping[str, str]  # names in lower case; the first of repeated ones
    http_head: str | None  # status or request line and headers; None for what is not HTTP
    false_digests: tuple[str, ...]  # headers whose digest is not that of the bytes

    @property
    def kind(self) -> str:
        """Its WARC-Type."""
        return self.headers.get("warc-type", "")

    @property
    def record_id(self) -> str:
        """Its WARC-Record-ID without the angle brackets."""
        return self.headers.get("warc-record-id", "").strip("<>")

    @property
    def target_uri(self) -> str:
        """Its WARC-Target-URI; some writers put it in angle brackets."""
        return self.headers.get("warc-target-uri", "").strip("<>")

    @property
    def date(self) -> datetime | None:
        """Its WARC-Date, aware; None when there is none that can be read."""
        try:
            moment = datetime.fromisoformat(self.headers.get("warc-date", ""))
        except ValueError:
            return None
        return moment if moment.tzinfo else None

    @property
    def status(self) -> int | None:
        """The HTTP status of a response; None when there is none."""
        words = (self.http_head or "").split(None, 2)
        return int(words[1]) if len(words) > 1 and words[1].isdecimal() else None


def records(file: BinaryIO, start: int = 0) -> Iterator[Record]:
    """The records that begin at byte `start` and after it, in order. Raises DamagedError at the first bad one."""
    position = start
    while True:
        file.seek(position)
        if not file.read(1):
            return
        record = record_at(file, position)
        yield record
        position += record.length


def record_at(file: BinaryIO, offset: int) -> Record:
    """The record that begins at a byte. Raises DamagedError when there is none, or none that can be read."""
    source = _source(file, offset)
    head = source.take_head()
    headers = _headers(head)
    if not head.startswith(b"WARC/") or not headers.get("content-length", "").isdecimal():
        raise DamagedError("no WARC record begins here")
    left = int(headers["content-length"])
    digests = _Digests(headers)
    http_head = None
    if headers.get("content-type", "").startswith("application/http") and left:
        raw = source.take_head(min(left, _LONGEST_HEAD))
        left -= len(raw)
        http_head = raw.decode("utf-8", "surrogateescape")
        digests.add(raw, is_payload=False)
    while left:
        piece = source.take(min(left, _CHUNK))
        left -= len(piece)
        digests.add(piece, is_payload=True)
    if source.take(len(_END)) != _END:
        raise DamagedError("the record does not end where it says")
    return Record(
        offset=offset,
        length=source.finish(),
        headers=headers,
        http_head=http_head,
        false_digests=digests.false(),
    )


class _Plain:
    """The bytes of an uncompressed record."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        file.seek(offset)
        self._file = file
        self._ready = b""
        self._taken = 0

    def _more(self) -> bytes:
        return self._file.read(_CHUNK)

    def take(self, size: int) -> bytes:
        """Exactly so many bytes. DamagedError when there are not as many."""
        while len(self._ready) < size:
            piece = self._more()
            if not piece:
                raise DamagedError("the record ends too early")
            self._ready += piece
        taken, self._ready = self._ready[:size], self._ready[size:]
        self._taken += size
        return taken

    def take_head(self, most: int = _LONGEST_HEAD) -> bytes:
        """Everything up to and with the first empty line; all of `most` bytes when there is none."""
        while (end := self._ready.find(_END)) < 0 and len(self._ready) < most:
            piece = self._more()
            if not piece:
                raise DamagedError("the record ends inside its headers")
            self._ready += piece
        return self.take(min(end + len(_END) if end >= 0 else most, most))

    def finish(self) -> int:
        """How many bytes of the file the record took. DamagedError when something follows it in its member."""
        return self._taken


class _Member(_Plain):
    """The bytes of one gzip member (RFC 1952), inflated piece by piece."""

    def __init__(self, file: BinaryIO, offset: int) -> None:
        super().__init__(file, offset)
        self._inflate = zlib.decompressobj(wbits=31)
        self._fed = 0

    def _more(self) -> bytes:
        while not self._inflate.eof:
            data = self._inflate.unconsumed_tail
            if not data:
                data = self._file.read(_CHUNK)
                self._fed += len(data)
                if not data:
                    raise DamagedError("the file ends inside this record")
            try:
                if piece := self._inflate.decompress(data, _CHUNK):
                    return piece
            except zlib.error as error:
                raise DamagedError(f"the record cannot be decompressed ({error})") from error
        return b""

    def finish(self) -> int:
        if self._ready or self._more():
            raise DamagedError("something stands behind the record")
        return self._fed - len(self._inflate.unused_data)


def _source(file: BinaryIO, offset: int) -> _Plain:
    file.seek(offset)
    start = file.read(2)
    if start != _GZIP and not start.startswith(b"W"):
        raise DamagedError("no WARC record begins here")
    return (_Member if start == _GZIP else _Plain)(file, offset)


def _headers(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.decode("utf-8", "surrogateescape").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


class _Digests:
    """The digests that a record's headers claim, computed anew as its bytes pass."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._claimed: dict[str, str] = {}
        self._computed: dict[str, hashlib._Hash] = {}
        self._headers = headers
        names = ["WARC-Block-Digest"]
        if headers.get("warc-type") != "revisit":  # there it is that of the record it refers to
            names.append("WARC-Payload-Digest")
        for name in names:
            algorithm, _, value = headers.get(name.lower(), "").partition(":")
            if value and algorithm.lower() in _ALGORITHMS:
                self._claimed[name] = value
                self._computed[name] = hashlib.new(algorithm.lower(), usedforsecurity=False)

    def add(self, piece: bytes, *, is_payload: bool) -> None:
        for name, computed in self._computed.items():
            if is_payload or name == "WARC-Block-Digest":
                computed.update(piece)

    def false(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, computed in self._computed.items()
            if self._claimed[name].lower() not in _spellings(computed.digest())
        )


def _spellings(digest: bytes) -> tuple[str, str]:
    return base64.b32encode(digest).decode().lower(), digest.hex()
