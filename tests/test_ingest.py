"""WARC files of other writers become the same rows as a crawl's, whatever their habits and whatever is broken."""

import gzip
import sqlite3
import subprocess
import sys
import zlib
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd

from crawler.archive import Archive
from crawler.commands.ingest import exit_code
from crawler.ingested import in_words
from crawler.ingesting import Ingest
from crawler.pagesource import PageError, find_page
from crawler.sample import RunningPortal, serve, truth
from crawler.warcin import Place, read_at
from tests.browser_setup import HOW, browser_is_required, find_wget
from tests.comparing import differences
from tests.conftest import Folder
from tests.test_explain import settings_for
from tests.warcs import (
    DAN_VAN,
    DATE,
    HOST,
    PORTALS,
    TREES,
    arc,
    http,
    ingest,
    number,
    page,
    record,
    wacz,
    written,
)

ARTICLES = 20
WITH_A_FILE = "/vi/news/chi-dao-dieu-hanh/danh-sach-ho-ngheo-duoc-ho-tro-nha-o-nam-2021-533.html"


def rows(db: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query, values).fetchall()


def headlines(db: Path) -> list[str]:
    return [row[0] for row in rows(db, "SELECT article_key FROM articles ORDER BY article_key")]


ARTICLE = ["mau_hoa_thanh/vi/news/512"]

# Files of programs that we did not write


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(articles=ARTICLES, count_views=False) as running:
        yield running


def addresses(portal: RunningPortal) -> list[str]:
    lists = ["robots.txt", "", "vi/", "vi/news/", "vi/news/rss/"]
    return [portal.url + path for path in lists] + [
        portal.url + article.path.lstrip("/") for article in truth(ARTICLES)
    ]


def assert_true(db: Path) -> None:
    """Every article of the sample portal is there, as it was written."""
    fields = ("cms_id", "headline", "description", "author", "source", "article_body")
    found = rows(db, f"SELECT {', '.join(fields)}, date_published FROM articles_full")  # noqa: S608 - as above
    assert sorted(found) == sorted(
        (*(getattr(article, field) for field in fields), f"{article.published:%Y-%m-%dT%H:%M}+07:00")
        for article in truth(ARTICLES)
    )


def test_what_wget_records_is_read_and_its_revisits_too(portal: RunningPortal, folder: Folder) -> None:
    if find_wget() is None:
        assert not browser_is_required(), f"wget is needed: {HOW}"
        pytest.skip(HOW)
    listed = folder.path / "addresses"
    listed.write_text("\n".join(addresses(portal)))
    get = ["wget", "-q", "-i", str(listed), "--delete-after", "--max-redirect=0"]
    subprocess.run([*get, "--warc-file=first", "--warc-cdx"], cwd=folder.path, check=False)
    subprocess.run([*get, "--warc-file=again", "--warc-dedup=first.cdx"], cwd=folder.path, check=False)
    assert b"WARC-Type: revisit" in gzip.decompress((folder.path / "again.warc.gz").read_bytes())
    ran = folder.scrapy("ingest", str(folder.path / "*.warc.gz"))
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert f"{ARTICLES} new, 0 changed, {ARTICLES} unchanged" in ran.stdout
    assert_true(folder.db)


RECORD_A_SESSION = """
import sys
from warcio.capture_http import capture_http
import http.client
from urllib.parse import urlsplit
path, *urls = sys.argv[1:]
with capture_http(path):
    for url in urls:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("GET", urlsplit(url).path or "/")
        connection.getresponse().read()
        connection.close()
"""


def test_what_warcio_records_is_read(portal: RunningPortal, folder: Folder) -> None:
    path = folder.path / "session.warc.gz"
    subprocess.run([sys.executable, "-c", RECORD_A_SESSION, path, *addresses(portal)], check=True)
    found = ingest(folder.db, [path], processes=2)
    assert found.is_whole
    assert_true(folder.db)


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


def chunked(body: bytes) -> bytes:
    parts = [body[place : place + 1000] for place in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


HTML = "Content-Type: text/html"


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


# What is broken


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
