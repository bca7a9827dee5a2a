"""WARC files of other writers become the same rows as a crawl's, whatever their habits and whatever is broken."""

import gzip
import zlib
from argparse import Namespace
from pathlib import Path

import brotli
import pytest
from backports import zstd

from crawler.commands.ingest import exit_code
from crawler.ingested import in_words
from crawler.pagesource import PageError, find_page
from crawler.warcin import Place, read_at
from tests.comparing import differences
from tests.conftest import Folder
from tests.test_pagesource import settings_for
from tests.warcs import (
    DAN_VAN,
    DATE,
    HOST,
    HTML,
    TREES,
    arc,
    chunked,
    headlines,
    http,
    ingest,
    number,
    page,
    record,
    rows,
    wacz,
    written,
)

ARTICLES = 20
WITH_A_FILE = "/vi/news/chi-dao-dieu-hanh/danh-sach-ho-ngheo-duoc-ho-tro-nha-o-nam-2021-533.html"


ARTICLE = ["mau_hoa_thanh/vi/news/512"]

# Habits of other writers


@pytest.mark.parametrize(
    ("name", "records"),
    {
        "old.warc": [record(version="WARC/0.18")],
        "plain.warc": [record(b"software: x\r\n", kind="warcinfo", WARC_Target_URI=None), record()],
        "wget.warc.gz": [record(WARC_Target_URI=f"<http://{HOST}{DAN_VAN}>")],
        "https-www.warc.gz": [record(WARC_Target_URI=f"https://www.{HOST.upper()}:443{DAN_VAN}")],
        "bare-newlines.warc.gz": [record(http(end="\n"), end="\n")],
        "no-id.warc.gz": [record(WARC_Record_ID=None)],
        "short-date.warc.gz": [record(version="WARC/1.1", WARC_Date="2024-05")],
        "nanoseconds.warc.gz": [record(version="WARC/1.1", WARC_Date="2024-05-06T07:08:09.123456789Z")],
        "dns.warc.gz": [
            record(b"20240506070809\n1.2.3.4", WARC_Target_URI=f"dns:{HOST}", Content_Type="text/dns"),
            record(b"x", kind="metadata", WARC_Record_ID=number(2)),
            record(WARC_Record_ID=number(3)),
        ],
        "old.arc": arc((f"http://{HOST}{DAN_VAN}", http())),
        "old.arc.gz": arc((f"http://{HOST}{DAN_VAN}", http())),
    }.items(),
)
def test_every_kind_of_file_is_read(tmp_path: Path, name: str, records: list[bytes]) -> None:
    db = tmp_path / "archive.db"
    found = ingest(db, [written(tmp_path / name, *records)])
    assert (found.is_whole, headlines(db)) == (True, ARTICLE)
    ((file, offset),) = rows(db, "SELECT warc_file, warc_offset FROM captures")
    assert read_at(Place(path=tmp_path / file, offset=offset)).body == page()


def test_wacz_is_read_where_it_lies(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    inner = written(tmp_path / "data.warc.gz", record(kind="metadata", WARC_Record_ID=number(2)), record())
    found = ingest(db, [wacz(tmp_path / "site.wacz", inner)])
    assert (found.is_whole, headlines(db)) == (True, ARTICLE)
    ((file, offset),) = rows(db, "SELECT warc_file, warc_offset FROM captures")
    assert file == "site.wacz"
    assert read_at(Place(path=tmp_path / file, offset=offset)).body == page()


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    "block",
    {
        "gzip": http(gzip.compress(page()), HTML, "Content-Encoding: gzip"),
        "deflate": http(zlib.compress(page()), HTML, "Content-Encoding: deflate"),
        "bare deflate": http(bare_deflate(page()), HTML, "Content-Encoding: deflate"),
        "br": http(brotli.compress(page()), HTML, "content-encoding: br"),
        "zstd": http(zstd.compress(page()), HTML, "Content-Encoding: zstd"),
        "chunked": http(chunked(page()), HTML, "Transfer-Encoding: chunked"),
        "chunked gzip": http(
            chunked(gzip.compress(page())), HTML, "Transfer-Encoding: chunked", "Content-Encoding: gzip"
        ),
        "chunked no more": http(page(), HTML, "Transfer-Encoding: chunked"),
        "gzip no more": http(page(), HTML, "Content-Encoding: gzip"),
        "br no more": http(page(), HTML, "Content-Encoding: br"),
        "Common Crawl": http(
            page(), HTML, "X-Crawler-Content-Encoding: gzip", "X-Crawler-Transfer-Encoding: chunked"
        ),
        "unknown, and no more": http(page(), HTML, "Content-Encoding: x-own"),
        "no type": http(page(), "Server: x"),
    }.items(),
    ids=lambda item: item[0],
)
def test_bodies_are_unpacked_as_far_as_they_are_packed(tmp_path: Path, block: tuple[str, bytes]) -> None:
    db = tmp_path / "archive.db"
    ingest(db, [written(tmp_path / "a.warc.gz", record(block[1]))])
    assert headlines(db) == ARTICLE


def test_page_of_the_wayback_machine_is_the_page_it_shows(tmp_path: Path) -> None:
    headers = [HTML, "Memento-Datetime: Sat, 09 Mar 2019 04:05:06 GMT"]
    moved = [*headers, "Location: /web/x", f"x-archive-orig-location: https://{HOST}/vi/about/"]
    base = "https://web.archive.org/web/20190309040506"
    db = tmp_path / "archive.db"
    found = ingest(
        db,
        [
            written(
                tmp_path / "wayback.warc.gz",
                record(http(None, *headers), WARC_Target_URI=f"{base}id_/http://{HOST}{DAN_VAN}"),
                record(
                    http(b"", *moved, status="302 Found"),
                    WARC_Target_URI=f"{base}id_/http://{HOST}/old",
                    WARC_Record_ID=number(2),
                ),
                record(WARC_Target_URI=f"{base}/http://{HOST}{TREES}", WARC_Record_ID=number(3)),
            )
        ],
    )
    assert headlines(db) == ARTICLE
    assert rows(db, "SELECT target_uri, fetched_at, outcome FROM captures ORDER BY target_uri") == [
        (f"http://{HOST}/old", "2019-03-09T04:05:06.000000Z", "redirect"),
        (f"http://{HOST}{DAN_VAN}", "2019-03-09T04:05:06.000000Z", "article_new"),
    ]
    assert found.tally.other_kinds == {"of the Wayback Machine itself": 1}


# What is there more than once, elsewhere, or not at all


@pytest.mark.parametrize(
    "refers",
    [
        {"WARC_Refers_To": number(1)},
        {"WARC_Refers_To_Target_URI": f"http://{HOST}{DAN_VAN}", "WARC_Refers_To_Date": DATE},
        {"WARC_Payload_Digest": "sha1:SAME"},
    ],
)
def test_revisit_is_resolved_whatever_it_names(tmp_path: Path, refers: dict[str, str]) -> None:
    again = {"kind": "revisit", "WARC_Record_ID": number(2), "WARC_Date": "2025-01-01T00:00:00Z"}
    db = tmp_path / "archive.db"
    found = ingest(
        db,
        [
            written(
                tmp_path / "a.warc.gz", record(http(b"", HTML, status="304 Not Modified"), **again | refers)
            ),
            written(tmp_path / "b.warc.gz", record(WARC_Payload_Digest="sha1:SAME")),
        ],
    )
    assert found.is_whole
    assert rows(db, "SELECT outcome, warc_file FROM captures ORDER BY fetched_at") == [
        ("article_new", "b.warc.gz"),
        ("article_unchanged", "a.warc.gz"),
    ]
    folder = Folder(tmp_path)
    folder.warc.symlink_to(tmp_path)
    found_page = find_page(
        f"http://{HOST}{DAN_VAN}", Namespace(live=False, url=None), settings_for(folder), None
    )
    assert found_page.origin.startswith(
        f"as kept on 2025-01-01 in {folder.warc}/a.warc.gz, byte 0, a revisit of "
    )
    assert found_page.fetched.body == page()
    with pytest.raises(PageError, match="has no more than a revisit record for "):
        find_page(
            str(tmp_path / "a.warc.gz"),
            Namespace(live=False, url=f"http://{HOST}{DAN_VAN}"),
            settings_for(folder),
            None,
        )
    (tmp_path / "b.warc.gz").unlink()
    with pytest.raises(PageError, match=r"a\.warc\.gz has a revisit record at byte 0"):
        find_page(f"http://{HOST}{DAN_VAN}", Namespace(live=False, url=None), settings_for(folder), None)


def test_revisit_of_nothing_is_counted(tmp_path: Path) -> None:
    found = ingest(tmp_path / "archive.db", [written(tmp_path / "a.warc.gz", record(b"", kind="revisit"))])
    assert found.unread == {"it refers to a record that is not in these files": 1}
    assert exit_code(found) == 3


def test_copies_are_taken_once_and_known_ones_passed_over(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    path = written(
        tmp_path / "a.warc.gz",
        record(WARC_Payload_Digest="sha1:X"),
        record(WARC_Payload_Digest="sha1:X"),
        record(WARC_Payload_Digest="sha1:X", WARC_Record_ID=number(7)),
    )
    arcs = written(tmp_path / "b.arc.gz", *arc((f"http://{HOST}{DAN_VAN}", http())))
    found = ingest(db, [path, arcs])
    assert (found.tally.twice, found.totals.outcomes.total()) == (2, 2)
    again = ingest(db, [path, arcs])
    assert again.totals.outcomes.total() == 0
    assert rows(db, "SELECT count(*) FROM captures") == [(2,)]


def test_hosts_that_are_not_registered_are_counted_and_proposed(tmp_path: Path) -> None:
    elsewhere = "http://www.tanphu.tinhmau.gov.vn/vi/"
    path = written(
        tmp_path / "a.warc.gz",
        record(http(page("/vi/")), WARC_Target_URI=elsewhere),
        record(http(b"<html><p>x"), WARC_Target_URI="http://b.example/", WARC_Record_ID=number(2)),
    )
    db = tmp_path / "archive.db"
    assert ingest(db, [path]).tally.unknown_hosts.total() == 2
    said = "\n".join(in_words(ingest(db, [path], discover=True)))
    assert "tinhmau_tanphu:" in said
    assert "url: http://www.tanphu.tinhmau.gov.vn/" in said
    assert "b.example:" not in said
    assert rows(db, "SELECT count(*) FROM captures") == [(0,)]


def test_any_order_of_files_gives_the_same(tmp_path: Path) -> None:
    text = page(WITH_A_FILE).decode()
    changed = text.replace("hộ nghèo", "hộ dân")
    pictured = changed.replace("bodytext", 'bodytext"><img src="/uploads/x.jpg"/><span class="x')
    pictured = pictured.replace("03/02/2021 08:15", "03/02/2021, 08:15")
    assert len({text, changed, pictured}) == 3
    files = [
        written(
            tmp_path / f"{month}.warc.gz",
            record(
                http(body.encode()), WARC_Record_ID=number(month), WARC_Date=f"2024-0{month}-01T00:00:00Z"
            ),
        )
        for month, body in enumerate((text, changed, pictured, text, pictured), 1)
    ]
    orders = [files, files[::-1], [files[place] for place in (4, 2, 1, 3, 0)], files[2:] + files[:2]]
    databases = [tmp_path / f"{place}.db" for place in range(len(orders))]
    for database, order in zip(databases, orders, strict=True):
        for path in order:
            ingest(database, [path])
    for database in databases[1:]:
        assert differences(databases[0], database, without=frozenset({"outcome"})) == []
    assert rows(databases[0], "SELECT count(*), max(url LIKE '%/uploads/x.jpg') FROM revisions, images") == [
        (4, 1)
    ]
