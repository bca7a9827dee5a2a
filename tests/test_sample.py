"""The sample portal, over real HTTP and without: lists, feeds, what pages print, and how it starts and ends."""

import gzip
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.sample import RunningPortal, SampleNotStartedError, running, serve, truth
from crawler.sample.answers import Request
from crawler.sample.articles import written_articles
from crawler.sample.portal import SamplePortal
from crawler.sample.templating import stored
from tests.conftest import ROOT
from tests.sampling import DAN_VAN, NOTICE, TREES, article, fetch


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(count_views=False) as running:
        yield running


@pytest.fixture(scope="module")
def local() -> SamplePortal:
    """The same portal without HTTP, for what needs many pages."""
    return SamplePortal(count_views=False)


def page(local: SamplePortal, path: str) -> str:
    return local.answer(Request(target=path)).body.decode()


def listed(local: SamplePortal, category: str) -> list[str]:
    """Paths of the articles that a category lists, over all its pages, found by their headings alone."""
    found: list[str] = []
    path: str | None = f"/vi/news/{category}/"
    while path:
        text = page(local, path)
        found += re.findall(r'<h[23]>\s*<a href="(/vi/news/[^"]+\.html)"', text)
        following = re.search(r'<li><a href="([^"]+)" title="Trang sau">', text)
        assert ('<link rel="next"' in text) == bool(following)
        path = following[1] if following else None
    return found


def all_categories(local: SamplePortal) -> list[str]:
    return re.findall(r'href="/vi/news/rss/([^/"]+)/"', page(local, "/vi/"))


def test_lists_alone_reach_every_public_article(local: SamplePortal) -> None:
    found = {path for category in all_categories(local) for path in listed(local, category)}
    others = {article.path for article in written_articles() if article.status in {"external", "expired"}}
    assert found == {article.path for article in truth()} | others


def test_a_category_lists_its_own_articles_only(local: SamplePortal) -> None:
    assert listed(local, "tin-tuc-su-kien") == [article(463).path, article(160).path]
    assert listed(local, "kinh-te-xa-hoi") == []
    assert TREES in listed(local, "tin-trong-thi-xa")


def test_some_lists_have_several_pages(local: SamplePortal) -> None:
    paged = [
        name for name in all_categories(local) if 'title="Trang sau"' in page(local, f"/vi/news/{name}/")
    ]
    assert paged == ["tin-trong-thi-xa", "tin-tu-co-so"]


def test_one_category_is_named_by_rss_links_only(local: SamplePortal) -> None:
    home = page(local, "/vi/")
    assert "lich-cong-tac" in all_categories(local)
    assert '<li><a title="Lịch công tác"' not in home


def test_list_dates_are_on_a_twelve_hour_clock(local: SamplePortal) -> None:
    assert "05/03/2016 12:30:00 PM" in page(local, "/vi/news/xay-dung-dang/")
    assert "11/07/2024 11:30:00 AM" in page(local, "/vi/news/tin-trong-thi-xa/")
    assert "02/09/2017 12:15:00 AM" in page(local, article(131).path.rpartition("/")[0] + "/")


def test_rss_names_30_items_with_the_month_for_minutes(local: SamplePortal) -> None:
    text = page(local, "/vi/news/rss/")
    assert text.count("<item>") == 30
    assert "<![CDATA[news_11]]>" not in text
    assert "<pubDate>Mon, 09 Nov 2020 02:11:00 GMT</pubDate>" in page(local, "/vi/news/rss/cong-tac-dan-van/")
    assert "<![CDATA[news_574]]>" in page(local, "/vi/news/rss/noi-bo/")


def test_sitemap_names_what_is_published_with_its_time(local: SamplePortal) -> None:
    text = page(local, "/sitemap-vi.news.xml")
    named = {urlsplit(url).path for url in re.findall("<loc>([^<]+)</loc>", text)}
    hidden = {"hidden", "future"}
    assert named == {article.path for article in written_articles() if article.status not in hidden}
    assert f"{article(97).path}</loc><lastmod>2016-03-05T12:30:00+07:00<" in text


def test_sitemap_stops_at_1000_articles() -> None:
    assert page(SamplePortal(1200), "/sitemap-vi.news.xml").count("<loc>") == 1000


def test_robots_is_not_sent_twice(portal: RunningPortal) -> None:
    first = fetch(portal, "/robots.txt")
    assert f"Sitemap: {portal.url}sitemap.xml" in first.text
    again = fetch(portal, "/robots.txt", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_the_dan_van_article_prints_what_the_real_one_did(portal: RunningPortal) -> None:
    text = fetch(portal, DAN_VAN).text
    line = re.findall(r'<span class="h5"><i [^>]+></i>([^<]+)</span>', text)
    assert line == ["Thứ hai - 09/11/2020 09:00", "679", "0"]
    assert f'<link rel="canonical" href="{portal.url.rstrip("/")}{DAN_VAN}">' in text
    assert 'content="2020-11-09+0709:00:00"' in text
    byline = text.index("<strong>Kim Loan</strong>")
    assert (
        text.index('id="news-bodyhtml"') < byline < text.index("Ý kiến bạn đọc") < text.index("Đang truy cập")
    )


def test_microdata_of_an_edited_article_lies(local: SamplePortal) -> None:
    text = page(local, article(97).path)
    assert text.count("2016-03-07T14:05:33+07:00") == 2
    assert "Thứ bảy - 05/03/2016 12:30" in text
    assert ">24.310<" in text
    assert '<span itemprop="name">Đặng Ngọc Đường</span>' in text
    assert f'<span itemprop="name">{article(97).account}</span>' not in text


def test_microdata_names_the_account_where_there_is_no_author(local: SamplePortal) -> None:
    assert '<span itemprop="name">bbttrangsen</span>' in page(local, DAN_VAN)
    assert "Tác giả bài viết" not in page(local, DAN_VAN)


def test_titles_are_printed_with_numeric_entities(local: SamplePortal) -> None:
    assert "lịch cúp điện ngày 15&#x002F;11&#x002F;2020 &#40;Chủ nhật&#41;" in page(local, NOTICE)


def test_attachments_are_real_files(portal: RunningPortal) -> None:
    files = article(533).attachments
    assert [file.name for file in files] == ["danh-sach-ho-ngheo-dot-1.xlsx", "qd-214-qd-ubnd.pdf"]
    got = fetch(portal, files[1].path)
    assert (got.headers["Content-Type"], got.body[:8]) == ("application/pdf", b"%PDF-1.4")
    assert 'filename="qd-214-qd-ubnd.pdf"' in got.headers["Content-Disposition"]


def test_a_visit_without_a_session_counts() -> None:
    counting = SamplePortal()
    prints = [
        counting.answer(Request(target=DAN_VAN, cookie=cookie)).body.decode()
        for cookie in ("", "nv4c_t7s9x_sess=1", "", "")
    ]
    hits = [re.search(r'fa-eye" aria-hidden="true"></i>([\d.]+)<', text) for text in prints]
    assert [match and match[1] for match in hits] == ["679", "680", "680", "681"]


def test_headers_of_one_name_stay_apart_and_gzip_is_on_demand(portal: RunningPortal) -> None:
    plain, packed = fetch(portal, "/vi/about/"), fetch(portal, "/vi/about/", Accept_Encoding="gzip")
    assert len(plain.headers.get_all("Set-Cookie", [])) == 5
    assert (plain.headers["Content-Encoding"], packed.headers["Content-Encoding"]) == (None, "gzip")
    assert without_counters(gzip.decompress(packed.body).decode()) == without_counters(plain.text)
    full, head = fetch(portal, "/robots.txt"), fetch(portal, "/robots.txt", "HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (
        200,
        b"",
        full.headers["Content-Length"],
    )


def without_counters(text: str) -> str:
    text = re.sub(r'<ul class="counter.*?</ul>', "", text, flags=re.DOTALL)
    return re.sub(r"127\.0\.0\.1:\d+", "", re.sub(r"\b[0-9a-f]{32}\b|cronjobs&amp;p=[0-9a-f]{8}", "", text))


def test_two_portals_print_the_same_but_for_counters_and_tokens(portal: RunningPortal) -> None:
    paths = [DAN_VAN, "/vi/news/tin-trong-thi-xa/", "/vi/", "/vi/news/rss/", article(155).path]
    with serve(count_views=False) as other:
        for path in paths:
            assert without_counters(fetch(portal, path).text) == without_counters(fetch(other, path).text)
        assert fetch(other, DAN_VAN).text != fetch(other, DAN_VAN).text


def test_generated_articles_are_served_and_listed() -> None:
    local = SamplePortal(300)
    last = list(truth(300))[-1]
    assert stored(last.headline) in page(local, last.path)
    assert last.path in listed(local, last.category)


def test_a_taken_port_is_one_plain_line(portal: RunningPortal, capfd: pytest.CaptureFixture[str]) -> None:
    port = urlsplit(portal.url).port
    assert port
    said = f"did not start: The sample portal cannot listen on port {port} of 127.0.0.1: "
    with pytest.raises(SampleNotStartedError, match=said), serve(port=port):
        pass
    assert capfd.readouterr() == ("", "")


def test_port_that_is_taken_in_the_meantime_is_left_to_its_taker(
    portal: RunningPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PORT", urlsplit(portal.url).port)
    monkeypatch.setattr(running, "_server_name", lambda _port: None)  # as it was before
    with running.sample_portal() as url:
        assert url != portal.url


def test_crawl_says_why_the_sample_portal_did_not_start(tmp_path: Path) -> None:
    program = (
        "import crawler.sample.process, crawler.sample.running, scrapy.cmdline\n"
        "crawler.sample.process.sys = type('sys', (), {'executable': 'false'})\n"
        "crawler.sample.running.PORT = 0\n"
        "scrapy.cmdline.execute(['scrapy', 'crawl', 'sample'])"
    )
    environment = os.environ | {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout == "Error: the sample portal did not start: its process ended with code 1.\n"


def test_it_ends_with_its_parents_pipe_and_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "crawler.sample", "--port", "0"]
    for options in (["--until-stdin-closes"], []):
        process = subprocess.Popen(
            command + options, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert process.stdout
        assert b"articles); stop it with Ctrl-C." in process.stdout.readline()
        if not options:
            os.kill(process.pid, signal.SIGINT)
        assert process.communicate(timeout=10)[1] == b""
        assert process.returncode == 0
