"""What a response is and holds: one function for a live crawl and for WARC files, and a module for each CMS."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from parsel import Selector

from crawler.cms import nukeviet
from crawler.cms.feeds import Feed, looks_like_feed, parse_feed
from crawler.cms.media import media_file
from crawler.cms.nukeviet.pages import blocked_for, may_be_notice, seconds_to_wait
from crawler.cms.nukeviet.urls import Shape, classify
from crawler.cms.web import absolute, clean_url, decoded, has_end, is_own, parse_html
from crawler.items import Article, ArticleNumber, Fetched, Link, Listing, ParseError, Reading

_HTML_TYPES = frozenset(("text/html", "application/xhtml+xml"))
_GONE = frozenset((404, 410))


class Cms(Protocol):
    """What a module for one portal software offers; parsers are pure and never fetch."""

    name: str
    version: str

    def recognise(self, page: Selector, url: str) -> str | None:
        """The software in a few words, "NukeViet 4.x (egov)"; None when the page shows no sign of it."""

    def parse_listing(self, page: Selector, url: str) -> Listing:
        """What a list page names."""

    def parse_article(self, page: Selector, url: str, captured_at: datetime) -> Article:
        """The article of a page. Raises ParseError."""

    def read(self, page: Selector, fetched: Fetched, *, hosts: frozenset[str]) -> Reading | None:
        """What a page is and holds; None when it is another software's. Raises ParseError."""

    def read_feed(self, feed: Feed, fetched: Fetched, *, hosts: frozenset[str]) -> Reading:
        """What a sitemap or RSS feed names."""


CMSES: tuple[Cms, ...] = (nukeviet,)
"""Every known software; the first that recognises a page reads it."""


def read_response(fetched: Fetched, *, hosts: frozenset[str], requested: str = "page") -> Reading:
    """What one response is: its one outcome, and the article, list or links that it holds.

    `hosts` are the portal's own, in lower case, with the port where it is not the default one; http and https,
    with and without "www.", are the same. `requested` is the kind of link (crawler.items.Link) that led here:
    a redirect's target keeps it where its address does not say more. Never raises for what a site may send.
    """
    try:
        reading = _read(fetched, hosts, requested)
    except ParseError as error:
        reading = Reading(outcome="parse_error", message=str(error))
    if reading.article is None and reading.listing is None and (number := _number(fetched.url)):
        return replace(reading, asked=number)
    return reading


def _number(url: str) -> ArticleNumber | None:
    """The article that an address names; None where it leaves the module out, or is no article's."""
    target = classify(url, Shape())
    if target.kind != "article" or target.module is None or target.cms_id is None:
        return None
    return ArticleNumber(target.language or "vi", target.module, target.cms_id)


def _read(fetched: Fetched, hosts: frozenset[str], requested: str) -> Reading:
    if "/robots.txt" in fetched.url and urlsplit(fetched.url).path == "/robots.txt":
        return Reading(outcome="robots", links=_sitemaps(fetched, hosts))
    if 300 <= fetched.status < 400 and fetched.location:
        return _redirect(fetched, hosts, requested)
    if message := blocked(fetched):
        return Reading(outcome="blocked", message=message)
    if fetched.status != 200:
        outcome = "not_found" if fetched.status in _GONE else "http_error"
        return Reading(outcome=outcome, message=f"HTTP {fetched.status}")
    return _cut_short(fetched) or _read_body(fetched, hosts)


def _cut_short(fetched: Fetched) -> Reading | None:
    """What half an answer ends as, the same as in a live crawl (crawler.bounds); None for a whole one.

    A page that ends as it begins is whole, even if its server announced more.
    """
    why = fetched.truncated
    if why == "length":
        return Reading(outcome="parse_error", message="cut short: its body was too large (length)")
    if why is None or (why != "time" and has_end(fetched.body)):
        return None
    return Reading(outcome="no_response", message=f"cut short when it was captured ({why})")


def _read_body(fetched: Fetched, hosts: frozenset[str]) -> Reading:
    if looks_like_feed(fetched.body):
        return nukeviet.read_feed(parse_feed(fetched.body, fetched.url), fetched, hosts=hosts)
    is_file = classify(fetched.url, Shape()).kind == "file"
    if not _is_html(fetched):
        kept = Reading(outcome="media", file=media_file(fetched)) if is_file else None
        return kept or Reading(outcome="not_html", message=fetched.media_type)
    if is_file:
        return Reading(outcome="media_missing", message="a page in the place of a file")
    if has_end(fetched.body) is False:
        return Reading(outcome="no_response", message="cut short: it has no end")
    page = parse_html(fetched)
    for cms in CMSES:
        if reading := cms.read(page, fetched, hosts=hosts):
            return reading
    return Reading(outcome="unrecognised")


def _is_html(fetched: Fetched) -> bool:
    if fetched.media_type is not None:
        return fetched.media_type in _HTML_TYPES
    return fetched.body.lstrip()[:1] == b"<"


def blocked(fetched: Fetched) -> str | None:
    """Why an answer is a refusal to answer so many requests, whatever its status; None when it is not."""
    message = blocked_for(decoded(fetched)) if may_be_notice(fetched.body) and _is_html(fetched) else None
    return message or ("HTTP 429" if fetched.status == 429 else None)


def blocked_seconds(fetched: Fetched) -> float | None:
    """The seconds that a refusal asks to wait in its text; None when it does not say."""
    return seconds_to_wait(decoded(fetched))


def _redirect(fetched: Fetched, hosts: frozenset[str], requested: str) -> Reading:
    target = absolute(fetched.url, fetched.location)
    if target is None or not is_own(target, hosts):
        return Reading(outcome="redirect_offsite", message=fetched.location)
    kind = classify(target, Shape()).kind
    asked = classify(fetched.url, Shape()).kind
    if asked == "file" and kind != "file":
        return Reading(outcome="media_missing", message=f"leads to {target} instead of a file")
    if kind is None:
        return Reading(outcome="redirect", message=f"leads to {target}, which is never followed")
    gone = kind == "listing" and asked == "article"
    if kind == "page":
        kind = requested
    outcome = "redirect_away" if gone else "redirect"
    return Reading(outcome=outcome, links=(Link(url=clean_url(target), kind=kind),))


def _sitemaps(fetched: Fetched, hosts: frozenset[str]) -> tuple[Link, ...]:
    """The sitemaps that robots.txt names on the portal's own hosts."""
    if fetched.status != 200:
        return ()
    links = []
    for line in decoded(fetched).splitlines():
        name, _, value = line.partition(":")
        url = absolute(fetched.url, value) if name.strip().lower() == "sitemap" else None
        if url and is_own(url, hosts):
            links.append(Link(url=clean_url(url), kind="feed"))
    return tuple(dict.fromkeys(links))
