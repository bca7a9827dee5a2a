"""Bodies out of their Content-Encoding, within bounds: of answers on the wire and of answers in WARC files."""

import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
from backports import zstd

_CHUNK = 1 << 17
_BROKEN = (zlib.error, brotli.error, zstd.ZstdError)
_MOST_WINDOW = 27  # of zstd: 128 MB, as a power of 2


def names(encodings: Iterable[str]) -> list[str]:
    """The encodings that values of Content-Encoding headers name, in the order in which they are to be taken off."""
    found = [name.strip().lower() for value in encodings for name in value.split(",")]
    return [name for name in reversed(found) if name not in {"", "identity", "none"}]


def unpacked(body: bytes, encodings: Iterable[str], limit: int) -> bytes:
    """A body without its encodings, which are values of Content-Encoding headers in order.

    Unpacking stops soon after `limit` bytes: a longer result is the beginning of a body that is too large.
    What arrived of a body that was cut short is unpacked; one that is not what its headers say, or in an
    encoding that is not known here, stays as it came.
    """
    for name in names(encodings):
        if not is_known(name):
            break
        body = without(name, body, limit)
    return body


def is_known(name: str) -> bool:
    """Whether an encoding can be taken off, by its name in lower case."""
    return name in _UNPACK


def without(name: str, body: bytes, limit: int) -> bytes:
    """A body without one known encoding, as `unpacked` does it."""
    parts: list[bytes] = []
    size = 0
    try:
        for chunk in _UNPACK[name](body):
            if size > limit:
                break
            parts.append(chunk)
            size += len(chunk)
    except _BROKEN:  # what came before the break is all there is, as in browsers
        return b"".join(parts) or body
    return b"".join(parts)


def is_text(body: bytes) -> bool:
    """Whether a body begins as HTML, XML or JSON does, so that it is not packed, whatever its headers say."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"[", b"")


def _gzip(body: bytes) -> Iterator[bytes]:
    """Every member of a gzip body (RFC 1952); what follows the last one is no part of it."""
    more = True
    while more:
        member = zlib.decompressobj(wbits=31)
        yield from _inflated(member, body)
        body = member.unused_data
        more = body.startswith(b"\x1f\x8b")


def _inflated(stream: "zlib._Decompress", body: bytes) -> Iterator[bytes]:
    while body and not stream.eof:
        yield stream.decompress(body, _CHUNK)
        body = stream.unconsumed_tail


def _deflate(body: bytes) -> Iterator[bytes]:
    """With its zlib header, as RFC 9110 says, or without, as some servers send it."""
    try:
        zlib.decompressobj().decompress(body, 1)
    except zlib.error:
        if is_text(body):
            raise
        return _inflated(zlib.decompressobj(wbits=-15), body)
    return _inflated(zlib.decompressobj(), body)


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    chunk = stream.process(body, output_buffer_limit=_CHUNK)
    while chunk:
        yield chunk
        chunk = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=_CHUNK)


def _zstd(body: bytes) -> Iterator[bytes]:
    """Every frame of a body (RFC 8878)."""
    while body:
        frame = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _MOST_WINDOW})
        chunk = frame.decompress(body, _CHUNK)
        while chunk:
            yield chunk
            chunk = b"" if frame.eof else frame.decompress(b"", _CHUNK)
        body = frame.unused_data if frame.eof else b""


_UNPACK: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
