import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.text import block_text, fold, inline_text, nfc, one_line


def tree(html: str) -> etree._Element:
    body = etree.HTML(f"<body>{html}</body>", etree.HTMLParser(huge_tree=True)).find("body")
    assert body is not None
    return body


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>Một</p><p>Hai</p>", "Một\n\nHai", id="paragraphs"),
        pytest.param("<h2>Mục I</h2>Nội dung", "Mục I\n\nNội dung", id="heading"),
        pytest.param("Một<br>Hai<br />Ba", "Một\nHai\nBa", id="line-breaks"),
        pytest.param("Một<br><br>Hai<br>&nbsp;<br>Ba", "Một\n\nHai\n\nBa", id="two-breaks-part-paragraphs"),
        pytest.param("<div>Ngoài<p>Trong</p>Sau</div>", "Ngoài\n\nTrong\n\nSau", id="text-around-blocks"),
        pytest.param("<ul><li>Một</li><li>Hai</li></ul>", "Một\nHai", id="list"),
        pytest.param("<ol><li><p>Một</p></li><li><p>Hai</p></li></ol>", "Một\nHai", id="paragraphs-in-items"),
        pytest.param(
            "<ul><li>A<ul><li>B</li></ul></li><li>C</li></ul>Sau", "A\nB\nC\n\nSau", id="nested-list"
        ),
        pytest.param("<dl><dt>Tên</dt><dd>Nghĩa</dd></dl>", "Tên\nNghĩa", id="definitions"),
        pytest.param(
            "<table><tr><th>Xã</th><th>Hộ</th></tr><tr><td>Trường Đông</td><td>12</td></tr></table>",
            "Xã\tHộ\nTrường Đông\t12",
            id="table",
        ),
        pytest.param("<table><tr><td>A</td><td></td><td>C</td></tr></table>", "A\t\tC", id="empty-cell"),
        pytest.param(
            "<table><tr><td><p>A</p><p>B</p></td><td>C<br>D</td></tr></table>",
            "A B\tC D",
            id="blocks-in-cells",
        ),
        pytest.param(
            "<table><tr><td>A<table><tr><td>1</td><td>2</td></tr></table></td><td>B</td></tr></table>",
            "A 1 2\tB",
            id="table-in-a-cell",
        ),
        pytest.param("<table><tr><td><p>A</p><p>B</p></td></tr></table>", "A\n\nB", id="layout-table"),
        pytest.param(
            "<table><caption>Bảng 1</caption><tbody><tr><td>A</td><td>B</td></tr></tbody></table>",
            "Bảng 1\nA\tB",
            id="table-caption",
        ),
        pytest.param(
            "<figure><img src=a.jpg><figcaption>Ảnh</figcaption></figure>Sau", "Ảnh\n\nSau", id="figure"
        ),
        pytest.param("<pre>Dòng một\nDòng hai</pre>", "Dòng một\nDòng hai", id="preformatted"),
        pytest.param("A<script>x()</script><style>p{}</style>B", "AB", id="scripts"),
        pytest.param("Ấp<!-- [if gte mso 9]><xml></xml> --> 3", "Ấp 3", id="comment"),
        pytest.param("<xml><w:View>Normal</w:View></xml>Tin", "Tin", id="word-xml"),
        pytest.param("<p>Ph<span>ườ</span><b>ng</b> Long Hoa</p>", "Phường Long Hoa", id="inline-markup"),
        pytest.param("<p>xã<o:p>&nbsp;</o:p>Long</p>", "xã Long", id="word-paragraph-mark"),
        pytest.param("<p>&nbsp;</p><p>Tin&nbsp;&nbsp;mới</p><p> </p>", "Tin mới", id="hard-spaces"),
    ],
)
def test_block_text(html: str, text: str) -> None:
    assert block_text(tree(html)) == text


@pytest.mark.parametrize("html", ["", "<p>&nbsp;</p>", "<p><img src=a.jpg></p>", "<script>x()</script>"])
def test_no_text_is_none(html: str) -> None:
    assert block_text(tree(html)) is None
    assert inline_text(tree(html)) is None


def test_elements_can_be_left_out() -> None:
    body = tree("<div>Lời dẫn<p>Chú thích</p> tiếp theo</div>")
    assert block_text(body, without=list(body.iter("p"))) == "Lời dẫn tiếp theo"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Hòa Th\u200bành", "Hòa Thành"),
        ("Hòa\u200b Thành", "Hòa Thành"),
        ("\ufeffTin \u200e\u200b mới", "Tin mới"),
        ("soft\u00adhyphen", "softhyphen"),
        ("👨\u200d👩\u200d👧 và ba\u200d", "👨\u200d👩\u200d👧 và ba"),
        ("giá 5\u0096 6 \u0093triệu\u0094", "giá 5– 6 “triệu”"),
        ("Ðảng bộ", "Đảng bộ"),
        (unicodedata.normalize("NFD", "Đặng Thị Ngọc"), "Đặng Thị Ngọc"),
    ],
)
def test_one_line(raw: str, clean: str) -> None:
    assert one_line(raw) == clean


def test_folding_keeps_every_letter_in_its_place() -> None:
    assert fold("Đường đi") == "Dường di"


@given(st.text())
def test_cleaning_is_done_once(text: str) -> None:
    clean = one_line(text)
    assert one_line(clean) == clean
    assert nfc(clean) == clean


_WORDS = st.lists(st.sampled_from(["phường", "Long Hoa", "12", "đ"]), min_size=1, max_size=4).map(" ".join)
_HTML = st.recursive(
    _WORDS,
    lambda inner: st.builds(
        "<{0}>{1}</{0}>".format,
        st.sampled_from(["p", "div", "span", "b", "ul", "li", "table", "tr", "td", "blockquote", "font"]),
        st.lists(inner, max_size=4).map(" ".join),
    ),
    max_leaves=30,
)


@given(_HTML)
def test_whatever_the_markup_no_word_is_lost_split_or_glued(html: str) -> None:
    body = tree(html)
    assert (block_text(body) or "").split() == " ".join(str(text) for text in body.itertext()).split()


def test_deep_and_wide_trees_are_read_in_time() -> None:
    deep = tree("<div>" * 1500 + "đáy" + "</div>" * 1500)
    wide = tree("<p>Một <b>hai</b></p>" * 50_000)
    started = time.process_time()
    assert block_text(deep) == "đáy"
    assert (block_text(wide) or "").count("Một hai") == 50_000
    assert time.process_time() - started < 5
