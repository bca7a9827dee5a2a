"""Keeping a crawl: every answer into the WARC first, then, in whole transactions, into the archive.

No Scrapy here: the extension feeds it. An answer waits until its page was read; pages wait for the next
flush, which brings the WARC to the disk before it commits the rows that point into it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crawler.archive import Archive, CrawlTotals, End, Ending, Run
from crawler.endings import as_fields
from crawler.items import Capture, Page, Reading
from crawler.portals import Portal
from crawler.warc import Exchange, WarcError, WarcWriter

PAGES_A_COMMIT = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlResult:
    """How a crawl ended."""

    status: str  # complete, partial, empty, failed
    message: str | None  # plain words; None when there is nothing to say
    totals: CrawlTotals
    kept: int = 0  # the portal's articles in the archive
    mode: str = "full"  # see crawler.archive.Run


class Keeper:
    """The archive side of one crawl of one portal."""

    def __init__(
        self,
        archive: Archive,
        *,
        portal: Portal,
        warc_folder: Path,
        run: Run,
        info: dict[str, str],
    ) -> None:
        """Open the first WARC file of a crawl that has begun. Raises ArchiveError or WarcError."""
        self.totals = CrawlTotals()
        self._archive = archive
        self.portal = portal
        self.run = run
        about = {**info, "crawl": str(self.run.crawl), "portal": portal.key}
        try:
            self._warc = WarcWriter(
                warc_folder, portal=portal.key, crawl=run.crawl, started_at=run.started_at, info=about
            )
        except WarcError as error:
            end = End(finished_at=run.started_at, status="failed", message=str(error), is_finished=False)
            archive.finish_crawl(self.run.crawl, end)
            raise
        self._unread: dict[str, Capture] = {}
        self._waiting: list[Page] = []

    def record(self, exchange: Exchange, media_type: str | None) -> Capture:
        """Write one exchange to the WARC; OSError when the disk does not take it.

        An earlier answer for the same URL that nobody has read was asked for again: it ends as retried.
        """
        written = self._warc.write(exchange)
        capture = Capture(
            record_id=written.record_id,
            crawl=self.run.crawl,
            portal=self.portal.key,
            target_uri=exchange.url,
            fetched_at=exchange.fetched_at,
            status=exchange.status,
            media_type=media_type,
            payload_digest=written.payload_digest,
            warc_file=written.warc_file,
            warc_offset=written.warc_offset,
        )
        if earlier := self._unread.pop(exchange.url, None):
            self._waiting.append(Page(capture=earlier, reading=Reading(outcome="retried")))
        self._unread[exchange.url] = capture
        return capture

    def settle(self, page: Page) -> None:
        """Take a page that was read; it is saved with the next flush."""
        if page.capture.crawl is None:
            page = replace(page, capture=replace(page.capture, crawl=self.run.crawl))
        earlier = self._unread.pop(page.capture.target_uri, None)
        if earlier is not None and earlier.record_id != page.capture.record_id:
            self._waiting.append(Page(capture=earlier, reading=Reading(outcome="retried")))
        self._waiting.append(page)
        if len(self._waiting) >= PAGES_A_COMMIT:
            self.flush()

    @property
    def is_saved(self) -> bool:
        """Whether everything that was settled is in the archive."""
        return not self._waiting

    @property
    def has_unread(self) -> bool:
        """Whether an answer is in the WARC that nobody has read yet."""
        return bool(self._unread)

    def seen(self) -> CrawlTotals:
        """What was met so far; the outcome of articles that wait for the next commit is "article"."""
        seen = CrawlTotals(outcomes=self.totals.outcomes.copy())
        for page in self._waiting:
            seen.add(page, page.reading.outcome)
        return seen

    def flush(self) -> None:
        """Save what was read so far: the WARC's bytes first. Raises OSError or ArchiveError; nothing is lost."""
        if self._waiting:
            self._warc.sync()
            self._archive.save(self._waiting, self.run.crawl, self.totals)
            self._waiting.clear()
            self._warc.release({capture.warc_file for capture in self._unread.values()})

    def finish(self, finished_at: datetime, *, home: Page | None, stopped: str | None) -> CrawlResult:
        """End the crawl in its one status and close the WARC.

        `home` is what the home page turned out to be; `stopped` says why it did not run to its end, None
        when it did. Answers that nobody read end as parse_error.
        """
        unread = Reading(outcome="parse_error", message="the answer was not read: see the log")
        self._waiting += [Page(capture=capture, reading=unread) for capture in self._unread.values()]
        self._unread.clear()
        self.flush()
        met = Met(
            totals=self.totals,
            kept=self._archive.article_count(self.portal.key),
            unread_before=self._archive.unread_in(self.run),
            is_continued=self.run.is_continued or self.run.mode == "probe",
        )
        status, message = judge(met, home, stopped)
        is_finished = stopped is None and status != "failed"
        end = End(finished_at=finished_at, status=status, message=message, is_finished=is_finished)
        self._warc.describe(as_fields(self._ending(end)))
        self._warc.sync()
        self._archive.finish_crawl(self.run.crawl, end)
        self._warc.close()  # last: what is left .open can still be told of another end
        self._archive.optimise()
        return CrawlResult(
            status=status, message=message, totals=self.totals, kept=met.kept, mode=self.run.mode
        )

    def _ending(self, end: End) -> Ending:
        since = datetime.fromisoformat(self.run.since)
        return Ending(started_at=self.run.started_at, run_started_at=since, mode=self.run.mode, end=end)

    def leave(self, finished_at: datetime, reason: str) -> CrawlResult:
        """End a crawl before its answers were read: partial, and the next start reads them in the .open WARC.

        Raises OSError or ArchiveError.
        """
        self.flush()
        return self._end_open("partial", finished_at, reason)

    def abandon(self, finished_at: datetime, reason: str) -> CrawlResult:
        """End a crawl whose bytes or rows could not be written: failed, WARC left .open for the next start."""
        return self._end_open("failed", finished_at, reason)

    def _end_open(self, status: str, finished_at: datetime, reason: str) -> CrawlResult:
        end = End(finished_at=finished_at, status=status, message=reason, is_finished=False)
        self._archive.finish_crawl(self.run.crawl, end)
        return CrawlResult(status=status, message=reason, totals=self.totals)


def portal_row(portal: Portal) -> dict[str, object]:
    """A portal as the archive registers it."""
    return {
        "key": portal.key,
        "name": portal.name,
        "kind": portal.kind,
        "url": portal.url,
        "hosts": sorted(portal.hosts),
        "unit_code": portal.unit_code,
        "former_province": portal.former_province,
        "province": portal.province,
        "fate": portal.fate,
        "verified": portal.verified,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """What a crawl is judged by."""

    totals: CrawlTotals
    kept: int  # the portal's articles in the archive
    unread_before: int = 0  # URLs that earlier crawls of the same run could not read
    is_continued: bool = False  # the home page was an earlier crawl's to read


def judge(met: Met, home: Page | None, stopped: str | None) -> tuple[str, str | None]:
    """The one status of a crawl and what to tell a person about it (None for complete)."""
    totals, problems = met.totals, met.totals.problems + met.unread_before
    if home is None and not met.is_continued:
        return ("partial", stopped) if stopped else ("failed", "the home page was never answered")
    if home is not None and (reason := why_home_failed(home)):
        return "failed", reason
    if stopped:
        return "partial", stopped
    if not met.kept:
        start = f" from {home.capture.target_uri} on" if home else ""
        return "empty", f"no article was found{start}"
    if problems:
        return (
            "partial",
            f"{problems} of {totals.urls + met.unread_before} URLs could not be read; `crawls` names them",
        )
    return "complete", None


def why_home_failed(home: Page) -> str | None:
    """Why a crawl cannot begin at this home page, in plain words; None when it can."""
    url, reading, status = home.capture.target_uri, home.reading, home.capture.status
    detail = f" ({reading.message})" if reading.message else ""
    reasons = {
        "no_response": f"{url} does not answer{detail}. Is the address right, and is the portal still up?",
        "http_error": f"{url} answers with HTTP {status}. Try again later.",
        "not_found": f"{url} is not there (HTTP {status}). Is the address right?",
        "soft_not_found": f"{url} shows the portal's not-found page. Is the address right?",
        "blocked": f"{url} blocks us for asking too often{detail}. Wait a few minutes and try again.",
        "unrecognised": f"{url} is not a NukeViet site, and no other software is known here.",
        "redirect_offsite": f"{url} leads to another site{detail}. If the portal moved, give its new address.",
        "robots_unreachable": f"{url} was not asked for{detail}. Is the address right, and is the portal still up?",
        "robots_denied": f"{url} must not be crawled: its robots.txt forbids it.",
        "redirect_endless": f"{url} leads nowhere{detail}.",
        "members_only": f"{url} is for members only.",
        "not_html": f"{url} is not a web page{detail}.",
        "parse_error": f"{url} could not be read{detail}.",
    }
    return reasons.get(reading.outcome)
