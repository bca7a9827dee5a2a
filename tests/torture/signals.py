"""SIGTERM and SIGINT (Ctrl-C) in every phase of a crawl, and a clock that jumps."""

import signal
import time
from collections.abc import Callable
from operator import methodcaller

from crawler.sample import faults
from tests.torture.crawls import FAKES, Bench, Ended, Process
from tests.torture.portal import TestPortal, at, serving
from tests.torture.scenario import scenario

ARTICLES = 40
SLOWLY = ("-s", "DOWNLOAD_DELAY=0.03", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
STOPPED = "stopped by hand"
QUICKLY = ("-s", "DOWNLOAD_TIMEOUT=3", "-s", "RETRY_ENABLED=0")
CODES = {"complete": 0, "failed": 1, "partial": 3, "empty": 4}


def asked(portal: TestPortal, times: int) -> Callable[[object], bool]:
    """The moment when a portal was asked so many times more than until now."""
    until = len(portal.asked) + times
    return lambda _process: len(portal.asked) >= until


def interrupted(
    bench: Bench,
    portal: TestPortal,
    number: int,
    moment: Callable[[Process], object],
    *options: str,
    twice: bool = False,
) -> Ended:
    """A crawl that gets a signal (or two) when its moment has come; its end agrees with what the archive says."""
    process = bench.start(portal, *options)
    assert process.wait_until(lambda: moment(process)), "the moment never came"
    process.signal(number)
    if twice:
        time.sleep(0.05)
        process.signal(number)
    ended = process.wait()
    assert "Traceback" not in ended.log, ended.log
    bench.assert_sound(closed=False)
    if not twice:
        status = bench.status()
        assert status, f"no crawl; exit code {ended.code}: {ended.said}"
        assert CODES.get(status) == ended.code, f"{status}, exit code {ended.code}: {ended.said}"
    return ended


def before_the_first_answer(bench: Bench, number: int) -> str:
    """A signal while robots.txt is waited for."""
    with serving(TestPortal(5, faults=at({"/robots.txt": faults.silence}))) as portal:
        ended = interrupted(bench, portal, number, asked(portal, 1), *QUICKLY)
    assert ended.code == 3, ended.said
    assert "stopped by hand" in ended.said
    return "partial"


def while_recovering(bench: Bench, number: int) -> str:
    """A signal while what a crash left behind is read."""
    with serving(TestPortal(ARTICLES)) as portal:
        bench.kill_at(portal, 75)
        (left_open,) = bench.warc.glob("*.open")
        ended = interrupted(bench, portal, number, methodcaller("has_open", left_open))
        assert ended.code == 3, ended.said
        assert "stopped by hand" in ended.said
        assert "Traceback" not in ended.log
        bench.assert_sound()
        after = bench.crawl(portal)
    assert after.code == 0, after.said
    bench.assert_articles(ARTICLES)
    return "partial; the next crawl completes"


def in_mid_crawl(bench: Bench, *numbers: int) -> str:
    """Signals while pages come in."""
    with serving(TestPortal(ARTICLES)) as portal:
        for number in numbers:
            ended = interrupted(bench, portal, number, asked(portal, 20), *SLOWLY)
            assert ended.code == 3, ended.said
            assert "stopped by hand" in ended.said
            assert list(bench.warc.glob("*.open")) == []
        bench.assert_sound()
        after = bench.crawl(portal)
    assert after.code == 0, after.said
    bench.assert_articles(ARTICLES)
    return "partial; the next crawl completes"


scenario("SIGINT before the first answer", says=STOPPED)(
    lambda bench: before_the_first_answer(bench, signal.SIGINT)
)
scenario("SIGTERM before the first answer", says=STOPPED, full_only=True)(
    lambda bench: before_the_first_answer(bench, signal.SIGTERM)
)
scenario("SIGTERM while it recovers what a crash left", says=STOPPED)(
    lambda bench: while_recovering(bench, signal.SIGTERM)
)
scenario("SIGINT while it recovers what a crash left", says=STOPPED, full_only=True)(
    lambda bench: while_recovering(bench, signal.SIGINT)
)
scenario("SIGINT, then SIGTERM in mid-crawl", says=STOPPED)(
    lambda bench: in_mid_crawl(bench, signal.SIGINT, signal.SIGTERM)
)


@scenario("SIGTERM while it closes", full_only=True)
def while_closing(bench: Bench) -> str:
    def closing(_: Process) -> bool:
        return any(bench.warc.glob("*.warc.gz"))

    with serving(TestPortal(ARTICLES)) as portal:
        ended = interrupted(bench, portal, signal.SIGTERM, closing)
    assert ended.code in {0, 3}, ended.said
    bench.assert_sound()
    bench.assert_articles(ARTICLES)
    return f"exit code {ended.code}"


@scenario("SIGINT twice", says="was left open by a crash")
def twice(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES)) as portal:
        ended = interrupted(bench, portal, signal.SIGINT, asked(portal, 30), *SLOWLY, twice=True)
        # The last is where the second came after its end.
        assert ended.code in {3, -signal.SIGINT}, ended.said
        after = bench.crawl(portal)
    assert after.code == 0, after.said + after.log
    bench.assert_sound()
    bench.assert_articles(ARTICLES)
    return f"exit code {ended.code}; the next crawl completes"


@scenario("a clock that jumps a day back and two years ahead")
def jumping_clock(bench: Bench) -> str:
    clock = {"PYTHONPATH": str(FAKES), "TORTURE_CLOCK": "20:-86400 60:63158400"}
    with serving(TestPortal(ARTICLES)) as portal:
        first = bench.crawl(portal, env=clock)
        assert first.code == 0, first.said + first.log
        second = bench.crawl(portal)
    assert second.code == 0, second.said + second.log
    bench.assert_sound()
    bench.assert_articles(ARTICLES)
    (kept,) = bench.rows("SELECT count(*) AS n FROM revisions")
    assert kept["n"] == ARTICLES, "the clock made revisions of articles that did not change"
    return "complete, no revision that is none"
