"""How much memory `scrapy ingest` takes over much WARC: `python -m benchmarks.ingest_memory [--gigabytes N]`.

Writes WARC files as a crawl of a sample portal would: the page of an article, then the picture that it shows, made of
bytes that cannot be compressed. Then `scrapy ingest` reads them into a new archive, on all cores, while each of its
processes is asked four times a second for the most memory that it ever held (VmHWM). Takes half an hour for the 5 GB.
"""

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from crawler import warc
from crawler.sample import truth
from crawler.sample.answers import Request
from crawler.sample.portal import SamplePortal
from crawler.warc import Exchange, WarcWriter

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1:8000"
STARTED = datetime(2026, 1, 1, tzinfo=UTC)
PICTURE_BYTES = 40_000
ARTICLES_A_GIGABYTE = 20_000  # about 50 kB of WARC each
A_ROUND = timedelta(seconds=2)


def exchanges(articles: int) -> Iterator[Exchange]:
    """Every article's page, and a picture, as a crawl would have met them."""
    portal, dice, moments = SamplePortal(articles), random.Random(5), count()  # noqa: S311 - no secret
    for article in truth(articles):
        answer = portal.answer(Request(target=article.path, host=HOST))
        picture = b"\xff\xd8\xff" + dice.randbytes(PICTURE_BYTES)
        for path, headers, body in (
            (article.path, answer.headers, answer.body),
            (f"/uploads/news/{article.cms_id}.jpg", (("Content-Type", "image/jpeg"),), picture),
        ):
            yield Exchange(
                url=f"http://{HOST}{path}",
                method="GET",
                request_headers=(("User-Agent", "benchmark"),),
                status=200,
                protocol="HTTP/1.1",
                response_headers=headers,
                body=body,
                fetched_at=STARTED + next(moments) * A_ROUND,
            )


def write(folder: Path, gigabytes: float, *, as_one: bool) -> None:
    """Fill a folder with files of a gigabyte, as crawls write them, or with one."""
    if as_one:
        warc.ROLLOVER_BYTES = sys.maxsize
    info = {"software": "district-portal-archive/benchmark", "portal": "sample", "crawl": "1"}
    writer = WarcWriter(folder, portal="sample", crawl=1, started_at=STARTED, info=info)
    for exchange in exchanges(int(gigabytes * ARTICLES_A_GIGABYTE)):
        writer.write(exchange)
    writer.close()


def ingest(folder: Path) -> dict[int, int]:
    """Read them into a new archive; the most memory of each process, in MB, by its number."""
    where = ["-s", f"ARCHIVE_DB={folder.parent / 'archive.db'}", "-s", f"ARCHIVE_WARC_DIR={folder}"]
    peaks: dict[int, int] = {}
    with subprocess.Popen([sys.executable, "-m", "scrapy", "ingest", str(folder), *where], cwd=ROOT) as ran:
        while ran.poll() is None:
            for process in (ran.pid, *_children(ran.pid)):
                with contextlib.suppress(OSError, StopIteration):  # it has ended meanwhile
                    peaks[process] = max(_peak(process), peaks.get(process, 0))
            time.sleep(0.25)
    if ran.returncode:
        raise SystemExit(ran.returncode)
    return peaks


def _children(process: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def _peak(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1000


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, default=5.0, help="how much WARC, about (default: 5)")
    parser.add_argument("--one-file", action="store_true", help="one file instead of files of a gigabyte")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "warc"
        write(folder, options.gigabytes, as_one=options.one_file)
        sizes = [path.stat().st_size for path in folder.glob("*.warc.gz")]
        print(f"{sum(sizes) / 1e9:.1f} GB of WARC in {len(sizes)} files; {os.cpu_count()} cores", flush=True)
        began = time.monotonic()
        peaks = ingest(folder)
        print(f"{time.monotonic() - began:.0f} s; peak of each process: ", end="")
        print(", ".join(f"{peak} MB" for peak in peaks.values()))


if __name__ == "__main__":
    main()
