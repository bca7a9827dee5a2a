"""What Datasette finds, shows and refuses, through its real application."""

import hashlib
from pathlib import Path

import pytest
from parsel import Selector

from tests.archives import BEN_SONG, CAU_TRE, NOTICES
from tests.datasette_fixtures import Site, archive_folder, configure, site

__all__ = ["archive_folder", "site"]

DAN_VAN = f"{BEN_SONG}/vi/news/12"
TABLE, RANKED = "/archive/articles", "/archive/search"
QUERIES = {
    "search": {"words": "dan van"},
    "between_days": {"words": "dân vận", "from_day": "2020-11", "to_day": "2020-11-09"},
    "most_read": {"year": "2020", "portal": BEN_SONG},
    "section_by_month": {"section": "dan van", "portal": BEN_SONG},
    "doubtful_dates": {"flag": "no_date"},
    "changed_articles": {"portal": BEN_SONG},
    "portals_kept": {},
    "gone_articles": {"portal": BEN_SONG},
    "completeness": {"portal": BEN_SONG},
    "not_archived": {"portal": BEN_SONG, "state": "not_seen"},
    "lately": {"days": "40"},
    "lately_articles": {"portal": BEN_SONG, "days": "40"},
    "crawls_of_portal": {"portal": BEN_SONG},
}
"""Every query of metadata.yml, with parameters that find something."""


def test_articles_come_newest_first_with_their_facets(site: Site) -> None:
    response = site.get(f"{TABLE}.json").json()
    dates = [row[response["columns"].index("date_published")] or "" for row in response["rows"]]
    assert dates == sorted(dates, reverse=True)
    assert list(response["facet_results"]) == ["portal", "article_section", "published_year"]
    years = Selector(site.html(TABLE)).xpath("//*[@id='facet-published_year']//li/a/text()").getall()
    assert len(years) > 2
    assert years == sorted(years, reverse=True)


@pytest.mark.parametrize("size", ["7", "50"])
@pytest.mark.parametrize("parameters", [{}, {"_search": "thong bao"}, {"_sort_desc": "view_count"}], ids=str)
def test_pages_hold_every_article_once(site: Site, parameters: dict[str, str], size: str) -> None:
    """Twenty notices share a minute, and twenty have no date: none may fall between two pages."""
    keys: list[str] = []
    following: dict[str, str] | None = {}
    while following is not None:
        answer = site.get(f"{TABLE}.json", _shape="objects", _size=size, **parameters, **following).json()
        keys += [row["article_key"] for row in answer["rows"]]
        following = {"_next": answer["next"]} if answer["next"] else None
    assert len(keys) == len(set(keys)) == answer["filtered_table_rows_count"]


def test_every_query_of_the_metadata_is_tested(site: Site) -> None:
    assert list(site.datasette.metadata("queries", database="archive")) == list(QUERIES)


@pytest.mark.parametrize("name", QUERIES)
def test_query_answers(site: Site, name: str) -> None:
    assert site.rows(f"/archive/{name}", **QUERIES[name])
    assert site.html(f"/archive/{name}", **QUERIES[name])


@pytest.mark.parametrize("name", QUERIES)
def test_query_answers_without_parameters(site: Site, name: str) -> None:
    site.rows(f"/archive/{name}")
    site.rows(f"/archive/{name}", **dict.fromkeys(QUERIES[name], ""))


@pytest.mark.parametrize("name", QUERIES)
def test_query_says_in_both_languages_what_it_is(site: Site, name: str) -> None:
    query = site.datasette.metadata("queries", database="archive")[name]
    assert " · " in query["title"]
    assert '<p lang="vi">' in query["description_html"]
    assert '<p lang="en">' in query["description_html"]


def test_days_limit_what_is_found(site: Site) -> None:
    def found(first: str, last: str) -> list[str]:
        return site.keys("/archive/between_days", words="dan van", from_day=first, to_day=last)

    assert found("2020-11-09", "2020-11-09") == found("2020", "2020") == found("", "") == [DAN_VAN]
    assert found("2020-11-10", "") == found("", "2020-11-08") == []


def test_a_changed_article_is_found_with_its_former_state(site: Site) -> None:
    (row,) = site.rows("/archive/changed_articles")
    assert (row["article_key"], row["former_headline"]) == (DAN_VAN, None)
    assert row["former_seen"] < row["change_seen"]


def test_search_tables_and_bookkeeping_are_hidden(site: Site) -> None:
    tables = site.get("/archive.json").json()["tables"]
    shown = {table["name"] for table in tables if not table["hidden"]}
    assert not {name for name in shown if "fts" in name or name.startswith(("_", "sqlite"))}
    assert {"articles", "captures", "portals"} <= shown


def test_every_page_of_the_menu_opens(site: Site) -> None:
    names = {table["name"] for table in site.get("/archive.json").json()["tables"] if not table["hidden"]}
    for name in sorted(names | {"articles_full", "revisions_full"}):
        site.html(f"/archive/{name}")


def test_licence_source_and_descriptions_are_shown(site: Site) -> None:
    for path in ("/", TABLE, "/archive/articles/1", RANKED):
        page = site.html(path)
        assert "hãy dẫn nguồn" in page
        assert "Nguồn · Source" in page
    assert "Canonical address of the article on its portal" in site.html(TABLE)


WRITES = [
    "DELETE FROM articles",
    "INSERT INTO portals VALUES ('x')",
    "UPDATE articles SET headline = ''",
    "DROP TABLE articles",
    "ATTACH DATABASE 'other.db' AS other",
    "PRAGMA journal_mode = DELETE",
    "VACUUM INTO 'copy.db'",
    "WITH x AS (SELECT 1) DELETE FROM articles",
    "SELECT 1; DELETE FROM articles",
    "SELECT load_extension('x')",
    "INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')",
    "EXPLAIN DELETE FROM articles",
    "SELECT writefile('x', 'y')",
]


@pytest.mark.parametrize("sql", WRITES)
def test_sql_cannot_write(site: Site, sql: str) -> None:
    before = _digests(site.folder)
    assert site.get("/archive.json", sql=sql).status_code == 400
    assert site.get("/archive", sql=sql).status_code in {200, 400}  # 200 is the form with the error in it
    assert _digests(site.folder) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/", "/archive", TABLE, f"{TABLE}/1", RANKED, "/article/x", "/-/insert", "/-/create"]
)
def test_no_endpoint_writes(site: Site, method: str, path: str) -> None:
    before = _digests(site.folder)
    answer = site.request(method, path, json={"rows": [{"key": "x"}]})
    assert answer.status_code == 405
    assert _digests(site.folder) == before


def test_select_is_open_to_journalists(site: Site) -> None:
    sql = "SELECT published_year, count(*) AS n FROM articles WHERE article_section = :section GROUP BY 1"
    assert site.get("/archive.json", sql=sql, section="Dân vận", _shape="array").json() == [
        {"published_year": 2020, "n": 1}
    ]


@pytest.mark.parametrize("sql", ["SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)"])
def test_a_query_cannot_fill_the_memory(site: Site, sql: str) -> None:
    assert "too big" in site.get("/archive.json", sql=sql).json()["error"]


def _digests(folder: Path) -> dict[str, str]:
    """The archive's files as they are, without the shared-memory file that readers write too."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith("-shm")
    }


@pytest.mark.parametrize("content", [None, b""], ids=["no file", "empty file"])
def test_home_without_an_archive_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    configure(tmp_path)
    if content is not None:
        (tmp_path / "archive.db").write_bytes(content)
    opened = Site(tmp_path)
    try:
        page = opened.html("/")
    finally:
        opened.close()
    assert "<code>make demo</code>" in page
    assert "Nothing was crawled yet" in page


def test_home_leads_to_the_search_the_queries_and_the_portals(site: Site) -> None:
    page = site.html("/")
    assert f"Search {NOTICES + 6} articles of 2 portals" in page
    assert 'name="words"' in page
    assert all(f'href="/archive/{name}"' in page for name in QUERIES)
    assert f'href="/archive/articles?portal={CAU_TRE}"' in page


def test_table_of_articles_speaks_vietnamese(site: Site) -> None:
    page = site.html(TABLE, _search="thong bao", view_count__gt="3", _size="10")
    assert [words for words in ("Search:", "Apply", "This data as", "Next page") if f">{words}" in page] == []
    for words in (
        'value="Lọc"',
        "Trang sau",
        "<option selected>view_count</option>",
        'name="_filter_value_1"',
    ):
        assert words in page
    assert '<form class="filters"' in site.html(TABLE, _where="1 = 1", _facet="author")


@pytest.mark.parametrize(
    "path", ["/archive", "/archive/portals", "/archive/crawls/1", "/archive/ledger", "/archive?sql=SELECT+1"]
)
def test_other_pages_of_datasettes_own_speak_vietnamese(site: Site, path: str) -> None:
    page = site.html(path)
    english = (
        "This data as",
        "Links from",
        "Custom SQL query",
        "Run SQL",
        "Queries",
        "Apply",
        ">home<",
        "2 rows",
    )
    assert [words for words in english if words in page] == []
    assert ">Trang chủ</a>" in page


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/archive/nope", 404, "Không có trang này"),
        ("/nope", 404, "Không có trang này"),
        (f"{TABLE}?_sort=nope", 400, "Không thực hiện được yêu cầu này"),
    ],
)
def test_errors_speak_vietnamese_and_lead_home(site: Site, path: str, status: int, words: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.text.count(words)) == (status, 2)
    assert '<a href="/">Trang chủ</a>' in answer.text
    assert site.get(f"{TABLE}.json?_sort=nope").status_code == 400
