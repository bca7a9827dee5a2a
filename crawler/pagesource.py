"""Where one page comes from, for the commands that look at a single one: a file, the archive, or its portal."""

import argparse
import sqlite3
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.exceptions import IgnoreRequest, UsageError
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.archive import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.times import utc_text
from crawler.cms.response import fetched_answer, why_no_response
from crawler.cms.web import absolute, clean_url, parse_html
from crawler.commandline import CheckedCommand
from crawler.items import Fetched, ParseError
from crawler.livecheck import LOOK_ONLY, name_visitor
from crawler.pacing import RobotsUnreachableError
from crawler.portals import RegistryError, contact_problem, is_loopback
from crawler.registry import portal_at
from crawler.warcin import (
    Place,
    RevisitError,
    UnreadableFileError,
    UnreadableRecordError,
    read_at,
    read_responses,
    revisited,
)
from crawler.warcin.kept import original_of, place_of
from crawler.warcin.pages import fetched
from crawler.warcin.records import Head, moment

_MEDIA_TYPES = {
    ".htm": "text/html",
    ".html": "text/html",
    ".txt": "text/plain",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}
_NEWEST = """
SELECT fetched_at, warc_file, warc_offset FROM captures
WHERE target_uri IN (?, ?) AND warc_file IS NOT NULL ORDER BY fetched_at DESC LIMIT 1
"""
_ORIGINALS = """
SELECT record_id, target_uri, fetched_at, payload_digest, warc_file, warc_offset FROM captures
WHERE warc_file IS NOT NULL AND (
    record_id = :record_id OR (target_uri = :url AND fetched_at = :date) OR payload_digest = :digest)
ORDER BY record_id = :record_id DESC, fetched_at LIMIT 20
"""


class PageError(Exception):
    """A page cannot be had; the text says why and what to do next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPage:
    """One response, and where it was found."""

    fetched: Fetched
    origin: str  # one line for a person
    hosts: frozenset[str]  # of the page's portal, as crawler.cms.read_response takes them


class PageCommand(CheckedCommand):
    """A command that looks at one page."""

    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        """How it is called."""
        return "[options] URL|FILE"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The options that say which page it is."""
        super().add_options(parser)
        parser.add_argument("--url", help="the page's address, for a FILE; in a WARC file, which page of it")
        parser.add_argument(
            "--live", action="store_true", help="ask the portal, even for a page that the archive holds"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Find the page and look at it; what keeps that from happening is one line, and exit code 1."""
        if len(args) != 1:
            raise UsageError("name one page: its address or a file", print_help=False)
        assert self.settings is not None  # noqa: S101 - Scrapy's own invariant, for the types
        try:
            self.look(find_page(args[0], opts, self.settings, self.crawler_process), opts)
        except PageError as error:
            print(f"Error: {error}")
            self.exitcode = 1

    @abstractmethod
    def look(self, page: FoundPage, opts: argparse.Namespace) -> None:
        """What the command does with the page. Raises PageError."""


def find_page(name: str, opts: argparse.Namespace, settings: BaseSettings, process: object) -> FoundPage:
    """The page that a command was called with: `name` is an address or a file, `opts` has `url` and `live`.

    An address is looked up in the archive, and asked for through `process` when it is not there; nothing is
    written to the archive. Raises PageError in plain words.
    """
    if "://" in name:
        url = _address(name)
        found = None if opts.live else _kept(url, name, settings)
        fetched, origin = found or _asked(url, settings, process)
    else:
        path = Path(name)
        if not path.is_file():
            raise PageError(f"there is no file {name}; an address begins with http:// or https://")
        find = _in_warc if ".warc" in path.suffixes else _in_file
        fetched, origin = find(path, _address(opts.url) if opts.url else None)
    try:
        portal = portal_at(fetched.url, Path(settings["ARCHIVE_PORTALS"]))
    except RegistryError as error:
        raise PageError(str(error)) from error
    return FoundPage(fetched=fetched, origin=origin, hosts=portal.hosts)


def _address(text: str) -> str:
    url = absolute("", text)
    if url is None:
        raise PageError(f"{text} is not an address: one begins with http:// or https:// and names a host")
    return clean_url(url)


def _in_file(path: Path, url: str | None) -> tuple[Fetched, str]:
    """A page that someone has saved; it is taken to be fetched when the file was written."""
    try:
        fetched = Fetched(
            url=url or "",
            status=200,
            media_type=_MEDIA_TYPES.get(path.suffix.lower()),
            body=path.read_bytes(),
            fetched_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        )
    except OSError as error:
        raise PageError(f"{path} cannot be read ({error.strerror})") from error
    if url is not None:
        return fetched, f"file {path}"
    canonical = _canonical(fetched)
    if canonical is None:
        raise PageError(f"{path} does not say its address (it has no canonical link): give it with --url")
    return replace(fetched, url=canonical), f"file {path}, which says this address itself"


def _canonical(fetched: Fetched) -> str | None:
    try:
        page = parse_html(fetched)
    except ParseError:
        return None
    return absolute("", page.css('link[rel="canonical"]::attr(href)').get())


def _in_warc(path: Path, url: str | None) -> tuple[Fetched, str]:
    """The newest response for an address in a WARC file."""
    if url is None:
        raise PageError(f"say which page of {path}: --url https://…")
    try:
        found = [record for record in read_responses(path) if clean_url(record.url) == url]
    except UnreadableFileError as error:
        raise PageError(str(error)) from error
    if not found and any(clean_url(page.url) == url for page in revisited(path)):
        raise PageError(
            f"{path} has no more than a revisit record for {url}: it says that the portal sent what an earlier record "
            f"has. Read both files into the archive (scrapy ingest), then: scrapy explain {url}"
        )
    if not found:
        raise PageError(f"{path} has no response for {url}")
    newest = max(found, key=lambda record: record.fetched_at)
    return fetched(
        newest
    ), f"{path}, byte {newest.offset}: the newest of {len(found)} responses for this address"


def _kept(url: str, as_typed: str, settings: BaseSettings) -> tuple[Fetched, str] | None:
    """The newest answer that the archive holds for an address; None when it holds none."""
    database = Path(settings["ARCHIVE_DB"])
    if not database.exists():
        return None
    try:
        with reading(database) as connection:
            row = connection.execute(_NEWEST, [url, as_typed]).fetchone()
            return None if row is None else _in_archive(connection, Path(settings["ARCHIVE_WARC_DIR"]), row)
    except ArchiveError as error:
        raise PageError(str(error)) from error


def _in_archive(connection: sqlite3.Connection, folder: Path, row: sqlite3.Row) -> tuple[Fetched, str]:
    place, name, offset = place_of(row, folder), row["warc_file"], row["warc_offset"]
    if place is None:
        raise PageError(
            f"the page was kept in {name}, which is not in {folder}: name its folder with "
            "-s ARCHIVE_WARC_DIR=…, or ask the portal again with --live"
        )
    origin = f"as kept on {row['fetched_at'][:10]} in {place.path}, byte {offset}"
    try:
        return fetched(read_at(place)), f"{origin}; --live asks the portal again"
    except RevisitError as error:
        original = _original(connection, folder, place, error.head)
    except (UnreadableRecordError, OSError) as error:
        raise PageError(f"{place.path} cannot be read at byte {offset} ({error})") from error
    if original is None:
        raise PageError(
            f"{place.path} has a revisit record at byte {offset}: it says that the portal sent what an earlier record "
            "has, and that is in no WARC file here. Bring its file back, or ask the portal again with --live"
        )
    page = fetched(read_at(place, original))
    return (
        page,
        f"{origin}, a revisit of {original.path}, byte {original.offset}; --live asks the portal again",
    )


def _original(connection: sqlite3.Connection, folder: Path, revisit: Place, head: Head) -> Place | None:
    """Where the record lies that a revisit refers to; None when no WARC file here has it, or it cannot be read."""
    date = moment(head.refers_to_date)
    refers = {"record_id": head.refers_to, "url": head.refers_to_url, "digest": head.payload_digest}
    captures = connection.execute(_ORIGINALS, {**refers, "date": date and utc_text(date)}).fetchall()
    with suppress(UnreadableRecordError, OSError):
        original = original_of(revisit, captures, folder)
        return place_of(original, folder) if original else None
    return None


class _PageSpider(Spider):
    """Asks for one page as a crawl would, and keeps nothing but the answer."""

    name = "page"
    custom_settings = LOOK_ONLY

    def __init__(self, *, url: str, answers: list[Response | Failure], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._url = url
        self._answers = answers

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, url: str, **arguments: Any) -> Self:
        """Return the spider; this machine's own servers need no politeness."""
        name_visitor(crawler)
        if is_loopback(url):
            crawler.settings.set("DOWNLOAD_DELAY", 0, priority="spider")
        return super().from_crawler(crawler, *args, url=url, **arguments)

    async def start(self) -> AsyncIterator[Request]:
        """Ask; crawler.robots asks for robots.txt before."""
        keep = self._answers.append
        yield Request(self._url, callback=keep, errback=keep, meta={"handle_httpstatus_all": True})


def _asked(url: str, settings: BaseSettings, process: object) -> tuple[Fetched, str]:
    """The portal's own answer, from one request."""
    if problem := contact_problem(url, settings["ARCHIVE_CONTACT"]):
        raise PageError(problem)
    assert isinstance(process, AsyncCrawlerProcess)  # noqa: S101 - Scrapy's own invariant, for the types
    answers: list[Response | Failure] = []
    process.crawl(_PageSpider, url=url, answers=answers)
    process.start()
    answer = answers[0] if answers else None
    if isinstance(answer, Response):
        origin = "asked just now; the archive is left as it was"
        if "dataloss" in answer.flags:
            origin += "; the connection broke before its end"
        return fetched_answer(answer, datetime.now(UTC)), origin
    error = answer.value if answer else None
    if isinstance(error, RobotsUnreachableError):
        raise PageError(f"{url} was not asked for: {error}")
    if isinstance(error, IgnoreRequest):
        raise PageError(f"{url} must not be asked for: its portal's robots.txt forbids it")
    raise PageError(f"{url} does not answer ({why_no_response(error) if error else 'stopped'})")
