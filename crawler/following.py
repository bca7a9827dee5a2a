"""What a page that was read leads a crawl to."""

from collections.abc import Iterator
from dataclasses import replace

from crawler.items import ArticleNumber, Link, ListingItem, Reading

FOLLOWED = frozenset(("home", "next", "listing", "feed", "article"))
"""Kinds of links that are asked for. "home" is where a crawl begins, "next" the next page of a list."""


def judged(reading: Reading, asked_as: str | None, number: ArticleNumber | None = None) -> Reading:
    """A reading in the light of how its page was reached: a list that ends in an empty page has failed.

    `number` is the article that was asked for, where its address may not say it whole.
    """
    if number is not None and reading.asked is None and reading.article is None and reading.listing is None:
        reading = replace(reading, asked=number)
    if asked_as == "next" and reading.listing is not None and not reading.listing.items:
        return replace(reading, outcome="parse_error", message="the list names nothing on this page")
    return reading


def leads(reading: Reading, asked_as: str | None) -> Iterator[Link]:
    """The addresses that a page leads to, as the kinds they are asked as; one may come more than once.

    A redirect's target takes the place of what redirects; a list's articles come with their numbers.
    """
    if reading.outcome == "redirect" and asked_as is not None:
        yield from (replace(link, kind=asked_as) for link in reading.links if link.kind in FOLLOWED)
        return
    listing = reading.listing
    if listing is not None:
        yield from (Link(url=item.url, kind="article", number=number_of(item)) for item in listing.items)
        if listing.next_url:
            yield Link(url=listing.next_url, kind="next")
    named = {item.url for item in listing.items} if listing is not None else set()
    if listing is not None and listing.next_url:
        named.add(listing.next_url)
    yield from (link for link in reading.links if link.kind in FOLLOWED and link.url not in named)


def number_of(item: ListingItem) -> ArticleNumber | None:
    """The article that a list's entry names; None where the list does not say it whole."""
    if item.in_language and item.module and item.cms_id:
        return ArticleNumber(item.in_language, item.module, item.cms_id)
    return None
