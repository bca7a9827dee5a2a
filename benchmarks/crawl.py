"""Pages a second of `scrapy crawl`, beside bare Scrapy spiders over the same pages, in one run.

Run as `python -m benchmarks.crawl [ARTICLES]`. Ours does everything: robots.txt, WARC, parsing, archive, search index;
politeness is off, as for every server on this machine. The bare spiders get all addresses beforehand and follow
nothing: one keeps nothing, one writes WARC records (warcio) and parses each page once (lxml). A round runs each of
them once, in a process of its own, against a server that only hands out prepared bytes; medians are printed.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import lxml.html
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response

from crawler.middlewares import exchange_of
from crawler.warc import WarcWriter

ROUNDS = 3
TUNED: dict[str, Any] = {
    "CONCURRENT_ITEMS": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "COOKIES_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "LOG_LEVEL": "ERROR",
    "REDIRECT_ENABLED": False,
    "RETRY_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "STATS_DUMP": False,
}


class Bare(Spider):
    """Asks for every page and keeps nothing."""

    name = "bare"

    def __init__(self, *, urls: list[str], **more: Any) -> None:
        super().__init__(**more)
        self._urls = urls
        self.seconds = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **arguments: Any) -> "Bare":
        """Return the spider, with a watch on it."""
        spider = super().from_crawler(crawler, *args, **arguments)
        crawler.signals.connect(spider.began, signal=signals.spider_opened)
        crawler.signals.connect(spider.ended, signal=signals.spider_closed)
        return spider

    def began(self) -> None:
        """Start the watch."""
        self._began = perf_counter()

    def ended(self) -> None:
        """Stop it."""
        self.seconds = perf_counter() - self._began

    async def start(self) -> AsyncIterator[Request]:
        """Ask for everything."""
        for url in self._urls:
            yield Request(url, callback=self.parse, dont_filter=True, meta={"handle_httpstatus_all": True})

    def parse(self, response: Response) -> None:
        """Nothing."""


class Keeping(Bare):
    """Writes each exchange to a WARC file and parses each page once."""

    name = "keeping"
    custom_settings: dict[str, Any] = {  # noqa: RUF012 - Scrapy's name for it
        "DOWNLOADER_MIDDLEWARES": {"benchmarks.crawl.WarcOnly": 995}
    }

    def parse(self, response: Response) -> None:
        """One parse."""
        lxml.html.fromstring(response.body or b"<html/>")


class WarcOnly:
    """Writes what passes to a WARC file."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._warc = WarcWriter(
            Path(self._folder.name),
            portal="bare",
            crawl=1,
            started_at=datetime.now(UTC),
            info={"software": "bare"},
        )

    def process_response(self, request: Request, response: Response) -> Response:
        """Write one exchange."""
        self._warc.write(exchange_of(request, response))
        return response


def bare(spider: str, urls: list[str]) -> float:
    """Seconds that a bare spider takes, in this process."""
    process = AsyncCrawlerProcess(TUNED)
    crawler = process.create_crawler({"bare": Bare, "keeping": Keeping}[spider])
    process.crawl(crawler, urls=urls)
    process.start()
    assert isinstance(crawler.spider, Bare)
    return crawler.spider.seconds


def ours(port: int, folder: Path) -> tuple[float, list[str]]:
    """Seconds that `scrapy crawl` takes from its first request to its end, and what it asked for."""
    where = ["-s", f"ARCHIVE_DB={folder / 'archive.db'}", "-s", f"ARCHIVE_WARC_DIR={folder / 'warc'}"]
    words = ["crawl", "sample", "-a", f"url=http://127.0.0.1:{port}/", "-a", "media=0"]
    command = [sys.executable, "-m", "scrapy", *words, *where]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        started, finished = connection.execute("SELECT started_at, finished_at FROM crawls").fetchone()
        urls = [row[0] for row in connection.execute("SELECT target_uri FROM captures")]
    return (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds(), urls


def apart(spider: str, urls: list[str]) -> float:
    """Seconds that a bare spider takes in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.crawl", "--bare", spider]
    ran = subprocess.run(command, input=json.dumps(urls), capture_output=True, text=True, check=True)
    return float(ran.stdout)


def main(articles: int) -> None:
    """Print the pages a second of each, and the ratios."""
    command = [sys.executable, "-m", "benchmarks.replay_server", str(articles)]
    rates: dict[str, list[float]] = {"scrapy crawl": [], "bare": [], "keeping": []}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline().split()[0])
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                seconds, urls = ours(port, Path(folder))
            rates["scrapy crawl"].append(len(urls) / seconds)
            for spider in ("bare", "keeping"):
                rates[spider].append(len(urls) / apart(spider, urls))
        server.terminate()
    pages = {name: statistics.median(found) for name, found in rates.items()}
    print(f"{len(urls)} pages, medians of {ROUNDS} rounds, {os.cpu_count()} cores")
    for name, wanted in (("scrapy crawl", None), ("bare", 0.4), ("keeping", 0.8)):
        ratios = [own / other for own, other in zip(rates["scrapy crawl"], rates[name], strict=True)]
        ratio = f"   ours is {statistics.median(ratios):.2f} x (to reach: {wanted} x)" if wanted else ""
        print(f"{name:<14}{pages[name]:>7.0f} pages/s{ratio}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        print(bare(sys.argv[2], json.load(sys.stdin)))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 2000)
