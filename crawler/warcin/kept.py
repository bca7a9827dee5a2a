"""Captures as archive.db keeps them, found again in their files; a revisit with the record that it refers to."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from crawler.warcin.files import OPEN_SUFFIX
from crawler.warcin.records import moment
from crawler.warcin.responses import Place, head_at


def place_of(capture: sqlite3.Row, folder: Path) -> Place | None:
    """Where the record of a row of `captures` lies; None when its file is not in the WARC folder."""
    for end in ("", OPEN_SUFFIX):
        path = folder / f"{capture['warc_file']}{end}"
        if path.is_file():
            return Place(path=path, offset=capture["warc_offset"])
    return None


def original_of(place: Place, captures: Sequence[sqlite3.Row], folder: Path) -> sqlite3.Row | None:
    """Which of some captures a revisit record refers to: by id, address and date, or payload, in this order.

    None for any other record, and when none of them is it. Raises UnreadableRecordError or OSError.
    """
    head = head_at(place)
    if head.kind != "revisit":
        return None
    date = moment(head.refers_to_date)
    referred = (head.refers_to_url, date.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if date else None)

    def nearness(capture: sqlite3.Row) -> tuple[bool, bool, bool]:
        return (
            capture["record_id"] == head.refers_to,
            (capture["target_uri"], capture["fetched_at"]) == referred,
            capture["payload_digest"] == head.payload_digest,
        )

    for capture in sorted(captures, key=nearness, reverse=True):
        found = place_of(capture, folder) if any(nearness(capture)) else None
        if found is not None and head_at(found).kind == "response":
            return capture
    return None
