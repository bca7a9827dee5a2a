"""Loops over a WARC file that `ingest.py` runs in the other tools' environment: `ingest_loops.py LOOP FILE [MOST]`.

Prints a line of JSON: pages read, seconds of wall clock and of processor. Every loop unpacks the bodies; `warcio` and
`fastwarc` then parse HTML and XML with lxml and throw the tree away, `trafilatura` extracts text and metadata.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# ruff: noqa: PLC0415 - each loop runs with what it needs alone

import gzip
import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from lxml import html

MARKUP = ("html", "xml")


def warcio_bodies(path: Path) -> Iterator[tuple[str, bytes]]:
    """Address and body of each page, by warcio."""
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response" and _is_markup(record.http_headers.get_header("Content-Type")):
                yield record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read()


def fastwarc_bodies(path: Path) -> Iterator[tuple[str, bytes]]:
    """The same by fastwarc, which leaves unpacking to us."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
            if _is_markup(record.http_headers.get("Content-Type")):
                body = record.reader.read()
                packed = body.startswith(b"\x1f\x8b")
                yield record.headers.get("WARC-Target-URI"), gzip.decompress(body) if packed else body


def _is_markup(media_type: str | None) -> bool:
    return any(name in (media_type or "") for name in MARKUP)


def parse(pages: Iterator[tuple[str, bytes]]) -> int:
    """Parse every page, keep nothing; how many there were."""
    count = 0
    for _, body in pages:
        if body.strip():
            html.fromstring(body)
        count += 1
    return count


def extract(pages: Iterator[tuple[str, bytes]]) -> int:
    """Let trafilatura extract every page; how many there were."""
    from trafilatura import bare_extraction

    count = 0
    for url, body in pages:
        bare_extraction(body.decode("utf-8", "replace"), url=url, include_comments=False, with_metadata=True)
        count += 1
    return count


def main() -> None:
    """Run one loop."""
    loop, path = sys.argv[1], Path(sys.argv[2])
    most = int(sys.argv[3]) if len(sys.argv) > 3 else None
    pages = islice(fastwarc_bodies(path) if loop == "fastwarc" else warcio_bodies(path), most)
    wall, processor = time.perf_counter(), time.process_time()
    count = extract(pages) if loop == "trafilatura" else parse(pages)
    times = {"seconds": time.perf_counter() - wall, "processor": time.process_time() - processor}
    print(json.dumps({"pages": count, **times}))


if __name__ == "__main__":
    main()
