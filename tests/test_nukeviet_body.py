"""article_body as a careful reader would write it down, from whatever editors paste."""

from datetime import UTC, datetime

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cms import read_response
from crawler.items import Article, Fetched
from crawler.text import nfc

URL = "http://hoathanh.tayninh.gov.vn/vi/news/tin-tuc/mot-tin-12.html"
PAGE = """<!DOCTYPE html><html><head><title>Một tin</title><meta name="generator" content="NukeViet v4.x"></head><body>
<div class="news_column panel panel-default" itemtype="http://schema.org/NewsArticle" itemscope><div class="panel-body">
<h1 class="title" itemprop="headline">Một tin</h1><span class="h5">Thứ hai - 09/11/2020 09:00</span>
<div id="news-bodyhtml" class="bodytext margin-bottom-lg">
            {}
        </div>
<div class="margin-bottom-lg"><p class="h5 text-right"><strong>Tác giả bài viết: </strong>Thu</p></div></div></div>
</body></html>"""


def article(body: str) -> Article:
    fetched = Fetched(
        url=URL,
        status=200,
        media_type="text/html",
        body=PAGE.format(body).encode(),
        fetched_at=datetime(2021, 1, 1, tzinfo=UTC),
    )
    found = read_response(fetched, hosts=frozenset({"hoathanh.tayninh.gov.vn"})).article
    assert found is not None
    assert found.author == "Thu"
    return found


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(
            '<p class="MsoListParagraph"><![if !supportLists]><span style="mso-list:Ignore">1.<span style="font:7.0pt">'
            "&nbsp;&nbsp; </span></span><![endif]>Rà soát</p><p><!--[if !supportLists]-->-<!--[endif]-->Báo cáo</p>",
            "1. Rà soát\n\n-Báo cáo",
            id="Word's list numbers are printed",
        ),
        pytest.param(
            "<table><caption>Bảng 1</caption><tr><th rowspan=2>TT</th><th colspan=2>Số hộ</th></tr><tr><th>Nghèo</th>"
            "<th>Cận nghèo</th></tr><tr><td><p>1</p></td><td><p>Long<br>Thành</p><p>Bắc</p></td>"
            "<td>&nbsp;</td></tr></table>",
            "Bảng 1\nTT\tSố hộ\nNghèo\tCận nghèo\n1\tLong Thành Bắc",
            id="spans and paragraphs in a table",
        ),
        pytest.param(
            "<p>Xem<table><tr><td><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table></td></tr></table>",
            "Xem\n\na\tb\nc",
            id="a table that only places another",
        ),
        pytest.param("<pre>Điều 1\nĐiều  2\n\nĐiều 3</pre>", "Điều 1\nĐiều 2\n\nĐiều 3", id="preformatted"),
        pytest.param(
            "Một<br><br>Hai<br/>ba<br><br><br>Bốn", "Một\n\nHai\nba\n\nBốn", id="breaks as paragraphs"
        ),
        pytest.param("Một</br>Hai", "Một\nHai", id="a closed break breaks"),
        pytest.param(
            "<p>Một<ul><li>a</ul>Hai</p>Ba <!-- <p> --><p>Bốn<hr>Năm</P>\n<strike>Sáu</strike><P>Bảy</P><i>Tám</i>",
            "Một\n\na\n\nHai\n\nBa\n\nBốn\n\nNăm\n\nSáu\n\nBảy\n\nTám",
            id="an end without a paragraph parts two",
        ),
        pytest.param(
            "<center><font size=5><b>THÔNG BÁO</b></font></center><font face=Times>Nội dung</font>",
            "THÔNG BÁO\n\nNội dung",
            id="center and font",
        ),
        pytest.param(
            "<p>Trước <figure><img src=a.jpg><figcaption>Đại biểu</figcaption></figure> sau</p>",
            "Trước\n\nĐại biểu\n\nsau",
            id="a figure in a paragraph",
        ),
        pytest.param(
            "<ul><li><p>Một</p><p>thêm</p></li><li>Hai<ol><li>hai a</li></ol></li></ul>",
            "Một\nthêm\nHai\nhai a",
            id="paragraphs in items",
        ),
        pytest.param(
            "Đầu<div>khối</div>giữa<p>đoạn</p>cuối", "Đầu\n\nkhối\n\ngiữa\n\nđoạn\n\ncuối", id="bare text"
        ),
        pytest.param(
            "<p>Hòa<o:p></o:p> Th<span lang=VI>à</span>nh<o:p>&nbsp;</o:p>Tây&nbsp;&nbsp;<b>&nbsp;Ninh</b></p>",
            "Hòa Thành Tây Ninh",
            id="Word's marks and runs",
        ),
        pytest.param(
            "Hòa\u200b Thành, đường\u00ad phố, Kê\u0301t quả",
            "Hòa Thành, đường phố, Kết quả",
            id="unseen letters",
        ),
        pytest.param(
            '<p>Thấy<span style="mso-hide:screen;display: none">PAGEREF 5</span>.</p>'
            '<div style="display:none">cá cược</div>'
            '<div style="position:absolute;left:-9999px">sòng bạc</div><span class="hidden hide d-none">quantri</span>'
            '<p style="margin-left:-9px;text-align:none">Rõ</p><p class="d-none d-md-block">Rộng</p>',
            "Thấy.\n\nRõ\n\nRộng",
            id="what is hidden is not read",
        ),
        pytest.param(
            '<p>a<script>x("<p>y</p>")</script>b<style>p{}</style></p><noscript>Bật JS</noscript>'
            '<iframe src="x">cũ</iframe>'
            "<video controls>cũ<source src=v.mp4></video><audio>cũ</audio><select><option>1</select>"
            "<textarea>2</textarea>",
            "ab",
            id="what never shows",
        ),
        pytest.param(
            '<p>Vui <img alt="smiley" src="/assets/editors/ckeditor/plugins/smiley/images/s.png"> nhé</p>',
            "Vui nhé",
            id="a smiley's name is no text",
        ),
        pytest.param(
            "<p><button type=button><a href=/a.pdf>Tải về</a></button></p>", "Tải về", id="a button's words"
        ),
        pytest.param(
            '<span style="display:block">Một</span><span style="display: block">Hai</span><legend>Ba</legend>Bốn',
            "Một\n\nHai\n\nBa\n\nBốn",
            id="inline elements shown as blocks",
        ),
        pytest.param(
            "<html><head><title>x</title><style>p{}</style></head><body lang=VI><p>Dán cả trang</p>"
            "</body></html><p>Sau</p>",
            "Dán cả trang\n\nSau",
            id="a whole document",
        ),
        pytest.param(
            "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->"
            "<xml><w:View>Normal</w:View></xml><p>Tin</p>",
            "Tin",
            id="Word's own data",
        ),
        pytest.param("<p>5 &lt; 6 &amp; “7” &gt; 3 &amp;nbsp;</p>", "5 < 6 & “7” > 3 &nbsp;", id="signs"),
    ],
)
def test_a_body_is_what_its_reader_sees(body: str, text: str) -> None:
    assert article(body).article_body == text


_WORD = st.sampled_from(["phường", "Long Hoa", "12.5%", "đường", "“Ấp 3”", "UBND"])
_WRAPPERS = [
    "<p>{}</p>", "<div>{}</div>", '<p class="MsoNormal"><span style="font-size:14pt">{}<o:p></o:p></span></p>',
    "<b>{}</b>", '<span lang="VI">{}</span>', "<font color=red>{}</font>", "<center>{}</center>",
    "<ul><li>{}</li></ul>", "<table><tbody><tr><td>{}</td><td>x</td></tr></tbody></table>",
    "<blockquote>{}</blockquote>", "{}<br />", "<figure><img src=a.jpg><figcaption>{}</figcaption></figure>",
    "&nbsp;{}&nbsp;", "<a href=/vi/about/>{}</a>", "<h3>{}</h3>", '<span style="display:block">{}</span>',
    "{}<!-- x -->", "{}<script>y()</script>", '<i style="display:none">y</i>{}', "<pre>{}</pre>",
]  # fmt: skip
_BODY = st.recursive(
    _WORD,
    lambda inner: st.builds(
        lambda wrapper, parts: wrapper.format(" ".join(parts)),
        st.sampled_from(_WRAPPERS),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(_BODY)
def test_text_and_html_say_the_same_words_and_all_of_them(body: str) -> None:
    found = article(body)
    printed = lxml.html.fragment_fromstring(body, create_parent="div")
    for unseen in [*printed.iter("script"), *printed.iter("i")]:
        unseen.drop_tree()
    words = nfc(" ".join(str(text) for text in printed.xpath("//text()[not(parent::comment())]"))).split()
    kept = lxml.html.fragment_fromstring(found.article_body_html or "", create_parent="div")
    assert "".join((found.article_body or "").split()) == "".join(words)
    assert "".join(nfc(kept.text_content()).split()) == "".join(words)
