"""The page of one article, and the tables that lead to it."""

import re

import pytest
from parsel import Selector

from crawler import witnesses
from tests.archives import BEN_SONG, DAN_VAN
from tests.datasette_fixtures import ROOT, Site, archive_folder, site

__all__ = ["archive_folder", "site"]

PAGE = "/archive/articles/1"
UNDATED = f"/article/{BEN_SONG}/vi/news/14"
HOSTILE = "/archive/articles/4"


def texts(html: str, path: str) -> list[str]:
    return [node.xpath("normalize-space(.)").get() or "" for node in Selector(html).xpath(path)]


def hrefs(html: str) -> list[str]:
    return Selector(html).xpath("//@href | //@src | //@srcset | //@action").getall()


def test_whole_text_is_there_in_paragraphs(site: Site) -> None:
    paragraphs = texts(site.html(PAGE), "//div[@class='body']/p")
    assert paragraphs[0].startswith("Năm qua, công tác dân vận")
    assert paragraphs[-2:] == ["Trần Minh", "Đã bổ sung số liệu."]


def test_rows_with_tabs_are_a_table(site: Site) -> None:
    page = site.html(PAGE)
    assert texts(page, "//div[@class='body']//tr[2]/td") == ["Xã Thới Hòa", "9 mô hình", "<b>chưa rõ</b>"]


@pytest.mark.parametrize(
    "words",
    [
        DAN_VAN.headline,
        "Hội nghị tổng kết công tác dân vận diễn ra",
        "09/11/2020 09:00",
        "Thứ hai - 09/11/2020 09:00",
        "2020-11-09T09:00+07:00",
        "702 lượt xem",
        "0 ý kiến",
        "Tin tức › Xây dựng Đảng › Dân vận",
        "Trần Minh",
        "Ban Dân vận Thị ủy",
        "Học tập và làm theo Bác",
        "10/11/2020 15:30",
        "4.5/5 (8 lượt)",
        "Quang cảnh hội nghị",
        "bao-cao-2020.pdf",
        f"{BEN_SONG}/vi/news/12",
        "urn:uuid:00000000-0000-4000-8000-000003000001",
        "mau_ben_song-20250506T010203Z-3-00000.warc.gz, byte 1000",
        "2020-11-09+0709:00:12",
        "thẻ meta của trang",
        "phiên bản hiện tại",
        "bản cũ",
        "lưu lúc 05/06/2025 01:02:04 UTC",
    ],
)
def test_page_shows(site: Site, words: str) -> None:
    (content,) = texts(site.html(PAGE), "//section[@class='content']")
    assert words in content


def test_page_leads_to_the_original_the_files_and_the_evidence(site: Site) -> None:
    links = hrefs(site.html(PAGE))
    assert DAN_VAN.url in links
    assert DAN_VAN.attachments[0].url in links
    assert {image.url for image in DAN_VAN.images} <= set(links)
    for link in links:
        if link.startswith(("/archive/captures", "/article/")):
            assert site.request("GET", link, follow_redirects=True).status_code == 200


def test_former_revision_is_shown_as_it_was(site: Site) -> None:
    (link,) = [link for link in hrefs(site.html(PAGE)) if "revision=" in link]
    page = site.html(link)
    assert texts(page, "//div[@class='body']/p")[-1] == "Trần Minh"
    assert "Đây là một phiên bản cũ, thấy lần đầu lúc 06/05/2025 01:02:04 UTC." in page
    assert "bản ghi urn:uuid:00000000-0000-4000-8000-000001000001" in page
    assert "bao-cao-2020.pdf" in page


@pytest.mark.parametrize("record_id", ["", "x", "urn:uuid:00000000-0000-4000-8000-000003000001"])
def test_what_is_no_former_revision_shows_the_present_one(site: Site, record_id: str) -> None:
    page = site.html(PAGE, revision=record_id)
    assert texts(page, "//div[@class='body']/p")[-1] == "Đã bổ sung số liệu."
    assert "bản cũ, thấy lần đầu" not in page


def test_flag_is_explained(site: Site) -> None:
    page = site.request("GET", UNDATED, follow_redirects=True).text
    assert "Lưu ý: không ghi giờ đăng." in page


def test_article_that_is_gone_says_since_when_and_is_found_by_it(site: Site) -> None:
    gone = f"/article/{BEN_SONG}/vi/news/13"
    page = site.request("GET", gone, follow_redirects=True).text
    assert "Bài này không còn trên cổng từ 05/07/2025 01:02:04 UTC" in page
    assert "Bài này không còn" not in site.html(PAGE)
    (only_gone,) = [
        link for link in hrefs(site.html("/archive/articles?_search=duong")) if "gone_at__" in link
    ]
    table = site.html(only_gone)
    assert [link for link in hrefs(table) if link.startswith("/article/")] == [gone]
    assert "gone_at" in Selector(table).xpath("//th/@data-column").getall()
    assert [link for link in hrefs(table) if link == "/archive/articles?_search=duong"]


def test_every_flag_and_source_has_words() -> None:
    source = (ROOT / "plugins" / "article_page.py").read_text(encoding="utf-8")
    documentation = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    for flag in witnesses.FLAGS:
        assert f'"{flag}": ' in source
        assert f"| `{flag}` |" in documentation


def test_text_of_a_portal_never_becomes_markup(site: Site) -> None:
    page = site.html(HOSTILE)
    assert not Selector(page).xpath("//section[@class='content']//script | //img")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not [link for link in hrefs(page) if link.lower().startswith("javascript:")]


@pytest.mark.parametrize("path", ["/", "/archive", "/archive/articles", PAGE, "/archive/search?words=dan"])
def test_nothing_is_loaded_from_elsewhere(site: Site, path: str) -> None:
    loaded = (
        Selector(site.html(path)).xpath("//script/@src | //link/@href | //img/@src | //iframe/@src").getall()
    )
    assert loaded
    assert not [address for address in loaded if re.match(r"(\w+:)?//(?!localhost/)", address)]


def test_lasting_address_leads_to_the_page(site: Site) -> None:
    answer = site.get(f"/article/{BEN_SONG}/vi/news/12")
    assert (answer.status_code, answer.headers["location"]) == (302, PAGE)


@pytest.mark.parametrize("key", ["nobody/vi/news/1", "x", "%3Cscript%3E", BEN_SONG])
def test_unknown_key_is_not_found(site: Site, key: str) -> None:
    answer = site.request("GET", f"/article/{key}", follow_redirects=True)
    assert answer.status_code == 404
    assert "<script>" not in answer.text.partition('<section class="content">')[2].partition("</section>")[0]


@pytest.mark.parametrize("path", ["/archive/articles/999999", "/archive/articles/x"])
def test_unknown_row_is_not_found(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/archive/articles?_search=dan+van", "/archive/search?words=dan+van"])
def test_headline_leads_to_the_article(site: Site, path: str) -> None:
    assert f"/article/{BEN_SONG}/vi/news/12" in hrefs(site.html(path))


def test_table_shows_the_columns_one_reads_first(site: Site) -> None:
    def headings(path: str) -> list[str]:
        return Selector(site.html(path)).xpath("//th/@data-column").getall()

    few = ["date_published", "headline", "description", "article_section", "portal", "author", "view_count"]
    assert headings("/archive/articles") == few
    assert len(headings("/archive/articles?_all=1")) == 34
    assert headings("/archive/articles?_col=url") == ["id", "url"]


def test_lists_are_readable(site: Site) -> None:
    page = site.html("/archive/articles?_all=1&_search=dan+van")
    assert texts(page, "//td[contains(@class, 'col-keywords')]") == ["dân vận · Đảng bộ"]
    assert texts(page, "//td[contains(@class, 'col-section_path')]") == ["Tin tức › Xây dựng Đảng › Dân vận"]


def test_keyword_leads_to_its_articles(site: Site) -> None:
    (link,) = [link for link in hrefs(site.html(PAGE)) if "%E1%BA%A3ng%20b" in link]
    assert f"{BEN_SONG}/vi/news/12" in site.html(link)
