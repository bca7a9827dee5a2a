"""Searching as Vietnamese is typed, through Datasette's real application."""

import unicodedata

import pytest

from tests.archives import BEN_SONG, CAU_TRE, NOTICES
from tests.datasette_fixtures import Site, archive_folder, site

__all__ = ["archive_folder", "site"]

DAN_VAN = f"{BEN_SONG}/vi/news/12"
TABLE, RANKED, FULL = "/archive/articles", "/archive/search", "/archive/articles_full"
ODD = [
    '"', '""', "'", "*", "a*", "(", ")", "dan (van", "AND", "dan OR", "NOT", "NEAR(a b", "a AND AND b", "-dan",
    "dan-van",
    "headline:", "headline:dan", "^dan", "{a b}:c", "dan + van", "\\", "%", "a\x00b", "“dân”", "…",
    "'; DROP TABLE articles",
    "🙂", "x" * 5000, "dan " * 500, '"dan van', "a:b:c", "ｄan", "\u0301",
]  # fmt: skip


def search(site: Site, path: str, typed: str) -> list[str]:
    return site.keys(path, **({"words": typed} if path == RANKED else {"_search": typed}))


@pytest.mark.parametrize("path", [TABLE, RANKED, FULL])
@pytest.mark.parametrize(
    "typed",
    [
        "dan van", "Dân vận", "DAN VAN", "dân vận", "dang bo", "Đảng bộ", "ĐẢNG BỘ", "Ðảng bộ", "đảng bo",
        unicodedata.normalize("NFD", "Đảng bộ"), '"dan van kheo"', "“dân vận” „khéo“", "khéo", "tran minh",
        "bo sung so lieu",
    ],
)  # fmt: skip
def test_search_finds_with_or_without_accents(site: Site, path: str, typed: str) -> None:
    assert DAN_VAN in search(site, path, typed)


@pytest.mark.parametrize("path", [TABLE, RANKED, FULL])
@pytest.mark.parametrize(
    "typed", ["xyzzyq", '"van dan kheo"', "“van dan” kheo", "«vận dân»", "dân xyzzyq", "!!!"]
)
def test_search_finds_nothing_that_is_not_there(site: Site, path: str, typed: str) -> None:
    assert search(site, path, typed) == []


@pytest.mark.parametrize("path", [TABLE, RANKED, FULL])
@pytest.mark.parametrize("typed", ODD, ids=range(len(ODD)))
def test_whatever_is_typed_is_no_error(site: Site, path: str, typed: str) -> None:
    search(site, path, typed)


def test_operators_typed_raw_are_no_error(site: Site) -> None:
    assert site.get(TABLE, _search="a AND (", _searchmode="raw").status_code == 200


def test_blank_search_box_finds_everything(site: Site) -> None:
    assert len(site.keys(TABLE, _search=" ", portal=CAU_TRE, _size="max")) == NOTICES + 2


def test_number_of_all_found_articles_is_said(site: Site) -> None:
    assert "Tìm thấy 1 bài, phù hợp nhất đứng đầu" in site.html(RANKED, words="dan van kheo")
    page = site.html(RANKED, words="thong bao")
    assert f"Tìm thấy {NOTICES} bài; đây là 50 bài phù hợp nhất" in page
    assert f"Xem đủ {NOTICES} bài, lọc theo cổng" in page
    assert "Không tìm thấy bài nào" in site.html(RANKED, words="xyzzyq")


def test_whole_phrase_is_offered_where_none_was_typed(site: Site) -> None:
    offers = [
        "nguyên cụm" in site.html(TABLE, _search=typed) for typed in ("dan van", '"dan van"', "“dan van”")
    ]
    assert offers == [True, False, False]


def test_search_in_one_column(site: Site) -> None:
    assert site.keys(TABLE, _search_headline="nguyen hue") == [f"{BEN_SONG}/vi/news/13"]
    assert site.keys(TABLE, _search_headline="kheo") == []


def test_words_side_by_side_rank_first(site: Site) -> None:
    assert search(site, RANKED, "cong dan")[0] == f"{BEN_SONG}/vi/news/14"


def test_snippet_shows_the_original_spelling(site: Site) -> None:
    page = site.html(RANKED, words="dan van")
    assert "<mark>dân vận</mark>" in page
    assert "<mark>Dân vận</mark> khéo" in page
