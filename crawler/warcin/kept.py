"""Captures as archive.db keeps them, found again in their files; a revisit with the record that it refers to."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from crawler.warcin.files import OPEN_SUFFIX
from crawler.warcin.records import moment
from crawler.warcin.responses import Place, head_at

_NAMED = """
WITH RECURSIVE named (name) AS (
    SELECT min(warc_file) FROM captures
    UNION ALL SELECT (SELECT min(warc_file) FROM captures WHERE warc_file > name) FROM named WHERE name IS NOT NULL)
SELECT name FROM named WHERE name IS NOT NULL
"""  # one look into the index for each file: DISTINCT would read an entry for each capture


def place_of(capture: sqlite3.Row, folder: Path) -> Place | None:
    """Where the record of a row of `captures` lies; None when its file is not in the WARC folder."""
    path = _path(capture["warc_file"], folder)
    return None if path is None else Place(path=path, offset=capture["warc_offset"])


def _path(name: str, folder: Path) -> Path | None:
    # The last look is for a file that its crawl has given its final name between the first two.
    paths = (folder / f"{name}{end}" for end in ("", OPEN_SUFFIX, ""))
    return next((path for path in paths if path.is_file()), None)


def missing_files(connection: sqlite3.Connection, folder: Path) -> tuple[list[str], int]:
    """The WARC files that captures name and the WARC folder does not have, by name, and how many they name."""
    named = [name for (name,) in connection.execute(_NAMED)]
    return [name for name in named if _path(name, folder) is None], len(named)


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
