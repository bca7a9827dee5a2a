"""Crawls in processes of their own: run, limited, interrupted, killed, and looked at afterwards."""

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.sample import truth
from tests.torture.portal import TestPortal

ROOT = Path(__file__).parents[2]
FAKES = Path(__file__).parent / "fakes"
PATIENCE = 90
"""Seconds after which a crawl that has not ended is a failed scenario."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a process ended."""

    code: int  # negative: the signal that ended it
    said: str  # standard output
    log: str  # standard error
    peak_mb: int  # resident memory at most, MiB


class Process:
    """A crawl that runs."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        *,
        limit: int | None = None,
        env: Mapping[str, str] | None = None,
        stdout: Path | None = None,
    ) -> None:
        self._peak_kb = 0
        self._out, self._err = stdout or folder / "stdout", folder / "stderr"
        with self._out.open("ab" if stdout else "wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"PYTHONUTF8": "1"} | dict(env or {}),
                stdout=out,
                stderr=out if stdout else err,
            )
        if limit is not None:
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (limit, limit))

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal; one that comes too late is no fault."""
        self._process.send_signal(number)

    def has_open(self, path: Path) -> bool:
        """Whether it holds a file open (as Linux tells)."""
        try:
            return any(link.readlink() == path for link in Path(f"/proc/{self._process.pid}/fd").iterdir())
        except FileNotFoundError:  # it has just ended, or closed that file
            return False

    def wait_until(self, condition: Callable[[], object]) -> bool:
        """Whether the condition came true while the process ran."""
        while self.running:
            if condition():
                return True
            time.sleep(0.001)
        return False

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Its end. A process that does not end is killed, and an AssertionError says so."""
        deadline = time.monotonic() + patience
        while self._process.poll() is None:
            self._peak_kb = max(self._peak_kb, self._resident_kb())
            if time.monotonic() > deadline:
                self._process.kill()
                self._process.wait()
                raise AssertionError(f"it did not end within {patience} s")
            time.sleep(0.005)
        return Ended(
            code=self._process.returncode,
            said=self._out.read_text(errors="replace"),
            log=self._err.read_text(errors="replace"),
            peak_mb=self._peak_kb // 1024,
        )

    def _resident_kb(self) -> int:
        """Its peak so far, as Linux tells; the rusage of a child would count what its parent held when it forked."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) if found else 0  # it has just ended


class Bench:
    """A folder with an archive, and what is done to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "archive.db"
        self.warc = folder / "warc"

    def fresh(self, name: str) -> "Bench":
        """An archive of its own in a folder below."""
        folder = self.folder / name
        folder.mkdir()
        return Bench(folder)

    def start(self, portal: TestPortal | str, *options: str, **limits: Any) -> Process:
        """Begin a crawl of the sample portal at an address of this machine."""
        url = portal if isinstance(portal, str) else portal.url
        return self._start("sample", url, *options, **limits)

    def _start(self, key: str, url: str, *options: str, **limits: Any) -> Process:
        where = ["-s", f"ARCHIVE_DB={self.db}", "-s", f"ARCHIVE_WARC_DIR={self.warc}"]
        command = [sys.executable, "-m", "scrapy", "crawl", key, "-a", f"url={url}", *where, *options]
        return Process(command, self.folder, **limits)

    def ingest(self) -> Ended:
        """Read the WARC files that the archive does not know."""
        where = ["-s", f"ARCHIVE_DB={self.db}", "-s", f"ARCHIVE_WARC_DIR={self.warc}"]
        command = [sys.executable, "-m", "scrapy", "ingest", str(self.warc), *where]
        return Process(command, self.folder).wait()

    def crawl_any(self, url: str, *options: str, **limits: Any) -> Ended:
        """Crawl a portal that nobody registered to the end."""
        return self._start("portal", url, *options, **limits).wait()

    def crawl(self, portal: TestPortal | str, *options: str, **limits: Any) -> Ended:
        """Crawl to the end."""
        return self.start(portal, *options, **limits).wait()

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.db)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query, values)]

    def status(self) -> str | None:
        """How the latest crawl ended; None when none was begun."""
        found = self.rows("SELECT status FROM crawls ORDER BY id DESC LIMIT 1")
        return str(found[0]["status"]) if found else None

    def outcomes(self, target: str) -> list[str]:
        """What each answer at an address ended as, oldest first."""
        query = "SELECT outcome FROM captures WHERE target_uri LIKE '%' || ? ORDER BY fetched_at, record_id"
        return [row["outcome"] for row in self.rows(query, target)]

    def written(self) -> int:
        """Bytes in the WARC file that is being written."""
        return sum(path.stat().st_size for path in self.warc.glob("*.open"))

    def kill_at(self, portal: TestPortal, requests: int, *options: str) -> None:
        """Begin a crawl and kill it after so many requests. It gets no further answer, so that it cannot end before."""
        until = len(portal.asked) + requests
        killed = Event()
        portal.on_request = lambda number: None if number < until else _wait(killed)
        process = self.start(portal, *options)
        reached = process.wait_until(lambda: len(portal.asked) >= until)
        self.kill(process)
        portal.on_request = None
        killed.set()
        assert reached, "it ended before it was killed"

    def kill(self, process: Process) -> Ended:
        """As a power cut ends a process: at once."""
        process.signal(signal.SIGKILL)
        return process.wait()

    def assert_sound(self, *, closed: bool = True) -> None:
        """The database and every WARC file are whole; once closed, they agree record by record."""
        with closing(sqlite3.connect(self.db)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        if not closed:
            return
        files = sorted(self.warc.glob("*.warc.gz*"))
        assert [path for path in files if path.name.endswith(".open")] == []
        checker = Checker(type("Options", (), {"inputs": [str(path) for path in files], "verbose": False}))
        checker.process_all()
        assert checker.exit_value == 0, "warcio check"
        in_files = {(path.name, *place) for path in files for place in responses(path)}
        known = self.rows(
            "SELECT warc_file, warc_offset, record_id FROM captures WHERE warc_file IS NOT NULL"
        )
        assert {tuple(row.values()) for row in known} == in_files, "captures and records differ"

    def assert_articles(self, articles: int) -> None:
        """Every article of the sample portal is there, once, and no other."""
        found = self.rows("SELECT cms_id, headline FROM articles")
        assert len(found) == len({row["cms_id"] for row in found}), "an article is there twice"
        wanted = {article.cms_id: article.headline for article in truth(articles)}
        assert {row["cms_id"]: row["headline"] for row in found} == wanted, "articles are missing or others"


def _wait(event: Event) -> None:
    event.wait(PATIENCE)


def responses(path: Path) -> Iterator[tuple[int, str]]:
    """Offset and id of each response record, those included whose body is too large to be read."""
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        for record in records:
            if record.rec_type == "response":
                yield records.offset, record.rec_headers.get_header("WARC-Record-ID").strip("<>")
