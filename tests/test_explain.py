"""`scrapy explain`: what it says of a page."""

from dataclasses import fields, replace
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from lxml import etree

from crawler.cms.nukeviet.mending import mended
from crawler.cms.web import parse_html
from crawler.commands.explain import explanation
from crawler.items import Article, Fetched
from crawler.leftovers import leftovers
from crawler.pagesource import FoundPage
from tests.test_fixtures import SLUGS, article_of, page_of, truth_of

ARTICLES = [slug for slug in SLUGS if "article" in truth_of(slug)["expected"]]
WIDTH = 110


def fetched_of(slug: str) -> Fetched:
    truth = truth_of(slug)
    return Fetched(
        url=truth["url"],
        status=truth["status"],
        media_type=truth["media_type"],
        location=truth["location"],
        body=page_of(slug).read_bytes(),
        fetched_at=datetime.fromisoformat(truth["fetched_at"]),
    )


def explained(slug: str) -> list[str]:
    hosts = frozenset({urlsplit(truth_of(slug)["url"]).netloc})
    return list(explanation(FoundPage(fetched=fetched_of(slug), origin="a fixture", hosts=hosts)))


def tree_of(fetched: Fetched) -> etree._Element:
    root = parse_html(fetched).root
    assert isinstance(root, etree._Element)
    return root


def line_of(lines: list[str], beginning: str) -> str:
    (line,) = (line for line in lines if line.strip().startswith(beginning))
    return " ".join(line.split())


@pytest.mark.parametrize("slug", SLUGS)
def test_every_page_is_explained_within_the_width(slug: str) -> None:
    lines = explained(slug)
    assert line_of(lines, "Outcome").startswith(f"Outcome {truth_of(slug)['expected']['outcome']}:")
    assert [line for line in lines if len(line) > WIDTH and "://" not in line] == []
    assert not any(character in line for line in lines for character in "\n\t")


def test_an_article_is_explained_field_by_field() -> None:
    lines = explained("44-egov-dan-van-byline")
    beginnings = [line.split()[0] for line in lines if line.startswith("  ")]
    shown = {field.name for field in fields(Article)} - {"parser", "trace", "witnesses"}
    assert shown <= set(beginnings)
    assert line_of(lines, "Recognised") == "Recognised as NukeViet 4.x (egov)"
    assert line_of(lines, "Parser") == "Parser nukeviet/1"
    assert line_of(lines, "headline") == "headline Kết quả công tác dân vận sáu tháng h1@headline"
    assert line_of(lines, "author") == "author None"
    assert line_of(lines, "byline") == "byline Trần Thị Mỹ Hạnh p, right, bold, last"
    assert line_of(lines, "comment_count") == "comment_count 0 text behind i.fa-comment-o"
    assert line_of(lines, "article_body ").startswith("article_body Sáu tháng qua, khối dân vận huyện An")
    assert line_of(lines, "article_body ").endswith("… (526 characters) #news-bodyhtml")
    assert line_of(lines, "date_published ") == "date_published 2020-11-09T09:00+07:00 witness visible"


def test_several_values_are_counted_and_named() -> None:
    lines = explained("44-egov-dinh-kem-nhieu-tep")
    assert line_of(lines, "keywords").startswith("keywords 2: Tuyển dụng; Viên chức")
    assert line_of(lines, "attachments").startswith(
        "attachments 3: thong-bao-so-45-tb-ubnd.pdf (application/pdf)"
    )


def test_the_witnesses_say_who_won_and_what_is_odd() -> None:
    lines = explained("44-custom-thu-sai")
    visible = line_of(lines, "visible ")
    assert visible.startswith("visible Ngày đăng: Thứ hai, 10/11/2")
    assert visible.endswith("2020-11-10T09:00+07:00 gives date_published, weekday conflict")
    assert line_of(lines, "flag") == "flag weekday_conflict: a printed weekday is not that of its date"
    assert line_of(lines, "microdata").endswith("dates changes only")


def test_an_edit_is_the_microdatas() -> None:
    lines = explained("44-default-sua-sau-khi-dang")
    modified = truth_of("44-default-sua-sau-khi-dang")["expected"]["article"]["date_modified"]
    assert line_of(lines, "microdata").endswith(f"{modified} gives date_modified")


def test_a_list_is_explained_item_by_item() -> None:
    lines = explained("44-egov-danh-muc-trang-1")
    expected = truth_of("44-egov-danh-muc-trang-1")["expected"]["listing"]
    assert line_of(lines, "List of") == "List of the kind category: 5 articles"
    assert line_of(lines, "next page") == f"next page: {expected['next_url']}"
    for date, number, url in zip(expected["dates"], expected["cms_ids"], expected["urls"], strict=True):
        assert line_of(lines, date) == f"{date} {number} {url}"
    assert line_of(lines, "linked to outside") == "linked to outside the list: 1 articles"
    assert line_of(lines, "Leads to") == "Leads to 6 article, 8 listing, 6 feed, 4 page"


def test_a_redirect_is_shown() -> None:
    lines = explained("44-chuyen-huong-ten-dung")
    assert (
        line_of(lines, "Redirects") == "Redirects to /vi/news/kinh-te/ten-moi-cua-bai-610.html (not followed)"
    )
    assert line_of(lines, "Recognised") == "Recognised as nothing: a redirect has no page of its own"
    assert [line for line in lines if "None" in line or line.startswith("Message")] == []


def test_what_went_wrong_is_said() -> None:
    lines = explained("44-bai-bi-cat")
    assert line_of(lines, "Message") == "Message cut short: it has no end"
    assert line_of(lines, "Recognised").startswith("Recognised as NukeViet 4")


@pytest.mark.parametrize("slug", ARTICLES)
def test_nothing_of_a_body_that_is_read_is_left_over(slug: str) -> None:
    fetched = fetched_of(slug)
    article, tree = (
        article_of(slug),
        tree_of(replace(fetched, body=mended(fetched.body) or fetched.body)),
    )
    mark = dict(article.trace)["article_body"].split()[-1]
    name, value = {"#": "id", ".": "class", "@": "itemprop"}[mark[0]], mark[1:]
    body = next(item for item in tree.iter("div", "article") if value in (item.get(name) or "").split())
    found = leftovers(tree, article)
    assert [one.text for one in found if body in {one.element, *one.element.iterancestors()}] == []


@pytest.mark.parametrize("slug", ["44-egov-dan-van-byline", "34-modern-hop-hoi-dong", "44-mobile-sua-bai"])
def test_a_lost_paragraph_comes_first(slug: str) -> None:
    article = article_of(slug)
    first, second, *others = (article.article_body or "").split("\n\n")
    lost = replace(article, article_body="\n\n".join([first, *others]))
    assert leftovers(tree_of(fetched_of(slug)), lost)[0].text == " ".join(second.split())


def test_widgets_are_left_over_and_what_a_template_hides_comes_last() -> None:
    slug = "44-egov-dan-van-byline"
    found = leftovers(tree_of(fetched_of(slug)), article_of(slug))
    assert any("Thống kê truy cập" in one.text for one in found)
    assert [one.hidden for one in found] == sorted(one.hidden for one in found)
    assert "quantri_tin" in [one.text for one in found if one.hidden]


def test_a_deeply_nested_page_is_gone_through() -> None:
    slug = "44-egov-dan-van-byline"
    body = "<div>" * 1500 + "<p>Dòng<br>thừa</p>" * 1000
    tree = tree_of(replace(fetched_of(slug), body=body.encode()))
    assert [one.text for one in leftovers(tree, article_of(slug))] == [" ".join(["Dòng thừa"] * 1000)]
