"""Bodies out of their encodings: whole, cut, false, nested, and larger than is read."""

import gzip
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from backports import zstd

from crawler.encodings import unpacked
from crawler.warc import Exchange, WarcWriter
from crawler.warcin import read_responses

PAGE = b"<html>" + "Thứ hai - 09/11/2020 ".encode() * 20_000 + b"</html>"
LIMIT = 1 << 20


def raw_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "upper case": (" GZIP ", gzip.compress),
    "two members": ("x-gzip", lambda body: gzip.compress(body[:999]) + gzip.compress(body[999:])),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "nested": ("br, gzip", lambda body: gzip.compress(brotli.compress(body))),
    "identity": ("identity", lambda body: body),
}


@pytest.mark.parametrize("name", PACKED)
def test_encoding_is_taken_off(name: str) -> None:
    encoding, pack = PACKED[name]
    assert unpacked(pack(PAGE), [encoding], LIMIT) == PAGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "compress", ""])
def test_body_that_is_not_what_its_header_says_stays_as_it_came(encoding: str) -> None:
    assert unpacked(PAGE, [encoding], LIMIT) == PAGE


@pytest.mark.parametrize("name", ["gzip", "two members", "deflate", "raw deflate", "br", "zstd"])
def test_what_arrived_of_a_cut_body_is_unpacked(name: str) -> None:
    encoding, pack = PACKED[name]
    body = bytes(range(256)) * 4000
    packed = pack(body)
    assert body.startswith(unpacked(packed[: len(packed) * 4 // 5], [encoding], LIMIT))


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "nested"])
def test_unpacking_stops_soon_after_the_limit(name: str) -> None:
    encoding, pack = PACKED[name]
    assert 1000 < len(unpacked(pack(bytes(10_000_000)), [encoding], 1000)) < 300_000


@pytest.mark.parametrize("name", ["br", "zstd", "nested"])
def test_warc_record_in_any_encoding_is_read(tmp_path: Path, name: str) -> None:
    encoding, pack = PACKED[name]
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    writer = WarcWriter(tmp_path, portal="x", crawl=1, started_at=moment, info={})
    writer.write(
        Exchange(
            url="http://127.0.0.1/",
            method="GET",
            request_headers=[],
            status=200,
            protocol="HTTP/1.1",
            response_headers=[("Content-Encoding", encoding)],
            body=pack(PAGE),
            fetched_at=moment,
        )
    )
    writer.close()
    (path,) = tmp_path.glob("*.warc.gz")
    assert [record.body for record in read_responses(path)] == [PAGE]
