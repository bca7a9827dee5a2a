"""From WARC files into the archive: first what is in them, then each capture by its date, as a live crawl would.

Nothing is taken twice, so it can be stopped at any time and run again.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from urllib.parse import urlsplit

from crawler.archive import Archive, CrawlTotals
from crawler.endings import from_fields
from crawler.items import Page
from crawler.keeping import portal_row
from crawler.portals import Portal
from crawler.warcin.index import Index, Tally
from crawler.warcin.owners import OwnCrawl, Owners
from crawler.warcin.reading import LeftOut, Result, Sighting, readers

PAGES_A_COMMIT = 500
_MOST_NAMED = 100

Progress = Callable[[str, int, int, str], None]
"""Called with what is done, how much of it, of how much, and in which unit."""


@dataclass(kw_only=True)
class Ingested:
    """What became of the files."""

    tally: Tally = field(default_factory=Tally)
    totals: CrawlTotals = field(default_factory=CrawlTotals)  # of the captures that are new in the archive
    unread: Counter[str] = field(default_factory=Counter)  # records that could not be read, by why
    named_unread: list[LeftOut] = field(default_factory=list)  # the first of them
    sightings: dict[str, Sighting] = field(default_factory=dict)  # by host; of hosts that no portal has
    crawls: int = 0  # of ours, that the files tell of
    seconds: float = 0.0
    is_stopped: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether everything that concerns the portals could be read."""
        unread = self.tally.unreadable or self.tally.broken_count or self.unread
        return not (unread or self.is_stopped or self.totals.outcomes["parse_error"])


class Ingest:
    """One run over some files."""

    def __init__(
        self, archive: Archive, *, portals: Mapping[str, Portal], warc_folder: Path, processes: int
    ) -> None:
        self._archive = archive
        self._owners = Owners(portals)
        self._warc_folder = warc_folder
        self._processes = processes
        self._totals: dict[int | None, CrawlTotals] = {}
        self._stop = False

    def stop(self) -> None:
        """End soon: what was read so far is kept."""
        self._stop = True

    def run(self, paths: Sequence[Path], progress: Progress, *, discover: bool = False) -> Ingested:
        """Take what is new in the files. Raises ArchiveError when the archive takes no rows."""
        began = time.monotonic()
        found = Ingested()
        with closing(Index(self._owners, self._archive.is_known, discover=discover)) as index:
            found.tally = index.tally
            self._look_through(index, paths, progress)
            if not self._stop:
                self._read(index, found, progress)
        found.is_stopped = self._stop
        found.seconds = time.monotonic() - began
        return found

    def _look_through(self, index: Index, paths: Sequence[Path], progress: Progress) -> None:
        total = sum(path.stat().st_size for path in paths)
        before = 0
        for path in paths:
            for passed in index.add(path):
                if self._stop:
                    return
                progress("looking through the files", (before + passed) >> 20, total >> 20, "MB")
            before += path.stat().st_size

    def _read(self, index: Index, found: Ingested, progress: Progress) -> None:
        for portal in index.portals.values():
            self._archive.register(portal_row(portal))
        crawl_ids = [self._restored(crawl, index) for crawl in index.crawls]
        for place, said in index.said.items():
            if crawl_ids[place] and (ending := from_fields(said)):
                self._archive.restore_end(crawl_ids[place], ending)
        found.crawls = len(index.crawls)
        total, done = len(index), 0
        waiting: list[Page] = []
        with readers(self._processes) as pool:
            for results in pool.read(index.tasks(crawl_ids, self._warc_folder)):
                waiting += self._sorted_out(results, found)
                done += len(results)
                if len(waiting) >= PAGES_A_COMMIT or self._stop:
                    self._save(waiting, found)
                    waiting.clear()
                progress("reading", done, total, "captures")
                if self._stop:
                    break
        self._save(waiting, found)
        self._archive.end_restored()
        if found.totals.outcomes:
            self._archive.optimise()

    def _restored(self, crawl: OwnCrawl, index: Index) -> int:
        if crawl.portal not in index.portals:  # none of its captures was taken
            return 0
        return self._archive.restore_crawl(crawl.portal, crawl.number, crawl.started_at)

    @staticmethod
    def _sorted_out(results: list[Result], found: Ingested) -> Iterator[Page]:
        for result in results:
            if isinstance(result, Page):
                yield result
            elif isinstance(result, LeftOut):
                found.unread[result.why] += 1
                if len(found.named_unread) < _MOST_NAMED:
                    found.named_unread.append(result)
            elif result.software:
                found.sightings.setdefault(urlsplit(result.url).netloc.lower(), result)

    def _save(self, pages: list[Page], found: Ingested) -> None:
        """Save pages, each portal's by date; a transaction for each crawl."""
        by_portal = sorted(pages, key=attrgetter("capture.portal"))
        for (_, crawl), group in groupby(by_portal, key=attrgetter("capture.portal", "capture.crawl")):
            totals = self._totals_of(crawl)
            before = totals.outcomes.copy()
            named = len(totals.named_problems)
            self._archive.save(list(group), crawl, totals)
            found.totals.outcomes += totals.outcomes - before
            found.totals.named_problems += totals.named_problems[named:]

    def _totals_of(self, crawl: int | None) -> CrawlTotals:
        if crawl not in self._totals:
            self._totals[crawl] = CrawlTotals() if crawl is None else self._archive.crawl_totals(crawl)
        return self._totals[crawl]
