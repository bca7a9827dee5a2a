"""The WARC records of captures, copied byte for byte."""

import gzip
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import brotli
from warcio.archiveiterator import ArchiveIterator

from crawler.fixity.bodies import decoded_body
from crawler.fixity.files import is_ours
from crawler.fixity.records import DamagedError, Record, record_at
from crawler.fixity.rows import compare
from crawler.warc import OPEN_SUFFIX

_PYTHON_CANNOT = frozenset({"br"})  # of the Content-Encodings that Scrapy asks for


class CitationError(Exception):
    """The bundle cannot be made; the text says why and what to do next."""


@dataclass(kw_only=True)
class Evidence:
    """Records as one WARC file, and the pages that Python alone could not decompress."""

    records: bytes = b""  # each a gzip member: warcinfo, response, request
    decompressed: dict[str, bytes] = field(default_factory=dict)  # by WARC-Record-ID


def gather(captures: Sequence[sqlite3.Row], folder: Path) -> Evidence:
    """The records of captures in a WARC folder: for each file its warcinfo, then responses with their requests.

    Raises CitationError when one is missing, damaged, or not what its row says.
    """
    evidence = Evidence()
    begun: set[str] = set()
    for capture in captures:
        name, offset = capture["warc_file"], capture["warc_offset"]
        path = next(
            (found for end in ("", OPEN_SUFFIX) if (found := folder / f"{name}{end}").is_file()), None
        )
        if path is None:
            raise CitationError(f"{name} is not in {folder}. Name its folder with -s ARCHIVE_WARC_DIR=…")
        try:
            with path.open("rb") as file:
                if name not in begun:
                    begun.add(name)
                    evidence.records += _warcinfo(file)
                _add(evidence, file, capture, record_at(file, offset))
        except (DamagedError, OSError, brotli.error) as error:
            raise CitationError(f"{name}, byte {offset}: {error}. Run `scrapy verify`.") from error
    return evidence


def _warcinfo(file: BinaryIO) -> bytes:
    first = record_at(file, 0)
    return _member(file, first) if first.kind == "warcinfo" else b""


def _add(evidence: Evidence, file: BinaryIO, capture: sqlite3.Row, response: Record) -> None:
    problems = list(compare(capture, response, is_ours=is_ours(capture["warc_file"])))
    problems += [f"its {name} is not true" for name in response.false_digests]
    if problems:
        raise DamagedError(problems[0])
    member = _member(file, response)
    evidence.records += member
    if _encoding(response) in _PYTHON_CANNOT:
        record = next(ArchiveIterator(BytesIO(member)))
        evidence.decompressed[response.record_id] = decoded_body(record)
    file.seek(response.offset + response.length)
    if file.read(1):
        request = record_at(file, response.offset + response.length)
        is_its_own = request.headers.get("warc-concurrent-to", "").strip("<>") == response.record_id
        if request.kind == "request" and is_its_own:
            evidence.records += _member(file, request)


def _encoding(response: Record) -> str:
    lines = (response.http_head or "").lower().splitlines()
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("content-encoding:"))
    return next(found, "")


def _member(file: BinaryIO, record: Record) -> bytes:
    """A record's gzip member as it is; one is made for a record of an uncompressed file."""
    file.seek(record.offset)
    data = file.read(record.length)
    return data if data.startswith(b"\x1f\x8b") else gzip.compress(data, mtime=0)
