from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.cms import read_response
from crawler.items import ArticleNumber, Fetched, Link, Reading

HOST = "http://hoathanh.tayninh.gov.vn"
HOSTS = frozenset({"hoathanh.tayninh.gov.vn"})
FETCHED_AT = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)

PAGE = """<!DOCTYPE html>
<html lang="vi"><head><title>{title}</title>
<meta name="generator" content="NukeViet v4.4">
<link rel="canonical" href="{canonical}">
<link rel="stylesheet" href="/themes/default/css/news.css">
<script>var nv_base_siteurl="/",nv_lang_data="vi",nv_module_name="{module}",nv_func_name="{function}";</script>
</head><body>{body}</body></html>"""

ARTICLE = """<div class="news_column"><div class="panel-body">
<h1 class="title" itemprop="headline">Thông báo lịch tiếp công dân</h1>
<span class="h5">Thứ hai - 09/11/2020 09:00</span>
<div id="news-bodyhtml" class="bodytext"><p>Ngày 15 hằng tháng.</p></div></div></div>"""


def page(**parts: str) -> str:
    path = "/vi/news/thong-bao/lich-tiep-cong-dan-12.html"
    defaults = {
        "title": "Thông báo lịch tiếp công dân",
        "canonical": HOST + path,
        "module": "news",
        "function": "detail",
        "body": ARTICLE,
    }
    return PAGE.format(**defaults | parts)


def read(
    body: str | bytes = "",
    path: str = "/vi/news/thong-bao/lich-tiep-cong-dan-12.html",
    requested: str = "page",
    **values: Any,
) -> Reading:
    given_values: dict[str, Any] = {"status": 200, "media_type": "text/html"} | values
    fetched = Fetched(
        url=HOST + path,
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=FETCHED_AT,
        **given_values,
    )
    return read_response(fetched, hosts=HOSTS, requested=requested)


def test_an_article() -> None:
    reading = read(page())
    assert reading.outcome == "article"
    assert reading.site == "NukeViet 4.4 (default)"
    assert reading.article is not None
    assert reading.article.headline == "Thông báo lịch tiếp công dân"
    assert reading.article.url == HOST + "/vi/news/thong-bao/lich-tiep-cong-dan-12.html"


PDF = "/uploads/lich.pdf"


@pytest.mark.parametrize(
    ("truncated", "outcome"),
    [("disconnect", "article"), ("time", "no_response"), ("length", "parse_error")],
)
def test_page_that_was_cut_short_and_has_its_end_all_the_same(truncated: str, outcome: str) -> None:
    assert read(page(), truncated=truncated).outcome == outcome


@pytest.mark.parametrize("truncated", ["disconnect", "time", "unspecified", "its chunks end early"])
def test_half_an_answer_is_none(truncated: str) -> None:
    assert read(page()[:-100], truncated=truncated).outcome == "no_response"
    media = {"path": PDF, "media_type": "application/pdf"}
    assert read("%PDF-1.4 and no more", truncated=truncated, **media).outcome == "no_response"
    assert read("%PDF-1.4 and no more", truncated="length", **media).file is None


def test_half_an_error_and_half_of_robots_are_read_all_the_same() -> None:
    assert read("Not", status=404, truncated="disconnect").outcome == "not_found"
    assert read("User-agent: *", path="/robots.txt", truncated="disconnect").outcome == "robots"


def test_robots_whatever_its_status() -> None:
    text = "User-agent: *\nDisallow: /admin/\nSitemap: http://hoathanh.tayninh.gov.vn/sitemap.xml\n"
    text += "sitemap: https://khac.example/sitemap.xml\n"
    reading = read(text, path="/robots.txt", media_type="text/plain")
    assert reading.outcome == "robots"
    assert reading.links == (Link(url=HOST + "/sitemap.xml", kind="feed"),)
    assert read("", path="/robots.txt", status=404) == Reading(outcome="robots")


@pytest.mark.parametrize(
    ("location", "requested", "link"),
    [
        ("/vi/news/thong-bao/lich-12.html", "page", "article"),
        ("https://www.hoathanh.tayninh.gov.vn/vi/news/thong-bao/", "listing", "listing"),
        ("/vi/about/", "listing", "listing"),
        ("/uploads/lich.pdf", "article", "file"),
        ("/vi/users/login/", "article", None),
        ("https://hoathanh.tayninh.gov.vn/vi/", "listing", "listing"),
        ("/conha/vi/news/thong-bao/lich-12.html", "article", "article"),
        ("/conha/vi/users/login/", "article", None),
    ],
)
def test_redirects_on_the_portal(location: str, requested: str, link: str | None) -> None:
    reading = read(status=301, location=location, requested=requested, path="/vi/news/thong-bao")
    assert reading.outcome == "redirect"
    assert [link.kind for link in reading.links] == ([link] if link else [])


@pytest.mark.parametrize("requested", ["article", "page"])
def test_article_that_leads_to_a_list_is_not_there_any_more(requested: str) -> None:
    reading = read(status=301, location="/vi/", requested=requested)
    assert reading.outcome == "redirect_away"
    assert reading.links == (Link(url=HOST + "/vi/", kind="listing"),)


FILE_PATH = "/vi/news/thong-bao/lich-tiep-cong-dan-12.html?download=1&id=0"


def test_a_file_is_known_by_its_first_bytes() -> None:
    reading = read(b"%PDF-1.4 x", path=FILE_PATH, media_type="application/octet-stream")
    assert reading.outcome == "media"
    assert reading.file is not None
    assert (reading.file.size, reading.file.media_type) == (10, "application/pdf")


@pytest.mark.parametrize(("status", "location"), [(200, None), (302, "/vi/news/")])
def test_a_page_in_the_place_of_a_file_is_a_missing_file(status: int, location: str | None) -> None:
    reading = read(page(), path=FILE_PATH, status=status, location=location)
    assert (reading.outcome, reading.links) == ("media_missing", ())


def test_an_answer_that_is_no_article_says_which_one_was_asked_for() -> None:
    assert read(status=404).asked == ArticleNumber("vi", "news", "12")
    assert read(page()).asked is None
    assert read(status=404, path="/thong-bao/lich-12.html").asked is None


@pytest.mark.parametrize(
    "location", ["https://khac.example/", "//khac.example/x", "javascript:x", "http://[", ""]
)
def test_redirects_elsewhere_are_not_followed(location: str) -> None:
    reading = read(status=302, location=location)
    assert reading.links == ()
    assert reading.outcome == ("redirect_offsite" if location else "http_error")


@pytest.mark.parametrize(
    ("status", "outcome"), [(404, "not_found"), (410, "not_found"), (403, "http_error"), (500, "http_error")]
)
def test_statuses(status: int, outcome: str) -> None:
    assert read(page(), status=status).outcome == outcome
    assert read(page(), status=status).article is None


FLOOD = """<html><head><title>Hãy đợi...</title></head><body>
<p>Hệ thống đang từ chối truy cập của bạn.</p><p>Hãy đợi <span id="secField">34</span> giây</p></body></html>"""


@pytest.mark.parametrize("status", [200, 429, 503])
def test_the_flood_page_whatever_its_status(status: int) -> None:
    reading = read(FLOOD, status=status)
    assert (reading.outcome, reading.message) == ("blocked", "asks to wait 34 seconds")


def test_other_refusals() -> None:
    assert read("", status=429, media_type=None).outcome == "blocked"
    assert read("<html><body>Hi and Good-bye!!!</body></html>").outcome == "blocked"


def test_an_article_about_the_flood_page_is_an_article() -> None:
    text = "Trang web báo “Hệ thống đang từ chối truy cập của bạn” hoặc “Lỗi truy cập 404” thì làm gì?"
    reading = read(page(body=ARTICLE.replace("Ngày 15 hằng tháng.", text)))
    assert reading.article is not None
    assert reading.article.article_body == text


def test_what_is_not_a_page() -> None:
    assert read(b"%PDF-1.4", media_type="application/pdf").outcome == "not_html"
    assert read(b"\x89PNG", media_type=None).outcome == "not_html"
    assert read(page(), media_type=None).outcome == "article"


def test_a_page_of_no_known_software() -> None:
    assert read("<html><body><h1>Trang khác</h1></body></html>").outcome == "unrecognised"


def test_a_not_found_page_that_answers_200() -> None:
    text = "<h2>Lỗi truy cập 404</h2>Lỗi 404: Trang web mà bạn đã cố gắng truy cập không tồn tại."
    assert read(f"<html><body>{text}</body></html>").outcome == "soft_not_found"


def test_a_page_for_members() -> None:
    # The footer's box bears the class of a body (egov).
    body = '<div class="alert alert-info">Bạn không được phép xem bài viết</div><div class="bodytext">Chân trang</div>'
    assert read(page(title="Detail - Tin Tức", body=body)).outcome == "members_only"


def test_another_address_of_an_article() -> None:
    reading = read(page(), path="/index.php?language=vi&nv=news&op=thong-bao/lich-tiep-cong-dan-12.html")
    assert reading.outcome == "duplicate"
    assert reading.links == (
        Link(url=HOST + "/vi/news/thong-bao/lich-tiep-cong-dan-12.html", kind="article"),
    )


@pytest.mark.parametrize(
    "canonical",
    [
        "https://www.hoathanh.tayninh.gov.vn/vi/news/thong-bao/lich-tiep-cong-dan-12.html",
        "http://10.0.0.5/vi/news/thong-bao/lich-cu-12.html",
        HOST + "/vi/news/thong-bao/khac-13.html",
        HOST + "/vi/",
        HOST + "/vi/news/thong-bao/lich-tiep-cong-dan-12.html?utm_source=zalo",
        "",
    ],
)
def test_canonical_addresses_that_make_no_duplicate(canonical: str) -> None:
    reading = read(page(canonical=canonical))
    assert reading.outcome == "article"
    assert reading.article is not None
    assert reading.article.cms_id == "12"
    assert reading.article.url.endswith("/vi/news/thong-bao/lich-tiep-cong-dan-12.html")


def test_a_page_of_another_module() -> None:
    reading = read(
        page(module="about", function="main", canonical=HOST + "/vi/about/"), path="/vi/about/gioi-thieu.html"
    )
    assert (reading.outcome, reading.message) == ("kept_unparsed", "a page of the module about")


def test_an_article_page_that_cannot_be_read_is_named() -> None:
    reading = read(page(body="<div>Giao diện mới</div>"))
    assert reading.outcome == "parse_error"
    assert (
        reading.message == f"article_body: not found at {HOST}/vi/news/thong-bao/lich-tiep-cong-dan-12.html"
    )
    reading = read(page(body='<div id="news-bodyhtml">Chữ</div>'))
    assert reading.message is not None
    assert reading.message.startswith("headline: ")


def test_a_page_that_is_nested_too_deeply_is_an_error_not_a_stump() -> None:
    deep = ARTICLE.replace("Ngày", "<div>" * 100_000 + "Ngày")
    reading = read(page(body=deep))
    assert reading.outcome == "parse_error"
    assert "nested" in (reading.message or "")
