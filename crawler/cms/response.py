"""A response's parts as the parsers get them, from a live crawl or from a WARC file."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from crawler.items import Capture, Fetched, Reading

if TYPE_CHECKING:  # readers of WARC files need no Scrapy
    from scrapy.http import Response


def fetched_response(
    *, url: str, status: int, headers: Iterable[tuple[str, str]], body: bytes, fetched_at: datetime
) -> Fetched:
    """A response for crawler.cms.read_response: `body` is decoded, of a repeated header the first counts."""
    first: dict[str, str] = {}
    for name, value in headers:
        first.setdefault(name.lower(), value)
    media_type, charset = media_type_and_charset(first.get("content-type"))
    return Fetched(
        url=url,
        status=status,
        media_type=media_type,
        charset=charset,
        location=first.get("location"),
        body=body,
        fetched_at=fetched_at,
    )


def fetched_answer(response: "Response", fetched_at: datetime) -> Fetched:
    """The same of a response of Scrapy's, decompressed."""
    return fetched_response(
        url=response.url,
        status=response.status,
        headers=header_pairs(response.headers.items()),
        body=response.body,
        fetched_at=fetched_at,
    )


def header_pairs(headers: Iterable[tuple[bytes, list[bytes]]]) -> list[tuple[str, str]]:
    """Scrapy's headers in order, repeated ones repeated; bytes that are not UTF-8 as Latin-1, as warcio does."""
    return [(name.decode("latin-1"), _text(value)) for name, values in headers for value in values]


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def media_type_and_charset(content_type: str | None) -> tuple[str | None, str | None]:
    """A Content-Type header's parts in lower case, each None when it does not say.

    >>> media_type_and_charset("text/html; Charset=UTF-8")
    ('text/html', 'utf-8')
    """
    media_type, _, parameters = (content_type or "").lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(" \"'")
    return media_type.strip() or None, charset or None


def unanswered(portal: str, url: str) -> Capture:
    """The capture of a request that just now ended without an answer; its id is made up."""
    return Capture(
        record_id=uuid4().urn, crawl=None, portal=portal, target_uri=url, fetched_at=datetime.now(UTC)
    )


_REASONS = {
    "CannotResolveHostError": "its name is not found, or leads to no public address",
    "DownloadConnectionRefusedError": "connection refused",
    "DownloadFailedError": "the connection broke before an answer",
    "DownloadTimeoutError": "timed out",
}


def why_no_response(error: BaseException | None) -> str:
    """Why a request ended without a response to read: plain words for Scrapy's own errors, else the error's."""
    if type(error).__name__ in ("IgnoreRequest", "BrokenAnswerError", "RobotsUnreachableError") and str(
        error
    ):
        return str(error)[:300]
    return _REASONS.get(type(error).__name__) or f"{type(error).__name__}: {error}"[:300]


def not_asked_again(*, was_refused: bool) -> Reading:
    """What an answer ends as that was to be asked for again when the crawl was stopped: it stands."""
    outcome = "blocked" if was_refused else "http_error"
    return Reading(outcome=outcome, message="the crawl was stopped before it was asked for again")
