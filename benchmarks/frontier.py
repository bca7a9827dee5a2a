"""What a large archive costs a crawl: the time until its first request, and the memory of many crawls at once.

Run as `python -m benchmarks.frontier [ARTICLES [PORTALS]]` (1,000,000 and 300). The archive is made of rows without
texts, spread over the portals, each of which owes as many URLs as it has articles. First one portal is crawled, and the
time from the command to its first request (that for robots.txt) is taken; then all of them in one process for a while,
politely, against one server on addresses of this machine, and the peak memory of that process and of the one that reads
for it is taken. Both figures stand in the last two lines.
"""

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter, sleep
from typing import TextIO

from crawler.archive import Archive

ALL_AT_ONCE_SECONDS = 60
HOME = "<html><head><meta name='generator' content='NukeViet v4.4'></head><body></body></html>"
SEEN = "2026-01-01T00:00:00.000000Z"


def address(number: int) -> str:
    """The host of the number-th portal, one of this machine's own."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


class _Server(asyncio.Protocol):
    first_at: float | None = None
    asked = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        for line in data.split(b"\r\n"):
            if line.startswith(b"GET "):
                _Server.asked += 1
                if _Server.first_at is None:
                    _Server.first_at = perf_counter()
                body = HOME.encode() if b" / " in line else b"<html>404</html>"
                status = b"200 OK" if b" / " in line else b"404 Not Found"
                head = b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (
                    status,
                    len(body),
                )
                self._transport.write(head + body)


def registry(path: Path, portals: int, port: int) -> None:
    """One portal for each address, each to be asked as a real one."""
    path.write_text(
        "".join(
            f"mau_{number}:\n  name: Huyện Mẫu {number}\n  url: http://{address(number)}:{port}/\n  delay: 2.1\n"
            for number in range(portals)
        ),
        encoding="utf-8",
    )


def fill(path: Path, articles: int, portals: int, port: int) -> None:
    """Make an archive of that many articles and owed URLs, without texts."""
    with Archive(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            "INSERT INTO portals (key, name, url, hosts, verified) VALUES (?, ?, ?, '[]', 1)",
            [(f"mau_{n}", f"Huyện Mẫu {n}", f"http://{address(n)}:{port}/") for n in range(portals)],
        )
        for start in range(0, articles, 50_000):
            numbers = range(start, min(start + 50_000, articles))
            urls = [f"http://{address(n % portals)}:{port}/vi/news/tin/bai-{n}.html" for n in numbers]
            keys = [f"mau_{n % portals}" for n in numbers]
            connection.executemany(
                "INSERT INTO captures (record_id, portal, target_uri, fetched_at, status, outcome, article, "
                "content_digest) VALUES (?, ?, ?, ?, 200, 'article_new', ?, 'x')",
                [
                    (f"urn:{n}", key, url, SEEN, n + 1)
                    for n, key, url in zip(numbers, keys, urls, strict=True)
                ],
            )
            connection.executemany(
                "INSERT INTO articles (id, article_key, portal, in_language, module, cms_id, headline, url, "
                "date_published, first_seen, record_id, content_digest, parser) "
                "VALUES (?, ?, ?, 'vi', 'news', ?, 'Bài', ?, '2015-01-01', ?, ?, 'x', 'x')",
                [
                    (n + 1, f"{key}/vi/news/{n}", key, str(n), url, SEEN, f"urn:{n}")
                    for n, key, url in zip(numbers, keys, urls, strict=True)
                ],
            )
            connection.executemany(
                "INSERT INTO article_texts (article) VALUES (?)", [(n + 1,) for n in numbers]
            )
            connection.executemany(
                "INSERT INTO revisions (article, first_seen, content_digest, record_id) VALUES (?, ?, 'x', ?)",
                [(n + 1, SEEN, f"urn:{n}") for n in numbers],
            )
            connection.executemany(
                "INSERT INTO known_urls (url, portal, kind, first_seen, found_in) VALUES (?, ?, 'article', ?, 'x')",
                [(f"{url}x", key, SEEN) for key, url in zip(keys, urls, strict=True)],
            )
        connection.commit()
        connection.execute("ANALYZE")


def scrapy(folder: Path, *words: str) -> list[str]:
    """A command over the archive that was made."""
    settings = {"DB": folder / "archive.db", "WARC_DIR": folder / "warc", "PORTALS": folder / "portals.yml"}
    named = [part for name, value in settings.items() for part in ("-s", f"ARCHIVE_{name}={value}")]
    return [sys.executable, "-m", "scrapy", *words, *named, "-s", "ARCHIVE_CONTACT=bench@archive.test"]


def start(folder: Path, log: TextIO) -> float:
    """Seconds from the command to the first request of a crawl."""
    began = perf_counter()
    with subprocess.Popen(scrapy(folder, "crawl", "mau_0"), stdout=log, stderr=log) as one:
        while _Server.first_at is None and one.poll() is None:
            sleep(0.01)
        assert _Server.first_at is not None, "nothing was asked for"
        one.send_signal(signal.SIGINT)
    return _Server.first_at - began


def all_at_once(folder: Path, portals: int, log: TextIO) -> tuple[int, float]:
    """The peak memory of a crawl of all portals in kB, its second process included, and the requests a second."""
    asked, peak = _Server.asked, 0
    command = scrapy(folder, "crawlall", "--limit", str(portals))
    with subprocess.Popen(command, stdout=log, stderr=log) as every:
        until = perf_counter() + ALL_AT_ONCE_SECONDS
        while perf_counter() < until:
            peak = max(peak, sum(map(resident, family(every.pid))))
            sleep(0.2)
        asked = _Server.asked - asked
        every.send_signal(signal.SIGINT)
    return peak, asked / ALL_AT_ONCE_SECONDS


def family(process: int) -> list[int]:
    """A process and its children, as Linux tells."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [process, *map(int, children.split())]


def resident(process: int) -> int:
    """A process's memory in kB, of what it shares with others its share; 0 when it has just ended."""
    try:
        found = re.search(
            r"^Pss:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE
        )
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(found[1]) if found else 0


def measure(folder: Path, portals: int) -> str:
    """Both figures in words. To be called while the server answers."""
    with (folder / "log").open("w") as log:
        seconds = start(folder, log)
        peak, rate = all_at_once(folder, portals, log)
    return (
        f"first request after {seconds:.2f} s (to reach: 2 s)\n"
        f"{portals} portals in one process, {rate:.0f} requests/s: "
        f"peak {peak / 1024:.0f} MB (to reach: 250 MB)"
    )


async def main(articles: int, portals: int) -> None:
    """Make the archive, then measure."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Server, "0.0.0.0", 0)  # noqa: S104 - all of this machine's own addresses
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        registry(folder / "portals.yml", portals, port)
        await loop.run_in_executor(None, fill, folder / "archive.db", articles, portals, port)
        size = (folder / "archive.db").stat().st_size / 1e6
        print(f"{articles:,} articles and as many URLs owed, archive.db of {size:,.0f} MB", flush=True)
        print(await loop.run_in_executor(None, measure, folder, portals))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(*(numbers + [1_000_000, 300][len(numbers) :])))
