"""Crawls that are killed, stopped, or refused by disk and database: what was kept stays whole, and the next goes on."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.keeping import Keeper, portal_row
from crawler.recovery import recover
from crawler.sample.answers import Request
from crawler.sample.portal import SamplePortal
from crawler.warc import Exchange, WarcWriter
from tests.comparing import tables
from tests.conftest import Folder
from tests.proofs import HOST, PATH, PORTAL, STARTED, rows
from tests.torture.crawls import Bench
from tests.torture.locks import ARTICLES
from tests.torture.portal import TestPortal, serving
from tests.torture.scenario import Scenario
from tests.torturing import quick
from tests.warcs import ingest

OURS = {"software": "district-portal-archive/test"}


@pytest.mark.parametrize("one", quick("kills", "disks", "locks", "signals"))
def test_scenario(one: Scenario, tmp_path: Path) -> None:
    one.run(Bench(tmp_path))


def test_scrapys_own_commands_do_not_end_in_our_traceback(folder: Folder) -> None:
    ran = folder.scrapy("fetch", "http://127.0.0.1:9/", "-s", "RETRY_ENABLED=0")
    assert "crawler/extensions.py" not in ran.stderr


def test_half_a_file_that_a_crash_left_is_not_taken_for_the_file(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    moment = datetime.now(UTC)
    writer = WarcWriter(bench.warc, portal="sample", crawl=1, started_at=moment, info={})
    writer.write(
        Exchange(
            url="http://127.0.0.1:9/uploads/news/2020_11/ke-hoach.pdf",
            method="GET",
            request_headers=[],
            status=200,
            protocol="HTTP/1.1",
            response_headers=[("Content-Type", "application/pdf"), ("Content-Length", "100000")],
            body=b"%PDF-1.4 and no more",
            fetched_at=moment,
            truncated="disconnect",
        )
    )
    writer._file.close()  # as a kill leaves it
    bench.crawl("http://127.0.0.1:9/", "-s", "RETRY_ENABLED=0")
    assert bench.outcomes("ke-hoach.pdf") == ["no_response"]


def test_answer_that_nobody_read_before_the_end_is_read_by_the_next_start(tmp_path: Path) -> None:
    url = f"http://{HOST}{PATH}"
    answer = SamplePortal(12).answer(Request(target=PATH, host=HOST))
    exchange = Exchange(
        url=url,
        method="GET",
        request_headers=[],
        status=200,
        protocol="HTTP/1.1",
        response_headers=answer.headers,
        body=answer.body,
        fetched_at=STARTED,
    )
    with Archive(tmp_path / "archive.db") as archive:
        archive.register(portal_row(PORTAL))
        run = archive.begin_crawl(PORTAL.key, STARTED)
        keeper = Keeper(archive, portal=PORTAL, warc_folder=tmp_path, run=run, info=OURS)
        keeper.record(exchange, "text/html")
        assert keeper.has_unread
        assert keeper.leave(STARTED, "stopped").status == "partial"
        keeper._warc._file.close()  # as the end of its process does
        assert [found.pages for found in recover(archive, PORTAL, tmp_path)] == [1]
    found = rows(tmp_path / "archive.db", "SELECT status, message, articles_new FROM crawls")
    assert found == [{"status": "partial", "message": "stopped", "articles_new": 1}]
    ingest(tmp_path / "again.db", tmp_path.glob("*.warc.gz"))
    again, whole = tables(tmp_path / "again.db"), tables(tmp_path / "archive.db")
    assert (again["crawls"], again["captures"]) == (whole["crawls"], whole["captures"])


def test_read_only_archive_is_one_plain_line(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with serving(TestPortal(ARTICLES)) as portal:
        Archive(bench.db).close()
        _make_read_only(bench.db)
        ran = bench.crawl(portal)
    assert ran.code == 1
    assert "cannot be written" in ran.said
    assert ran.said.count("\n") == 1
    assert "Traceback" not in ran.log


def _make_read_only(path: Path) -> None:
    """For root too, whom file modes do not stop: a file-format write version that SQLite takes for read-only."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x09")
