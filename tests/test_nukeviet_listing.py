from datetime import UTC, datetime

import pytest

from crawler.cms import read_response
from crawler.items import Fetched, Link, Listing, ListingItem, Reading, Witness

HOST = "http://hoathanh.tayninh.gov.vn"
CATEGORY = "/vi/news/tin-tuc/"


def read(
    body: str,
    path: str = CATEGORY,
    *,
    head: str = "",
    theme: str = "default",
    module: str = "news",
    function: str = "viewcat",
) -> Reading:
    page = f"""<html lang="vi"><head><title>Tin tức</title><meta name="generator" content="NukeViet v4.x">{head}
    <link rel="stylesheet" href="/themes/{theme}/css/style.css">
    <script>var nv_base_siteurl="/",nv_lang_data="vi",nv_module_name="{module}",nv_func_name="{function}";</script>
    </head><body><nav><a href="/vi/news/thong-bao/">Thông báo</a></nav><div id="body">{body}</div></body></html>"""
    fetched = Fetched(
        url=HOST + path,
        status=200,
        media_type="text/html",
        body=page.encode(),
        fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return read_response(fetched, hosts=frozenset({"hoathanh.tayninh.gov.vn"}))


def listing(body: str, path: str = CATEGORY, **values: str) -> Listing:
    found = read(body, path, **values).listing
    assert found is not None
    return found


def item(body: str, theme: str = "default") -> ListingItem:
    (only,) = listing(body, theme=theme).items
    return only


def test_an_entry_of_4_x() -> None:
    body = """<div class="news_column"><div class="panel panel-default"><div class="panel-body">
    <a href="/vi/news/tin-tuc/mot-tin-12.html" title="Một tin"><img src="a.jpg"></a>
    <h3><a href="/vi/news/tin-tuc/mot-tin-12.html" title="Một tin">Một tin</a></h3>
    <ul><li><em class="fa fa-clock-o">&nbsp;</em> 09/11/2020 09:00:00 PM</li>
    <li><em class="fa fa-eye">&nbsp;</em> Đã xem: 24310</li>
    <li><em class="fa fa-comment-o">&nbsp;</em> Phản hồi: 2</li></ul>
    Sáng ngày 08/11/2020, lúc 07:30, Thị ủy họp.</div></div></div>"""
    witness = Witness(source="list", text="09/11/2020 09:00:00 PM", iso="2020-11-09T21:00+07:00")
    assert item(body) == ListingItem(
        url=HOST + "/vi/news/tin-tuc/mot-tin-12.html",
        in_language="vi",
        module="news",
        cms_id="12",
        headline="Một tin",
        witness=witness,
        view_count=24310,
        comment_count=2,
    )


@pytest.mark.parametrize(
    ("theme", "body", "date"),
    [
        pytest.param(
            "modern",
            """<div class="box-border-shadow listz-news"><h4><a href="/vi/news/tin-tuc/a-1/">A</a></h4>
            <p>Ngày 08/11/2020 họp.</p>
            <div class="info small">Đăng lúc: 09-11-2020 09:00:00 AM | Đã xem: 5</div></div>""",
            "2020-11-09T09:00+07:00",
            id="3.4-modern",
        ),
        pytest.param(
            "default",
            '<ul class="related"><li><a href="/vi/news/tin-tuc/a-1.html">A <em>(09/11/2020) </em></a></li></ul>',
            "2020-11-09",
            id="other-news",
        ),
        pytest.param(
            "default",
            """<div class="news_column"><h3><a href="/vi/news/tin-tuc/a-1.html">A</a></h3>
            <p><em class="fa fa-clock-o">&nbsp;</em><em>09:00 09/11/2020</em></p></div>""",
            "2020-11-09T09:00+07:00",
            id="topic",
        ),
        pytest.param(
            "default",
            """<div class="list-group"><a class="show" href="/vi/news/tin-tuc/a-1.html" title="A">
            <h4><span class="label">1</span> A</h4></a></div>""",
            None,
            id="list-without-dates",
        ),
        pytest.param(
            "mobile_nukeviet",
            '<h3><a href="/vi/news/tin-tuc/a-1/">A</a></h3><p>Ngày 08/11/2020 họp.</p>',
            None,
            id="3.4-mobile",
        ),
    ],
)
def test_dates_stand_in_a_place_of_their_own(theme: str, body: str, date: str | None) -> None:
    witness = item(body, theme).witness
    assert (witness and witness.iso) == date


def test_a_list_of_one_says_nothing_of_the_page_around_it() -> None:
    body = """<p>Thứ ba, 24/11/2026</p><div class="news_column"><h3><a href="/vi/news/tin-tuc/a-1.html">A</a></h3></div>
    <p>Đã xem: 884681</p>"""
    only = item(body)
    assert (only.witness, only.view_count) == (None, None)


@pytest.mark.parametrize(
    "block",
    [
        '<div id="hot-news"><div class="news_column"><h3>{}</h3></div></div>',
        '<ul class="block_tophits"><li>{}</li></ul>',
        '<div class="other_blocknews related">{}</div>',
        '<aside><ul class="related"><li>{}</li></ul></aside>',
    ],
)
def test_blocks_of_the_margins_are_links_not_entries(block: str) -> None:
    reading = read(block.format('<a href="/vi/news/tin-tuc/cu-3.html">Cũ</a>'))
    assert reading.listing is not None
    assert reading.listing.items == ()
    assert reading.message == "the list names no articles"
    assert Link(url=HOST + "/vi/news/tin-tuc/cu-3.html", kind="article") in reading.links


def test_a_theme_of_its_own_is_read_by_its_headings() -> None:
    body = """<section><h2><a href="/vi/news/tin-tuc/a-2.html">A</a></h2>
    <h2><a href="/vi/news/tin-tuc/b-1.html">B</a></h2></section><div><a href="/vi/news/tin-tuc/c-3.html">C</a></div>"""
    assert [one.cms_id for one in listing(body, theme="tayninh").items] == ["2", "1"]


@pytest.mark.parametrize(
    ("path", "pagination", "following"),
    [
        pytest.param(
            CATEGORY,
            """<ul class="pagination"><li class="disabled"><a href="#">«</a></li>
            <li class="active"><a href="#">1</a></li>
            <li><a rel="next" href="/vi/news/tin-tuc/page-2/">2</a></li>
            <li><a rel="next" href="/vi/news/tin-tuc/page-9/">9</a></li>
            <li><a rel="next" href="/vi/news/tin-tuc/page-2/">»</a></li></ul>""",
            "/vi/news/tin-tuc/page-2/",
            id="4.x",
        ),
        pytest.param(
            CATEGORY + "page-2/",
            """<ul class="pagination"><li><a href="/vi/news/tin-tuc/">«</a></li>
            <li><a href="/vi/news/tin-tuc/">1</a></li>
            <li class="active"><a href="#">2</a></li><li class="disabled"><a href="#">»</a></li></ul>""",
            None,
            id="4.x-last-page",
        ),
        pytest.param(
            CATEGORY,
            """<div class="generate_page"><strong>1</strong><a href="/vi/news/tin-tuc/page-2/">2</a>
            <span><a href="/vi/news/tin-tuc/page-2/">Trang sau</a></span></div>""",
            "/vi/news/tin-tuc/page-2/",
            id="3.4",
        ),
        pytest.param(
            CATEGORY + "page-2/",
            """<div class="acenter"><a href="/vi/news/tin-tuc/">1</a><strong>2</strong>
            <a href="/vi/news/thong-bao/page-3/">3</a><a href="/vi/news/tin-tuc/page-3/">Trang sau</a></div>""",
            "/vi/news/tin-tuc/page-3/",
            id="3.4-modern",
        ),
        pytest.param(
            "/index.php?language=vi&nv=news&op=tin-tuc",
            """<ul class="pagination">
            <li><a href="/index.php?language=vi&amp;nv=news&amp;op=tin-tuc/page-2">»</a></li></ul>""",
            "/index.php?language=vi&nv=news&op=tin-tuc/page-2",
            id="never-rewritten",
        ),
        pytest.param(CATEGORY, "", None, id="one-page"),
    ],
)
def test_the_next_page(path: str, pagination: str, following: str | None) -> None:
    assert listing(pagination, path).next_url == (following and HOST + following)


def test_the_head_knows_the_next_page() -> None:
    head = f'<link rel="next" href="{HOST}/vi/news/tin-tuc/page-2/">'
    assert listing("", head=head).next_url == HOST + "/vi/news/tin-tuc/page-2/"
    assert listing("", "/vi/news/tin-tuc/page-2/", head=head).next_url is None


def test_links_lead_everywhere_on_the_portal_once_and_nowhere_else() -> None:
    head = """<link rel="alternate" type="application/rss+xml" href="/vi/news/rss/">
    <link rel="alternate" type="application/rss+xml" href="/vi/news/rss/dan-van/">"""
    body = """<div class="news_column"><h3><a href="/vi/news/tin-tuc/a-1.html#binh-luan">A</a></h3></div>
    <a href="/vi/news/tin-tuc/a-1.html?utm_source=zalo">A</a><a href="/vi/about/">Giới thiệu</a>
    <a href="/vi/news/topic/bau-cu/">Bầu cử</a><a href="/uploads/lich.pdf">Lịch</a><a href="/vi/users/login/">Vào</a>
    <a href="/vi/news/print/tin-tuc/a-1.html">In</a><a href="/vi/news/tag/bau-cu">Thẻ</a>
    <a href="https://tayninh.gov.vn/">Tỉnh</a><a href="javascript:x()">x</a><a href="#top">x</a>
    <a href="/vi/news/tin-tuc/page-9/">9</a><a href="/index.php?second=cronjobs">x</a>"""
    assert read(body, head=head).links == tuple(
        Link(url=HOST + path, kind=kind)
        for path, kind in (
            ("/vi/news/tin-tuc/a-1.html", "article"),
            ("/vi/news/rss/", "feed"),
            ("/vi/news/", "listing"),
            ("/vi/news/rss/dan-van/", "feed"),
            ("/vi/news/dan-van/", "listing"),
            ("/vi/news/thong-bao/", "listing"),
            ("/vi/about/", "page"),
            ("/vi/news/topic/bau-cu/", "listing"),
            ("/uploads/lich.pdf", "file"),
        )
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/vi/news/tin-tuc/", "category"),
        ("/vi/news/tin-tuc/page-2/", "category"),
        ("/vi/news/topic/bau-cu/", "topic"),
        ("/index.php?language=vi&nv=news&op=topic/bau-cu", "topic"),
    ],
)
def test_kinds(path: str, kind: str) -> None:
    assert listing("", path).kind == kind


def test_smarty_entries_are_known_without_a_version() -> None:
    body = """<article class="row"><h2><a href="/vi/news/tin-tuc/a-1.html">A</a></h2></article>
    <ul class="vstack"><li><a href="/vi/news/tin-tuc/b-2.html">B</a></li></ul>
    <div><h3><a href="/vi/news/tin-tuc/c-3.html">C</a></h3></div>"""
    assert [one.cms_id for one in listing(body).items] == ["1", "2"]
    assert [one.cms_id for one in listing(body, theme="huyen").items] == ["1", "3"]


@pytest.mark.parametrize("path", ["/", "/vi/", "/vi/news/", "/index.php?language=vi"])
def test_home(path: str) -> None:
    assert listing("", path, function="main").kind == "home"


def test_with_the_module_dropped_the_page_says_which_module_it_is() -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/rss/tin-tuc/">'
    body = '<div class="news_column"><h3><a href="/tin-tuc/a-1.html">A</a></h3></div><a href="/so-do-cong/">Sơ đồ</a>'
    reading = read(body, "/tin-tuc/", head=head, module="tin")
    assert reading.listing is not None
    assert [(one.module, one.cms_id) for one in reading.listing.items] == [("tin", "1")]
    assert Link(url=HOST + "/so-do-cong/", kind="page") in reading.links
    assert Link(url=HOST + "/tin-tuc/", kind="listing") in reading.links
