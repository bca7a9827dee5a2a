"""The sample portal's truth: enough of it, and the same text that its pages are made of."""

import unicodedata

import lxml.html
import pytest

from crawler.sample import SampleArticle, truth
from crawler.sample.articles import written_articles


def test_truth_has_the_size_and_span_that_the_demo_needs() -> None:
    articles = list(truth())
    assert len(articles) >= 85
    assert {article.published.year for article in articles} == set(range(2012, 2026))
    assert sum(len((article.article_body or "").split()) > 1000 for article in articles) >= 3


@pytest.mark.parametrize("sample", written_articles(), ids=lambda sample: sample.cms_id)
def test_truth_and_html_hold_the_same_letters(sample: SampleArticle) -> None:
    root = lxml.html.fromstring(f"<div>{sample.body_html}</div>")
    printed = unicodedata.normalize("NFC", "".join(str(text) for text in root.itertext()))
    assert "".join(printed.split()) == "".join((sample.article_body or "").split())
    assert [image.get("src") for image in root.iter("img")] == [picture.path for picture in sample.pictures]
    assert (sample.article_body or "").endswith(sample.byline or "")


def test_size_is_as_asked_and_a_generated_article_is_always_the_same() -> None:
    assert [len(list(truth(size))) for size in (30, 150)] == [30, 150]
    assert list(truth(30)) == list(truth())[:30]
    assert list(truth(150)) == list(truth(200))[:150]


def test_generated_articles_are_numbered_from_the_last_written_one() -> None:
    last = max(article.id for article in written_articles())
    generated = list(truth(200))[len(list(truth())) :]
    assert [article.id for article in generated] == list(range(last + 1, last + 1 + len(generated)))
