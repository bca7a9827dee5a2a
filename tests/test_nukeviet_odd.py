"""Articles whose editor, or whose enemy, wrote what no template expects."""

from contextlib import suppress
from dataclasses import fields
from typing import Any

import pytest
from parsel import Selector

from crawler.cms.nukeviet import parse_article
from crawler.items import ParseError
from tests.test_fixtures import article_of, page_of, truth_of
from tests.test_nukeviet_article import FETCHED_AT, article

HOSTILE: dict[str, dict[str, Any]] = {
    "large": {"body": "<p>Một đoạn <b>văn</b> bản.</p>" * 100_000},
    "deep": {"body": "<div>" * 1900 + "đáy"},
    "pictures": {"body": "<div>" * 1500 + "<img src=/a.jpg>" * 5_000},
    "figure": {
        "before": "<figure>" + "".join(f"<img src=/{number}>" for number in range(120_000)) + "</figure>",
        "after": "<figcaption>",  # a name that no page holds is found missing at once
    },
    "references": {"body": "&amp;" * 300_000},
    "dates": {"before": "<object></object>" * 20_000 + "09/11/2020 <br>" * 20_000},
    "headings": {"before": "<h1>" * 1500 + "<b>x</b>" * 40_000 + "</h1>" * 1500},
    "cards": {
        "before": "",
        "after": "<div>" + "<p>Tác giả:</p>" * 90_000 + "<a href=/vi/news/q/khac-99.html>Khác</a></div>",
    },
    "labels": {"after": "<p>Tác giả: </p>" * 30_000},
    "numbers": {"after": "<div>" + "xem 1 <br>" * 30_000},
    "boxes": {"after": "<div class=news-download-file>" * 1500 + "<a href=/x.pdf>x</a>" * 5_000},
    "crumbs": {"outside": "<ul class=breadcrumb>" * 1500 + "<a href=/vi/news/q/>x</a>" * 5_000},
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end_in_an_article_or_a_parse_error(name: str) -> None:
    with suppress(ParseError):
        assert article(**HOSTILE[name]).headline


EDITORS_LEADS = ["34-default-hop-mat-nguoi-cao-tuoi", "34-modern-hop-hoi-dong", "43-default-anh-trai-chu-thich",
    "44-egov-dan-van-byline", "44-mobile-dinh-kem", "50-smarty-hop-giao-ban"]  # fmt: skip


@pytest.mark.parametrize("words", ["Tác giả: 10.000 lượt xem", "Nguồn tin: 55 bình luận, ngày 20/11/2015"])
@pytest.mark.parametrize("slug", EDITORS_LEADS)
def test_what_an_editor_writes_is_no_other_field(slug: str, words: str) -> None:
    sound, page = article_of(slug), page_of(slug).read_text("utf-8")
    first_words = str(sound.article_body)[:9]
    for old, new in (
        (first_words, f'<ul class="breadcrumb"><li><a href="/vi/news/la/">Lạ</a></ul>{first_words}'),
        (sound.headline, words),
        (str(sound.description), words),
    ):
        page = page.replace(old, new)
    found = parse_article(Selector(text=page), truth_of(slug)["url"], FETCHED_AT)
    written = {"headline", "description", "article_body", "article_body_html", "byline", "images", "trace"}
    assert (found.headline, found.description) == (words, words)
    others = [field.name for field in fields(found) if field.name not in written]
    assert {name: getattr(found, name) for name in others} == {name: getattr(sound, name) for name in others}
