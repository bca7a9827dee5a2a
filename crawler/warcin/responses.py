"""One response, as a record of any writer holds it."""

import base64
import hashlib
import re
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from crawler.warcin.bodies import (
    MOST_BYTES,
    Headers,
    UnreadableRecordError,
    decoded_body,
    header,
    split_response,
)
from crawler.warcin.files import GZIP_MAGIC, segments
from crawler.warcin.records import Head, moment, read_head
from crawler.warcin.scanning import Found, scan

_MOST_BLOCK = MOST_BYTES + (1 << 20)
_CHUNK = 1 << 17
_NOT_MODIFIED = 304
_WAYBACK = re.compile(r"https?://web\.archive\.org/web/(\d{14})(\w\w_)?/(https?:/.*)\Z")
_AS_IT_CAME = "id_"
_ORIGINAL = "x-archive-orig-"


class RevisitError(UnreadableRecordError):
    """A revisit record, which has no body of its own, and the record that it refers to is not at hand."""

    def __init__(self, head: Head) -> None:
        super().__init__("it refers to a record that is not in these files")
        self.head = head


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a record lies."""

    path: Path
    offset: int  # bytes
    length: int | None = None  # bytes in the file; None when it is not known


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """One HTTP response as a record holds it."""

    record_id: str  # without angle brackets; made of address, date and payload where the record has none
    url: str
    fetched_at: datetime  # UTC
    status: int
    headers: Headers
    body: bytes  # decoded: no chunks, no compression
    payload_digest: str  # as the record says, else SHA-1 of the body as stored
    offset: int
    truncated: str | None = None  # why the body is not whole; None when it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Whose page a record holds, and of when."""

    url: str
    fetched_at: datetime  # UTC


def address(head: Head) -> Address | None:
    """The page that a response or revisit record is a capture of; None when it is none of the web.

    A page asked of the Wayback Machine is a capture of the page it shows, at the time that its address names.
    """
    date = moment(head.date)
    if head.url is None or date is None or not head.url.lower().startswith(("http://", "https://")):
        return None
    shown = _WAYBACK.match(head.url)
    if shown is None:
        return Address(url=head.url, fetched_at=date)
    stamp, mode, url = shown.groups()
    original = moment(stamp)
    if mode != _AS_IT_CAME or original is None:
        return None
    return Address(url=re.sub(r"^(https?:/)(?=[^/])", r"\1/", url), fetched_at=original)


def read_at(place: Place, original: Place | None = None) -> Response:
    """The response at a place; `original` is where the record lies that a revisit record refers to.

    Raises UnreadableRecordError in a few words (RevisitError for a revisit without its original), or OSError when
    the file cannot be read.
    """
    head, block = _record(place)
    page = address(head)
    if head.kind not in ("response", "revisit") or page is None:
        raise UnreadableRecordError(f"a record of the kind {head.kind or 'none'} is no response")
    if head.kind == "revisit":
        status, headers, stored, body, truncated = _revisited(head, block, original)
    else:
        status, headers, stored, body, truncated = _whole(head, block)
    if head.url != page.url:
        headers = _as_it_was(headers)
    digest = head.payload_digest or _digest(stored)
    return Response(
        record_id=head.record_id or _made_id(page, digest),
        url=page.url,
        fetched_at=page.fetched_at,
        status=status,
        headers=headers,
        body=body,
        payload_digest=digest,
        offset=place.offset,
        truncated=truncated,
    )


def head_at(place: Place) -> Head:
    """The header of the record at a place. Raises UnreadableRecordError or OSError."""
    return _record(place)[0]


class _Parts(NamedTuple):
    status: int
    headers: Headers
    stored: bytes
    body: bytes
    truncated: str | None


def _whole(head: Head, block: bytes) -> _Parts:
    status, headers, stored = split_response(block)
    body, is_whole = decoded_body(headers, stored)
    return _Parts(
        status, headers, stored, body, head.truncated or (None if is_whole else "its chunks end early")
    )


def _revisited(head: Head, block: bytes, original: Place | None) -> _Parts:
    """What a revisit stands for: the first capture's body, under the revisit's own headers where it has some.

    Its own WARC-Truncated says no more than that the body is elsewhere.
    """
    if original is None:
        raise RevisitError(head)
    first, whole_block = _record(original)
    if first.kind != "response":
        raise UnreadableRecordError("it refers to a record that is no response")
    found = _whole(first, whole_block)
    if block.startswith(b"HTTP/"):
        status, headers, _ = split_response(block)
        if status != _NOT_MODIFIED:
            return found._replace(status=status, headers=headers)
    return found


def _as_it_was(headers: Headers) -> Headers:
    """The headers that the page itself had, where the Wayback Machine repeats them under names of its own."""
    first = [(name[len(_ORIGINAL) :], value) for name, value in headers if name.lower().startswith(_ORIGINAL)]
    return [*first, *headers]


def is_wayback_capture(block: bytes) -> bool:
    """Whether a block from the Wayback Machine shows a page, rather than the Machine's own answer."""
    try:
        _, headers, _ = split_response(block)
    except UnreadableRecordError:
        return False
    return header(headers, "memento-datetime") is not None


def is_html(block: bytes) -> bool:
    """Whether a block is a page that was found, as far as its headers say."""
    try:
        status, headers, _ = split_response(block)
    except UnreadableRecordError:
        return False
    return status == 200 and "html" in (header(headers, "content-type") or "html").lower()


def _digest(stored: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(stored, usedforsecurity=False).digest()).decode()


def _made_id(page: Address, digest: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{page.url} {page.fetched_at.isoformat()} {digest}").urn


def _record(place: Place) -> tuple[Head, bytes]:
    """The record at a place: its header, and its whole block."""
    with place.path.open("rb", buffering=0) as file:
        file.seek(place.offset)
        data = _read(file, place.length or _CHUNK)
        if data.startswith(GZIP_MAGIC):
            data = _unpacked(data, file)
        head = read_head(data)
        if head is None:
            raise UnreadableRecordError("no record begins there")
        if head.block_length > _MOST_BLOCK:
            raise UnreadableRecordError(f"it is larger than {MOST_BYTES >> 20} MiB")
        if len(data) < head.end and not place.length:
            data += _read(file, head.end - len(data))
    if len(data) < head.end:
        raise UnreadableRecordError("its end is missing")
    return head, data[head.block_start : head.end]


def _read(file: FileIO, size: int) -> bytes:
    """As many bytes as asked for, fewer at the end of the file; no more than a record may have."""
    left = min(size, _MOST_BLOCK)
    parts = []
    while left > 0 and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _unpacked(data: bytes, file: FileIO) -> bytes:
    """The gzip member that `data` begins with and the file goes on with."""
    member = zlib.decompressobj(wbits=31)
    parts = []
    size = 0
    try:
        while data and not member.eof:
            parts.append(member.decompress(data, _MOST_BLOCK))
            size += len(parts[-1])
            if size > _MOST_BLOCK:
                raise UnreadableRecordError(f"it is larger than {MOST_BYTES >> 20} MiB")
            data = member.unconsumed_tail or (b"" if member.eof else file.read(_CHUNK) or b"")
    except zlib.error as error:
        raise UnreadableRecordError(str(error)) from error
    return b"".join(parts)


def read_responses(path: Path, *, after: int = -1) -> Iterator[Response]:
    """The responses of a file that begin later than byte `after`, in order; broken and unreadable ones are left out.

    Raises UnreadableFileError when it is no WARC, ARC or WACZ file.
    """
    for segment in segments(path):
        for found in scan(segment, after=after):
            if isinstance(found, Found) and found.head.kind == "response" and address(found.head):
                try:
                    yield read_at(Place(path=path, offset=found.offset, length=found.length))
                except UnreadableRecordError:
                    continue


def revisited(path: Path) -> Iterator[Address]:
    """The pages that a file has revisit records of. Raises UnreadableFileError."""
    for segment in segments(path):
        for found in scan(segment):
            if isinstance(found, Found) and found.head.kind == "revisit" and (page := address(found.head)):
                yield page
