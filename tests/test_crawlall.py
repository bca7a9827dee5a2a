"""Rounds, really made: many portals in one process, stopped, killed, and gone on with; then how all is."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from crawler.archive.readonly import reading
from crawler.health import as_json, look
from crawler.registry import load_portals
from crawler.rounds import only_round
from crawler.sample.answers import Answer, Request
from tests.conftest import ROOT, Folder
from tests.test_crawl import rows
from tests.torture.portal import TestPortal, serving

END_SECONDS = 60


@dataclass(kw_only=True)
class Site:
    """A sample portal of twenty articles whose answers a test may hold back."""

    url: str = ""
    asked: int = 0
    last: int = 10**9  # requests from this one on are held back

    def answer(self, _request: Request) -> Answer | None:
        self.asked += 1
        while self.asked >= self.last:
            time.sleep(0.02)
        return None

    def hold_after(self, requests: int) -> None:
        self.last = self.asked + requests

    def wait_until_held(self) -> None:
        while self.asked < self.last:
            time.sleep(0.02)

    def release(self) -> None:
        self.last = 10**9


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with serving(TestPortal(20, answering=site.answer)) as portal:
        site.url = portal.url
        yield site
        site.release()


@pytest.fixture
def dead() -> Iterator[str]:
    """The address of a portal that is down."""
    with socket.socket() as taken:  # bound, so that nobody else gets the port, and not listening
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


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


def interrupt_until_it_ends(process: "subprocess.Popen[str]") -> None:
    """Ctrl-C again and again: two of them, before the first is noticed, are one."""
    for _ in range(END_SECONDS * 4):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.25)
            return
    pytest.fail("it does not end")


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

    portals = list(load_portals(folder.path / "portals.yml").values())
    with reading(folder.db) as connection:
        healths = look(connection, portals, frozenset(portal.key for portal in portals), datetime.now(UTC))
        one, two, shut = [as_json(health, datetime.now(UTC)) for health in healths]
    assert [known["state"] for known in (one, two, shut)] == ["well", "failing", "closed"]
    ledger = (
        "SELECT sum(top) AS ids, sum(accounted) AS accounted FROM (SELECT max(cms_id) AS top, "
        "sum(state NOT IN ('unread', 'not_asked')) AS accounted FROM ledger GROUP BY in_language, module)"
    )
    assert rows(folder.db, ledger) == [{"ids": one["ids"], "accounted": one["ids_accounted"]}]
    assert (one["urls_owed"], one["needs"]) == (0, [])
    assert (two["failing_since"] is None, two["urls_owed"], two["needs"]) == (False, 0, [])
    assert (shut["due"], shut["needs"]) == (None, [])


def test_a_second_round_waits_for_nothing_and_a_kill_leaves_no_lock(folder: Folder, site: Site) -> None:
    registry = register(folder, mau_one=f"url: {site.url}")
    folder.warc.mkdir()
    lock = folder.warc / "crawlall.lock"
    hold = f"import fcntl, time; f = open({str(lock)!r}, 'a'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); "
    first = subprocess.Popen([sys.executable, "-c", f"{hold}time.sleep(60)"], stdout=subprocess.PIPE)
    assert first.stdout is not None
    first.stdout.readline()
    ran = folder.scrapy("crawlall", *registry)
    assert (ran.returncode, ran.stdout.count("\n"), site.asked) == (0, 1, 0)
    assert ran.stdout.startswith("Another crawlall ")
    first.kill()
    first.communicate()
    with only_round(folder.warc):
        assert lock.read_text(encoding="utf-8").startswith(f"process {os.getpid()}, since ")


def test_a_round_that_was_stopped_is_gone_on_with(folder: Folder, site: Site) -> None:
    registry = register(folder, mau_one=f"url: {site.url}")

    site.hold_after(10)
    running = begin(folder, *registry)
    site.wait_until_held()
    running.send_signal(signal.SIGINT)
    time.sleep(0.3)  # what is in flight is waited for
    assert running.poll() is None
    site.release()
    printed, log = running.communicate(timeout=END_SECONDS)
    assert (running.returncode, "partial: mau_one: stopped by hand" in printed) == (3, True), printed + log
    answered = rows(folder.db, "SELECT count(DISTINCT target_uri) AS n FROM captures")[0]["n"]
    assert answered == site.asked

    site.hold_after(2)
    running = begin(folder, *registry)
    site.wait_until_held()
    interrupt_until_it_ends(running)  # the second ends it at once, though no answer comes
    printed, log = running.communicate(timeout=END_SECONDS)
    assert (running.returncode, "1 portal not begun, or cut off" in printed) == (3, True), printed + log
    site.release()

    register(folder, mau_one=f"url: {site.url}\n  delay: 0.2")
    over = folder.scrapy("crawlall", *registry, "--max-hours", "0.0002")
    assert (over.returncode, "the hours given with --max-hours are over" in over.stdout) == (3, True)

    register(folder, mau_one=f"url: {site.url}")
    last = folder.scrapy("crawlall", *registry)
    assert "1 portal crawled: 1 complete" in last.stdout, last.stdout
    assert crawls(folder) == [("mau_one", "partial")] * 3 + [("mau_one", "complete")]
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
