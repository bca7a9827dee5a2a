"""What a page that was read leads a crawl to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crawler.items import ArticleNumber, Link, ListingItem, Reading
from crawler.portals import Portal

FOLLOWED = frozenset(("home", "next", "listing", "feed", "article", "module_page", "media"))
"""Kinds of links that are asked for. "home" is where a crawl begins, "next" the next page of a list, "module_page" a
page of another module than news, "media" a file that an article (or such a page) names."""

NO_MEDIA = re.compile(
    r"\.(?:3gp|avi|exe|flac|flv|iso|m4a|m4v|mkv|mov|mp3|mp4|mpe?g|ogg|swf|wav|webm|wma|wmv)\Z", re.IGNORECASE
)
"""Files that are too large to be kept with the articles, or no documents; they stay known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """How much of a portal is kept beside its articles."""

    media: bool = True  # the files that articles name
    site: bool = False  # the pages of other modules


def scope_of(portal: Portal) -> Scope:
    """What the registry says of a portal."""
    return Scope(media=portal.media, site=portal.scope == "site")


def judged(reading: Reading, asked_as: str | None, number: ArticleNumber | None = None) -> Reading:
    """A reading in the light of how its page was reached: a list that ends in an empty page has failed.

    `number` is the article that was asked for, where its address may not say it whole.
    """
    if number is not None and reading.asked is None and reading.article is None and reading.listing is None:
        reading = replace(reading, asked=number)
    if asked_as == "next" and reading.listing is not None and not reading.listing.items:
        return replace(reading, outcome="parse_error", message="the list names nothing on this page")
    return reading


def leads(reading: Reading, asked_as: str | None, scope: Scope) -> Iterator[Link]:
    """The addresses that a page leads to, as the kinds they are asked as; one may come more than once.

    A redirect's target takes the place of what redirects; a list's articles come with their numbers.
    """
    if reading.outcome == "redirect" and asked_as is not None:
        same = FOLLOWED | {"file"} if asked_as == "media" else FOLLOWED
        yield from (replace(link, kind=asked_as) for link in reading.links if link.kind in same)
        return
    listing = reading.listing
    if listing is not None:
        yield from (Link(url=item.url, kind="article", number=number_of(item)) for item in listing.items)
        if listing.next_url:
            yield Link(url=listing.next_url, kind="next")
    named = {item.url for item in listing.items} if listing is not None else set()
    if listing is not None and listing.next_url:
        named.add(listing.next_url)
    names_media = scope.media and (reading.article is not None or reading.outcome == "kept_unparsed")
    for link in reading.links:
        if link.url in named:
            continue
        if link.kind in FOLLOWED:
            yield link
        elif link.kind == "file" and names_media and not NO_MEDIA.search(urlsplit(link.url).path):
            yield replace(link, kind="media")
        elif link.kind == "page" and scope.site and not _has_parameters(link.url):
            yield replace(link, kind="module_page")


def _has_parameters(url: str) -> bool:
    """Whether an address has a query of its own: calendars and filters make endless ones."""
    return "?" in url and "nv=" not in url


def number_of(item: ListingItem) -> ArticleNumber | None:
    """The article that a list's entry names; None where the list does not say it whole."""
    if item.in_language and item.module and item.cms_id:
        return ArticleNumber(item.in_language, item.module, item.cms_id)
    return None
