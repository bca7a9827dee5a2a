"""The ready-made questions' pages, the picture of a portal's completeness, and the page of a portal."""

from pathlib import Path

import pytest
from parsel import Selector

from crawler.archive import Archive
from plugins.article_page import FLAGS
from plugins.questions import STATES, completeness
from plugins.words import WORDS
from tests.archives import BEN_SONG, CAU_TRE, portal_row
from tests.datasette_fixtures import Site, archive_folder, configure, site
from tests.test_article_page import hrefs, texts
from tests.test_datasette import QUERIES

__all__ = ["archive_folder", "site"]

PORTAL = f"/archive/portals/{BEN_SONG}"


def month(name: str, **numbers: int) -> dict[str, int | str]:
    return {"month": name, **dict.fromkeys(("archived", *STATES), 0), **numbers}


def test_portal_is_chosen_from_a_list(site: Site) -> None:
    page = site.html("/archive/most_read", portal=CAU_TRE)
    assert Selector(page).xpath("//select[@name='portal']//option/@value").getall() == ["", CAU_TRE, BEN_SONG]
    assert texts(page, "//option[@selected]") == ["Huyện Cầu Tre"]
    assert "Hãy chọn một cổng" in site.html("/archive/completeness")


def test_portals_of_no_known_province_are_offered_too(tmp_path: Path) -> None:
    with Archive(configure(tmp_path) / "archive.db") as archive:
        for key in (BEN_SONG, CAU_TRE):
            archive.register({**portal_row(key), "former_province": None})
    opened = Site(tmp_path)
    try:
        assert len(Selector(opened.html("/archive/completeness")).xpath("//select/option")) == 3
        assert "Cổng này chưa được thu thập lần nào" in opened.html(PORTAL)
    finally:
        opened.close()


def test_completeness_of_a_portal(site: Site) -> None:
    """Of the fifteen numbers four are archived, one was not public when asked, and no list names the rest."""
    page = site.html("/archive/completeness", portal=BEN_SONG)
    (words,) = texts(page, "//figcaption")
    assert words.startswith(
        "5 / 15 số hiệu bài đã rõ (33,3 %): 4 đã lưu, 1 không có bài và đã rõ lý do; còn thiếu 10."
    )
    (picture,) = Selector(page).xpath("//*[local-name()='svg'][@role='img']")
    assert "11/2020" in (picture.attrib["aria-label"] or "")
    titles = picture.xpath(".//*[local-name()='title']/text()").getall()
    assert (len(titles), titles[0]) == (20, "11/2020: 1 đã lưu, 1 không có bài, 10 còn thiếu")
    assert f"/archive/not_archived?portal={BEN_SONG}" in hrefs(page)


def test_every_number_that_is_not_archived_is_named(site: Site) -> None:
    found = site.rows("/archive/not_archived", portal=BEN_SONG)
    assert [(row["first_id"], row["last_id"], row["state"]) for row in found] == [
        (11, 11, "not_public"),
        (1, 10, "not_seen"),
    ]
    assert len(site.rows("/archive/not_archived", portal=BEN_SONG, state="not_public")) == 1


def test_what_changed_lately(site: Site) -> None:
    (row,) = site.rows("/archive/lately", days="40")
    assert (row["portal"], row["new"], row["changed"], row["gone"], row["crawls"]) == (BEN_SONG, 0, 1, 1, 3)
    assert site.rows("/archive/lately")[0]["changed"] == 0
    (gone, changed) = site.rows("/archive/lately_articles", days="40")
    assert [gone["what"], changed["what"]] == ["không còn · gone", "đã sửa · changed"]
    assert f"/changes/{changed['article_key']}" in hrefs(site.html("/archive/lately_articles", days="40"))
    assert len(site.rows("/archive/lately_articles", days="400", portal=CAU_TRE)) == 62


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("lately", {"days": "abc"}, "“abc” không phải là số ngày"),
        ("lately_articles", {"days": "-1"}, "“-1” is no number of days"),
        ("lately", {"days": "99999999999"}, "“99999999999” không phải là số ngày"),
        ("doubtful_dates", {"flag": "foo"}, "“foo” không có trong danh sách lựa chọn"),
        ("not_archived", {"portal": BEN_SONG, "state": "foo"}, "“foo” is not one of the choices"),
        ("completeness", {"portal": "nope"}, "“nope” không có trong danh sách lựa chọn"),
        ("most_read", {"year": "2020", "portal": "nope"}, "“nope” không có trong danh sách lựa chọn"),
    ],
)
def test_what_cannot_be_chosen_is_said(site: Site, name: str, parameters: dict[str, str], words: str) -> None:
    page = site.html(f"/archive/{name}", **parameters)
    assert words in page
    assert "zero-results" not in page
    assert "message-error" not in site.html(f"/archive/{name}", **dict.fromkeys(parameters, ""))


def test_doubts_are_chosen_from_a_list(site: Site) -> None:
    page = site.html("/archive/doubtful_dates", flag="no_date")
    assert Selector(page).xpath("//select[@name='flag']/option/@value").getall() == ["", *FLAGS]
    assert texts(page, "//option[@selected]") == ["không ghi ngày đăng (no_date)"]
    assert "message-error" not in page


def test_long_answers_show_fifty_rows_and_lead_to_all(site: Site) -> None:
    def rows(page: str) -> int:
        return len(Selector(page).xpath("//tbody/tr"))

    asked = {"days": "400", "portal": CAU_TRE}
    page = site.html("/archive/lately_articles", **asked)
    assert rows(page) == 50
    (every,) = [link for link in hrefs(page) if "_all=1" in link]
    assert rows(site.html(every)) == len(site.rows("/archive/lately_articles", **asked)) == 62


@pytest.mark.parametrize("days", ["x", "-5", "999999999999", "0"])
def test_odd_numbers_of_days_are_no_error(site: Site, days: str) -> None:
    site.rows("/archive/lately", days=days)
    site.rows("/archive/lately_articles", days=days)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("hôm qua", "2020", ["“hôm qua” không phải là ngày", "“hôm qua” is no day"]),
        ("2020-02-30", "", ["“2020-02-30” không phải là ngày"]),
        ("2021", "2020-12", ["“Từ ngày” muộn hơn “Đến ngày”."]),
        ("2020-11", "2020", []),
    ],
)
def test_days_that_cannot_be_meant_are_said_and_find_nothing(
    site: Site, first: str, last: str, words: list[str]
) -> None:
    page = site.html("/archive/between_days", words="", from_day=first, to_day=last)
    assert [word for word in words if word not in page] == []
    assert ("message-error" in page, "<tbody>" in page) == (bool(words), not words)
    assert site.rows("/archive/between_days", words="", from_day=" 2020-11 ", to_day="2020 ") == site.rows(
        "/archive/between_days", words="", from_day="2020-11", to_day="2020"
    )
    assert "“x” is no year" in site.html("/archive/most_read", year="x", portal="")


@pytest.mark.parametrize("name", [name for name in QUERIES if name != "search"])
def test_every_column_of_a_question_has_words(site: Site, name: str) -> None:
    columns = site.get(f"/archive/{name}.json", days="40", portal=BEN_SONG).json()["columns"]
    assert [column for column in columns if column not in WORDS] == []
    page = site.html(f"/archive/{name}", days="40", portal=BEN_SONG)
    assert texts(page, "//th") in ([], [f"{WORDS[column]} {column}" for column in columns])


def test_page_of_a_portal_leads_to_all_that_is_kept_of_it(site: Site) -> None:
    page = site.html(PORTAL)
    (content,) = texts(page, "//main")
    for words in (
        "Thị xã Bến Song",
        "4 bài đã lưu, đăng từ 2020 đến 2022",
        "1 bài không còn trên cổng",
        "5 / 15",
    ):
        assert words in content
    modes = ["cập nhật", *["rà mọi danh sách"] * 3]
    assert texts(page, "//table[@class='figures']/tbody/tr/td[2]") == modes
    inner = [link for link in hrefs(page) if link.startswith("/")]
    assert "/archive/crawls/1" in inner
    assert [link for link in inner if site.get(link).status_code != 200] == []
    assert "problem_list" in site.html("/archive/crawls/1")
    assert PORTAL in hrefs(site.html("/"))
    assert PORTAL in hrefs(site.html("/archive/portals_kept"))


def test_table_of_crawls_is_readable(site: Site) -> None:
    headings = Selector(site.html("/archive/crawls")).xpath("//th/@data-column").getall()
    assert headings[:8] == ["id", "portal", "started_at", "finished_at", "mode", "status", "run", "urls"]
    assert "problem_list" not in headings
    assert "problem_list" in Selector(site.html("/archive/crawls?_all=1")).xpath("//th/@data-column").getall()


def test_picture_has_every_month_and_fits_whatever_is_missing() -> None:
    rows = [
        month("2019-11", archived=20, redirected=5, not_asked=2),
        month("2020-02", archived=10, not_seen=999_999_999_999_999),
        month("không rõ", archived=3),
    ]
    kept = completeness(rows)
    assert [bar.month for bar in kept.bars] == ["2019-11", "2019-12", "2020-01", "2020-02"]
    assert [bar.is_cut for bar in kept.bars] == [False, False, False, True]
    assert all(sum(bar.heights) <= 100 for bar in kept.bars)
    assert list(kept.bars[0].heights) == [40.0, 10.0, 4.0]
    assert (kept.archived, kept.accounted, kept.undated) == (33, 5, 3)


def test_picture_of_nothing_is_none() -> None:
    assert completeness([]).bars == []
    assert completeness([month("None", not_seen=4)]).undated == 4


def test_all_is_never_said_of_less() -> None:
    assert completeness([month("2020-01", archived=99_999, not_asked=1)]).percent == "99,9"
    assert completeness([month("2020-01", archived=99_999)]).percent == "100,0"
