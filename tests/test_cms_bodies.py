"""What a page's bytes may be: in any charset, broken, or whatever a server sends."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsel import Selector

from crawler.cms import CMSES
from crawler.items import OUTCOMES
from tests.test_cms import ARTICLE, FETCHED_AT, HOST, page, read


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        pytest.param(page().encode(), "iso-8859-1", id="utf-8-called-latin"),
        pytest.param(page().encode("utf-8-sig"), None, id="byte-order-mark"),
        pytest.param(page().encode("utf-16"), None, id="utf-16"),
        pytest.param(page().encode("cp1258", "xmlcharrefreplace"), "windows-1258", id="as-declared"),
        pytest.param(page().encode().replace(b"<p>Ng", b"<p>\x00Ng"), "utf-8", id="nul-bytes"),
    ],
)
def test_charsets(body: bytes, charset: str | None) -> None:
    article = read(body, charset=charset).article
    assert article is not None
    assert (article.headline, article.article_body) == ("Thông báo lịch tiếp công dân", "Ngày 15 hằng tháng.")


def test_broken_bytes_are_marked_and_the_rest_is_kept() -> None:
    article = read(page().encode().replace(b"Ng\xc3\xa0y 15", b"Ng\xff\xfey 15"), charset="utf-8").article
    assert article is not None
    assert article.article_body == "Ng\ufffd\ufffdy 15 hằng tháng."
    assert article.headline == "Thông báo lịch tiếp công dân"


def test_a_parser_can_be_used_by_itself() -> None:
    (nukeviet,) = CMSES
    url = HOST + "/vi/news/thong-bao/lich-tiep-cong-dan-12.html"
    selector = Selector(text=page())
    assert nukeviet.recognise(selector, url) == "NukeViet 4.4 (default)"
    assert nukeviet.parse_article(selector, url, FETCHED_AT) == read(page()).article
    assert nukeviet.parse_listing(selector, url).items == ()


@given(body=st.binary(max_size=400), status=st.sampled_from([200, 301, 404, 429, 500]))
@settings(max_examples=200)
def test_whatever_a_server_sends_has_an_outcome(body: bytes, status: int) -> None:
    for media_type in ("text/html", "text/xml", None):
        reading = read(body, status=status, media_type=media_type, location="/x")
        assert reading.outcome in OUTCOMES


@given(st.text(alphabet=st.sampled_from("<>/=\"' abdivp!-&;\n"), max_size=200))
def test_whatever_stands_in_a_body_the_article_is_read(text: str) -> None:
    reading = read(page(body=ARTICLE.replace("Ngày 15 hằng tháng.", text)))
    assert reading.outcome in ("article", "parse_error")
