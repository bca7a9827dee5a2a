"""From a record to a page: the very reading that a live crawl does, at the capture's own time."""

from dataclasses import dataclass, replace

from crawler.cms import read_response
from crawler.cms.response import fetched_response
from crawler.items import Capture, Fetched, Page, Reading
from crawler.warcin.responses import Response


def fetched(response: Response) -> Fetched:
    """A response as the parsers take it."""
    found = fetched_response(
        url=response.url,
        status=response.status,
        headers=response.headers,
        body=response.body,
        fetched_at=response.fetched_at,
    )
    return replace(found, truncated=response.truncated)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filing:
    """Where a capture belongs."""

    portal: str  # key
    hosts: frozenset[str]  # the portal's own
    crawl: int | None  # id of the crawl that asked; None for other writers' files
    warc_file: str  # as captures name it


def page_of(response: Response, filing: Filing, reading: Reading | None = None) -> Page:
    """A record's capture and what it holds: `reading` where that is known, else what the parsers read."""
    found = fetched(response)
    capture = Capture(
        record_id=response.record_id,
        crawl=filing.crawl,
        portal=filing.portal,
        target_uri=response.url,
        fetched_at=response.fetched_at,
        status=response.status,
        media_type=found.media_type,
        payload_digest=response.payload_digest,
        warc_file=filing.warc_file,
        warc_offset=response.offset,
    )
    return Page(capture=capture, reading=reading or _read(found, filing.hosts))


def _read(found: Fetched, hosts: frozenset[str]) -> Reading:
    try:
        return read_response(found, hosts=hosts)
    except Exception as error:  # noqa: BLE001 - a parser's bug loses no page: it is kept, counted and named
        message = f"a fault of the parser, please report it: {type(error).__name__}: {error}"
        return Reading(outcome="parse_error", message=message)
