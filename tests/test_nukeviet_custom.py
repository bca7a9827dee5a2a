"""What themes of their own print around an article: labels in their own elements, and other articles' cards."""

import pytest

from crawler.items import Image
from tests.test_nukeviet_article import article

OTHER = '<a href="/vi/news/tin-tuc/khac-9.html"><img src="/k.jpg">Khác</a>'
SAYS = """<p>Tác giả: Người khác</p><p>Nguồn tin: Báo khác</p><p>Ngày đăng: 08/11/2020</p>
<em class="time">07/11/2020</em><p>Lượt xem: 7</p><i class="fa fa-eye"></i> 5 <i class="fa fa-comment-o"></i> 3"""


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(f'<div class="the">{OTHER}<div class="chu">{SAYS}</div></div>', id="card"),
        pytest.param(f"<ul><li>{SAYS}<h4>{OTHER}</h4></li></ul>", id="item"),
        pytest.param(f"<table><tr><td>{OTHER}</td><td>{SAYS}</td></tr></table>", id="row"),
        pytest.param(
            f'<div><div class="the">{OTHER}{SAYS}</div>'
            f'<div class="the">{OTHER.replace("-9.", "-8.")}{SAYS}</div></div>',
            id="cards",
        ),
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_what_is_printed_of_another_article_is_not_this_ones(box: str, place: str) -> None:
    found = article(before=box) if place == "before" else article(before="", after=box)
    assert (found.author, found.source, found.date_published) == (None, None, None)
    assert (found.view_count, found.comment_count, found.images) == (None, None, ())


@pytest.mark.parametrize(
    "after",
    [
        f"<div><p>Tác giả: Thu</p><p>Lượt xem: 7</p><ul><li>{OTHER}</li></ul></div>",
        f"<div><ul><li>{OTHER}</li></ul><p>Tác giả: Thu</p><p>Lượt xem: 7</p></div>",
        f"<div><p>Tác giả: Thu</p><p>Lượt xem: 7</p><div>{OTHER}</div></div>",
        '<div><a href="/vi/news/tin-tuc/mot-tin-12.html#y-kien">Ý kiến</a><p>Tác giả: Thu</p><p>Lượt xem: 7</p></div>',
        f"<div>{OTHER}{OTHER.replace('-9.', '-8.')}<p>Tác giả: Thu</p><p>Lượt xem: 7</p></div>",
    ],
)
def test_what_stands_beside_a_list_of_others_is_the_articles(after: str) -> None:
    found = article(after=after)
    assert (found.author, found.view_count) == ("Thu", 7)


@pytest.mark.parametrize(
    ("line", "text", "iso"),
    [
        (
            "<p><b>Ngày đăng:</b> <i>09/11/2020</i> <i>09:00</i></p>",
            "Ngày đăng: 09/11/2020 09:00",
            "T09:00+07:00",
        ),
        ("<p>Ngày ban hành: 01/11/2020</p><p>Ngày đăng tin: 09/11/2020</p>", "Ngày đăng tin: 09/11/2020", ""),
        ("<p>01/11/2020</p><p>Ngày tạo: 09/11/2020</p>", "Ngày tạo: 09/11/2020", ""),
        ('<p><i class="date">09/11/2020</i><i class="time">09:00</i></p>', "09/11/2020", ""),
        (
            '<p>Cập nhật: <i class="time">10/11/2020</i></p><p>Đăng lúc 09/11/2020</p>',
            "Đăng lúc 09/11/2020",
            "",
        ),
    ],
)
def test_a_date_belongs_to_the_label_beside_it(line: str, text: str, iso: str) -> None:
    found = article(before=line)
    assert (found.date_published_text, found.date_published) == (text, "2020-11-09" + iso)


@pytest.mark.parametrize(
    "line",
    [
        "<table><tr><td>Ngày ban hành:</td><td>01/11/2020</td></tr></table>",
        "<p>Hạn nộp hồ sơ: 30/11/2020</p>",
        "<p>Chủ tịch ký ngày 01/11/2020</p>",
        '<p>Cập nhật: <i class="time">10/11/2020</i></p>',
    ],
)
def test_the_date_of_something_else_is_no_publication(line: str) -> None:
    assert article(before=line).date_published is None


@pytest.mark.parametrize(
    "line",
    [
        "<p><b>Lượt xem:</b> <b>1.045</b></p>",
        "<p><b>Đã đọc</b>: 1045 | Tỉnh</p>",
        "<table><tr><td>Số lượt đọc:</td><td>1.045</td></tr></table>",
        "<p>Xem: 1.045 lượt</p>",
        '<p><i class="fa fa-comments"></i> 2</p><p>Lượt xem: 1.045</p>',
    ],
)
def test_views_are_counted_beside_their_words(line: str) -> None:
    assert article(before=line).view_count == 1045


@pytest.mark.parametrize(
    "line", ["<p><b>Lượt xem:</b> đang cập nhật</p><p>5</p>", "<p><b>Lượt xem:</b></p><p>5</p>"]
)
def test_no_number_is_taken_from_elsewhere(line: str) -> None:
    assert article(before=line).view_count is None


def test_an_author_ends_where_another_label_begins() -> None:
    line = "<p><b>Tác giả:</b> Thu - <b>Ngày đăng:</b> 09/11/2020 - <b>Lượt xem:</b> 24310</p>"
    found = article(before=line)
    assert (found.author, found.date_published, found.view_count) == ("Thu", "2020-11-09", 24310)


def test_buttons_and_banners_are_no_pictures_of_the_article() -> None:
    before = """<a href="https://zalo.me/share"><img src="/z.png"></a><img src="/index.php?second=qr">
    <a href="/vi/banners/click/?id=1"><img src="/q.jpg"></a><a href="/uploads/l.jpg"><img src="/assets/l.jpg"></a>
    <a href="#anh"><img src="/m.jpg"></a><div class="hometext"><a href="/vi/about/"><img src="/n.jpg"></a>Dẫn</div>"""
    site = "http://hoathanh.tayninh.gov.vn"
    expected = tuple(Image(url=site + path) for path in ("/assets/l.jpg", "/m.jpg", "/n.jpg"))
    assert article(before=before).images == expected


def test_documents_of_a_box_with_any_name_are_attachments() -> None:
    after = f"""<div class="tep"><b>Tệp:</b> <a href="/uploads/kh-12.pdf">Kế hoạch 12</a>
    <a href="/uploads/kh-12.pdf" title="Tải về"><i class="fa fa-download"></i></a>
    <a href="?download=1&amp;id=0">Tải về</a></div>
    <div class="the">{OTHER}<a href="/uploads/khac.docx">Khác</a></div>"""
    found = article(after=after, outside='<a href="/uploads/lich.pdf">Lịch công tác</a>')
    assert [file.name for file in found.attachments] == ["Kế hoạch 12", "Tải về"]


@pytest.mark.parametrize(
    "shown",
    [
        '<object data="/uploads/kh.pdf" type="application/pdf"></object>',
        '<embed src="/uploads/kh.pdf">',
        '<iframe src="/uploads/kh.pdf#toolbar=0"></iframe>',
        '<iframe src="//docs.google.com/gview?url=http%3A%2F%2Fhoathanh.tayninh.gov.vn%2Fuploads/kh.pdf"></iframe>',
        '<iframe src="/assets/pdf.js/viewer.html?file=/uploads/kh.pdf"></iframe>',
    ],
)
def test_a_document_that_a_body_shows_is_an_attachment(shown: str) -> None:
    found = article(f"<p>Chữ</p>{shown}")
    (file,) = found.attachments
    assert (file.name, file.url) == ("kh.pdf", "http://hoathanh.tayninh.gov.vn/uploads/kh.pdf")
    assert (found.videos, "left_out" in dict(found.trace)) == ((), False)


def test_a_frame_that_shows_no_known_document_is_left_out() -> None:
    found = article('<iframe src="https://drive.google.com/file/d/1aB/preview"></iframe>')
    assert (found.attachments, found.videos) == ((), ())
    assert dict(found.trace)["left_out"].startswith("1 iframe https://drive.google.com")
