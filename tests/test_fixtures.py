"""Frozen NukeViet pages against the truth written beside them: one test for each fixture and field.

How the pages come about, and what a fixture's JSON holds, is told in tests/fixtures_build/build_fixtures.py.
"""

import dataclasses
import json
import re
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest

from crawler.cms import read_response
from crawler.items import OUTCOMES, Article, Fetched, Listing, ListingItem, Reading
from tests.fixtures_build.build_fixtures import build

FIXTURES = Path(__file__).parent / "fixtures" / "nukeviet"
TRUTHS = sorted(FIXTURES.glob("*.json"))
SLUGS = [truth.stem for truth in TRUTHS]
TEXT_FIELDS = (
    "headline",
    "description",
    "article_body",
    "article_body_html",
    "article_section",
    "author",
    "byline",
    "source",
    "date_published_text",
    "topic",
)
UNSEEN = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]+")


@cache
def truth_of(slug: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((FIXTURES / f"{slug}.json").read_text(encoding="utf-8"))
    return truth


def page_of(slug: str) -> Path:
    (page,) = (path for path in FIXTURES.glob(f"{slug}.*") if path.suffix != ".json")
    return page


@cache
def reading_of(slug: str) -> Reading:
    truth = truth_of(slug)
    fetched = Fetched(
        url=truth["url"],
        status=truth["status"],
        media_type=truth["media_type"],
        location=truth.get("location"),
        body=page_of(slug).read_bytes(),
        fetched_at=datetime.fromisoformat(truth["fetched_at"]),
    )
    return read_response(fetched, hosts=frozenset({urlsplit(truth["url"]).netloc}))


def article_of(slug: str) -> Article:
    article = reading_of(slug).article
    assert article is not None, reading_of(slug)
    return article


def listing_of(slug: str) -> Listing:
    listing = reading_of(slug).listing
    assert listing is not None, reading_of(slug)
    return listing


def plain(value: Any) -> Any:
    """A field as JSON would hold it."""
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value


def fields(part: str) -> list[Any]:
    """(slug, field) for every field that a fixture's truth gives under `part`."""
    return [
        pytest.param(slug, name, id=f"{slug}-{name}")
        for slug in SLUGS
        for name in truth_of(slug)["expected"].get(part, ())
    ]


def having(part: str) -> list[Any]:
    return [pytest.param(slug, id=f"{slug}-{part}") for slug in SLUGS if part in truth_of(slug)["expected"]]


def test_there_are_enough_pages() -> None:
    assert len(TRUTHS) >= 66


def test_every_page_has_its_truth_and_the_other_way_round() -> None:
    pages = {path.stem for path in FIXTURES.iterdir() if path.suffix != ".json"}
    assert pages == set(SLUGS)
    assert all(page_of(slug) for slug in SLUGS)


def test_the_frozen_files_are_what_their_parts_build() -> None:
    for name, text in build():
        assert (FIXTURES / name).read_bytes() == text.encode(), f"{name}: run build_fixtures again"


@pytest.mark.parametrize("slug", SLUGS)
def test_reviewed(slug: str) -> None:
    assert truth_of(slug)["reviewed"] is True
    assert truth_of(slug)["reproduces"]


@pytest.mark.parametrize("slug", [pytest.param(slug, id=f"{slug}-outcome") for slug in SLUGS])
def test_outcome(slug: str) -> None:
    expected = truth_of(slug)["expected"]
    assert expected["outcome"] in OUTCOMES or expected["outcome"] == "article"
    reading = reading_of(slug)
    assert reading.outcome == expected["outcome"], reading.message
    assert (reading.article is not None) == (expected["outcome"] == "article")


@pytest.mark.parametrize(("slug", "name"), fields("article"))
def test_article(slug: str, name: str) -> None:
    assert plain(getattr(article_of(slug), name)) == truth_of(slug)["expected"]["article"][name]


@pytest.mark.parametrize("slug", having("witnesses"))
def test_witnesses(slug: str) -> None:
    said = {witness.source: witness.iso for witness in article_of(slug).witnesses}
    expected = truth_of(slug)["expected"]["witnesses"]
    assert {source: said.get(source) for source in expected} == expected


@pytest.mark.parametrize("slug", having("article"))
def test_sanitised_html_says_what_the_text_says(slug: str) -> None:
    article = article_of(slug)
    if article.article_body_html is None:
        assert article.article_body is None
        return
    tree = lxml.html.fragment_fromstring(article.article_body_html, create_parent="div")
    said = unicodedata.normalize("NFC", UNSEEN.sub("", "".join(tree.itertext()))).replace("\u00d0", "Đ")
    assert said == UNSEEN.sub("", article.article_body or "")
    addresses = [*tree.xpath("//@src"), *tree.xpath("//@href")]
    assert [one for one in addresses if not urlsplit(one).netloc] == []
    assert tree.xpath("//script | //style | //@onclick | //comment()") == []


def item_values(listing: Listing, name: str) -> dict[str, Any]:
    """What each item of a list says under `name` of its truth, by the item's address."""

    def value(item: ListingItem) -> Any:
        iso = item.witness.iso if item.witness else None
        return {
            "headlines": item.headline,
            "cms_ids": item.cms_id,
            "view_counts": item.view_count,
            "comment_counts": item.comment_count,
            "dates": iso,
            "days": iso and iso[:10],
        }[name]

    return {item.url: value(item) for item in listing.items}


@pytest.mark.parametrize(("slug", "name"), fields("listing"))
def test_listing(slug: str, name: str) -> None:
    expected = truth_of(slug)["expected"]["listing"]
    listing = listing_of(slug)
    found = [item.url for item in listing.items]
    if name == "urls":
        assert [url for url in found if url not in expected.get("also", ())] == expected["urls"]
    elif name in {"also", "has_urls"}:
        known = {*found, *(link.url for link in reading_of(slug).links)}
        assert [url for url in expected[name] if url not in known] == []
    elif name in {"kind", "next_url"}:
        assert getattr(listing, name) == expected[name]
    else:
        by_url = item_values(listing, name)
        assert {url: by_url.get(url) for url in expected["urls"]} == dict(
            zip(expected["urls"], expected[name], strict=True)
        )


@pytest.mark.parametrize("slug", having("links"))
def test_links(slug: str) -> None:
    links = {link.url for link in reading_of(slug).links}
    assert [url for url in truth_of(slug)["expected"]["links"] if url not in links] == []


@pytest.mark.parametrize("slug", [pytest.param(slug, id=f"{slug}-absent") for slug in SLUGS])
def test_absent(slug: str) -> None:
    reading = reading_of(slug)
    said = [link.url for link in reading.links]
    if reading.listing:
        said += [item.url for item in reading.listing.items]
        said.append(reading.listing.next_url or "")
    if reading.article:
        article = reading.article
        said += [getattr(article, name) or "" for name in TEXT_FIELDS]
        said += [*article.section_path, *article.keywords, *article.videos]
        said += [image.caption or "" for image in article.images]
        said += [text for file in article.attachments for text in (file.name, file.url)]
    assert [text for text in truth_of(slug)["absent"] if any(text in one for one in said)] == []
