"""The archive follows from its WARC files: made again from them it is the same, row by row."""

import fcntl
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import Withheld
from crawler.health import REBUILT, look
from crawler.ingested import in_words
from crawler.registry import load_portals
from crawler.reparsing import Reparse, ReparseError
from crawler.sample.answers import Answer, Request
from crawler.warcin.files import segments
from crawler.warcin.scanning import Found, scan
from tests.comparing import differences, tables
from tests.conftest import ROOT, Folder
from tests.sampling import DAN_VAN as ARTICLE
from tests.torture.faults import HTML
from tests.torture.portal import TestPortal, sample, serving
from tests.warcs import ingest

PORTALS = load_portals(ROOT / "spiders" / "portals.yml")
DOWN = "/vi/news/Thong-bao/thong-bao-lich-cup-dien-ngay-15-11-2020-518.html"
WITHHELD = "sample/vi/news/512"
COUNTS = frozenset({"outcomes", "articles_new", "articles_changed", "articles_unchanged"})
"""Columns that say what a crawl met: an article withheld since then counts as withheld once it is read anew."""

ORDER_OF_ARRIVAL = COUNTS | {"outcome"}
"""Columns that say what a capture was when it came in."""


def edited(request: Request) -> bytes:
    body = sample(20).answer(request).body
    return body.replace("Năm 2020, thị xã".encode(), "Trong năm 2020, thị xã".encode())


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """An archive after three crawls: an article edited in between, a page that fails, a portal that is down."""
    folder = Folder(tmp_path_factory.mktemp("crawled"))
    edits = False

    def misbehave(request: Request) -> Answer | None:
        if request.target == DOWN:
            return Answer(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=(HTML,), body=b"down")
        if request.target == ARTICLE and edits:
            return Answer(status=HTTPStatus.OK, headers=(HTML,), body=edited(request))
        return None

    with serving(TestPortal(20, answering=misbehave)) as portal:
        url = portal.url
        first = folder.scrapy("crawl", "sample", "-a", f"url={url}")
        edits = True
        again = folder.scrapy("crawl", "sample", "-a", f"url={url}", "-a", "full=1")
    down = folder.scrapy("crawl", "sample", "-a", "url=http://127.0.0.1:9/")
    assert (first.returncode, again.returncode, down.returncode) == (3, 3, 1), again.stdout
    return folder


@pytest.fixture
def copy(crawled: Folder, tmp_path: Path) -> Folder:
    """The same, to be changed."""
    folder = Folder(tmp_path / "copy")
    shutil.copytree(crawled.path, folder.path)
    return folder


def execute(db: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def answered(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The tables without what no response tells of: what one met that had none, and what is still to be asked for."""
    found = tables(path)
    found["captures"] = [
        row for row in found["captures"] if not {"no_response", "robots_unreachable"} & set(row)
    ]
    found["crawls"] = [row[:9] if row[0] == 3 else row for row in found["crawls"]]
    found["known_urls"] = [row for row in found["known_urls"] if {"page", "file"} & set(row)]
    return found


def test_archive_made_again_from_its_warc_files_is_the_same(crawled: Folder, tmp_path: Path) -> None:
    before = answered(crawled.db)
    assert len(before["articles"]) == 19
    assert len(before["revisions"]) == 20
    assert before["media"]
    assert [row[4] for row in before["crawls"]] == ["partial", "partial", "failed"]
    assert "retried" in str(before["captures"])
    again = Folder(tmp_path)
    shutil.copytree(crawled.warc, again.warc)
    ran = again.scrapy("ingest", str(again.warc))
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    after = answered(again.db)
    for table, rows in before.items():
        assert after[table] == rows, table
    known = again.scrapy("ingest", str(again.warc))
    assert ", 0 taken: 0 articles" in known.stdout
    assert answered(again.db) == after


def test_older_warc_files_do_not_say_how_a_crawl_ended_and_that_alarms_nobody(
    crawled: Folder, tmp_path: Path
) -> None:
    again = Folder(tmp_path)
    again.warc.mkdir()
    (path,) = crawled.warc.glob("sample-*-1-*")
    ending = list(scan(segments(path)[0]))[-1]
    assert isinstance(ending, Found)
    (again.warc / path.name).write_bytes(path.read_bytes()[: ending.offset])
    ingest(again.db, [again.warc / path.name])
    with reading(again.db) as connection:
        (health,) = look(connection, [PORTALS["sample"]], frozenset({"sample"}), datetime.now(UTC))
    assert (health.state, health.needs, health.due and health.due.why) == (REBUILT, (), "interval")
    with Archive(again.db) as archive:
        run = archive.begin_crawl("sample", datetime.now(UTC))
    assert (run.is_continued, run.mode) == (False, "sweep")
    ingest(again.db, [path])  # the record has come after all
    ends = "SELECT status, finished_at, mode, is_finished FROM crawls WHERE id = 1"
    assert execute(again.db, ends) == execute(crawled.db, ends)


def test_order_of_the_files_does_not_matter(crawled: Folder, tmp_path: Path) -> None:
    files = sorted(crawled.warc.iterdir(), key=lambda path: path.name.split("-")[1:3])
    databases = [tmp_path / "forwards.db", tmp_path / "backwards.db"]
    for database, paths in zip(databases, (files, files[::-1]), strict=True):
        for path in paths:
            ingest(database, [path])
    assert differences(*databases, without=ORDER_OF_ARRIVAL) == []


def reparse(folder: Folder) -> Reparse:
    return Reparse(archive=folder.db, warc_folder=folder.warc)


def rebuilt(folder: Folder) -> Any:
    found, report = reparse(folder).rebuild(PORTALS, lambda *_: None, lambda _: None)
    assert found.is_whole, "\n".join(in_words(found))
    return report


def test_reparse_with_the_same_parsers_changes_nothing(copy: Folder) -> None:
    """Not what is withheld either, and what is known of files."""
    with Archive(copy.db) as archive:
        archive.withhold(Withheld(article_key=WITHHELD, reason="x", since="2026-01-02"))
    withheld = "SELECT * FROM withheld"
    files = "SELECT count(*) FROM attachments WHERE sha256 IS NOT NULL AND size > 0"
    (kept,), listed = execute(copy.db, files), execute(copy.db, withheld)
    assert kept > (0,)
    assert len(listed) == 1
    whole = tables(copy.db, without=COUNTS)
    ends = (
        "SELECT id, status, message, started_at, finished_at, mode, run, is_finished FROM crawls ORDER BY id"
    )
    crawls = execute(copy.db, ends)
    ran = copy.scrapy("reparse")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert "fields are the same in all" in ran.stdout
    assert tables(reparse(copy).rebuilt, without=COUNTS) == whole
    with closing(sqlite3.connect(copy.db)) as reader:  # as Datasette has it open
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (18,)
        assert copy.scrapy("reparse", "--apply").returncode == 0
        assert reader.execute("SELECT count(*) FROM articles").fetchone() == (18,)
    assert tables(copy.db, without=COUNTS) == whole
    assert execute(copy.db, ends) == crawls
    assert (execute(copy.db, files), execute(copy.db, withheld)) == ([kept], listed)
    data = b"".join(path.read_bytes() for path in copy.path.glob("archive.db*"))
    assert "Trong năm 2020, thị xã".encode() not in data
    assert execute(copy.db, "PRAGMA integrity_check") == [("ok",)]
    assert not list((copy.path / "work").iterdir())


def test_report_tells_better_lost_and_other(copy: Folder) -> None:
    keys = [key for (key,) in execute(copy.db, "SELECT article_key FROM articles ORDER BY article_key")]
    execute(copy.db, "UPDATE articles SET topic = 'x' WHERE article_key = ? AND topic IS NULL", keys[0])
    execute(copy.db, "UPDATE articles SET headline = 'x' WHERE article_key = ?", keys[1])
    execute(copy.db, "UPDATE articles SET article_section = NULL WHERE article_key = ?", keys[2])
    execute(copy.db, "UPDATE articles SET article_key = 'sample/vi/gone/1' WHERE article_key = ?", keys[3])
    report = rebuilt(copy)
    counts = {name: (one.same, one.better, one.lost, one.other) for name, one in report.fields.items()}
    assert counts["topic"] == (17, 0, 1, 0)
    assert counts["headline"] == (17, 0, 0, 1)
    assert counts["article_section"] == (17, 1, 0, 0)
    assert (report.only_old, report.only_new) == (["sample/vi/gone/1"], [keys[3]])
    assert report.is_worse


def test_reparse_refuses_what_would_lose_something(copy: Folder) -> None:
    assert copy.scrapy("reparse", "--apply").stdout.startswith("Error: nothing was rebuilt yet")
    for path in list(copy.warc.iterdir())[1:]:
        path.unlink()
    assert rebuilt(copy).lost_captures
    with pytest.raises(ReparseError, match="are in no WARC file here"):
        reparse(copy).apply(1.0)
    execute(copy.db, "DELETE FROM captures WHERE outcome = 'robots'")
    with pytest.raises(ReparseError, match="has changed since"):
        reparse(copy).apply(1.0)


def test_reparse_waits_for_a_crawl(copy: Folder) -> None:
    path = copy.warc / "sample-20260101T000000Z-9-00000.warc.gz.open"
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(ReparseError, match="a crawl is running"):
            rebuilt(copy)
