"""Reading a withheld article's captures from the WARC again, so that it can be shown again."""

import json
import sqlite3
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import brotli
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive.addresses import masked_address
from crawler.cms import read_response
from crawler.cms.response import fetched_response
from crawler.fixity.bodies import decoded_body
from crawler.items import Capture, Page
from crawler.warc import OPEN_SUFFIX


class LiftError(Exception):
    """A capture cannot be read from the WARC; the text says which, and what to do next."""


def read_again(captures: Sequence[sqlite3.Row], folder: Path) -> list[Page]:
    """Pages of Archive.hidden_captures(), read from their records in a WARC folder. Raises LiftError."""
    return [_page(capture, folder) for capture in captures]


def _page(row: sqlite3.Row, folder: Path) -> Page:
    name, offset = row["warc_file"], row["warc_offset"]
    where = f"{name}, byte {offset}"
    path = next((found for end in ("", OPEN_SUFFIX) if (found := folder / f"{name}{end}").is_file()), None)
    if path is None:
        raise LiftError(
            f"{name} is not in {folder}. Put it back, or name its folder with -s ARCHIVE_WARC_DIR=…"
        )
    try:
        with path.open("rb") as file:
            file.seek(offset)
            record = next(ArchiveIterator(file))
            body = decoded_body(record)
    except (ArchiveLoadFailed, EOFError, OSError, StopIteration, brotli.error, zlib.error) as error:
        raise LiftError(f"{where} cannot be read ({error}). Run `scrapy verify`.") from error
    headers = record.rec_headers
    url = (headers.get_header("WARC-Target-URI") or "").strip("<>")
    if masked_address(url) != row["target_uri"]:
        raise LiftError(f"{where} is not the record that was withheld. Run `scrapy verify`.")
    fetched = fetched_response(
        url=url,
        status=int(record.http_headers.get_statuscode()),
        headers=record.http_headers.headers,
        body=body,
        fetched_at=datetime.fromisoformat(headers.get_header("WARC-Date")),
    )
    capture = Capture(
        record_id=row["record_id"],
        crawl=row["crawl"],
        portal=row["portal"],
        target_uri=url,
        fetched_at=fetched.fetched_at,
        status=fetched.status,
        media_type=fetched.media_type,
        payload_digest=headers.get_header("WARC-Payload-Digest"),
        warc_file=name,
        warc_offset=offset,
    )
    return Page(capture=capture, reading=read_response(fetched, hosts=frozenset(json.loads(row["hosts"]))))
