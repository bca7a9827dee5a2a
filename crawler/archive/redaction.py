"""Pages as they may be saved: of withheld articles nothing but that they were captured."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crawler.archive.addresses import MASK, masked_address, name_digests
from crawler.archive.articles import article_key
from crawler.archive.withholding import ADD_ADDRESS, OUTCOME, hide_addresses, words
from crawler.items import ArticleNumber, Link, ListingItem, Page, Reading


def redacted(connection: sqlite3.Connection, pages: Sequence[Page]) -> Sequence[Page]:
    """The pages without what is withheld; to be called in the transaction that saves them.

    What they tell of a withheld article's addresses is learnt first, so that the order of arrival does not matter.
    """
    keys = {key for (key,) in connection.execute("SELECT article_key FROM withheld")}
    if not keys:
        return pages
    for page in pages:
        _learn(connection, page, keys)
    known = dict(connection.execute("SELECT address_digest, article_key FROM withheld_addresses").fetchall())
    return [_Redaction(page.capture.portal, keys, known).redacted(connection, page) for page in pages]


def _learn(connection: sqlite3.Connection, page: Page, keys: set[str]) -> None:
    portal, article = page.capture.portal, page.reading.article
    for number, address in _named(page):
        if number and (key := article_key(portal, *number)) in keys:
            hide_addresses(connection, key, portal, [address], [])
    if article is not None and (key := article_key(portal, *_number(page))) in keys:
        files = {file.url for file in article.attachments} | {image.url for image in article.images}
        hide_addresses(connection, key, portal, [article.url, page.capture.target_uri], files)


def _named(page: Page) -> Iterator[tuple[ArticleNumber | None, str]]:
    """Addresses that come with the number of the article that they lead to."""
    yield page.reading.asked, page.capture.target_uri
    yield from ((link.number, link.url) for link in (*page.reading.links, *page.owed))
    for item in page.reading.listing.items if page.reading.listing else ():
        if item.in_language and item.module and item.cms_id:
            yield ArticleNumber(item.in_language, item.module, item.cms_id), item.url


def _number(page: Page) -> ArticleNumber:
    article = page.reading.article
    if article is None:
        return page.reading.asked or ArticleNumber("", "", "")
    return ArticleNumber(article.in_language, article.module, article.cms_id)


class _Redaction:
    """What is withheld of one portal."""

    def __init__(self, portal: str, keys: set[str], known: dict[str, str]) -> None:
        self._portal = portal
        self._keys = keys
        self._known = known  # digests of addresses and of names in them, and whose they are

    def redacted(self, connection: sqlite3.Connection, page: Page) -> Page:
        """One page, with its address out of what waits to be asked for."""
        key = article_key(self._portal, *_number(page))
        owner = key if key in self._keys else self._owner(page.capture.target_uri)
        page = replace(page, reading=self._reading(page, owner), owed=self._links(page.owed))
        if owner is None:
            return page
        address = page.capture.target_uri
        masked = masked_address(address)
        connection.execute(ADD_ADDRESS, [masked.removeprefix(MASK), owner])
        connection.execute("DELETE FROM known_urls WHERE portal = ? AND url = ?", [self._portal, address])
        return replace(page, capture=replace(page.capture, target_uri=masked), asked_as=None)

    def _owner(self, address: str) -> str | None:
        found = (self._known.get(digest) for digest in name_digests(self._portal, address))
        return next((key for key in found if key), None)

    def _reading(self, page: Page, owner: str | None) -> Reading:
        reading = page.reading
        if reading.article is not None and article_key(self._portal, *_number(page)) in self._keys:
            return Reading(outcome=OUTCOME)
        listing = reading.listing
        if listing is not None:
            listing = replace(listing, items=tuple(self._item(item) for item in listing.items))
        tells = owner is not None or any(self._owner(word) for word in words(reading.message))
        return replace(
            reading,
            listing=listing,
            links=self._links(reading.links),
            file=None if owner is not None else reading.file,
            message=None if tells else reading.message,
        )

    def _links(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        return tuple(link for link in links if self._owner(link.url) is None)

    def _item(self, item: ListingItem) -> ListingItem:
        return replace(item, url=masked_address(item.url)) if self._owner(item.url) else item
