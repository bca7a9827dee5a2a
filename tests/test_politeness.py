"""Politeness as servers see it: four of them on three loopback addresses, crawled in one process, keep the log."""

import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

from crawler.pacing import Pace
from crawler.politeness import STOPPED, pace_of
from crawler.portals import MIN_DELAY, VIET_NAM, Portal
from crawler.warcin import read_responses
from tests.conftest import ROOT, Folder
from tests.test_crawl import rows

DELAY = 0.1
CRAWL_DELAY = 0.2
FLOOD = "<title>Hãy đợi...</title><p>Hệ thống đang từ chối truy cập của bạn.</p><p>Hãy đợi {} giây</p>"
HOME = "<title>Trang chủ</title><meta name='generator' content='NukeViet v4.4'>" + "".join(
    f"<h3><a href='/vi/news/tin/bai-{n}.html'>Bài {n}</a></h3>" for n in (1, 2, 3)
)
CRAWL_ALL = """
import sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.setdict(dict(zip(("ARCHIVE_PORTALS", "ARCHIVE_DB", "ARCHIVE_WARC_DIR"), sys.argv[1:])), priority="cmdline")
process = AsyncCrawlerProcess(settings)
for key in process.spider_loader.list():
    if key != "portal":
        process.crawl(key)
process.start()
"""

Answer = tuple[int, str, dict[str, str]]


class Site(ThreadingHTTPServer):
    """A portal of one home page and three articles that are not there, which writes down who asks when."""

    daemon_threads = True
    log: list[tuple[float, str, str]]  # monotonic time, the site's name, the path: of every site together
    busy: dict[str, int]  # requests under way, by IP address
    overlaps: list[str]

    def __init__(self, name: str, host: str, *first_answers: tuple[str, Answer]) -> None:
        self.name = name
        self.special = list(first_answers)  # each is given once
        super().__init__((host, 0), Handler)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_port}/"

    def answer(self, path: str) -> Answer:
        for at, answer in self.special:
            if at == path:
                self.special.remove((at, answer))
                return answer
        return (200, HOME, {}) if path == "/" else (404, "", {})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        site, host = self.server, str(self.server.server_address[0])
        site.log.append((time.monotonic(), site.name, self.path))
        site.busy[host] = site.busy.get(host, 0) + 1
        if site.busy[host] > 1:
            site.overlaps.append(f"{host} {self.path}")
        status, text, headers = site.answer(self.path)
        time.sleep(0.02)
        site.busy[host] -= 1
        self.send_response_only(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def served(*sites: Site) -> Iterator[list[tuple[float, str, str]]]:
    """The sites, answering; their common log."""
    log: list[tuple[float, str, str]] = []
    busy: dict[str, int] = {}
    with ExitStack() as stack:
        for site in sites:
            site.log, site.busy, site.overlaps = log, busy, []
            thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            stack.callback(thread.join)
            stack.callback(site.server_close)
            stack.callback(site.shutdown)
        yield log


def entry(site: Site) -> str:
    return f"{site.name}:\n  name: Huyện {site.name}\n  url: {site.url}\n"


def crawl_all(folder: Folder, *entries: str, registry: str = "portals.yml") -> list[str]:
    """The words of a command that crawls every portal of a registry in one process."""
    path = folder.path / registry
    path.write_text("".join(entries), encoding="utf-8")
    return [sys.executable, "-c", CRAWL_ALL, str(path), str(folder.db), str(folder.warc)]


def article(number: int) -> str:
    return f"/vi/news/tin/bai-{number}.html"


@pytest.fixture(scope="module")
def crawled(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Folder, list[tuple[float, str, str]], list[str]]:
    """Four portals after one process crawled them all, and another one a fifth at the address of two of them.

    Returns the archive, the sites' log, and requests that overlapped.
    """
    folder = Folder(tmp_path_factory.mktemp("polite"))
    robots = f"User-agent: *\nCrawl-delay: {CRAWL_DELAY}\n"
    sites = [
        Site("one", "127.0.0.2", (article(1), (500, "", {})), (article(2), (200, FLOOD.format(1), {}))),
        Site("two", "127.0.0.2", ("/robots.txt", (429, "", {"Retry-After": "0"}))),
        Site(
            "three",
            "127.0.0.3",
            ("/robots.txt", (200, robots, {"Content-Type": "text/plain"})),
            (article(1), (301, "", {"Location": "/vi/news/tin/bai-9.html"})),
            (article(2), (503, "", {"Retry-After": "1"})),
        ),
        Site("four", "127.0.0.4", *[(article(n), (200, FLOOD.format(0), {})) for n in (1, 2, 3)] * 9),
    ]
    five = Site("five", "127.0.0.2")
    command = crawl_all(folder, *(f"{entry(site)}  delay: {DELAY}\n" for site in sites))
    beside = crawl_all(folder, f"{entry(five)}  delay: {DELAY}\n", registry="beside.yml")
    sites.append(five)
    with served(*sites) as log, subprocess.Popen(beside, cwd=ROOT) as other:
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert other.wait(60) == 0
    assert "Traceback" not in ran.stderr
    (folder.path / "said").write_text(ran.stderr, encoding="utf-8")
    return folder, log, [overlap for site in sites for overlap in site.overlaps]


Crawled = tuple[Folder, list[tuple[float, str, str]], list[str]]


def gaps(log: list[tuple[float, str, str]], *names: str) -> list[float]:
    return [b - a for a, b in pairwise(at for at, name, _ in log if name in names)]


def after(log: list[tuple[float, str, str]], path: str, *names: str) -> float:
    """Seconds from the first request for a path to the next request to the same IP address."""
    here = [(at, asked) for at, name, asked in log if name in names]
    index = next(n for n, (_, asked) in enumerate(here) if asked == path)
    return here[index + 1][0] - here[index][0]


def test_two_requests_are_never_under_way_at_one_address(crawled: Crawled) -> None:
    assert crawled[2] == []


@pytest.mark.parametrize(
    ("names", "delay"), [(("one", "two", "five"), DELAY), (("three",), CRAWL_DELAY), (("four",), DELAY)]
)
def test_requests_to_one_address_are_apart(crawled: Crawled, names: tuple[str, ...], delay: float) -> None:
    found = gaps(crawled[1], *names)
    # A server that is late to notice one request sees the next one sooner after it: so the middle, and the sum.
    assert statistics.median(found) >= 0.8 * delay
    assert sum(found) >= 0.8 * delay * len(found)


def test_portals_of_one_address_are_crawled_side_by_side(crawled: Crawled) -> None:
    order = [name for _, name, _ in crawled[1] if name in {"one", "two"}]
    assert "two" in order[:3]
    assert "one" in order[:3]


def test_retries_of_scrapy_wait_their_turn(crawled: Crawled) -> None:
    assert [path for _, name, path in crawled[1] if name == "one"].count(article(1)) == 2


def test_flood_page_holds_the_whole_address_for_the_seconds_it_says(crawled: Crawled) -> None:
    folder, log, _ = crawled
    one = next(at for at, name, path in log if (name, path) == ("one", article(2)))
    others = [at for at, name, _ in log if name in {"two", "five"} and at > one]
    assert after(log, article(2), "one") >= 1
    assert not others or others[0] - one >= 1
    assert outcomes(folder, "one", article(2)) == ["retried", "not_found"]
    bodies = [record.body for path in folder.warc.glob("one-*") for record in read_responses(path)]
    assert sum("Hãy đợi".encode() in body for body in bodies) == 1


def test_robots_txt_that_is_refused_is_asked_for_again(crawled: Crawled) -> None:
    assert [path for _, name, path in crawled[1] if name == "two"][:3] == ["/robots.txt", "/robots.txt", "/"]
    assert outcomes(crawled[0], "two", "/robots.txt") == ["retried", "robots"]


def test_retry_after_is_obeyed_on_503_too(crawled: Crawled) -> None:
    folder, log, _ = crawled
    assert after(log, article(2), "three") >= 1
    assert outcomes(folder, "three", article(2)) == ["retried", "not_found"]
    assert outcomes(folder, "three", "bai-9") == ["not_found"]


def test_portal_that_refuses_again_and_again_is_slowed_and_then_left(crawled: Crawled) -> None:
    folder, log, _ = crawled
    assert len([path for _, name, path in log if name == "four" and "bai-" in path]) == 8
    assert sum(gaps(log, "four")[-3:]) >= 0.8 * 3 * 2 * DELAY
    (row,) = rows(folder.db, "SELECT * FROM crawls WHERE portal = 'four'")
    assert (row["status"], row["message"]) == ("partial", STOPPED)
    assert sorted(outcomes(folder, "four", "bai-")) == ["blocked"] * 3 + ["retried"] * 5


def test_waits_are_told_in_plain_words(crawled: Crawled) -> None:
    said = (crawled[0].path / "said").read_text(encoding="utf-8")
    assert re.search(r"Huyện one asks us to wait: going on at \d\d:\d\d:\d\d Viet Nam time\n", said)
    assert (
        "Huyện four refused us 3 times in a row: one request every 0.2 s for the rest of this crawl" in said
    )


def outcomes(folder: Folder, portal: str, part: str) -> list[str]:
    query = "SELECT outcome FROM captures WHERE portal = ? AND instr(target_uri, ?) ORDER BY fetched_at"
    return [row["outcome"] for row in rows(folder.db, query, portal, part)]


def test_ctrl_c_ends_every_wait(folder: Folder) -> None:
    hours = [datetime.now(VIET_NAM) + timedelta(hours=n) for n in (2, 3)]
    night = "-".join(f"{hour:%H:%M}" for hour in hours)
    closed = Site("closed", "127.0.0.2")
    refusing = Site(
        "refusing", "127.0.0.3", *[(article(n), (429, "", {"Retry-After": "900"})) for n in (1, 2, 3)]
    )
    command = crawl_all(folder, f"{entry(closed)}  night: {night}\n", f"{entry(refusing)}  delay: {DELAY}\n")
    with served(closed, refusing) as log:
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        said = process.stderr.readline() + process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        process.stderr.close()
    assert f"Huyện closed may be asked from {night.replace('-', ' to ')} in Viet Nam: waiting until" in said
    assert "Huyện refusing asks us to wait" in said
    assert len([path for _, _, path in log if "bai-" in path]) == 1
    assert {name for _, name, _ in log} == {"refusing"}
    ended = {row["portal"]: row for row in rows(folder.db, "SELECT * FROM crawls")}
    assert {row["message"] for row in ended.values()} == {"stopped by hand; crawl again to go on"}
    assert (ended["closed"]["status"], ended["refusing"]["status"]) == ("partial", "partial")
    assert outcomes(folder, "refusing", "bai-") == ["blocked"]
    assert rows(folder.db, "SELECT * FROM captures WHERE portal = 'closed'") == []


REAL = Portal(key="x", name="Huyện X", url="https://x.gov.vn/")


@pytest.mark.parametrize(
    ("portal", "url", "setting", "key", "delay"),
    [
        (REAL, "https://www.x.gov.vn/a", 2.1, "x", 2.1),
        (REAL, "https://x.gov.vn/", 0.0, "x", MIN_DELAY),
        (REAL, "https://x.gov.vn/", 10.0, "x", 10.0),
        (REAL, "https://files.vn/a.pdf", 0.0, "files.vn", MIN_DELAY),
        (None, "https://y.gov.vn:8443/", 2.1, "y.gov.vn:8443", 2.1),
        (None, "http://127.0.0.1:9/", 0.0, "127.0.0.1:9", 0.0),
    ],
)
def test_no_setting_makes_us_impolite(
    portal: Portal | None, url: str, setting: float, key: str, delay: float
) -> None:
    pace = pace_of(portal, url, setting)
    assert (pace.key, pace.delay) == (key, delay)


def test_portals_own_delay_and_hours_are_kept() -> None:
    slow = Portal(key="x", name="Huyện X", url="https://x.gov.vn/", delay=7.0)
    assert pace_of(slow, "https://x.gov.vn/", 2.1) == Pace(key="x", name="Huyện X", delay=7.0)
