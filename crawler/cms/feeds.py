"""Sitemaps and RSS feeds: what they print, before any CMS says what it means."""

import html
import re
from dataclasses import dataclass

from lxml import etree

from crawler.items import ParseError

MAX_FEED_BYTES = 50 * 1024 * 1024
"""Sitemaps of more than 50 MB are against the protocol (sitemaps.org) and are not read."""

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|[a-z:]*(?:sitemapindex|urlset|rss)\b)")
_ROOT = re.compile(rb"<(?:\w+:)?(?:(sitemapindex|urlset|rss|RDF|feed)|html)\b", re.IGNORECASE)
_KINDS = {"sitemapindex": "sitemap_index", "urlset": "sitemap", "rss": "rss"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a sitemap or a feed, as printed."""

    url: str
    title: str | None = None
    guid: str | None = None
    date_text: str | None = None  # lastmod or pubDate


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """A sitemap index, a sitemap or an RSS feed."""

    kind: str  # sitemap_index, sitemap, rss
    entries: tuple[Entry, ...] = ()


def looks_like_feed(body: bytes) -> bool:
    """Whether the first tag of a body is a sitemap's or a feed's, whatever the media type says.

    >>> looks_like_feed(b'<?xml version="1.0"?><urlset xmlns="x">')
    True
    >>> looks_like_feed(b"<!DOCTYPE html><html><body><rss>")
    False
    """
    if not _PROLOG.match(body):
        return False
    root = _ROOT.search(body, 0, 4096)
    return root is not None and root[1] is not None


def parse_feed(body: bytes, url: str) -> Feed:
    """What a sitemap or RSS feed names; entities are never expanded and nothing is fetched.

    Raises ParseError when it is too large, is not XML at all, or is of another kind.
    """
    if len(body) > MAX_FEED_BYTES:
        raise ParseError(url, "feed", f"larger than {MAX_FEED_BYTES} bytes")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError(url, "feed", "not XML") from error
    kind = None if root is None else _KINDS.get(etree.QName(root).localname)
    if root is None or kind is None:
        raise ParseError(url, "feed", "neither a sitemap nor RSS")
    tags = ("{*}item",) if kind == "rss" else ("{*}sitemap", "{*}url")
    entries = (_entry(element) for element in root.iter(*tags))
    return Feed(kind=kind, entries=tuple(entry for entry in entries if entry is not None))


def _entry(element: etree._Element) -> Entry | None:
    fields: dict[str, str] = {}
    for child in element:
        tag = child.tag
        if isinstance(tag, str) and (text := (child.text or "").strip()):
            fields.setdefault(tag.rpartition("}")[2], text)
    url = fields.get("loc") or fields.get("link")
    if not url:
        return None
    title = fields.get("title")
    return Entry(
        url=url,
        # NukeViet escapes the entities of a title once more (includes/core/theme_functions.php, 4.x).
        title=html.unescape(title) if title else None,
        guid=fields.get("guid"),
        date_text=fields.get("lastmod") or fields.get("pubDate"),
    )
