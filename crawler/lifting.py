"""Reading a withheld article's captures from the WARC again, so that it can be shown again."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from crawler.archive.addresses import masked_address
from crawler.items import Page
from crawler.warcin import UnreadableRecordError, read_at
from crawler.warcin.kept import original_of, place_of
from crawler.warcin.pages import Filing, page_of


class LiftError(Exception):
    """A capture cannot be read from the WARC; the text says which, and what to do next."""


def read_again(captures: Sequence[sqlite3.Row], folder: Path) -> list[Page]:
    """Pages of Archive.hidden_captures(), read from their records in a WARC folder. Raises LiftError."""
    return [_page(capture, captures, folder) for capture in captures]


def _page(row: sqlite3.Row, captures: Sequence[sqlite3.Row], folder: Path) -> Page:
    name = row["warc_file"]
    where = f"{name}, byte {row['warc_offset']}"
    place = place_of(row, folder)
    if place is None:
        raise LiftError(
            f"{name} is not in {folder}. Put it back, or name its folder with -s ARCHIVE_WARC_DIR=…"
        )
    try:
        original = original_of(place, captures, folder)
        response = read_at(place, place_of(original, folder) if original else None)
    except (UnreadableRecordError, OSError) as error:
        raise LiftError(f"{where} cannot be read ({error}). Run `scrapy verify`.") from error
    if masked_address(response.url) != row["target_uri"]:
        raise LiftError(f"{where} is not the record that was withheld. Run `scrapy verify`.")
    hosts = frozenset(json.loads(row["hosts"]))
    filing = Filing(portal=row["portal"], hosts=hosts, crawl=row["crawl"], warc_file=name)
    return page_of(response, filing)
