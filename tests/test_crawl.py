"""The whole path: the sample portal, over HTTP, into WARC and archive, compared with its truth field by field."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from crawler.sample import RunningPortal, SampleArticle, serve, truth
from crawler.warcin import read_responses
from tests.conftest import Folder

TRUTH = {article.cms_id: article for article in truth()}


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def first(portal: RunningPortal, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A folder after one crawl."""
    folder = Folder(tmp_path_factory.mktemp("first"))
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder


@pytest.fixture(scope="module")
def twice(
    portal: RunningPortal, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """What an archive holds after one crawl and after a second, and what the second one printed."""
    folder = Folder(tmp_path_factory.mktemp("twice"))
    folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    before = kept(folder.db)
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return before, kept(folder.db), ran.stdout


def rows(path: Path, query: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def kept(path: Path) -> dict[str, Any]:
    """All that a second crawl of an unchanged portal must leave as it was; counts may grow."""
    tables = {
        table: rows(path, f"SELECT * FROM {table} ORDER BY 1, 2")  # noqa: S608 - our own names
        for table in (
            "articles",
            "article_texts",
            "revisions",
            "attachments",
            "images",
            "known_urls",
            "witnesses",
        )
    }
    for row in tables["articles"]:
        del row["view_count"], row["comment_count"]
    return tables


@pytest.fixture(scope="module")
def found(first: Folder) -> dict[str, dict[str, Any]]:
    return {row["cms_id"]: row for row in rows(first.db, "SELECT * FROM articles_full")}


def expected(article: SampleArticle, field: str, url: str) -> Any:
    if field == "url":
        return urljoin(url, article.path)
    value = getattr(article, {"topic": "topic_title"}.get(field, field))
    return json.dumps(list(value), ensure_ascii=False) if isinstance(value, tuple) else value


def test_sample_is_as_large_and_as_long_as_promised() -> None:
    years = {article.published.year for article in TRUTH.values()}
    assert len(TRUTH) >= 80
    assert (min(years), max(years)) == (2012, 2025)


def test_every_public_article_and_no_other_is_kept(found: dict[str, dict[str, Any]]) -> None:
    assert set(found) == set(TRUTH)


@pytest.mark.parametrize(
    "field",
    [
        "headline",
        "description",
        "article_body",
        "article_section",
        "section_path",
        "author",
        "byline",
        "source",
        "keywords",
        "date_published",
        "date_modified",
        "view_count",
        "comment_count",
        "rating_value",
        "rating_count",
        "topic",
        "videos",
        "url",
    ],
)
def test_field_is_the_truth(found: dict[str, dict[str, Any]], portal: RunningPortal, field: str) -> None:
    wanted = {cms_id: expected(article, field, portal.url) for cms_id, article in TRUTH.items()}
    assert {cms_id: row[field] for cms_id, row in found.items()} == wanted


def files(path: Path, table: str, *columns: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a table of files by article, in the page's order."""
    query = (
        f"SELECT cms_id, {', '.join(f'{table}.{column}' for column in columns)} "  # noqa: S608 - our own names
        f"FROM {table} JOIN articles ON articles.id = {table}.article ORDER BY article, position"
    )
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows(path, query):
        cms_id, *values = row.values()
        found.setdefault(cms_id, []).append(tuple(values))
    return found


def test_attachments_are_the_truth(first: Folder, portal: RunningPortal) -> None:
    assert files(first.db, "attachments", "name", "url", "media_type") == {
        cms_id: [(file.name, urljoin(portal.url, file.path), file.media_type) for file in article.attachments]
        for cms_id, article in TRUTH.items()
        if article.attachments
    }


def test_images_are_the_truth(first: Folder, portal: RunningPortal) -> None:
    assert files(first.db, "images", "url", "caption") == {
        cms_id: [(urljoin(portal.url, image.path), image.caption) for image in article.images]
        for cms_id, article in TRUTH.items()
        if article.images
    }


def test_the_seed_article_reads_as_it_was_printed(found: dict[str, dict[str, Any]]) -> None:
    (article,) = [row for row in found.values() if row["view_count"] == 679]
    assert article["date_published"] == "2020-11-09T09:00+07:00"
    assert article["date_published_text"] == "Thứ hai - 09/11/2020 09:00"
    assert article["comment_count"] == 0


@pytest.mark.parametrize(
    "widget", ["Đang truy cập", "Máy chủ tìm kiếm", "Tổng lượt truy cập", "Bạn đã không sử dụng"]
)
def test_no_widget_text_is_in_the_seed_article(found: dict[str, dict[str, Any]], widget: str) -> None:
    (article,) = [row for row in found.values() if row["view_count"] == 679]
    assert widget not in article["article_body"]


def test_second_crawl_leaves_everything_as_it_was(twice: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    before, after, _ = twice
    for table, content in before.items():
        assert after[table] == content, table


def test_second_crawl_says_that_nothing_changed(twice: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    assert f"nothing changed, all {len(TRUTH)} articles are as kept" in twice[2]


def test_each_url_has_one_outcome(first: Folder) -> None:
    query = "SELECT target_uri FROM captures WHERE outcome <> 'retried' GROUP BY 1 HAVING count(*) > 1"
    assert rows(first.db, query) == []


def test_crawl_counts_its_outcomes(first: Folder) -> None:
    (crawl,) = rows(first.db, "SELECT * FROM crawls")
    counted = rows(first.db, "SELECT outcome, count(*) AS n FROM captures GROUP BY 1")
    assert json.loads(crawl["outcomes"]) == {row["outcome"]: row["n"] for row in counted}
    assert (crawl["status"], crawl["problems"], crawl["articles_new"]) == ("complete", 0, len(TRUTH))


def test_every_response_is_in_the_warc_and_every_capture_leads_to_its_record(first: Folder) -> None:
    (path,) = first.warc.glob("*.warc.gz")
    written = {(record.record_id, record.url, record.offset) for record in read_responses(path)}
    known = rows(
        first.db, "SELECT record_id, target_uri, warc_offset FROM captures WHERE warc_file = ?", path.name
    )
    assert {tuple(row.values()) for row in known} == written


def test_warc_check_is_clean(first: Folder) -> None:
    (path,) = first.warc.glob("*.warc.gz")
    checker = Checker(type("Options", (), {"inputs": [str(path)], "verbose": False}))
    checker.process_all()
    assert checker.exit_value == 0


@pytest.mark.parametrize(
    ("path", "status"), [("robots.txt", "200"), ("sitemap.xml", "200"), ("vi/news/", "200")]
)
def test_warc_holds_what_is_no_article(first: Folder, portal: RunningPortal, path: str, status: str) -> None:
    (warc,) = first.warc.glob("*.warc.gz")
    with warc.open("rb") as file:
        found = {
            record.rec_headers.get_header("WARC-Target-URI"): record.http_headers.get_statuscode()
            for record in ArchiveIterator(file)
            if record.rec_type == "response"
        }
    assert found[portal.url + path] == status


@pytest.mark.parametrize(
    "outcome", ["redirect", "redirect_offsite", "not_found", "members_only", "feed", "robots"]
)
def test_outcome_is_met_in_the_sample(first: Folder, outcome: str) -> None:
    assert rows(first.db, "SELECT 1 FROM captures WHERE outcome = ?", outcome)


@pytest.mark.parametrize(
    "trap", ["/print/", "/savefile/", "/sendmail/", "/tag/", "/users/", "/search", "/rating", "nvvithemever"]
)
def test_traps_are_never_asked_for(first: Folder, trap: str) -> None:
    assert rows(first.db, "SELECT target_uri FROM captures WHERE instr(target_uri, ?)", trap) == []


@pytest.mark.parametrize(("kind", "part"), [("page", "/about/"), ("page", "/laws/")])
def test_what_is_not_fetched_yet_is_known(first: Folder, kind: str, part: str) -> None:
    assert rows(first.db, "SELECT 1 FROM known_urls WHERE kind = ? AND instr(url, ?)", kind, part)


@pytest.mark.parametrize("table", ["attachments", "images"])
def test_files_that_articles_name_are_kept(first: Folder, portal: RunningPortal, table: str) -> None:
    query = f"SELECT url, size, sha256, record_id FROM {table} WHERE url LIKE ?"  # noqa: S608 - our own names
    named = rows(first.db, query, f"{portal.url}%")
    records = {
        record.record_id: record for path in first.warc.glob("*.warc.gz") for record in read_responses(path)
    }
    assert named
    for row in named:
        record = records[row["record_id"]]
        assert (record.url, len(record.body)) == (row["url"], row["size"])
        assert hashlib.sha256(record.body).hexdigest() == row["sha256"]


def test_files_may_be_left_out(folder: Folder, portal: RunningPortal) -> None:
    assert folder.scrapy("crawl", "sample", "-a", f"url={portal.url}", "-a", "media=0").returncode == 0
    assert rows(folder.db, "SELECT 1 FROM captures WHERE outcome = 'media'") == []
    assert rows(folder.db, "SELECT 1 FROM known_urls WHERE kind = 'file' AND instr(url, 'download=1')")


def test_portal_nobody_registered_is_crawled_by_its_address(portal: RunningPortal, folder: Folder) -> None:
    ran = folder.scrapy("crawl", "portal", "-a", f"url={portal.url}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (count,) = rows(folder.db, "SELECT count(*) AS n FROM articles WHERE portal LIKE 'host_127_0_0_1_%'")
    assert count["n"] == len(TRUTH)
    (known,) = rows(folder.db, "SELECT key FROM portals")
    again = folder.scrapy("crawl", known["key"])
    assert again.returncode == 2
    assert f"is not registered: say its address, as in `portal -a url={portal.url}`" in again.stdout


def test_software_is_recognised(first: Folder) -> None:
    (row,) = rows(first.db, "SELECT software FROM portals")
    assert row["software"].startswith("NukeViet 4.4")
