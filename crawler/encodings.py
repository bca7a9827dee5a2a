"""Bodies out of their Content-Encoding, within bounds: of answers on the wire and of answers in WARC files."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO

import brotli
from backports import zstd

_CHUNK = 1 << 16
_BROKEN = (zlib.error, brotli.error, zstd.ZstdError)


def unpacked(body: bytes, encodings: Iterable[str], limit: int) -> bytes:
    """A body without its encodings, which are values of Content-Encoding headers in order.

    Unpacking stops soon after `limit` bytes: a longer result is the beginning of a body that is too large.
    What arrived of a body that was cut short is unpacked; one that is not what its headers say, or in an
    encoding that is not known here, stays as it came.
    """
    names = [name.strip().lower() for value in encodings for name in value.split(",")]
    for name in reversed(names):
        if name in _UNPACK:
            body = _beginning(_UNPACK[name](body), limit) or body
        elif name not in {"identity", ""}:
            break
    return body


def _beginning(chunks: Iterator[bytes], limit: int) -> bytes:
    kept = BytesIO()
    try:
        for chunk in chunks:
            if kept.tell() > limit:
                break
            kept.write(chunk)
    except _BROKEN:
        pass  # what came before the break is all there is
    return kept.getvalue()


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
        return _inflated(zlib.decompressobj(wbits=-15), body)
    return _inflated(zlib.decompressobj(), body)


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    chunk = stream.process(body, output_buffer_limit=_CHUNK)
    while chunk:
        yield chunk
        chunk = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=_CHUNK)


def _zstd(body: bytes) -> Iterator[bytes]:
    stream = zstd.ZstdDecompressor()
    chunk = stream.decompress(body, _CHUNK)
    while chunk:
        yield chunk
        chunk = b"" if stream.eof else stream.decompress(b"", _CHUNK)


_UNPACK: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
