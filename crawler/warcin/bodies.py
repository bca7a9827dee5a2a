"""An HTTP response out of a record's block: headers, and the body without chunks and compression.

Writers differ: some keep the body as it came, some keep the headers and unpack the body. So each header is a hint,
and the bytes decide.
"""

import re
import zlib
from collections.abc import Callable, Sequence

import brotli
from backports import zstd

from crawler.warcin.records import end_of_lines

MOST_BYTES = 64 * 1024 * 1024
"""The largest body, as sent and unpacked: what a live crawl takes (DOWNLOAD_MAXSIZE)."""

Headers = Sequence[tuple[str, str]]

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_STEP = 1 << 20
_MOST_WINDOW = 27  # of zstd: 128 MB, as a power of 2


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
    codings = [coding.strip().lower() for coding in (header(headers, "content-encoding") or "").split(",")]
    for coding in reversed(codings):
        if coding not in ("", "identity", "none"):
            body = _unpacked(coding, body)
    if len(body) > MOST_BYTES:
        raise UnreadableRecordError(_TOO_LARGE)
    return body, whole


_TOO_LARGE = f"its body is larger than {MOST_BYTES >> 20} MiB"


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
    unpack = _UNPACK.get(coding)
    if unpack is None:
        if _is_text(packed):
            return packed
        raise UnreadableRecordError(f"its compression ({coding[:40]}) is not known here")
    found = unpack(packed)
    return packed if found is None else found


def _is_text(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"[", b"")


def _gzip(packed: bytes) -> bytes | None:
    return _inflated(packed, 31)


def _deflate(packed: bytes) -> bytes | None:
    """Most servers send zlib's format, as RFC 9110 says; some send bare deflate."""
    found = _inflated(packed, 15)
    return _inflated(packed, -15) if found is None and not _is_text(packed) else found


def _inflated(packed: bytes, wbits: int) -> bytes | None:
    """What deflate gives, up to where it breaks, as browsers show it; None when it gives nothing."""
    parts: list[bytes] = []
    size = 0
    rest = packed
    while rest:
        stream = zlib.decompressobj(wbits)
        try:
            while rest and not stream.eof:
                parts.append(stream.decompress(rest, _STEP))
                size = _within(size + len(parts[-1]))
                rest = stream.unconsumed_tail
        except zlib.error:
            return b"".join(parts) or None
        rest = stream.unused_data if stream.unused_data.startswith(b"\x1f\x8b") else b""
    return b"".join(parts)


def _within(size: int) -> int:
    if size > MOST_BYTES:
        raise UnreadableRecordError(_TOO_LARGE)
    return size


def _brotli(packed: bytes) -> bytes | None:
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        parts.append(stream.process(packed, output_buffer_limit=_STEP))
        while not stream.is_finished():
            size = _within(size + len(parts[-1]))
            if stream.can_accept_more_data() and not parts[-1]:
                break
            parts.append(stream.process(b"", output_buffer_limit=_STEP))
    except brotli.error:
        return b"".join(parts) or None
    return b"".join(parts)


def _zstd(packed: bytes) -> bytes | None:
    """Every frame of a body (RFC 8878)."""
    parts: list[bytes] = []
    size = 0
    try:
        while packed:
            frame = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _MOST_WINDOW})
            while not frame.eof:
                part = frame.decompress(packed, max_length=_STEP)
                packed = b""
                if not part and frame.needs_input:
                    break
                parts.append(part)
                size = _within(size + len(part))
            packed = frame.unused_data if frame.eof else b""
    except zstd.ZstdError:
        return b"".join(parts) or None
    return b"".join(parts)


_UNPACK: dict[str, Callable[[bytes], bytes | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
