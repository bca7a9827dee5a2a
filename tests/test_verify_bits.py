"""One changed bit, anywhere in a WARC file, in its checksums or in the database, is found by `scrapy verify`."""

import random
import sqlite3
from itertools import islice

from crawler import checksums
from crawler.fixity.records import records
from tests.conftest import Folder
from tests.proofs import rows
from tests.test_verify import copy, files, flips, found, kept

__all__ = ["copy", "kept"]

GZIP_HEADER = 10  # bytes of a member's header; its CRC covers none of them
COMPARED = {  # columns of archive.db that verify vouches for
    "captures": "record_id, target_uri, fetched_at, status, media_type, payload_digest, warc_file, warc_offset",
    "articles_full": "headline, description, article_body, author, source, article_section, keywords, "
    "date_published, published_day, published_month, published_year, date_modified, record_id, content_digest",
    "attachments": "name, url",
    "revisions": "record_id, content_digest, content",
}


def test_any_flipped_bit_of_a_warc_is_found(copy: Folder) -> None:
    path = files(copy.path)[0]
    places = random.Random(1).sample(range(path.stat().st_size), 120)
    with path.open("rb") as file:
        edges = [record.offset + at for record in islice(records(file), 3) for at in (0, 3, 4, 9)]
    for place in flips(path, places + edges, seed=2):
        differences = found(copy.path)
        assert any(one.where.startswith(path.name) for one in differences), place
        assert {one.kind for one in differences} == {"damaged"}, place


def test_flipped_bit_is_found_by_the_record_alone_and_only_that_record_is_named(copy: Folder) -> None:
    checksums.add(copy.warc, dict.fromkeys((path.name for path in files(copy.path)), "0" * 64))
    path = files(copy.path)[1]
    with path.open("rb") as file:
        lengths = [(one.offset, one.length) for one in records(file) if one.kind == "response"]
    dice = random.Random(3)
    for offset, length in dice.sample(lengths, 20):
        for _ in flips(path, [offset + dice.randrange(GZIP_HEADER, length)], seed=offset):
            named = {one.where for one in found(copy.path) if ", byte " in one.where}
            assert named == {f"{path.name}, byte {offset}"}


def test_any_flipped_bit_of_the_checksums_is_found(copy: Folder) -> None:
    path = copy.warc / checksums.CHECKSUMS
    places = random.Random(4).sample(range(path.stat().st_size), 40)
    for place in flips(path, places, seed=5):
        assert found(copy.path), place


def test_flipped_bit_of_the_database_is_found_or_changes_nothing(copy: Folder) -> None:
    def values() -> object:
        try:
            return [rows(copy.db, f"SELECT {names} FROM {table}") for table, names in COMPARED.items()]  # noqa: S608 - our own names
        except (sqlite3.Error, UnicodeDecodeError):
            return "unreadable"

    before = values()
    places = random.Random(6).sample(range(copy.db.stat().st_size), 120)
    seen = 0
    for place in flips(copy.db, places, seed=7):
        if values() != before:
            seen += 1
            assert found(copy.path), place
    assert seen > 5
