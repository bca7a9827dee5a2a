"""Rounds, really made: many portals in one process, stopped, killed, and gone on with; then how all is."""

import fcntl
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import ROOT, Folder
from tests.test_crawl import rows
from tests.test_faults import Handler, portal

END_SECONDS = 30


@dataclass(kw_only=True)
class Site:
    """A sample portal of twenty articles whose answers a test may hold back."""

    url: str = ""
    asked: int = 0
    hold: bool = False

    def __call__(self, _handler: Handler) -> bool:
        self.asked += 1
        while self.hold:
            time.sleep(0.02)
        return False


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with portal(site) as url:
        site.url = url
        yield site
        site.hold = False


@pytest.fixture
def dead() -> str:
    """The address of a portal that is down."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


def register(folder: Folder, **portals: str) -> tuple[str, ...]:
    """A registry of these portals, and how the commands are told of it."""
    blocks = [f"{key}:\n  name: Huyện {key}\n  province: Mẫu\n  {lines}\n" for key, lines in portals.items()]
    path = folder.path / "portals.yml"
    path.write_text("".join(blocks), encoding="utf-8")
    return ("-s", f"ARCHIVE_PORTALS={path}")


def crawls(folder: Folder) -> list[tuple[str, str]]:
    return [(row["portal"], row["status"]) for row in rows(folder.db, "SELECT * FROM crawls ORDER BY id")]


def begin(folder: Folder, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        folder.command("crawlall", *arguments),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until_asked(site: Site, requests: int) -> None:
    while site.asked < requests:
        time.sleep(0.02)


def test_a_round_crawls_what_is_due_and_says_how_all_is(folder: Folder, site: Site, dead: str) -> None:
    registry = register(
        folder,
        mau_one=f"url: {site.url}",
        mau_two=f"url: {dead}",
        mau_shut=f"url: {dead.replace('127.0.0.1', '127.0.0.2')}\n  closed: 2025-07-01",
    )
    first = folder.scrapy("crawlall", *registry, "--province", "Mẫu")
    assert first.returncode == 3
    assert "2 portals crawled: 1 complete, 1 failed; 20 articles new" in first.stdout
    assert "failed: mau_two: " in first.stdout
    assert "mau_one: begun (sweep)" in first.stderr
    assert "mau_one: complete, 20 articles new" in first.stderr
    assert "Traceback" not in first.stderr

    again = folder.scrapy("crawlall", *registry)
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "Nothing is due.")
    assert "2 portals due later, first mau_two" in again.stdout

    named = folder.scrapy("crawlall", *registry, "--portal", "mau_one")
    assert (named.returncode, "1 portal crawled: 1 complete" in named.stdout) == (0, True)

    status = folder.scrapy("status", *registry, "--json")
    one, two, shut = json.loads(status.stdout)
    assert [known["state"] for known in (one, two, shut)] == ["well", "failing", "closed"]
    assert one["ids_accounted"] >= 20
    assert one["urls_owed"] == 0
    assert shut["due"] is None
    assert two["failing_since"]
    assert status.returncode == int(any(known["needs"] for known in (one, two)))
    printed = folder.scrapy("status", *registry)
    assert "1 well, 1 failing, 1 closed" in printed.stdout


def test_a_second_round_waits_for_nothing_and_is_no_error(folder: Folder, site: Site) -> None:
    registry = register(folder, mau_one=f"url: {site.url}")
    folder.warc.mkdir()
    with (folder.warc / "crawlall.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = folder.scrapy("crawlall", *registry)
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 1)
    assert ran.stdout.startswith("Another crawlall ")
    assert site.asked == 0


def test_ctrl_c_ends_a_round_that_the_next_goes_on_with(folder: Folder, site: Site) -> None:
    registry = register(folder, mau_one=f"url: {site.url}\n  delay: 0.2")
    running = begin(folder, *registry)
    wait_until_asked(site, 5)
    running.send_signal(signal.SIGINT)
    printed, log = running.communicate(timeout=END_SECONDS)
    assert (running.returncode, "partial: mau_one: stopped by hand" in printed) == (3, True), printed + log
    asked = site.asked
    answered = rows(folder.db, "SELECT count(DISTINCT target_uri) AS n FROM captures")[0]["n"]
    assert answered == asked  # what was in flight was kept

    over = folder.scrapy("crawlall", *registry, "--max-hours", "0.0003")
    assert (over.returncode, "the hours given with --max-hours are over" in over.stdout) == (3, True), (
        over.stdout + over.stderr + str(rows(folder.db, "SELECT outcome, message, target_uri FROM captures"))
    )
    register(folder, mau_one=f"url: {site.url}")
    last = folder.scrapy("crawlall", *registry)
    assert "1 portal crawled: 1 complete" in last.stdout
    assert crawls(folder) == [("mau_one", "partial")] * 2 + [("mau_one", "complete")]
    once = "SELECT target_uri FROM captures WHERE outcome <> 'robots' GROUP BY 1 HAVING count(*) > 1"
    assert rows(folder.db, once) == []


def test_a_second_ctrl_c_ends_at_once_and_a_kill_leaves_no_lock(folder: Folder, site: Site) -> None:
    registry = register(folder, mau_one=f"url: {site.url}")
    running = begin(folder, *registry)
    wait_until_asked(site, 1)
    site.hold = True
    asked = site.asked
    wait_until_asked(site, asked + 1)  # an answer that does not come
    for _ in range(2):
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)  # two signals at once are one
    printed, _ = running.communicate(timeout=END_SECONDS)
    assert (running.returncode, "1 portal not begun, or cut off" in printed) == (3, True), printed

    killed = begin(folder, *registry)
    asked = site.asked
    wait_until_asked(site, asked + 1)
    killed.kill()
    killed.communicate()
    site.hold = False
    last = folder.scrapy("crawlall", *registry)
    assert (last.returncode, "1 portal crawled: 1 complete" in last.stdout) == (0, True), last.stdout
    assert rows(folder.db, "SELECT count(*) AS n FROM articles")[0]["n"] == 20


def test_an_archive_that_takes_no_more_ends_the_round(folder: Folder, site: Site) -> None:
    elsewhere = site.url.replace("127.0.0.1", "localhost")
    registry = register(folder, mau_one=f"url: {site.url}", mau_two=f"url: {elsewhere}\n  delay: 5")
    command = " ".join(folder.command("crawlall", *registry))
    ran = subprocess.run(
        ["bash", "-c", f"ulimit -f 400; exec {command}"],  # no file may grow beyond 400 KiB
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=END_SECONDS,
        check=False,
    )
    assert (ran.returncode, "complete" in ran.stdout) == (1, False), ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1].startswith("Error: ")
    again = folder.scrapy("crawlall", *registry, "--portal", "mau_one")
    assert again.returncode == 0, again.stdout
