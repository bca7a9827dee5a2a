"""The records that travel from a page to the archive: one line of meaning for each field.

Names follow schema.org NewsArticle in snake_case, and WARC's words for captures. A value that is absent is
None (or an empty tuple), never "" and never "None". All text is NFC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

OUTCOMES: dict[str, str] = {
    "article_new": "an article that was not in the archive before",
    "article_changed": "a known article whose content differs from what was kept: a new revision",
    "article_unchanged": "a known article, the same as kept",
    "id_reused": "a known id under another headline, alias and date: kept apart, never a revision",
    "withheld": "an article that must not be shown: kept in the WARC, and nothing of it here",
    "listing": "a page that lists articles: home, category, topic",
    "list_emptied": "a list that named articles before and names none now",
    "feed": "a sitemap or an RSS feed",
    "robots": "robots.txt, whatever its status",
    "duplicate": "an article's page under another address than its canonical one, which is asked for",
    "redirect": "a redirect to another page of the portal, which is asked for",
    "redirect_away": "an article's address that leads to a list: the article is not there any more",
    "redirect_offsite": "a redirect to another site, which is not followed",
    "redirect_endless": "a redirect in a circle, or one too many in a row, which is not followed",
    "not_found": "404 or 410: not public when asked",
    "soft_not_found": "a not-found page that answers 200, as NukeViet 3.4 does",
    "members_only": "a page that only members of the portal may read",
    "blocked": "NukeViet's flood page, whatever its status",
    "media": "a file that was asked for, kept as it came",
    "media_missing": "a page in the place of a file: the portal has lost it",
    "not_html": "something that is not a page, at the address of a page",
    "kept_unparsed": "a page of another module, kept and not read further",
    "parse_error": "a page that should be readable and is not",
    "unrecognised": "a page of no software that is known here",
    "http_error": "any other HTTP status that is not 200",
    "no_response": "no answer: name not found, refused, timed out, cut off",
    "robots_denied": "not asked for, since robots.txt forbids it",
    "robots_unreachable": "not asked for, since its host's robots.txt cannot be had",
    "retried": "an answer that was asked for again; only the last answer for a URL counts",
}
"""Every way in which one URL, or one capture of it, can end, and what it means."""


class ParseError(Exception):
    """A page that should be readable and is not; raised by the parsers with the URL and the field."""

    def __init__(self, url: str, field: str, detail: str = "") -> None:
        super().__init__(url, field, detail)
        self.url = url
        self.field = field
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.field}: {self.detail or 'not found'} at {self.url}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """One statement about when an article was published (or, for microdata, edited)."""

    source: str  # visible, meta, microdata, updated, sitemap, rss, list
    text: str  # as printed
    iso: str | None  # local time +07:00, YYYY-MM-DDTHH:MM+07:00 or shorter; None when unreadable
    weekday_conflict: bool = False  # the printed weekday is not that date's


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file that an article offers."""

    name: str  # as the portal names it
    url: str  # absolute
    media_type: str | None = None  # by the name's extension; None when that says nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class MediaFile:
    """A file as one capture shows it."""

    size: int  # bytes
    sha256: str  # hexadecimal
    media_type: str | None  # as its first bytes show, else as the server says; None when neither does


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A picture of an article."""

    url: str  # absolute
    caption: str | None = None  # the figure's caption, else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """One article as one capture of its page shows it."""

    cms_id: str  # the CMS's own number, or the canonical path where it has none
    module: str  # the site's own name of the module, "news" on most
    in_language: str  # BCP 47, "vi" on most
    url: str  # canonical, absolute
    headline: str
    description: str | None = None  # the lead, NukeViet's hometext
    article_body: str | None = None  # blocks joined by a blank line
    article_body_html: str | None = None  # sanitised; links and images absolute
    article_section: str | None = None  # the main category's title
    section_path: tuple[str, ...] = ()  # category titles from the top to article_section
    author: str | None = None  # as the portal's author line says; never an account name
    byline: str | None = None  # the right-aligned name that ends the body
    source: str | None = None  # where the portal took it from
    keywords: tuple[str, ...] = ()
    date_published: str | None = None  # +07:00 to the minute, or as short as printed
    date_published_text: str | None = None  # as printed on the visible line
    date_source: str | None = None  # the witness that date_published comes from
    date_flags: tuple[str, ...] = ()  # sorted; see crawler.witnesses.FLAGS
    date_modified: str | None = None  # +07:00; None when it equals the publication
    witnesses: tuple[Witness, ...] = ()
    view_count: int | None = None  # as printed
    comment_count: int | None = None  # as printed
    rating_value: float | None = None  # mean of the votes, 1 to 5
    rating_count: int | None = None  # votes
    topic: str | None = None  # the dossier ("Theo dòng sự kiện") it belongs to
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    videos: tuple[str, ...] = ()  # absolute URLs of embedded players and video files
    parser: str  # name and version, "nukeviet/1"
    trace: tuple[tuple[str, str], ...] = field(
        default=(), compare=False
    )  # (field, the selector that gave it)


class ArticleNumber(NamedTuple):
    """What names an article on its portal."""

    in_language: str
    module: str
    cms_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingItem:
    """One article as a list, a feed or a sitemap names it."""

    url: str  # absolute, as printed
    in_language: str | None = None  # None when neither the URL nor the page says
    module: str | None = None
    cms_id: str | None = None
    headline: str | None = None
    witness: Witness | None = None  # what it says of the publication date
    view_count: int | None = None
    comment_count: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Somewhere on the portal that a page leads to."""

    url: str  # absolute, on the portal's own hosts, without fragment
    kind: str  # article, listing, feed; page, file (recorded as known); more: see crawler.following
    number: ArticleNumber | None = None  # the article it leads to, where a list says so


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What one list page, feed or sitemap names."""

    url: str
    kind: str  # home, category, topic, sitemap_index, sitemap, rss
    items: tuple[ListingItem, ...] = ()
    next_url: str | None = None  # the next page of the same list


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """One HTTP response, live or from a WARC, as the parsers get it."""

    url: str
    status: int
    media_type: str | None  # lower case, without parameters; None when the header is missing
    charset: str | None = None  # as the Content-Type header says
    location: str | None = None  # a redirect's target as printed
    body: bytes  # decoded: no gzip, no chunks
    fetched_at: datetime  # aware
    truncated: str | None = None  # WARC's word for why the body may not be whole: length, time, disconnect


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one response turned out to be."""

    outcome: str  # a key of OUTCOMES; "article" until the archive says new, changed or unchanged
    article: Article | None = None
    listing: Listing | None = None
    file: MediaFile | None = None
    links: tuple[Link, ...] = ()
    message: str | None = None  # plain words, for what went wrong
    site: str | None = None  # the software that was recognised, "NukeViet 4.4.08 (egov)"
    asked: ArticleNumber | None = (
        None  # the article that the address names, where it is not that article's page
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One request that was made, and where its answer is kept."""

    record_id: str  # the response's WARC-Record-ID without its angle brackets; made up when nothing answered
    crawl: int | None  # id of the crawl that asked
    portal: str  # portal key
    target_uri: str
    fetched_at: datetime  # UTC
    status: int | None = None  # None when nothing answered
    media_type: str | None = None
    payload_digest: str | None = None  # of the body as it came, "sha1:…"
    warc_file: str | None = None  # file name inside the WARC folder
    warc_offset: int | None = None  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A capture and what it turned out to be: what the spider hands to the archive."""

    capture: Capture
    reading: Reading
    asked_as: str | None = None  # the kind of link that led to it; None when not known, as in a WARC file
    owed: tuple[Link, ...] = ()  # what this crawl must ask for because of it
