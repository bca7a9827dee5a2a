"""Portals that are not laid out as the stock install: behind TLS, with several news modules, in a folder."""

from datetime import UTC, datetime

import pytest

from crawler.cms import read_response
from crawler.items import Fetched, Link, Reading

HOST = "hoathanh.tayninh.gov.vn"
HEAD = """<html lang="vi"><head><title>{title}</title><meta name="generator" content="NukeViet v4.x">{head}
<script>var nv_base_siteurl="{base}",nv_lang_data="vi",nv_module_name="{module}",nv_func_name="{function}";</script>
</head><body>"""


def read(url: str, body: str, *, media_type: str = "text/html", **head: str) -> Reading:
    values = {"title": "Cổng", "head": "", "base": "/", "module": "news", "function": "viewcat", **head}
    page = HEAD.format(**values) + body + "</body></html>" if media_type == "text/html" else body
    fetched = Fetched(
        url=url,
        status=200,
        media_type=media_type,
        body=page.encode(),
        fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return read_response(fetched, hosts=frozenset({HOST}))


def test_behind_tls_no_page_is_asked_for_twice() -> None:
    head = f"""<link rel="next" href="http://{HOST}/vi/news/tin-tuc/page-2/">
    <link rel="alternate" type="application/rss+xml" href="http://{HOST}/vi/news/rss/">"""
    body = f"""<div class="news_column"><h3><a href="http://{HOST}/vi/news/tin-tuc/a-1.html">A</a></h3></div>
    <a href="/vi/news/tin-tuc/a-1.html">A</a><a href="http://{HOST}:8080/vi/news/">Cổng khác</a>"""
    reading = read(f"https://{HOST}/vi/news/tin-tuc/", body, head=head)
    assert reading.listing is not None
    assert [item.url for item in reading.listing.items] == [f"https://{HOST}/vi/news/tin-tuc/a-1.html"]
    assert reading.listing.next_url == f"https://{HOST}/vi/news/tin-tuc/page-2/"
    assert {link.url.partition(":")[0] for link in reading.links} == {"https"}
    feed = f"""<?xml version="1.0"?><rss><channel><item><link>http://{HOST}/vi/news/tin-tuc/a-1.html</link>
    <guid>news_1</guid></item></channel></rss>"""
    read_feed = read(f"https://{HOST}/vi/news/rss/", feed, media_type="text/xml")
    assert read_feed.links == (Link(url=f"https://{HOST}/vi/news/tin-tuc/a-1.html", kind="article"),)


def test_http_pages_keep_what_they_print() -> None:
    body = f'<div class="news_column"><h3><a href="https://{HOST}/vi/news/tin-tuc/a-1.html">A</a></h3></div>'
    reading = read(f"http://{HOST}/vi/news/tin-tuc/", body)
    assert Link(url=f"https://{HOST}/vi/news/tin-tuc/a-1.html", kind="article") in reading.links


@pytest.mark.parametrize("base", ["/", "/conha/"])
def test_a_second_news_module_is_found_from_home_and_read_as_news(base: str) -> None:
    home = f"http://{HOST}{base}vi/"
    menu = f"""<a href="{base}vi/tin-xa/">Tin xã</a><a href="{base}vi/tin-xa/long-thanh/b-9.html">B</a>
    <a href="{base}vi/news/tin-tuc/">Tin tức</a><a href="{base}vi/laws/">Văn bản</a>"""
    links = {
        link.url: link.kind for link in read(home, menu, base=base, module="home", function="main").links
    }
    assert links[f"{home}tin-xa/"] == "listing"
    assert links[f"{home}tin-xa/long-thanh/b-9.html"] == "article"
    assert links[f"{home}laws/"] == "page"
    head = f'<link rel="alternate" type="application/rss+xml" href="{base}vi/tin-xa/rss/long-thanh/">'
    entry = f'<div class="news_column"><h3><a href="{base}vi/tin-xa/long-thanh/b-9.html">B</a></h3></div>'
    found = read(f"{home}tin-xa/", entry + menu, base=base, module="tin-xa", function="main", head=head)
    assert found.listing is not None
    assert [(item.module, item.cms_id) for item in found.listing.items] == [("tin-xa", "9")]
    kinds = {link.url: link.kind for link in found.links}
    assert kinds[f"{home}tin-xa/rss/long-thanh/"] == "feed"
    assert kinds[f"{home}tin-xa/long-thanh/"] == "listing"
    assert kinds[f"{home}news/tin-tuc/"] == "listing"


@pytest.mark.parametrize(
    ("feed", "article"),
    [
        ("/conha/vi/tin-xa/rss/", "/conha/vi/tin-xa/long-thanh/b-9.html"),
        ("/conha/index.php/vi/tin-xa/rss/long-thanh/", "/conha/index.php/vi/tin-xa/long-thanh/b-9.html"),
        (
            "/conha/index.php?language=vi&nv=tin-xa&op=rss",
            "/conha/index.php?language=vi&nv=tin-xa&op=long-thanh/b-9.html",
        ),
        ("/tin-xa/rss/", "/tin-xa/long-thanh/b-9.html"),
        ("/rss/", "/long-thanh/b-9.html"),
    ],
)
def test_feeds_of_a_renamed_module_in_every_shape(feed: str, article: str) -> None:
    link = f"http://{HOST}{article}".replace("&", "&amp;")
    rss = f"<?xml version='1.0'?><rss><channel><item><link>{link}</link><guid>tin-xa_9</guid></item></channel></rss>"
    found = read(f"http://{HOST}{feed}", rss, media_type="application/rss+xml")
    assert found.listing is not None
    assert [(item.url, item.module, item.cms_id) for item in found.listing.items] == [
        (f"http://{HOST}{article}", "tin-xa", "9")
    ]
