"""What is in many files, before any page is read: so that captures come by date, each once, however files are named.

The index is a database of its own in a temporary file of SQLite's, which it removes by itself; memory stays flat.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crawler.portals import Portal
from crawler.warcin.files import Segment, UnreadableFileError, segments, stored_name
from crawler.warcin.owners import OwnCrawl, Owners, named_fields, origin_of, own_crawl
from crawler.warcin.pages import Filing
from crawler.warcin.records import Head, moment
from crawler.warcin.responses import Address, Place, address, is_html, is_wayback_capture
from crawler.warcin.scanning import Broken, Found, scan

_TABLE = """
CREATE TABLE records (
    file INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    record_id TEXT UNIQUE, url TEXT NOT NULL, fetched_at TEXT NOT NULL, digest TEXT,
    portal TEXT, crawl INTEGER, is_known INTEGER NOT NULL,
    is_revisit INTEGER NOT NULL, refers_to TEXT, refers_to_url TEXT, refers_to_date TEXT,
    UNIQUE (url, fetched_at, digest, is_revisit)
) STRICT
"""
_ADD = "INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_IN_ORDER = """
SELECT file, offset, length, url, portal, crawl, is_revisit, digest, refers_to, refers_to_url, refers_to_date,
    crawl IS NOT NULL AND EXISTS (SELECT 1 FROM records AS later WHERE later.url = records.url
        AND later.fetched_at > records.fetched_at AND later.crawl = records.crawl) AS is_retried
FROM records WHERE is_known = 0 ORDER BY fetched_at, record_id, file, offset
"""
_BY_ID = "SELECT file, offset, length FROM records WHERE record_id = ? AND is_revisit = 0"
_BY_URL = "SELECT file, offset, length FROM records WHERE url = ? AND fetched_at = ? AND is_revisit = 0"
_BY_DIGEST = (
    "SELECT file, offset, length FROM records WHERE digest = ? AND is_revisit = 0 ORDER BY fetched_at"
)
_MOST_HOSTS = 100_000
_LOOKS_A_HOST = 5
_MOST_NAMED = 100

IsKnown = Callable[[str | None, str, str, str | None], bool]
"""Whether the archive has a capture: by record id, or by address, time (as the archive writes it) and digest."""


@dataclass(kw_only=True)
class Tally:
    """What was met in the files, and what of it was left out."""

    files: int = 0  # that could be read
    unreadable: list[str] = field(default_factory=list)  # files, in words
    broken: list[tuple[Path, int, str]] = field(default_factory=list)  # file, byte, why
    responses: int = 0  # of the web, of any host, revisits too
    known: int = 0
    twice: int = 0
    unknown_hosts: Counter[str] = field(default_factory=Counter)
    other_kinds: Counter[str] = field(default_factory=Counter)
    broken_count: int = 0

    def add_broken(self, path: Path, offset: int, why: str) -> None:
        """Count a place that could not be read, and name it while they are few."""
        self.broken_count += 1
        if len(self.broken) < _MOST_NAMED:
            self.broken.append((path, offset, why))


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One record to be read."""

    place: Place
    original: Place | None  # what a revisit refers to, where it was found
    filing: Filing | None  # None for a host to be looked at
    is_retried: bool  # asked for again later in the same crawl


class Index:
    """The records of the files that were added."""

    def __init__(self, owners: Owners, is_known: IsKnown, *, discover: bool) -> None:
        self.tally = Tally()
        self.crawls: list[OwnCrawl] = []
        # By place in `crawls`: what their files say of them at the end.
        self.said: dict[int, dict[str, str]] = {}
        self.portals: dict[str, Portal] = {}  # of the captures found, by key
        self._owners = owners
        self._is_known = is_known
        self._discover = discover
        self._files: list[Path] = []
        self._records = sqlite3.connect("", isolation_level=None)
        self._records.execute("PRAGMA journal_mode = OFF")
        self._records.execute(_TABLE)
        self._records.execute("BEGIN")

    def close(self) -> None:
        """Remove the index."""
        self._records.close()

    def add(self, path: Path) -> Iterator[int]:
        """Look through one file; how many bytes of it were passed, now and then. A file that cannot be read counts."""
        self._files.append(path)
        try:
            for segment in segments(path):
                yield from self._add_segment(segment)
            self.tally.files += 1
        except UnreadableFileError as error:
            self.tally.unreadable.append(str(error))
        except OSError as error:
            self.tally.unreadable.append(f"{path} cannot be read ({error.strerror})")

    def _add_segment(self, segment: Segment) -> Iterator[int]:
        crawl: int | None = None
        warcinfo: str | None = None
        for found in scan(segment):
            if isinstance(found, Broken):
                self.tally.add_broken(segment.path, found.offset, found.why)
            elif found.head.kind == "warcinfo":
                crawl = self._crawl(own_crawl(found.head.filename, found.first))
                warcinfo = found.head.record_id
            elif crawl is not None and found.head.kind == "metadata" and found.head.refers_to == warcinfo:
                self.said[crawl] = named_fields(found.first)
            else:
                self._add_record(found, crawl)
            yield found.offset

    def _crawl(self, own: OwnCrawl | None) -> int | None:
        if own is None:
            return None
        if own not in self.crawls:
            self.crawls.append(own)
        return self.crawls.index(own)

    def _add_record(self, found: Found, crawl: int | None) -> None:
        head = found.head
        page = address(head) if head.kind in ("response", "revisit") else None
        if page is None or (page.url != head.url and not is_wayback_capture(found.first)):
            self.tally.other_kinds[_kind(head)] += 1
            return
        self.tally.responses += 1
        origin = origin_of(page.url)
        crawled = self.crawls[crawl].portal if crawl is not None else None
        portal = self._owners.of(origin, crawled)
        if portal is None:
            if not self._is_worth_a_look(origin, found):
                return
        else:
            self.portals.setdefault(portal.key, portal)
            if portal.key != crawled:
                crawl = None
        self._insert(found, page, portal, crawl)

    def _is_worth_a_look(self, origin: str, found: Found) -> bool:
        """Count a page of an unknown host; whether it is one of those from which the host is to be known."""
        hosts = self.tally.unknown_hosts
        netloc = origin.split("/")[2] if origin else ""
        hosts[netloc if netloc in hosts or len(hosts) < _MOST_HOSTS else "…"] += 1
        return self._discover and is_html(found.first) and hosts[netloc] <= _LOOKS_A_HOST

    def _insert(self, found: Found, page: Address, portal: Portal | None, crawl: int | None) -> None:
        head = found.head
        fetched_at = page.fetched_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        digest = head.payload_digest
        is_known = portal is not None and self._is_known(head.record_id, page.url, fetched_at, digest)
        referred = moment(head.refers_to_date)
        values = [
            *(len(self._files) - 1, found.offset, found.length, head.record_id, page.url, fetched_at, digest),
            *(portal.key if portal else None, crawl, is_known, head.kind == "revisit"),
            *(head.refers_to, head.refers_to_url),
            referred.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if referred else None,
        ]
        is_new = self._records.execute(_ADD, values).rowcount > 0
        self.tally.known += is_known and is_new
        self.tally.twice += not is_new

    def __len__(self) -> int:
        """How many records are to be read."""
        return int(self._records.execute("SELECT count(*) FROM records WHERE is_known = 0").fetchone()[0])

    def tasks(self, crawl_ids: Sequence[int], warc_folder: Path) -> Iterator[Task]:
        """Every record to be read, the oldest first; `crawl_ids` are the archive's, for each of `crawls`."""
        names = [stored_name(path, warc_folder) for path in self._files]
        self._records.execute("CREATE INDEX IF NOT EXISTS by_digest ON records (digest) WHERE is_revisit = 0")
        for row in self._records.execute(_IN_ORDER):
            file, offset, length, url, key, crawl, is_revisit, *refers, is_retried = row
            filing = None
            if key is not None:
                hosts = self._owners.hosts(self.portals[key], origin_of(url))
                asked = None if crawl is None else crawl_ids[crawl]
                filing = Filing(portal=key, hosts=hosts, crawl=asked, warc_file=names[file])
            yield Task(
                place=Place(path=self._files[file], offset=offset, length=length),
                original=self._original(*refers) if is_revisit else None,
                is_retried=bool(is_retried),
                filing=filing,
            )

    def _original(
        self, digest: str | None, record_id: str | None, url: str | None, date: str | None
    ) -> Place | None:
        """Where the record lies that a revisit refers to: by its id, its address and date, or its payload."""
        lookups: list[tuple[str, list[str | None]]] = [
            (_BY_ID, [record_id]),
            (_BY_URL, [url, date]),
            (_BY_DIGEST, [digest]),
        ]
        for query, values in lookups:
            if None not in values and (row := self._records.execute(query, values).fetchone()):
                file, offset, length = row
                return Place(path=self._files[file], offset=offset, length=length)
        return None


def _kind(head: Head) -> str:
    scheme = (head.url or "").partition(":")[0].lower()
    if head.kind in ("response", "revisit"):
        return (
            "of the Wayback Machine itself" if scheme.startswith("http") else scheme or "no address or date"
        )
    return head.kind or "no kind"
