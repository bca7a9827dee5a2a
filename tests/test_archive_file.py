"""The archive's file: its search index, its transactions, and what can be wrong with it."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace

import pytest
from sqlite_utils import Database

from crawler.archive import Archive, ArchiveError, CrawlTotals
from crawler.archive.errors import in_plain_words
from crawler.items import Link, Page, Reading
from tests.test_archive import ARTICLE, DAY, PORTAL, archive, capture, changed, everything, page, rows

__all__ = ["archive"]


def found(archive: Archive, words: str) -> int:
    query = "SELECT count(*) AS n FROM articles_fts WHERE articles_fts MATCH ?"
    return int(rows(archive, query, words)[0]["n"])


def test_several_may_begin_one_archive_at_once(tmp_path: Path) -> None:
    together = Barrier(8)

    def begin(_: int) -> bool:
        together.wait()
        with Archive(tmp_path / "archive.db") as opened:
            return opened.is_new()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(begin, range(8))) == [True] * 8


def test_search_finds_unaccented_words(archive: Archive) -> None:
    archive.save([page(1)])
    assert [found(archive, words) for words in ("dan van", "dang bo", "khongcogi")] == [1, 1, 0]


def test_search_forgets_what_an_article_no_longer_says(archive: Archive) -> None:
    archive.save([page(1)])
    archive.save([page(2, changed(headline="Khác", keywords=()))])
    assert [found(archive, words) for words in ("dan van", "khac")] == [0, 1]


def test_search_index_is_sound_after_changes_and_after_a_rebuild(archive: Archive) -> None:
    archive.save([page(1), page(2, changed(headline="Khác")), page(3)])
    for _ in range(2):
        with closing(sqlite3.connect(archive.path)) as connection:
            connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
        assert found(archive, "dan van") == 1
        assert archive.rebuild_search() == 1


def test_pages_and_files_of_the_portal_are_remembered(archive: Archive) -> None:
    links = (
        Link(url="https://x.tayninh.gov.vn/vi/laws/", kind="page"),
        Link(url=ARTICLE.url, kind="article"),
    )
    archive.save([Page(capture=capture(1), reading=Reading(outcome="listing", links=links))])
    assert rows(archive, "SELECT url, kind FROM known_urls") == [
        {"url": "https://x.tayninh.gov.vn/vi/laws/", "kind": "page"}
    ]


def test_what_has_answered_is_no_longer_waiting(archive: Archive) -> None:
    links = (Link(url=ARTICLE.url, kind="page"), Link(url="https://x.tayninh.gov.vn/vi/laws/", kind="page"))
    pages = [
        Page(
            capture=capture(n, url=f"https://x.tayninh.gov.vn/{n}"),
            reading=Reading(outcome="listing", links=links),
        )
        for n in (1, 3)
    ]
    archive.save([pages[0], page(2), pages[1]])
    assert [row["url"] for row in rows(archive, "SELECT url FROM known_urls")] == [
        "https://x.tayninh.gov.vn/vi/laws/"
    ]


def test_batch_is_saved_whole_or_not_at_all(archive: Archive) -> None:
    stray = replace(capture(2), portal="no_such_portal")
    with pytest.raises(ArchiveError):
        archive.save([page(1), Page(capture=stray, reading=Reading(outcome="listing"))])
    assert rows(archive, "SELECT count(*) AS n FROM articles") == [{"n": 0}]


def test_crawl_that_never_ended_is_partial(archive: Archive) -> None:
    archive.begin_crawl("tay_ninh_x", DAY)
    archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=1))
    found = rows(archive, "SELECT status, message FROM crawls ORDER BY id")
    assert [row["status"] for row in found] == ["partial", "running"]
    assert found[0]["message"].startswith("interrupted")


def test_crawl_names_its_problems(archive: Archive) -> None:
    crawl = archive.begin_crawl("tay_ninh_x", DAY).crawl
    broken = Page(
        capture=replace(capture(1), crawl=crawl),
        reading=Reading(outcome="parse_error", message="headline: not found"),
    )
    archive.save([broken], crawl, CrawlTotals())
    (row,) = rows(archive, "SELECT problems, problem_list FROM crawls")
    assert row["problems"] == 1
    assert "headline: not found" in row["problem_list"]


def test_every_table_is_strict(archive: Archive) -> None:
    strict = Database(archive.path)
    tables = [
        table for table in strict.tables if not table.name.startswith(("articles_fts", "sqlite_", "_sqlite"))
    ]
    assert {table.name for table in tables if not table.strict} == set()
    strict.close()


@pytest.mark.parametrize("content", [b"no database at all, but a text that is long enough", b"x" * 5000])
def test_file_that_is_no_archive_is_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="not a sound SQLite file"):
        Archive(path)
    assert path.read_bytes() == content


def test_locked_archive_says_so(archive: Archive) -> None:
    with closing(sqlite3.connect(archive.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with (
            pytest.raises(ArchiveError, match="locked by another program"),
            Archive(archive.path, lock_timeout=0.1) as second,
        ):
            second.register(PORTAL)


def test_archive_of_a_newer_version_is_left_alone(archive: Archive) -> None:
    with closing(sqlite3.connect(archive.path)) as other:
        other.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('district_portal_archive', 'from_the_future', '2030')"
        )
        other.commit()
    with pytest.raises(ArchiveError, match="newer version"):
        Archive(archive.path)


def test_reopening_keeps_everything(archive: Archive) -> None:
    archive.save([page(1)])
    before = everything(archive)
    with Archive(archive.path) as again:
        assert everything(again) == before


@pytest.mark.parametrize(
    ("free", "words"), [(4096, "The disk is full: "), (10**9, "cannot be used: disk I/O error")]
)
def test_disk_error_on_a_full_disk_says_that_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, words: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert words in in_plain_words(tmp_path / "archive.db", sqlite3.OperationalError("disk I/O error"))
