"""Leads in 3.4's mobile theme, which prints them between other elements, as their editors wrote them."""

from datetime import UTC, datetime

import pytest
from parsel import Selector

from crawler.cms.nukeviet import parse_article
from crawler.items import Article

PICTURE = """<div class="fl" style="width:100px"><a href="/a.jpg"><img src="/a.jpg"></a>
<p><em>Hội trường</em></p></div>"""
BELOW = """<div class="ac"><img src="/b.jpg" width="460"><p><em>Đoàn xe</em></p></div>"""


def article(lead: str) -> Article:
    page = f"""<html><head><title>Một tin - Huyện</title><meta name="generator" content="NukeViet v3.4">
    </head><body><div id="main"><h1>Một tin</h1><span class="smll">Thứ hai - 07/04/2014  10:05</span>
    <a href="#"><img src="/themes/mobile_nukeviet/images/news/print.png"></a>
    <div class="clear"></div>{lead}<div class="fiximg"><p>Thân bài.</p></div>
    <p class="ar"><strong>Tác giả bài viết: </strong>Thu</p></div></body></html>"""
    found = parse_article(
        Selector(text=page),
        "http://hoathanh.tayninh.gov.vn/vi/news/tin-tuc/mot-tin-12/",
        datetime(2026, 11, 24, tzinfo=UTC),
    )
    assert (found.headline, found.article_body, found.author) == ("Một tin", "Thân bài.", "Thu")
    return found


@pytest.mark.parametrize(
    ("lead", "text"),
    [
        ("Lời dẫn.<br />Dòng hai.", "Lời dẫn.\nDòng hai."),
        ("<p>Đoạn một.</p><p>Đoạn hai.</p>", "Đoạn một.\n\nĐoạn hai."),
        ("<div>Khối <b>một</b>.</div> Chữ trần.", "Khối một.\n\nChữ trần."),
        ("Gồm<ul><li>một</li><li>hai</li></ul>", "Gồm\n\nmột\nhai"),
        ("<table><tr><td>Xã</td><td>Hộ</td></tr></table>", "Xã\tHộ"),
        ('<div><img src="/c.jpg"> Lời <em>dẫn</em>.</div>', "Lời dẫn."),
        ("<p>Tác giả: 99 lượt xem</p>", "Tác giả: 99 lượt xem"),
        ("<p><strong>Không đóng<p>Hai</p>", "Không đóng\n\nHai"),
        ("<p>Lời</div>Sau", "Lời\n\nSau"),
        ("", None),
    ],
)
@pytest.mark.parametrize("pictures", ["none", "before", "below"])
def test_a_lead_is_what_its_reader_sees(lead: str, text: str | None, pictures: str) -> None:
    before, below = (PICTURE if pictures == "before" else ""), (BELOW if pictures == "below" else "")
    found = article(before + lead + below)
    assert (found.description, found.source, found.view_count) == (text, None, None)
    captions = {"none": [], "before": ["Hội trường"], "below": ["Đoàn xe"]}[pictures]
    assert [image.caption for image in found.images if image.caption] == captions


def test_the_emphasis_of_a_text_is_no_caption() -> None:
    (image,) = article('<div><img src="/c.jpg"> Lời <em>dẫn</em>.</div>').images
    assert image.caption is None
    (image,) = article('<div><img src="/c.jpg"><br><em>Đoàn xe</em></div>').images
    assert image.caption == "Đoàn xe"
