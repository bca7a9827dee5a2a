import time
from datetime import UTC, datetime

import pytest

from crawler.cms import read_response
from crawler.items import Fetched, Link, ListingItem, Reading, Witness

HOST = "http://hoathanh.tayninh.gov.vn"
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def read(body: str | bytes, path: str, media_type: str = "text/xml") -> Reading:
    fetched = Fetched(
        url=HOST + path,
        status=200,
        media_type=media_type,
        body=body.encode() if isinstance(body, str) else body,
        fetched_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    return read_response(fetched, hosts=frozenset({"hoathanh.tayninh.gov.vn"}))


@pytest.mark.parametrize("path", ["/sitemap.xml", "/Sitemap.xml"])
def test_a_sitemap_index_leads_to_its_sitemaps(path: str) -> None:
    body = f"""<?xml version="1.0" encoding="UTF-8"?><sitemapindex {SITEMAP}>
    <sitemap><loc>{HOST}/sitemap-vi.news.xml</loc></sitemap><sitemap><loc>{HOST}/sitemap-vi.laws.xml</loc></sitemap>
    <sitemap><loc>http://khac.example/sitemap.xml</loc></sitemap></sitemapindex>"""
    reading = read(body, path)
    assert reading.outcome == "feed"
    assert reading.listing is not None
    assert (reading.listing.kind, reading.listing.items) == ("sitemap_index", ())
    assert [link.url for link in reading.links] == [
        HOST + "/sitemap-vi.news.xml",
        HOST + "/sitemap-vi.laws.xml",
    ]
    assert {link.kind for link in reading.links} == {"feed"}


def test_a_sitemap_gives_articles_with_the_time_they_were_published() -> None:
    body = f"""<?xml version="1.0"?><?xml-stylesheet href="/x.xsl"?><urlset {SITEMAP}>
    <url><loc>{HOST}/vi/tin/su-kien/mot-tin-12.html</loc><lastmod>2020-11-09T09:00:41+07:00</lastmod></url>
    <url><loc>{HOST}/vi/tin/</loc></url></urlset>"""
    reading = read(body, "/sitemap-vi.tin.xml", "application/xml")
    text = "2020-11-09T09:00:41+07:00"
    url = HOST + "/vi/tin/su-kien/mot-tin-12.html"
    assert reading.listing is not None
    assert reading.listing.items == (
        ListingItem(
            url=url,
            in_language="vi",
            module="tin",
            cms_id="12",
            witness=Witness(source="sitemap", text=text, iso="2020-11-09T09:00+07:00"),
        ),
    )
    assert reading.links == (Link(url=url, kind="article"), Link(url=HOST + "/vi/tin/", kind="listing"))


@pytest.mark.parametrize(
    ("lastmod", "iso"),
    [
        ("2020-11-09T09:00:59+07:00", "2020-11-09T09:00+07:00"),
        ("2020-11-09T02:00:59+00:00", "2020-11-09T09:00+07:00"),
        ("2020-11-09", "2020-11-09"),
        ("2020-11-09T24:00:00+07:00", "2020-11-09"),
        ("2020-02-30T09:00:00+07:00", None),
        ("1970-01-01T07:00:00+07:00", None),
    ],
)
def test_lastmod_is_read_as_any_date_is(lastmod: str, iso: str | None) -> None:
    url = "https://a.gov.vn/vi/news/tin/mot-tin-12.html"
    body = f"<urlset><url><loc>{url}</loc><lastmod>{lastmod}</lastmod></url></urlset>"
    reading = read(body, "sitemap-vi.news.xml")
    assert reading.listing is not None
    (item,) = reading.listing.items
    assert item.witness == Witness(source="sitemap", text=lastmod, iso=iso)


def test_other_modules_pages_are_known_and_not_asked_for() -> None:
    body = f"<urlset {SITEMAP}><url><loc>{HOST}/vi/laws/detail/qd-12-2020-33/</loc></url></urlset>"
    reading = read(body, "/sitemap-vi.laws.xml")
    assert reading.links == (Link(url=HOST + "/vi/laws/detail/qd-12-2020-33/", kind="page"),)


def test_rss_names_module_and_number() -> None:
    body = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Tin</title>
    <link>{HOST}/</link><item><title>Hội nghị &amp;quot;Dân vận&amp;quot;&amp;#x3A; 2020</title>
    <link>{HOST}/su-kien/mot-tin-12.html</link><guid isPermaLink="false">tin_12</guid>
    <pubDate>Mon, 9 Nov 2020 02:11:41 GMT</pubDate></item></channel></rss>"""
    reading = read(body, "/rss/", "application/rss+xml")
    assert reading.listing is not None
    (item,) = reading.listing.items
    assert reading.listing.kind == "rss"
    assert (item.module, item.cms_id, item.headline) == ("tin", "12", 'Hội nghị "Dân vận": 2020')
    assert item.witness is not None
    assert (item.witness.source, item.witness.text) == ("rss", "Mon, 9 Nov 2020 02:11:41 GMT")
    assert reading.links == (Link(url=HOST + "/su-kien/mot-tin-12.html", kind="article"),)


def test_a_feed_is_known_by_its_root_whatever_it_is_called() -> None:
    assert read("<rss><channel></channel></rss>", "/vi/news/rss/", "text/html").outcome == "feed"
    assert (
        read("<html><body><rss></rss></body></html>", "/vi/news/rss/", "text/html").outcome == "unrecognised"
    )
    assert read("<feed></feed>", "/vi/news/rss/").outcome == "not_html"


def test_a_feed_that_breaks_off_gives_what_arrived() -> None:
    body = f"<urlset {SITEMAP}><url><loc>{HOST}/vi/news/tin/a-1.html</loc></url><url><loc>{HOST}/vi/ne"
    reading = read(body, "/sitemap-vi.news.xml")
    assert [link.url for link in reading.links if link.kind == "article"] == [HOST + "/vi/news/tin/a-1.html"]


def test_entities_are_never_expanded_nor_fetched() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    body = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>
    <rss><channel><item><title>&l9;&f;</title><link>{HOST}/vi/news/tin/a-1.html</link></item></channel></rss>"""
    started = time.process_time()
    reading = read(body, "/vi/news/rss/")
    assert reading.listing is not None
    assert all(len(item.headline or "") < 100 for item in reading.listing.items)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("body", [b"<?xml version='1.0'?><urlset", b"<?xml?>\xff<rss"])
def test_what_only_looks_like_a_feed_has_an_outcome(body: bytes) -> None:
    assert read(body, "/sitemap.xml").outcome in ("feed", "parse_error", "not_html")
