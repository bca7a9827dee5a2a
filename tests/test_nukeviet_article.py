"""What the frozen pages do not show: single rules of the article's parser on small pages."""

from datetime import UTC, datetime

import pytest
from parsel import Selector

from crawler.cms.nukeviet import parse_article
from crawler.items import Article, Attachment, Image, ParseError

URL = "http://hoathanh.tayninh.gov.vn/vi/news/tin-tuc/mot-tin-12.html"
FETCHED_AT = datetime(2026, 11, 24, tzinfo=UTC)


def article(
    body: str = "<p>Nội dung.</p>",
    *,
    before: str = '<span class="h5">Thứ hai - 09/11/2020 09:00</span>',
    after: str = "",
    head: str = "",
    outside: str = "",
    at: datetime = FETCHED_AT,
) -> Article:
    page = f"""<html lang="vi"><head><title>Một tin</title><meta name="generator" content="NukeViet v4.4">{head}
    </head><body>{outside}<div class="news_column" itemscope itemtype="http://schema.org/NewsArticle">
    <div class="panel-body"><h1 itemprop="headline">Một tin</h1>{before}
    <div id="news-bodyhtml" class="bodytext">{body}</div>{after}</div></div></body></html>"""
    return parse_article(Selector(text=page), URL, at)


@pytest.mark.parametrize(
    ("body", "byline"),
    [
        ('<p>Chữ</p><p style="text-align: right;"><strong>Nguyễn Thu</strong></p>', "Nguyễn Thu"),
        ('<p>Chữ</p><p align="right"><b>Nguyễn <i>Thu</i></b></p><p>&nbsp;</p><br>', "Nguyễn Thu"),
        ('<div style="text-align:right"><p><span style="font-weight:bold">Thu</span></p></div>', "Thu"),
        ('<p style="text-align:right">Nguyễn Thu</p>', None),
        ("<p><strong>Nguyễn Thu</strong></p>", None),
        ('<p style="text-align:right"><strong>Thu</strong>, cộng tác viên</p>', None),
        ('<p style="text-align:right"><strong>Hòa Thành, ngày 09 tháng 11</strong></p>', None),
        ('<p style="text-align:right"><strong>Thu</strong></p><p>Chữ sau</p>', None),
        ("", None),
    ],
)
def test_byline_ends_the_body_and_stays_in_it(body: str, byline: str | None) -> None:
    found = article(body)
    assert found.byline == byline
    assert byline is None or (found.article_body or "").endswith(byline)


@pytest.mark.parametrize(
    ("before", "lead"),
    [
        ('<div class="hometext">Lời dẫn.<br>Dòng hai.</div>', "Lời dẫn.\nDòng hai."),
        ('<div class="hometext"></div>', None),
        (
            '<span class="hidden" itemprop="description"></span><div class="hometext">Lời dẫn.</div>',
            "Lời dẫn.",
        ),
        ('<span class="hidden" itemprop="description">Cho máy đọc</span>', None),
        (
            '<div id="hometext"><div id="imghome"><img src="a.jpg"><em>Ảnh</em></div>Lời dẫn.</div>',
            "Lời dẫn.",
        ),
        ('<p itemprop="description">Lời dẫn.</p>', "Lời dẫn."),
        ('<div class="hometext"><div><p>Lời dẫn.</p><img src="a.jpg"></div></div>', "Lời dẫn."),
        ('<div class="hometext"><div class="thumb"><img src="a.jpg">Ảnh</div>Lời dẫn.</div>', "Lời dẫn."),
        ('<div id="hometext"><div class="h2">Lời <img src="a.jpg">dẫn.</div></div>', "Lời dẫn."),
    ],
)
def test_description(before: str, lead: str | None) -> None:
    assert article(before=before).description == lead


@pytest.mark.parametrize(
    ("before", "text", "iso"),
    [
        (
            '<span class="h5">Thứ hai - 09/11/2020 09:00</span>',
            "Thứ hai - 09/11/2020 09:00",
            "2020-11-09T09:00+07:00",
        ),
        (
            '<i class="fa fa-eye"></i>12 <div class="meta"><i class="fa fa-calendar"></i> 09/11/2020 09:00 | 12</div>',
            "09/11/2020 09:00",
            "2020-11-09T09:00+07:00",
        ),
        (
            '<span class="h5">Thứ hai, 09 Tháng mười một 2020 9:00:12 CH</span>',
            "Thứ hai, 09 Tháng mười một 2020 9:00:12 CH",
            "2020-11-09T21:00+07:00",
        ),
        (
            "<p>Ngày đăng: 09/11/2020 | 09:00 | Lượt xem: 12</p>",
            "Ngày đăng: 09/11/2020 | 09:00",
            "2020-11-09T09:00+07:00",
        ),
        (
            "<p>Cập nhật lúc: 10/11/2020 10:00</p><p>Ngày đăng: 09/11/2020 09:00</p>",
            "Ngày đăng: 09/11/2020 09:00",
            "2020-11-09T09:00+07:00",
        ),
        (
            '<div><i class="fa fa-clock-o"></i> Monday, November 9, 2020 9:00:12 PM</div>',
            "Monday, November 9, 2020 9:00:12 PM",
            "2020-11-09T21:00+07:00",
        ),
        (
            '<li><a href="/vi/news/a/b-9.html">B</a><i class="date">8/11/2020</i><li><i class="date">09/11/2020</i>',
            "09/11/2020",
            "2020-11-09",
        ),
        ("<p>Từ ngày 09/11/2020 đến hết tháng, người dân đến nhận thẻ tại bộ phận một cửa.</p>", None, None),
        ('<span class="hidden" itemprop="datePublished">2020-11-09</span>', None, None),
        ("<p>" + "Đăng lúc 09/11/2020 " * 20 + "</p>", None, None),
    ],
)
def test_the_visible_date(before: str, text: str | None, iso: str | None) -> None:
    found = article(before=before)
    assert (found.date_published_text, found.date_published) == (text, iso)


def test_the_clock_of_the_page_header_is_never_taken() -> None:
    clock = '<span class="current-time">Thứ ba, 24/11/2026, 08:00</span>'
    assert article(before="", outside=clock).date_published is None


@pytest.mark.parametrize(
    ("stamp", "iso"),
    [
        ("2020-11-09+0709:00:41", "2020-11-09T09:00+07:00"),
        ("2020-11-09ICT09:00:41", "2020-11-09T09:00+07:00"),
        ("2020-11-09T09:00:41+07:00", "2020-11-09T09:00+07:00"),
        ("2020-11-09T02:00:41+00:00", "2020-11-09T09:00+07:00"),
        ("0000-00-00+0700:00:00", None),
        ("hôm nay", None),
    ],
)
def test_published_time_of_the_head(stamp: str, iso: str | None) -> None:
    found = article(before="", head=f'<meta property="article:published_time" content="{stamp}">')
    (witness,) = found.witnesses
    assert (witness.source, witness.text, witness.iso) == ("meta", stamp, iso)


def test_microdata_are_the_time_of_the_edit() -> None:
    edited = '<span class="hidden" itemprop="datePublished">2020-11-12T08:00:00+07:00</span>'
    found = article(before='<span class="h5">Thứ hai - 09/11/2020 09:00</span>' + edited)
    assert found.date_published == "2020-11-09T09:00+07:00"
    assert found.date_modified == "2020-11-12T08:00+07:00"


def test_attachments_have_their_real_names() -> None:
    box = """<div class="list-group news-download-file"><div>
    <span class="badge"><a href="#pdf1"><i></i></a></span>
    <a href="?download=1&amp;id=0" title="Tập tin 1: a.pdf">Tập tin 1: <strong>KH-12.PDF</strong></a>
    <a href="http://khac.example/tep/bieu%20mau.xlsx">Tập tin 2: <strong>Nhấn vào để tải file.</strong></a>
    </div></div>"""
    body = """<p><a href="/uploads/qd.docx">Quyết định số 12</a> <a href="/uploads/m.zip">tại đây</a>
    <a href="/uploads/anh.jpg">ảnh</a> <a href="/vi/about/">giới thiệu</a></p>"""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    site = "http://hoathanh.tayninh.gov.vn"
    assert article(body, after=box).attachments == (
        Attachment(name="KH-12.PDF", url=URL + "?download=1&id=0", media_type="application/pdf"),
        Attachment(name="bieu mau.xlsx", url="http://khac.example/tep/bieu%20mau.xlsx", media_type=sheet),
        Attachment(name="Quyết định số 12", url=site + "/uploads/qd.docx", media_type=word),
        Attachment(name="m.zip", url=site + "/uploads/m.zip", media_type="application/zip"),
    )


def test_images_and_their_captions() -> None:
    before = """<img src="/a-truoc.jpg" style="display:none"><figure class="article left">
    <img src="/lead.jpg" alt="không in"><figcaption>Đại biểu</figcaption></figure>
    <div class="modal"><img src="/lead-to.jpg"></div><img src="/themes/default/images/in.png">"""
    body = """<figure><img data-src="b.jpg" src="data:image/gif;base64,R0"><figcaption>Lễ ra quân</figcaption></figure>
    <p><img src="https://khac.example/c.jpg" alt="không in"><img src="/lead.jpg"></p>"""
    folder = "http://hoathanh.tayninh.gov.vn"
    assert article(body, before=before).images == (
        Image(url=folder + "/lead.jpg", caption="Đại biểu"),
        Image(url=folder + "/vi/news/tin-tuc/b.jpg", caption="Lễ ra quân"),
        Image(url="https://khac.example/c.jpg"),
    )


def test_videos_are_players_and_files_not_maps() -> None:
    body = """<iframe src="//www.youtube.com/embed/x"></iframe><video><source src="/uploads/phim.mp4"></video>
    <iframe src="https://www.google.com/maps/embed?pb=1"></iframe><iframe src=""></iframe>"""
    assert article(body).videos == (
        "http://www.youtube.com/embed/x",
        "http://hoathanh.tayninh.gov.vn/uploads/phim.mp4",
    )


def test_counts_beside_icons_and_words() -> None:
    icons = """<span class="h5"><i class="fa fa-eye"></i>24.310</span>
    <span class="h5"><i class="fa fa-comment-o"></i>0</span>"""
    printed = article(before=icons)
    assert (printed.view_count, printed.comment_count) == (24310, 0)
    line = """<p><i class="fa fa-clock-o"></i> 09/11/2020 <i class="fa fa-eye"></i> <b>1.234</b>
    <i class="fa fa-comments"></i> 5</p>"""
    one_line = article(before=line)
    assert (one_line.view_count, one_line.comment_count) == (1234, 5)
    assert article(before='<p>77 <i class="fa fa-eye"></i></p>').view_count == 77
    words = article(before="<ul><li>Lượt xem: 1,234</li><li>Phản hồi: 7</li></ul>")
    assert (words.view_count, words.comment_count) == (1234, 7)
    assert article(outside="<p>Lượt xem: 9</p>").view_count is None


def test_rating() -> None:
    voted = article(after='<p id="stringrating">Tổng số điểm của bài viết là: 9 trong 2 đánh giá</p>')
    assert (voted.rating_value, voted.rating_count) == (4.5, 2)
    unvoted = article(after='<p id="stringrating">Tổng số điểm của bài viết là: 0 trong 0 đánh giá</p>')
    assert (unvoted.rating_value, unvoted.rating_count) == (None, 0)


def test_keywords_are_the_visible_ones_else_the_heads() -> None:
    head = '<meta property="article:tag" content="bầu cử"><meta name="keywords" content="của trang">'
    visible = '<strong>Tags: </strong><a href="/vi/news/tag/bau-cu">Bầu cử</a>, <a href="/vi/news/tag/hdnd">HĐND</a>'
    assert article(after=visible, head=head).keywords == ("Bầu cử", "HĐND")
    assert article(head=head).keywords == ("bầu cử",)
    assert article(head='<meta name="keywords" content="của trang">').keywords == ()


def test_the_category_path_leaves_out_home_and_module() -> None:
    crumbs = """<ul class="temp-breadcrumbs hidden"><li><a href="/vi/">Trang nhất</a></li>
    <li><a href="/vi/news/">Tin Tức</a></li><li><a href="/vi/news/su-kien/">Sự kiện</a></li>
    <li><a href="/vi/news/tin-tuc/">Tin trong huyện</a></li></ul>"""
    assert article(outside=crumbs).section_path == ("Sự kiện", "Tin trong huyện")
    assert article(outside=crumbs).article_section == "Tin trong huyện"
    same = crumbs.replace("Sự kiện", "Tin trong huyện")
    assert article(outside=same).section_path == ("Tin trong huyện", "Tin trong huyện")
    head = '<meta property="article:section" content="Thông báo">'
    assert article(outside=crumbs, head=head).section_path == ("Thông báo",)
    assert article(outside='<a href="/vi/news/tin-tuc/">Tin tức</a>').section_path == ("Tin tức",)
    assert article().article_section is None


def test_the_sanitised_body_runs_nothing_and_links_wholly() -> None:
    body = """<p onclick="x()" class="MsoNormal">Chữ <a href="/vi/about/">a</a><script>x()</script>
    <a href="javascript:x()">b</a><img src="x.png" onerror="x()"><iframe src="//evil.example"></iframe></p>"""
    html = article(body).article_body_html or ""
    assert 'href="http://hoathanh.tayninh.gov.vn/vi/about/"' in html
    assert 'src="http://hoathanh.tayninh.gov.vn/vi/news/tin-tuc/x.png"' in html
    assert not any(word in html for word in ("onclick", "onerror", "script", "iframe", "class="))


@pytest.mark.parametrize(
    ("url", "body", "field"),
    [
        ("http://a.vn/vi/news/tin-tuc/", '<div id="news-bodyhtml">x</div>', "cms_id"),
        (URL, "<div>x</div>", "article_body"),
        (URL, '<div id="news-bodyhtml">x</div>', "headline"),
    ],
)
def test_what_is_missing_is_named(url: str, body: str, field: str) -> None:
    with pytest.raises(ParseError) as raised:
        parse_article(Selector(text=f"<html><body>{body}</body></html>"), url, FETCHED_AT)
    assert (raised.value.field, raised.value.url) == (field, url)


def test_the_time_must_be_aware() -> None:
    with pytest.raises(ValueError, match="time zone"):
        article(before="", at=datetime(2026, 1, 1))  # noqa: DTZ001
