"""What is broken in WARC files, cut short, or stopped: the rest is read, and what was lost is named."""

import gzip
import zlib
from pathlib import Path

import pytest
from backports import zstd

from crawler.archive import Archive
from crawler.commands.ingest import exit_code
from crawler.ingested import in_words
from crawler.ingesting import Ingest
from tests.conftest import Folder
from tests.warcs import (
    DAN_VAN,
    HOST,
    HTML,
    PORTALS,
    TREES,
    chunked,
    headlines,
    http,
    ingest,
    number,
    page,
    record,
    rows,
    written,
)


def test_broken_member_loses_only_itself(tmp_path: Path) -> None:
    parts = [
        gzip.compress(
            record(http(page(path)), WARC_Target_URI=f"http://{HOST}{path}", WARC_Record_ID=number(place))
        )
        for place, path in enumerate((DAN_VAN, "/vi/", TREES), 1)
    ]
    torn = bytearray(parts[1])
    torn[200:260] = b"\xff" * 60
    path = tmp_path / "a.warc.gz"
    path.write_bytes(parts[0] + torn + parts[2] + parts[1][:100])
    db = tmp_path / "archive.db"
    found = ingest(db, [path])
    assert len(headlines(db)) == 2
    assert [offset for _, offset, _ in found.tally.broken] == [len(parts[0]), sum(map(len, parts))]
    assert exit_code(found) == 3
    assert "2 broken places" in "\n".join(in_words(found))


def test_broken_plain_record_loses_only_itself(tmp_path: Path) -> None:
    noise = b"WARC/1.0\r\nWARC-Type: response\r\n\r\nno length\r\n"
    path = written(tmp_path / "a.warc", record(), noise, record(kind="metadata", WARC_Record_ID=number(2)))
    found = ingest(tmp_path / "archive.db", [path])
    assert (found.tally.broken_count, found.tally.other_kinds) == (1, {"metadata": 1})


def test_record_within_a_page_is_no_record(tmp_path: Path) -> None:
    forged = gzip.compress(record(http(page(TREES)), WARC_Record_ID=number(9)))
    outer = gzip.compress(record(http(forged, "Content-Type: application/gzip")), compresslevel=0)
    assert forged in outer
    path = tmp_path / "a.warc.gz"
    path.write_bytes(outer)
    found = ingest(tmp_path / "archive.db", [path])
    assert found.totals.outcomes == {"not_html": 1}


def test_what_is_not_whole_is_no_article(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    found = ingest(
        db,
        [
            written(
                tmp_path / "a.warc.gz",
                record(WARC_Truncated="length"),
                record(
                    http(chunked(page())[:-2000], HTML, "Transfer-Encoding: chunked"),
                    WARC_Record_ID=number(2),
                    WARC_Date="2024-05-07T00:00:00Z",
                ),
            )
        ],
    )
    assert (found.totals.outcomes, headlines(db)) == ({"parse_error": 1, "no_response": 1}, [])
    assert exit_code(found) == 3
    assert "  no_response: http" in "\n".join(in_words(found))


def test_bombs_are_not_unpacked(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(80_000_000))
    found = ingest(
        tmp_path / "archive.db",
        [
            written(
                tmp_path / "a.warc.gz",
                record(http(bomb, HTML, "Content-Encoding: deflate")),
                record(http(bytes(80_000_000), HTML), WARC_Record_ID=number(2)),
            )
        ],
    )
    assert sum(found.unread.values()) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.warc.gz", b"", "is empty"),
        ("page.warc", b"<html>", "is no WARC, ARC or WACZ file"),
        ("torn.warc.gz", b"\x1f\x8b\x08\x00 x", "no record in it is whole"),
        ("one-piece.warc.gz", gzip.compress(record(kind="warcinfo") + record()), "compressed in one piece"),
        ("z.warc.zst", zstd.compress(record()), "compressed with zstd"),
        ("no.wacz", b"PK\x05\x06" + bytes(18), "without WARC files"),
    ],
)
def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = ingest(tmp_path / "archive.db", [path])
    assert words in "\n".join(in_words(found))
    assert exit_code(found) == 1


def test_nothing_to_read_is_one_plain_line_and_a_list_may_be_given(folder: Folder) -> None:
    ran = folder.scrapy("ingest", str(folder.path / "none.warc.gz"))
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.endswith("Error: nothing to read.\n")
    assert not folder.db.exists()


def test_stopping_keeps_what_was_read(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    records = [
        record(http(b"x", HTML), WARC_Target_URI=f"http://{HOST}/{place}", WARC_Record_ID=number(place))
        for place in range(100)
    ]
    path = written(tmp_path / "a.warc.gz", *records)
    with Archive(db) as archive:
        run = Ingest(archive, portals=PORTALS, warc_folder=tmp_path, processes=1)
        found = run.run([path], lambda what, *_: run.stop() if what == "reading" else None)
    assert found.is_stopped
    assert 0 < rows(db, "SELECT count(*) FROM captures")[0][0] < 100
    assert exit_code(found) == 3
    assert ingest(db, [path]).is_whole
    assert rows(db, "SELECT count(*) FROM captures") == [(100,)]
