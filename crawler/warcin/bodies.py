"""An HTTP response out of a record's block: headers, and the body without chunks and compression.

Writers differ: some keep the body as it came, some keep the headers and unpack the body. So each header is a hint,
and the bytes decide.
"""

import re
from collections.abc import Sequence

from crawler import encodings
from crawler.warcin.records import end_of_lines

MOST_BYTES = 64 * 1024 * 1024
"""The largest body, as sent and unpacked: what a live crawl takes (DOWNLOAD_MAXSIZE)."""

Headers = Sequence[tuple[str, str]]

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


class UnreadableRecordError(Exception):
    """A record that holds no response that can be read; the text says why."""


def split_response(block: bytes) -> tuple[int, Headers, bytes]:
    """Status, headers in order, and body as stored, of an HTTP response. Raises UnreadableRecordError."""
    found = _STATUS.match(block)
    if found is None:
        raise UnreadableRecordError("it holds no HTTP response")
    end, start = end_of_lines(block)
    if end < 0:
        end = start = len(block)
    lines = block[:end].replace(b"\r\n", b"\n").split(b"\n")[1:]
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {_text(line.strip())}")
        elif line:
            raw_name, _, raw_value = line.partition(b":")
            headers.append((_text(raw_name.strip()), _text(raw_value.strip())))
    return int(found[1]), headers, block[start:]


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def header(headers: Headers, name: str) -> str | None:
    """The first value of a header; None when it is not there."""
    return next((value for key, value in headers if key.lower() == name), None)


def decoded_body(headers: Headers, stored: bytes) -> tuple[bytes, bool]:
    """The body without chunks and compression, and whether its chunks came to their end.

    Raises UnreadableRecordError when it is too large, or compressed in a way that is not known here.
    """
    body, whole = stored, True
    if "chunked" in (header(headers, "transfer-encoding") or "").lower():
        body, whole = _without_chunks(body)
    for coding in encodings.names([header(headers, "content-encoding") or ""]):
        body = _unpacked(coding, body)
    return _within(body), whole


def _without_chunks(stored: bytes) -> tuple[bytes, bool]:
    """RFC 9112, 7.1; a body that has no chunks though its header says so is taken as it is."""
    parts: list[bytes] = []
    place = 0
    while size := _CHUNK_SIZE.match(stored, place):
        length = int(size[1], 16)
        if not length:
            return b"".join(parts), True
        parts.append(stored[size.end() : size.end() + length])
        place = size.end() + length
        if place > len(stored):
            return b"".join(parts), False
        place += 2 if stored[place : place + 2] == b"\r\n" else 1
    return (b"".join(parts), False) if parts else (stored, True)


def _unpacked(coding: str, packed: bytes) -> bytes:
    """One coding undone; bytes that are not packed in it are taken as they are, since the header may be wrong."""
    if encodings.is_known(coding):
        return _within(encodings.without(coding, packed, MOST_BYTES))
    if encodings.is_text(packed):
        return packed
    raise UnreadableRecordError(f"its compression ({coding[:40]}) is not known here")


def _within(body: bytes) -> bytes:
    if len(body) > MOST_BYTES:
        raise UnreadableRecordError(f"its body is larger than {MOST_BYTES >> 20} MiB")
    return body
