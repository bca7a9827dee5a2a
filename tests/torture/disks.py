"""Disks that are full: in the WARC, in the database, in the log, and folders that cannot be written."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.crawls import Bench, Ended
from tests.torture.portal import TestPortal, serving
from tests.torture.scenario import scenario

ARTICLES = 60


def assert_failed_in_one_line(ended: Ended) -> None:
    """The program says in one line what is wrong."""
    assert ended.code == 1, ended.said
    assert ended.said.startswith("Error: "), ended.said
    assert ended.said.count("\n") == 1, ended.said
    assert "Traceback" not in ended.log, ended.log


def assert_next_crawl_completes(bench: Bench, portal: TestPortal) -> None:
    """Nothing is damaged: with room on the disk, the next crawl brings everything."""
    ended = bench.crawl(portal)
    assert ended.code == 0, ended.said + ended.log
    bench.assert_sound()
    bench.assert_articles(ARTICLES)


@scenario("no room for archive.db", says="the disk refuses to write")
def no_room_for_database(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES)) as portal:
        assert_failed_in_one_line(bench.crawl(portal, limit=60_000))
    assert portal.asked == [], "it asked for what it could not keep"
    return "failed in one line; nothing was asked"


@scenario("the disk is full in mid-crawl", says="could not be written")
def no_room_in_mid_crawl(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES)) as portal:
        assert_failed_in_one_line(bench.crawl(portal, limit=600_000))
        assert bench.status() == "failed"
        assert_next_crawl_completes(bench, portal)
    return "failed in one line; the next crawl completes"


@scenario(
    "the log is full: before the crawl, in its middle, and for what it prints",
    says="the log cannot be written",
)
def no_room_for_log(bench: Bench) -> str:
    limit = 20_000_000
    log = bench.folder / "log"
    log.touch()
    os.truncate(log, limit)
    to_log = ("-s", f"LOG_FILE={log}", "-s", "LOG_LEVEL=DEBUG")
    with serving(TestPortal(20)) as portal:
        before = bench.crawl(portal, *to_log, limit=limit)
        assert before.code == 1
        assert before.said.startswith("Error: the log cannot be written")
        os.truncate(log, limit - 20_000)
        amid = bench.crawl(portal, *to_log, limit=limit)
        assert amid.code == 0, amid.said
        printed = bench.crawl(portal, limit=limit, stdout=log)
    assert log.stat().st_size == limit
    assert (printed.code, bench.status()) == (0, "complete")
    bench.assert_sound()
    return "failed in one line before, complete in the middle; the exit code is right without a word"


@contextmanager
def small_disk(at: Path, size: str) -> Iterator[Path]:
    """A file system of so little room."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)], check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


@scenario(
    "small disks (tmpfs) for WARC, database and log, each in turn",
    says="could not be written",
    full_only=True,
)
def small_disks(bench: Bench) -> str:
    if os.geteuid():
        return "left out: only root may mount"
    with serving(TestPortal(ARTICLES)) as portal:
        for name, option in (("warc", "ARCHIVE_WARC_DIR"), ("db", "ARCHIVE_DB"), ("log", "LOG_FILE")):
            one = bench.fresh(name)
            with small_disk(one.folder / "disk", "400k" if name != "log" else "40k") as disk:
                ended = one.crawl(portal, "-s", f"{option}={disk / name}", "-s", "LOG_LEVEL=DEBUG")
            if name == "log":
                assert ended.code == 0, ended.said
            else:
                assert_failed_in_one_line(ended)
    return "failed in one line for WARC and database, complete for the log"


@scenario("a file where the WARC folder should be", says="cannot be written")
def no_warc_folder(bench: Bench) -> str:
    bench.warc.write_text("a file where the folder should be")
    with serving(TestPortal(5)) as portal:
        ended = bench.crawl(portal)
    assert_failed_in_one_line(ended)
    assert bench.status() == "failed"
    return "failed in one line"
