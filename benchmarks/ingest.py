"""How fast `scrapy ingest` reads a WARC file: `python -m benchmarks.ingest [--articles N] [--rounds N]`.

A sample portal of N articles is crawled once; then, in turns, each in processes of its own: loops that only read the
file and parse its pages with lxml (warcio's reader, fastwarc's), our ingest on one core and on two, database, search
index and ANALYZE included, and trafilatura on the first 300 pages. Best of the rounds. "processor" is the time of all
processes together: it says more than the clock where the machine is shared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.extraction import peers_python
from crawler.archive import Archive
from crawler.ingesting import Ingest
from crawler.registry import load_portals
from crawler.sample import serve

ROOT = Path(__file__).parent.parent
LOOPS = Path(__file__).parent / "ingest_loops.py"
PORTALS = ROOT / "spiders" / "portals.yml"
TRAFILATURA_PAGES = 300
MILLION = 1_000_000


@dataclass(kw_only=True)
class Row:
    """One line of the table."""

    name: str
    command: list[str]
    cores: int = 1
    pages: int = 0
    seconds: float = float("inf")  # the best round's
    processor: float = float("inf")
    peak: int = 0  # KiB, of the largest process; 0 when not measured

    def take_turn(self) -> None:
        """Run once, on its cores alone."""
        ran = subprocess.run(
            ["taskset", "--cpu-list", f"0-{self.cores - 1}", *self.command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found = json.loads(ran.stdout.splitlines()[-1])
        self.pages = found["pages"]
        self.seconds = min(self.seconds, found["seconds"])
        self.processor = min(self.processor, found["processor"])
        self.peak = max(self.peak, found.get("peak", 0))

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds

    @property
    def processor_rate(self) -> float:
        """Pages a second of processor."""
        return self.pages / self.processor


def ingest_once(path: Path, processes: int) -> None:
    """Read a file into a new archive, and print what it took."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        wall, processor = time.perf_counter(), _processor()
        with Archive(Path(folder) / "archive.db") as archive:
            run = Ingest(archive, portals=load_portals(PORTALS), warc_folder=path.parent, processes=processes)
            found = run.run([path], lambda *_: None)
        assert found.is_whole
        times = {"seconds": time.perf_counter() - wall, "processor": _processor() - processor}
    peak = max(resource.getrusage(who).ru_maxrss for who in _OF_ALL)
    print(json.dumps({"pages": found.totals.outcomes.total(), "peak": peak, **times}))


_OF_ALL = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _processor() -> float:
    used = [resource.getrusage(who) for who in _OF_ALL]
    return sum(one.ru_utime + one.ru_stime for one in used)


def crawled(articles: int, folder: Path) -> Path:
    """The WARC file of one crawl of a sample portal."""
    where = ["-s", f"ARCHIVE_DB={folder / 'crawled.db'}", "-s", f"ARCHIVE_WARC_DIR={folder / 'warc'}"]
    with serve(articles=articles) as portal:
        command = [sys.executable, "-m", "scrapy", "crawl", "sample", "-a", f"url={portal.url}", *where]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = (folder / "warc").glob("*.warc.gz")
    return path


def table(path: Path, rounds: int) -> list[Row]:
    """Every row, measured in turns."""
    peers = str(peers_python())
    ours = [sys.executable, "-m", "benchmarks.ingest", "--ingest", str(path)]
    rows = [
        Row(name="only read and parse, warcio", command=[peers, str(LOOPS), "warcio", str(path)]),
        Row(name="only read and parse, fastwarc", command=[peers, str(LOOPS), "fastwarc", str(path)]),
        Row(name="ingest, one core", command=[*ours, "--processes", "1"]),
        Row(name="ingest, two cores", command=[*ours, "--processes", "2"], cores=2),
    ]
    for _ in range(rounds):
        for row in rows:
            row.take_turn()
    slow = [peers, str(LOOPS), "trafilatura", str(path), str(TRAFILATURA_PAGES)]
    rows.append(Row(name="trafilatura", command=slow))
    rows[-1].take_turn()
    return rows


def in_words(rows: list[Row]) -> str:
    """The table, and what follows from it."""
    lines = [f"{'':<32}{'pages/s':>9}{'pages/s of processor':>22}{'peak of a process':>19}"]
    lines += [
        f"{row.name:<32}{row.rate:>9.0f}{row.processor_rate:>22.0f}"
        + (f"{row.peak / 1024:>16.0f} MB" if row.peak else "")
        for row in rows
    ]
    warcio, fastwarc, one, two, _ = rows
    shares = [
        f"{one.rate / loop.rate:.2f} of the loop with {loop.name.split()[-1]}" for loop in (warcio, fastwarc)
    ]
    worked = [f"{one.processor_rate / loop.processor_rate:.2f}" for loop in (warcio, fastwarc)]
    lines.append("")
    lines.append(f"one core: {' and '.join(shares)} (by processor {' and '.join(worked)})")
    lines.append(f"two cores: {two.rate / one.rate:.2f} times one")
    minutes = [MILLION / row.rate / 60 for row in (one, two)]
    lines.append(f"a million pages: {minutes[0]:.0f} minutes on one core, {minutes[1]:.0f} on two")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=2000, help="how many the sample portal has")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--warc", type=Path, help="a file of `scrapy crawl sample` to take instead of a new one"
    )
    parser.add_argument("--ingest", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, default=1, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ingest:
        ingest_once(options.ingest, options.processes)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.warc or crawled(options.articles, Path(folder))
        print(f"{path.stat().st_size / 1e6:.0f} MB of WARC; {os.cpu_count()} cores")
        print(in_words(table(path, options.rounds)))


if __name__ == "__main__":
    main()
