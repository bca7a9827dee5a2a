"""Crashes by really killing the process: what was kept stays whole, and the next crawl goes on."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from warcio.checker import Checker

from crawler.sample import RunningPortal, serve, truth
from crawler.warcin import read_responses
from tests.conftest import ROOT, Folder
from tests.test_crawl import rows

ARTICLES = 60


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(articles=ARTICLES) as running:
        yield running


def crawl(folder: Folder, portal: RunningPortal) -> list[str]:
    return folder.command("crawl", "sample", "-a", f"url={portal.url}")


def kill_after(folder: Folder, portal: RunningPortal, bytes_written: int) -> None:
    """Start a crawl and kill -9 it once its WARC has so many bytes."""
    process = subprocess.Popen(
        crawl(folder, portal),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while process.poll() is None and written(folder) < bytes_written:
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def written(folder: Folder) -> int:
    return sum(path.stat().st_size for path in folder.warc.glob("*.open"))


def assert_whole(folder: Folder) -> None:
    """The database and every WARC file are sound, and they agree record by record."""
    with closing(sqlite3.connect(folder.db)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    files = sorted(folder.warc.glob("*.warc.gz*"))
    checker = Checker(type("Options", (), {"inputs": [str(path) for path in files], "verbose": False}))
    checker.process_all()
    assert checker.exit_value == 0
    in_files = {
        (path.name, record.offset, record.record_id) for path in files for record in read_responses(path)
    }
    known = rows(
        folder.db, "SELECT warc_file, warc_offset, record_id FROM captures WHERE warc_file IS NOT NULL"
    )
    assert {tuple(row.values()) for row in known} == in_files


def articles(folder: Folder) -> dict[str, str]:
    found = rows(folder.db, "SELECT cms_id, headline FROM articles")
    assert len(found) == len({row["cms_id"] for row in found})
    return {row["cms_id"]: row["headline"] for row in found}


@pytest.mark.parametrize("seed", range(3))
def test_kill_loses_and_doubles_nothing(folder: Folder, portal: RunningPortal, seed: int) -> None:
    kill_after(folder, portal, random.Random(seed).randint(1_000, 400_000))
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert_whole(folder)
    assert articles(folder) == {article.cms_id: article.headline for article in truth(ARTICLES)}


def test_torn_record_is_cut_off_and_told(folder: Folder, portal: RunningPortal) -> None:
    kill_after(folder, portal, 100_000)
    (torn,) = folder.warc.glob("*.open")
    with torn.open("r+b") as file:
        file.truncate(torn.stat().st_size - 7)
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "was left open by a crash" in ran.stderr
    assert_whole(folder)


def test_tail_that_no_commit_knew_is_read_before_anything_is_asked(
    folder: Folder, portal: RunningPortal
) -> None:
    kill_after(folder, portal, 300_000)
    before = len(articles(folder)) if folder.db.exists() else 0
    folder.scrapy("crawl", "sample", "-a", "url=http://127.0.0.1:9/")
    assert len(articles(folder)) > before
    assert_whole(folder)


def test_second_crawl_of_a_portal_waits_for_the_first(folder: Folder, portal: RunningPortal) -> None:
    process = subprocess.Popen(
        [*crawl(folder, portal), "-s", "DOWNLOAD_DELAY=0.2"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not list(folder.warc.glob("*.open")):
        time.sleep(0.02)
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    process.kill()
    process.wait()
    assert ran.returncode == 1
    assert "is being crawled by another process" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_interrupt_ends_as_partial_and_the_next_crawl_completes(
    folder: Folder, portal: RunningPortal
) -> None:
    process = subprocess.Popen(
        [*crawl(folder, portal), "-s", "DOWNLOAD_DELAY=0.05"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while written(folder) < 100_000:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 3
    assert out.startswith("partial: ")
    assert list(folder.warc.glob("*.open")) == []
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 0
    assert_whole(folder)


def limited(folder: Folder, portal: RunningPortal, size: int) -> subprocess.CompletedProcess[str]:
    """A crawl whose files may not grow beyond `size` bytes: the system refuses the write, as on a full disk."""
    return subprocess.run(
        crawl(folder, portal),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("size", [60_000, 250_000])
def test_full_disk_fails_the_crawl_and_damages_nothing(
    folder: Folder, portal: RunningPortal, size: int
) -> None:
    ran = limited(folder, portal, size)
    assert ran.returncode == 1
    assert ran.stdout.startswith("Error: ")
    assert "Traceback" not in ran.stderr
    again = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert again.returncode == 0, again.stdout + again.stderr
    assert_whole(folder)


def test_crawl_that_cannot_open_its_warc_is_failed_and_not_interrupted(
    folder: Folder, portal: RunningPortal
) -> None:
    folder.warc.write_text("a file where the folder should be")
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 1
    assert rows(folder.db, "SELECT status, message FROM crawls") == [
        {"status": "failed", "message": ran.stdout.removeprefix("Error: ").strip()}
    ]


@pytest.mark.parametrize(
    "arguments", [("fetch", "http://127.0.0.1:9/"), ("crawl", "sample", "-s", "ARCHIVE_LOCK_TIMEOUT=abc")]
)
def test_neither_scrapys_own_commands_nor_a_bad_setting_end_in_our_traceback(
    folder: Folder, arguments: tuple[str, ...]
) -> None:
    assert "crawler/extensions.py" not in folder.scrapy(*arguments).stderr


def test_locked_archive_is_one_plain_line(folder: Folder, portal: RunningPortal) -> None:
    assert folder.scrapy("crawl", "sample", "-a", f"url={portal.url}").returncode == 0
    before = articles(folder)
    with closing(sqlite3.connect(folder.db)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}", "-s", "ARCHIVE_LOCK_TIMEOUT=1")
    assert ran.returncode == 1
    assert "locked by another program" in ran.stdout
    assert ran.stdout.count("\n") == 1
    assert "Traceback" not in ran.stderr
    assert articles(folder) == before


def test_read_only_archive_is_one_plain_line(folder: Folder, portal: RunningPortal) -> None:
    assert folder.scrapy("crawl", "sample", "-a", f"url={portal.url}").returncode == 0
    _make_read_only(folder.db)
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 1
    assert "cannot be written" in ran.stdout
    assert ran.stdout.count("\n") == 1
    assert "Traceback" not in ran.stderr


def _make_read_only(path: Path) -> None:
    """For root too, whom file modes do not stop: a file-format write version that SQLite takes for read-only."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x09")
