"""`scrapy explain`: why one page reads as it does."""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from crawler.cms import CMSES, read_response
from crawler.cms.web import parse_html
from crawler.items import OUTCOMES, Article, Attachment, Fetched, Image, Listing, ParseError, Reading, Witness
from crawler.leftovers import leftovers, place
from crawler.pagesource import FoundPage, PageCommand
from crawler.text import one_line
from crawler.witnesses import FLAGS, PUBLICATION_SOURCES

_OUTCOMES = {**OUTCOMES, "article": "an article's page"}
_SEPARATE = ("parser", "trace", "witnesses")
_TAKEN_FROM = {"article_body_html": "article_body", "section_path": "article_section"}
_CONCLUDED = {"date_source": "most trusted witness", "date_flags": "all witnesses"}
_VALUE_WIDTH, _SELECTOR_WIDTH, _PLACE_WIDTH, _TEXT_WIDTH = 54, 30, 38, 58
_MOST_LEFTOVERS = 20
_MOST_ITEMS = 20


class Command(PageCommand):
    """Explain one page."""

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Show what one page was read as, and why"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Show for one page what it was recognised as, each field with the selector that gave it, what every "
            "witness says of the date, where the page leads, and what it prints that is in no field. The page is "
            "a file (.html, .xml), one of a WARC file (FILE.warc.gz --url URL), or an address: as the archive "
            "holds it, else asked of the portal with one request after its robots.txt. The archive is only read. "
            "Exit code: 0 explained, 1 not."
        )

    def look(self, page: FoundPage, opts: argparse.Namespace) -> None:  # noqa: ARG002 - the base's signature
        """Print the explanation."""
        print("\n".join(explanation(page)))


def explanation(page: FoundPage) -> Iterator[str]:
    """What a page was read as and why, line by line, within some 100 columns where addresses allow it."""
    fetched = page.fetched
    reading = read_response(fetched, hosts=page.hosts)
    yield fetched.url
    yield f"  {page.origin}"
    yield (
        f"  HTTP {fetched.status}, {fetched.media_type or 'no media type'}, {len(fetched.body):,} bytes, "
        f"fetched {fetched.fetched_at:%Y-%m-%d %H:%M} UTC"
    )
    yield ""
    yield f"Recognised as  {reading.site or _recognised(fetched)}"
    yield f"Outcome        {reading.outcome}: {_OUTCOMES[reading.outcome]}"
    if reading.message:
        yield f"Message        {reading.message}"
    if fetched.location:
        yield f"Redirects to   {fetched.location} (not followed)"
    if reading.article is not None:
        yield from _article(reading.article)
    if reading.listing is not None:
        yield from _listing(reading.listing, reading)
    yield from _links(reading)
    if reading.article is not None:
        yield from _leftovers(fetched, reading.article)


def _recognised(fetched: Fetched) -> str:
    """The software that a page shows signs of, where its reading ended before saying so; else why there is none."""
    if 300 <= fetched.status < 400:
        return "nothing: a redirect has no page of its own"
    if "html" not in (fetched.media_type or "html"):
        return f"nothing: {fetched.media_type} is no page"
    try:
        page = parse_html(fetched)
    except ParseError:
        return "nothing: this is no page of HTML"
    found = next((site for cms in CMSES if (site := cms.recognise(page, fetched.url))), None)
    return found or "nothing: it shows no sign of a software that is known here"


def _article(article: Article) -> Iterator[str]:
    places = {**dict(article.trace), **_CONCLUDED}
    if article.date_source:
        places["date_published"] = f"witness {article.date_source}"
    if article.date_modified:
        source = next(one.source for one in article.witnesses if one.iso == article.date_modified)
        places["date_modified"] = f"witness {source}"
    yield f"Parser         {article.parser}"
    yield ""
    yield "Fields, and the selector that gave each"
    for field in fields(Article):
        if field.name not in _SEPARATE:
            found = getattr(article, field.name)
            value = article.url if field.name == "url" else shown(found)
            selector = places.get(_TAKEN_FROM.get(field.name, field.name), "")
            selector = "" if found in (None, ()) else shortened(selector, _SELECTOR_WIDTH)
            yield f"  {field.name:<20} {value:<{_VALUE_WIDTH}}  {selector}".rstrip()
    yield f"  left out of the body {shortened(places.get('left_out', 'nothing'), _VALUE_WIDTH)}"
    yield ""
    yield "Witnesses of the date"
    for witness in article.witnesses:
        yield f"  {_witness(witness, article)}".rstrip()
    if not article.witnesses:
        yield "  none"
    for flag in article.date_flags:
        yield f"  flag {flag}: {FLAGS[flag]}"


def _witness(witness: Witness, article: Article) -> str:
    remark = ""
    if witness.source == article.date_source and witness.iso == article.date_published:
        remark = "gives date_published"
    elif witness.source not in PUBLICATION_SOURCES:
        is_modified = article.date_modified is not None and witness.iso == article.date_modified
        remark = "gives date_modified" if is_modified else "dates changes only"
    if witness.weekday_conflict:
        remark = f"{remark}, weekday conflict".lstrip(", ")
    return f"{witness.source:<10} {shortened(witness.text, 28):<28}  {witness.iso!s:<22}  {remark}"


def _listing(listing: Listing, reading: Reading) -> Iterator[str]:
    yield ""
    yield f"List of the kind {listing.kind}: {len(listing.items)} articles"
    yield f"  next page: {listing.next_url}"
    for item in listing.items[:_MOST_ITEMS]:
        date = item.witness.iso if item.witness else None
        yield f"  {date!s:<22}  {item.cms_id!s:>6}  {item.url}"
    if len(listing.items) > _MOST_ITEMS:
        yield f"  … and {len(listing.items) - _MOST_ITEMS} more"
    listed = {item.url for item in listing.items}
    others = [link.url for link in reading.links if link.kind == "article" and link.url not in listed]
    yield f"  linked to outside the list: {len(others)} articles"
    yield from (f"    {url}" for url in others[:_MOST_ITEMS])


def _links(reading: Reading) -> Iterator[str]:
    counts = Counter(link.kind for link in reading.links)
    yield ""
    yield "Leads to       " + (", ".join(f"{number} {kind}" for kind, number in counts.items()) or "nothing")
    if len(reading.links) == 1:
        yield f"  {reading.links[0].url}"


def _leftovers(fetched: Fetched, article: Article) -> Iterator[str]:
    found = leftovers(parse_html(fetched).root, article)
    yield ""
    yield "Printed on the page and in no field, the nearest to the article first"
    for one in found[:_MOST_LEFTOVERS]:
        text = f"(hidden) {one.text}" if one.hidden else one.text
        yield f"  {place(one.element, _PLACE_WIDTH):<{_PLACE_WIDTH}}  {shortened(text, _TEXT_WIDTH)}"
    if len(found) > _MOST_LEFTOVERS:
        yield f"  … and {len(found) - _MOST_LEFTOVERS} more"
    if not found:
        yield "  nothing"


def shown(value: Any) -> str:
    """A field's value on one line, shortened; of several values their number and as many as fit.

    >>> shown(None), shown(()), shown(("dân vận", "Đảng bộ"))
    ('None', '0', '2: dân vận; Đảng bộ')
    """
    if isinstance(value, tuple):
        named = "; ".join(_named(one) for one in value)
        return shortened(f"{len(value)}: {named}" if value else "0", _VALUE_WIDTH)
    text = one_line(str(value))
    if len(text) > _VALUE_WIDTH:
        size = f" ({len(str(value)):,} characters)"
        return shortened(text, _VALUE_WIDTH - len(size)) + size
    return text


def _named(value: Any) -> str:
    if isinstance(value, Image):
        return value.url if value.caption is None else f"{value.url} ({value.caption})"
    return f"{value.name} ({value.media_type})" if isinstance(value, Attachment) else str(value)


def shortened(text: str, width: int) -> str:
    """A text on one line of at most `width` characters.

    >>> shortened("Kết quả công tác", 10)
    'Kết quả c…'
    """
    line = one_line(text)
    return line if len(line) <= width else line[: width - 1] + "…"
