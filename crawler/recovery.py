"""What a crash left behind: torn WARC files are mended, and what no commit knew is read into the archive."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from crawler import warc
from crawler.archive import Archive
from crawler.endings import as_fields
from crawler.following import judged, scope_of
from crawler.items import Page
from crawler.keeping import PAGES_A_COMMIT
from crawler.portals import Portal
from crawler.warcin import read_responses
from crawler.warcin.pages import Filing, page_of
from crawler.worklist import Worklist

_FILE_NAME = re.compile(r"(?P<portal>.+)-(?P<started>\d{8}T\d{6}Z)-(?P<crawl>\d+)-\d{5}\.warc\.gz")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What was found in one WARC file that a crawl left open."""

    warc_file: str  # final name
    bytes_cut: int  # of a torn last record
    pages: int  # read into the archive now


def recover(archive: Archive, portal: Portal, warc_folder: Path) -> list[Recovered]:
    """Mend and finish the WARC files that earlier crawls of a registered portal left open, oldest first.

    Raises WarcError when one of them is still being written, ArchiveError when the archive takes no rows.
    """
    left = warc.left_open(warc_folder, portal.key)
    if left:  # nobody writes them, so their crawls are over
        archive.end_interrupted(portal.key, datetime.now(UTC))
    return [_recover_file(archive, portal, path) for path in left]


def _recover_file(archive: Archive, portal: Portal, path: Path) -> Recovered:
    cut = warc.repair(path)
    name = path.name.removesuffix(warc.OPEN_SUFFIX)
    if not path.stat().st_size:
        path.unlink()
        return Recovered(warc_file=name, bytes_cut=cut, pages=0)
    crawl = _crawl_of(archive, name)
    worklist = _worklist(archive, portal, crawl)
    known = archive.last_offset(name)
    pages = _pages(portal, path, name, crawl, after=-1 if known is None else known)
    count = 0
    while batch := list(islice(pages, PAGES_A_COMMIT)):
        if worklist is not None:
            batch = [_followed(page, worklist) for page in batch]
        archive.save(batch, crawl, archive.crawl_totals(crawl) if crawl is not None else None)
        if worklist is not None:
            worklist.saved()
        count += len(batch)
    if crawl is not None:
        warc.describe(path, as_fields(archive.ending(crawl)))
    warc.finish(path)
    return Recovered(warc_file=name, bytes_cut=cut, pages=count)


def _worklist(archive: Archive, portal: Portal, crawl: int | None) -> Worklist | None:
    """What the crawl that was interrupted would have asked for next; None when it is not known any more."""
    if crawl is None:
        return None
    now = datetime.now(UTC)
    return Worklist(archive.frontier(portal.key, now), archive.run_of(crawl), now, scope_of(portal))


def _followed(page: Page, worklist: Worklist) -> Page:
    """A page as its own crawl would have saved it: with what it leads to."""
    kind = worklist.asked_as(page.capture.target_uri)
    page = worklist.judged(replace(page, reading=judged(page.reading, kind), asked_as=kind))
    worklist.settled(page)
    return replace(page, owed=worklist.admit(page))


def _crawl_of(archive: Archive, name: str) -> int | None:
    match = _FILE_NAME.fullmatch(name)
    if match is None:
        return None
    crawl = int(match["crawl"])
    return crawl if archive.is_crawl(crawl, match["portal"], match["started"]) else None


def _pages(portal: Portal, path: Path, name: str, crawl: int | None, *, after: int) -> Iterator[Page]:
    for response in read_responses(path, after=after):
        hosts = portal.hosts | {
            urlsplit(response.url).netloc.lower()
        }  # only the portal itself was ever asked
        yield page_of(response, Filing(portal=portal.key, hosts=hosts, crawl=crawl, warc_file=name))
