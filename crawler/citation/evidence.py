"""The WARC records of captures, copied byte for byte."""

import gzip
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from crawler.fixity.files import is_ours
from crawler.fixity.records import DamagedError, Record, record_at
from crawler.fixity.rows import compare
from crawler.warcin import Place, UnreadableRecordError, read_at
from crawler.warcin.kept import original_of, place_of

_PYTHON_CANNOT = frozenset({"br", "zstd"})  # of the Content-Encodings that browsers ask for


class CitationError(Exception):
    """The bundle cannot be made; the text says why and what to do next."""


@dataclass(kw_only=True)
class Evidence:
    """Records as one WARC file, and the pages that Python alone could not decompress."""

    records: bytes = b""  # each a gzip member: warcinfo, response or revisit, request
    decompressed: dict[str, bytes] = field(default_factory=dict)  # by the capture's record_id
    revisits: dict[str, str] = field(default_factory=dict)  # by record_id: the response that each refers to
    taken: set[tuple[Path, int]] = field(default_factory=set)  # which records, by file and byte


def gather(captures: Sequence[sqlite3.Row], known: Sequence[sqlite3.Row], folder: Path) -> Evidence:
    """The records of captures in a WARC folder: for each file its warcinfo, then responses with their requests.

    A revisit record comes with the record that it refers to, one of the captures `known` of the same article.
    Raises CitationError when one is missing, damaged, or not what its row says.
    """
    evidence = Evidence()
    for capture in captures:
        name, offset = capture["warc_file"], capture["warc_offset"]
        if _is_arc(name):
            raise CitationError(f"{name} is an ARC file: its records have no digests, and cannot be cited.")
        place = place_of(capture, folder)
        if place is None:
            raise CitationError(f"{name} is not in {folder}. Name its folder with -s ARCHIVE_WARC_DIR=…")
        try:
            original = original_of(place, known, folder)
            if original is not None:
                evidence.revisits[capture["record_id"]] = original["record_id"]
                _add(evidence, original, folder)
            _add(evidence, capture, folder)
            _add_decompressed(evidence, capture, place, place_of(original, folder) if original else None)
        except (DamagedError, UnreadableRecordError, OSError) as error:
            raise CitationError(f"{name}, byte {offset}: {error}. Run `scrapy verify`.") from error
    return evidence


def _is_arc(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(".arc")


def _add(evidence: Evidence, capture: sqlite3.Row, folder: Path) -> None:
    place = place_of(capture, folder)
    if place is None or (place.path, place.offset) in evidence.taken:
        return
    with place.path.open("rb") as file:
        if (place.path, 0) not in evidence.taken:
            evidence.records += _beside(file, 0, "warcinfo")
        evidence.taken |= {(place.path, 0), (place.path, place.offset)}
        response = record_at(file, place.offset)
        if not response.record_id:
            raise CitationError(
                f"{capture['warc_file']}: its records have no identifiers, and cannot be cited."
            )
        ours = is_ours(capture["warc_file"])
        problems = list(compare(capture, response, is_ours=ours))
        # Other writers take payload digests of a body without its chunks, or before they unpacked it.
        false = [name for name in response.false_digests if ours or name == "WARC-Block-Digest"]
        problems += [f"its {name} is not true" for name in false]
        if problems:
            raise DamagedError(problems[0])
        evidence.records += _member(file, response)
        evidence.records += _beside(file, response.offset + response.length, "request", response.record_id)


def _beside(file: BinaryIO, offset: int, kind: str, of: str | None = None) -> bytes:
    """A record of the kind that is wanted there, of the response `of`; nothing where another stands, or none."""
    try:
        record = record_at(file, offset)
    except DamagedError:
        return b""
    is_its_own = of is None or record.headers.get("warc-concurrent-to", "").strip("<>") == of
    return _member(file, record) if record.kind == kind and is_its_own else b""


def _add_decompressed(evidence: Evidence, capture: sqlite3.Row, place: Place, original: Place | None) -> None:
    with (original or place).path.open("rb") as file:
        if _encoding(record_at(file, (original or place).offset)) in _PYTHON_CANNOT:
            evidence.decompressed[capture["record_id"]] = read_at(place, original).body


def _encoding(response: Record) -> str:
    lines = (response.http_head or "").lower().splitlines()
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("content-encoding:"))
    return next(found, "")


def _member(file: BinaryIO, record: Record) -> bytes:
    """A record's gzip member as it is; one is made for a record of an uncompressed file."""
    file.seek(record.offset)
    data = file.read(record.length)
    return data if data.startswith(b"\x1f\x8b") else gzip.compress(data, mtime=0)
