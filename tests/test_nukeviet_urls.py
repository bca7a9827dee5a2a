import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cms.nukeviet.urls import Shape, Target, article_of_variant, classify, file_name
from crawler.cms.web import absolute, clean_url, is_own, same_page

HOST = "http://hoathanh.tayninh.gov.vn"
DROPPED = Shape(dropped=True, categories=frozenset({"tin-tuc", "thong-bao"}))
RENAMED = Shape(news=frozenset({"news", "tin-tuc"}))


def target(path: str, shape: Shape | None = None) -> Target:
    return classify(HOST + path, shape or Shape())


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        pytest.param("/vi/news/tin-tuc/mot-tin-12.html", Shape(), id="4.x-multilingual"),
        pytest.param("/news/tin-tuc/mot-tin-12.html", Shape(), id="4.x-one-language"),
        pytest.param("/tin-tuc/mot-tin-12.html", DROPPED, id="4.x-module-dropped"),
        pytest.param("/index.php/vi/news/tin-tuc/mot-tin-12.html", Shape(), id="server-without-rewrite"),
        pytest.param("/vi/news/tin-tuc/mot-tin-12/", Shape(), id="3.4"),
        pytest.param(
            "/index.php?language=vi&nv=news&op=tin-tuc/mot-tin-12.html", Shape(), id="never-rewritten"
        ),
        pytest.param(
            "/index.php?language=vi&nv=news&op=tin-tuc/mot-tin-12", Shape(), id="3.4-never-rewritten"
        ),
        pytest.param("/index.php?language=vi&nv=news&op=tin-tuc%2Fmot_tin-12.html", Shape(), id="underscore"),
        pytest.param("/vi/tin-tuc/tin-tuc/mot-tin-12.html", RENAMED, id="module-renamed"),
        pytest.param("/portal/vi/news/tin-tuc/mot-tin-12.html", Shape(base="/portal/"), id="in-a-folder"),
        pytest.param(
            "/tin/vi/news/tin-tuc/mot-tin-12.html", Shape(base="/tin"), id="in-a-folder-without-a-slash"
        ),
        pytest.param(
            "/tintuc/tin-tuc/mot-tin-12.html", Shape(base="/tin", news=frozenset({"tintuc"})), id="beside-it"
        ),
        pytest.param("/vi/news/tin-tuc/Mot--tin-2020-12.htm", Shape(), id="other-extension"),
    ],
)
def test_an_article_in_every_shape(path: str, shape: Shape) -> None:
    found = target(path, shape)
    assert (found.kind, found.category, found.cms_id) == ("article", "tin-tuc", "12")


def test_an_alias_may_be_a_number() -> None:
    assert target("/vi/news/tin-tuc/2020-225.html").cms_id == "225"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "listing"),
        ("/vi/", "listing"),
        ("/index.php?language=vi", "listing"),
        ("/vi/news/", "listing"),
        ("/vi/news/tin-tuc/", "listing"),
        ("/vi/news/tin-tuc-2020/", "listing"),
        ("/vi/news/tin-tuc/page-3/", "listing"),
        ("/vi/news/topic/bau-cu/", "listing"),
        ("/vi/news/topic/bau-cu/page-2/", "listing"),
        ("/index.php?language=vi&nv=news&op=tin-tuc/page-2", "listing"),
        ("/vi/tin-noi-bo/", "listing"),  # a module whose name says nothing: one look
        ("/vi/news/rss/", "feed"),
        ("/vi/news/rss/tin-tuc/", "feed"),
        ("/sitemap.xml", "feed"),
        ("/Sitemap-vi.news.xml", "feed"),
        ("/vi/about/", "page"),
        ("/vi/about/gioi-thieu-2020.html", "page"),
        ("/vi/laws/detail/quyet-dinh-12-2020-33/", "page"),
        ("/vi/feeds/", "page"),
        ("/uploads/news/2020_11/anh.jpg", "file"),
        ("/uploads/van-ban/Kế hoạch 12.PDF", "file"),
        ("/vi/news/tin-tuc/mot-tin-12.html?download=1&id=0", "file"),
    ],
)
def test_other_pages(path: str, kind: str) -> None:
    assert target(path).kind == kind


@pytest.mark.parametrize(
    "path",
    [
        "/vi/news/print/tin-tuc/mot-tin-12.html",
        "/vi/news/savefile/tin-tuc/mot-tin-12.html",
        "/vi/news/sendmail/tin-tuc/mot-tin-12.html",
        "/vi/news/tag/bau-cu",
        "/vi/news/search/?q=bau",
        "/vi/news/rating/",
        "/vi/news/groups/tin-noi-bat/",
        "/vi/news/author/nguyen-thu/",
        "/vi/news/content/",
        "/vi/seek/",
        "/vi/users/login/",
        "/vi/statistics/allreferers/",
        "/vi/comment/",
        "/vi/banners/click/?id=3",
        "/admin/",
        "/index.php?second=cronjobs&p=x",
        "/index.php?scaptcha=captcha",
        "/index.php?language=vi&nv=news&nvvithemever=m&nv_redirect=abc",
        "/index.php?language=vi&nv=users&op=login",
        "/index.php?language=vi&nv=news&op=tag/bau-cu",
        "/index.php?language=vi&nv=news&op=print/tin-tuc/mot-tin-12.html",
        "/vi/news/tin-tuc/mot-tin-12.html?pdf=1&id=0",
        "/tag/bau-cu",
    ],
)
def test_traps_are_never_followed(path: str) -> None:
    assert target(path).kind is None


def test_page_numbers() -> None:
    assert target("/vi/news/tin-tuc/").page == 1
    assert target("/vi/news/tin-tuc/page-12/").page == 12


def test_with_the_module_dropped_feeds_tell_categories_from_other_pages() -> None:
    assert target("/thong-bao/", DROPPED).kind == "listing"
    assert target("/thong-bao/page-2/", DROPPED).page == 2
    assert target("/so-do-cong/", DROPPED).kind == "page"
    assert target("/about/gioi-thieu.html", DROPPED).kind == "page"


def test_language_and_module_are_what_the_address_says() -> None:
    found = target("/en/news/politics/a-visit-7.html")
    assert (found.language, found.module) == ("en", "news")
    assert target("/tin-tuc/mot-tin-12.html", DROPPED).module is None
    assert target("/sitemap-vi.tin-tuc.xml").module == "tin-tuc"


@pytest.mark.parametrize(
    ("path", "article"),
    [
        ("/vi/news/print/tin-tuc/mot-tin-12.html", "/vi/news/tin-tuc/mot-tin-12.html"),
        (
            "/index.php?language=vi&nv=news&op=savefile/tin-tuc/mot-tin-12",
            "/index.php?language=vi&nv=news&op=tin-tuc/mot-tin-12",
        ),
        ("/vi/news/tin-tuc/mot-tin-12.html", None),
        ("/vi/news/print/", None),
    ],
)
def test_print_and_download_forms_name_their_article(path: str, article: str | None) -> None:
    assert article_of_variant(HOST + path, Shape()) == (article and HOST + article)


def test_file_names_are_decoded() -> None:
    assert file_name(HOST + "/uploads/K%E1%BA%BF-ho%E1%BA%A1ch.pdf?t=1") == "Kế-hoạch.pdf"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/vi/news/", HOST + "/vi/news/"),
        ("../about/", HOST + "/vi/about/"),
        (" /vi/\nnews/ ", HOST + "/vi/news/"),
        ("//khac.example/x", "http://khac.example/x"),
        ("/vi/./news/../about/#top", HOST + "/vi/about/"),
        ("?page=2", HOST + "/vi/news/?page=2"),
        ("#top", HOST + "/vi/news/"),
        ("javascript:void(0)", None),
        ("mailto:bbt@tayninh.gov.vn", None),
        ("http://[::1", None),
        ("http://a.vn:port/", None),
        ("", None),
        (None, None),
    ],
)
def test_absolute(href: str | None, url: str | None) -> None:
    assert absolute(HOST + "/vi/news/", href) == url


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("HTTP://A.VN:80/x", "http://a.vn/x"),
        ("https://a.vn:443/x#y", "https://a.vn/x"),
        ("http://a.vn:8001/x", "http://a.vn:8001/x"),
        ("http://a.vn", "http://a.vn/"),
        ("http://a.vn/x?utm_source=zalo&PHPSESSID=1", "http://a.vn/x"),
        ("http://a.vn/x?fbclid=1&page=2", "http://a.vn/x?page=2"),
        (
            "http://a.vn/index.php?language=vi&nv=news&op=tin/a_b-1.html",
            "http://a.vn/index.php?language=vi&nv=news&op=tin/a_b-1.html",
        ),
        ("http://a.vn/tin tức", "http://a.vn/tin%20t%E1%BB%A9c"),
    ],
)
def test_clean_url(url: str, clean: str) -> None:
    assert clean_url(url) == clean
    assert clean_url(clean) == clean


def test_own_hosts() -> None:
    hosts = frozenset({"hoathanh.tayninh.gov.vn", "127.0.0.1:8001"})
    assert is_own("https://www.hoathanh.tayninh.gov.vn:443/x", hosts)
    assert is_own("http://127.0.0.1:8001/", hosts)
    assert not is_own("http://127.0.0.1:8002/", hosts)
    assert not is_own("http://tayninh.gov.vn/", hosts)
    assert not is_own("http://hoathanh.tayninh.gov.vn@khac.example/", hosts)
    assert not is_own("http://hoathanh.tayninh.gov.vn.khac.example/", hosts)


def test_scheme_and_host_do_not_make_another_page() -> None:
    assert same_page("http://a.vn/x?utm_medium=1", "https://www.a.vn/x")
    assert not same_page("http://a.vn/x", "http://a.vn/x/")


@given(st.text())
def test_no_address_raises(text: str) -> None:
    for base in (HOST + "/vi/", text):
        url = absolute(base, text)
        if url is not None:
            assert clean_url(url).startswith("http")
            classify(url, Shape())
            is_own(url, frozenset({"a.vn"}))
