"""Crawls that end at once, as by kill -9 or a power cut: nothing is lost or doubled, and the next goes on."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.torture.crawls import Bench
from tests.torture.portal import TestPortal, serving
from tests.torture.scenario import scenario

ONE_AT_A_TIME = ("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "-s", "DOWNLOAD_DELAY=0.001")
"""As a real portal is crawled: one request is in flight. (Without a delay, Scrapy 2.19 sends all that waits.)"""

TORN_OFF = 3
"""Answers at most that `torn` takes out of the end of a WARC file."""

Damage = Callable[[Path, random.Random], None]


def whole(path: Path, dice: random.Random) -> None:
    """A kill: what the program wrote is there."""
    del path, dice


def torn(path: Path, dice: random.Random) -> None:
    """A power cut: of what was not synced, some is missing at the end."""
    size = path.stat().st_size
    os.truncate(path, size - dice.randint(1, min(size, 3000)))


def zeros(path: Path, dice: random.Random) -> None:
    """A power cut on a file system that had noted the length before the bytes."""
    torn(path, dice)
    with path.open("ab") as file:
        file.write(bytes(dice.randint(1, 5000)))


def junk(path: Path, dice: random.Random) -> None:
    """A power cut that left other bytes at the end."""
    torn(path, dice)
    with path.open("ab") as file:
        file.write(dice.randbytes(dice.randint(1, 5000)))


def kill_once(bench: Bench, portal: TestPortal, most: int, dice: random.Random, damage: Damage) -> None:
    """Begin a crawl and kill it at a random moment."""
    until = len(portal.asked) + dice.randint(1, most)
    process = bench.start(portal, *ONE_AT_A_TIME)
    assert process.wait_until(lambda: len(portal.asked) >= until), "it ended before it was killed"
    time.sleep(dice.random() * 0.02)
    bench.kill(process)
    bench.assert_sound(closed=False)
    for path in bench.warc.glob("*.open"):
        damage(path, dice)


def kills(bench: Bench, count: int, articles: int, seed: int, damages: list[Damage]) -> str:
    """So many kills, one after another on one archive, and then a crawl that nobody kills."""
    dice = random.Random(seed)
    most = max(1, articles * 3 // 2 // count)  # so that the last kill comes before the end
    with serving(TestPortal(articles)) as portal:
        for number in range(count):
            kill_once(bench, portal, most, dice, damages[number % len(damages)])
        ended = bench.crawl(portal)
    assert ended.code == 0, ended.said + ended.log
    assert "was left open by a crash" in ended.log
    bench.assert_sound()
    bench.assert_articles(articles)
    assert bench.rows("SELECT 1 FROM crawls WHERE status = 'running'") == [], (
        "a killed crawl still seems to run"
    )
    again = sum(times - 1 for target, times in portal.times().items() if target != "/robots.txt")
    bound = count * (1 if damages == [whole] else 1 + TORN_OFF)
    assert again <= bound, f"{again} requests were made again after {count} kills"
    return f"{count} kills: 0 of {articles} articles lost, 0 doubled, {again} of {len(portal.asked)} requests again"


@scenario("kill -9 and power cuts at random moments", says="was left open by a crash")
def killed(bench: Bench) -> str:
    return kills(bench, 4, 40, seed=4, damages=[whole, torn, zeros, junk])


@scenario("50 times kill -9", says="was left open by a crash", full_only=True)
def killed_fifty_times(bench: Bench) -> str:
    return kills(bench, 50, 300, seed=50, damages=[whole])


@scenario("50 power cuts", says="was left open by a crash", full_only=True)
def power_cut_fifty_times(bench: Bench) -> str:
    return kills(bench, 50, 300, seed=51, damages=[torn, zeros, junk])


@scenario("kill -9, then the portal is gone for good", says="was left open by a crash")
def tail_is_read_first(bench: Bench) -> str:
    with serving(TestPortal(40)) as portal:
        bench.kill_at(portal, 70)
        (before,) = bench.rows("SELECT count(*) AS n FROM captures")
    ended = bench.crawl("http://127.0.0.1:9/")
    assert ended.code == 1, ended.said
    (after,) = bench.rows("SELECT count(*) AS n FROM captures WHERE warc_file IS NOT NULL")
    assert after["n"] >= 40 > before["n"], f"{before['n']} captures before, {after['n']} after"
    bench.assert_sound()
    return f"{after['n'] - before['n']} pages read out of the WARC file before anything was asked"


@scenario("kill -9, then archive.db is deleted", says="is new, but … holds")
def database_is_gone(bench: Bench) -> str:
    with serving(TestPortal(5)) as portal:
        first = bench.crawl(portal)
        assert first.code == 0, first.said
        assert "is new, but" not in first.log
        bench.kill_at(portal, 15, "-a", "full=1")
        for path in bench.folder.glob("archive.db*"):
            path.unlink()
        ended = bench.crawl(portal)
    assert ended.code == 0, ended.said + ended.log
    assert "archive.db is new, but" in ended.log
    assert "holds 1 WARC files: run `scrapy ingest" in ended.log
    assert "was left open by a crash" in ended.log
    bench.assert_articles(5)
    known = len(bench.rows("SELECT DISTINCT warc_file FROM captures WHERE warc_file IS NOT NULL"))
    assert known == len(list(bench.warc.glob("*.warc.gz"))) - 1, "the open file was not read"
    ingested = bench.ingest()
    assert ingested.code == 0, ingested.said
    bench.assert_sound()
    bench.assert_articles(5)
    return "the open WARC file is read, the crawl completes, and the words name how to read the others"


@scenario("a second crawl of a portal that is being crawled", says="is being crawled by another process")
def second_crawl(bench: Bench) -> str:
    with serving(TestPortal(20)) as portal:
        first = bench.start(portal, "-s", "DOWNLOAD_DELAY=0.1")
        first.wait_until(lambda: bench.written() > 0)
        second = bench.crawl(portal)
        bench.kill(first)
    assert second.code == 1, second.said
    assert "is being crawled by another process" in second.said
    assert second.said.count("\n") == 1
    assert "Traceback" not in second.log
    return "refused in one line"
