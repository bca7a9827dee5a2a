"""`scrapy explain` names the selector of every field, and what a body holds that is in none."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from crawler.commands.explain import explanation
from crawler.pagesource import FoundPage
from tests.test_explain import ARTICLES, explained, fetched_of, line_of
from tests.test_fixtures import article_of


@pytest.mark.parametrize("slug", ARTICLES)
def test_every_field_that_is_found_says_where(slug: str) -> None:
    article = article_of(slug)
    for line in explained(slug)[10:]:
        name, *rest = line.strip().split("  ", 1)
        value = getattr(article, name, None) if line.startswith("  ") else None
        if value is not None and value != ():
            assert len(rest[0].split("  ")) > 1, f"{name} does not say its selector"
        if line.startswith("Witnesses"):
            break


def test_what_a_body_holds_beside_text_is_named() -> None:
    page = fetched_of("44-egov-dan-van-byline")
    more = b'<iframe src="https://maps.google.com/?q=1"></iframe><form><input></form></div>'
    body = page.body.replace(b"M\xe1\xbb\xb9 H\xe1\xba\xa1nh</strong></p>", b"</strong></p>" + more)
    hosts = frozenset({urlsplit(page.url).netloc})
    found = FoundPage(fetched=replace(page, body=body), origin="a fixture", hosts=hosts)
    said = line_of(list(explanation(found)), "left out")
    assert said == "left out of the body 1 form; 1 input; 1 iframe https://maps.google.com/?q=1"
