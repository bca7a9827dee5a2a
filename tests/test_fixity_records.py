"""One record of a WARC file, read with its digests."""

import gzip
import tracemalloc
from pathlib import Path

from crawler.fixity.records import record_at


def test_memory_stays_flat_whatever_a_record_holds(tmp_path: Path) -> None:
    size = 60_000_000
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: {size}\r\n\r\n"
    )
    path = tmp_path / "big.warc.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head.encode())
        for _ in range(size // 1_000_000):
            file.write(bytes(1_000_000))
        file.write(b"\r\n\r\n")
    tracemalloc.start()
    with path.open("rb") as stream:
        assert record_at(stream, 0).length == path.stat().st_size
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
