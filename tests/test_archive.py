"""The archive: what is saved, what counts as a change, and that the order of arrival does not matter."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive, CrawlTotals
from crawler.items import (
    Article,
    Attachment,
    Capture,
    Image,
    Listing,
    ListingItem,
    Page,
    Reading,
    Witness,
)

DAY = datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC)
PORTAL = {
    "key": "tay_ninh_x",
    "name": "Huyện X",
    "kind": "huyện",
    "url": "https://x.tayninh.gov.vn/",
    "hosts": ["x.tayninh.gov.vn"],
    "unit_code": None,
    "former_province": "Tây Ninh",
    "province": "Tây Ninh",
    "fate": None,
    "verified": False,
}
VISIBLE = Witness(source="visible", text="Thứ hai - 09/11/2020 09:00", iso="2020-11-09T09:00+07:00")
ARTICLE = Article(
    cms_id="12",
    module="news",
    in_language="vi",
    url="https://x.tayninh.gov.vn/vi/news/tin/dan-van-12.html",
    headline="Công tác Dân vận của Đảng bộ",
    description="Tóm tắt",
    article_body="Đoạn một.\n\nĐoạn hai.",
    article_section="Tin tức",
    keywords=("dân vận", "Đảng bộ"),
    date_published="2020-11-09T09:00+07:00",
    date_published_text="Thứ hai - 09/11/2020 09:00",
    date_source="visible",
    witnesses=(VISIBLE,),
    view_count=679,
    comment_count=0,
    images=(Image(url="https://x.tayninh.gov.vn/uploads/a.jpg", caption="Ảnh"),),
    attachments=(
        Attachment(name="a.pdf", url="https://x.tayninh.gov.vn/vi/news/tin/dan-van-12.html?download=1&id=0"),
    ),
    parser="nukeviet/1",
)


def capture(number: int, *, url: str = ARTICLE.url) -> Capture:
    """The number-th capture, one a day."""
    return Capture(
        record_id=f"urn:uuid:00000000-0000-0000-0000-{number:012d}",
        crawl=None,
        portal="tay_ninh_x",
        target_uri=url,
        fetched_at=DAY + timedelta(days=number),
        status=200,
        media_type="text/html",
    )


def page(number: int, article: Article = ARTICLE) -> Page:
    return Page(capture=capture(number, url=article.url), reading=Reading(outcome="article", article=article))


def changed(**fields: Any) -> Article:
    return replace(ARTICLE, **fields)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.db") as opened:
        opened.register(PORTAL)
        yield opened


def rows(archive: Archive, query: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(archive.path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def outcomes(archive: Archive) -> list[str]:
    return [row["outcome"] for row in rows(archive, "SELECT outcome FROM captures ORDER BY fetched_at")]


def revisions(archive: Archive) -> list[tuple[Any, ...]]:
    found = rows(archive, "SELECT * FROM revisions_full ORDER BY first_seen")
    return [
        (row["headline"], row["first_seen"][:10], row["last_seen"][:10], row["is_current"]) for row in found
    ]


def test_article_is_stored_under_its_public_key(archive: Archive) -> None:
    archive.save([page(1)])
    (row,) = rows(archive, "SELECT article_key, headline, view_count FROM articles_full")
    assert row == {
        "article_key": "tay_ninh_x/vi/news/12",
        "headline": "Công tác Dân vận của Đảng bộ",
        "view_count": 679,
    }


def test_day_month_and_year_are_cut_from_local_time(archive: Archive) -> None:
    early = Witness(source="visible", text="01/01/2020 06:30", iso="2020-01-01T06:30+07:00")
    archive.save([page(1, changed(date_published=early.iso, witnesses=(early,)))])
    (row,) = rows(archive, "SELECT published_day, published_month, published_year FROM articles")
    assert row == {"published_day": "2020-01-01", "published_month": "2020-01", "published_year": 2020}


def test_same_capture_twice_counts_once(archive: Archive) -> None:
    totals = CrawlTotals()
    archive.save([page(1)], totals=totals)
    archive.save([page(1)], totals=totals)
    assert totals.outcomes == {"article_new": 1}


def test_unchanged_article_keeps_its_row_and_its_revision(archive: Archive) -> None:
    archive.save([page(1)])
    archive.save([page(2, changed(view_count=700))])
    assert outcomes(archive) == ["article_new", "article_unchanged"]
    assert revisions(archive) == [(ARTICLE.headline, "2021-05-07", "2021-05-08", 1)]
    assert rows(archive, "SELECT view_count, record_id FROM articles") == [
        {"view_count": 700, "record_id": capture(1).record_id}
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"headline": "Khác"},
        {"description": None},
        {"article_body": "Khác"},
        {"author": "Lê Văn A"},
        {"source": "Báo X"},
        {"article_section": "Khác"},
        {"keywords": ()},
        {"date_published": "2020-11-09T09:01+07:00"},
        {"date_modified": "2020-12-01T00:00+07:00"},
        {"attachments": ()},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_change_of_content_makes_a_revision(archive: Archive, fields: dict[str, Any]) -> None:
    archive.save([page(1), page(2, changed(**fields))])
    assert outcomes(archive) == ["article_new", "article_changed"]
    assert len(revisions(archive)) == 2


def test_move_to_another_host_is_no_change(archive: Archive) -> None:
    def moved(text: str) -> str:
        return text.replace("https://x.tayninh.gov.vn", "http://www.x.tayninh.gov.vn")

    files = tuple(replace(file, url=moved(file.url)) for file in ARTICLE.attachments)
    archive.save([page(1), page(2, changed(url=moved(ARTICLE.url), attachments=files))])
    assert outcomes(archive) == ["article_new", "article_unchanged"]


def test_past_revision_keeps_its_whole_content(archive: Archive) -> None:
    archive.save(
        [page(1), page(2, changed(headline="Khác", article_body="Khác", date_published=None, witnesses=()))]
    )
    first, second = rows(archive, "SELECT headline, article_body FROM revisions_full ORDER BY first_seen")
    assert first == {"headline": ARTICLE.headline, "article_body": ARTICLE.article_body}
    assert second == {"headline": "Khác", "article_body": "Khác"}


def test_reused_id_is_kept_apart_in_whatever_order_they_come(archive: Archive, tmp_path: Path) -> None:
    other = changed(
        headline="Khác hẳn",
        date_published="2024-01-01T08:00+07:00",
        witnesses=(replace(VISIBLE, text="Thứ hai - 01/01/2024 08:00", iso="2024-01-01T08:00+07:00"),),
        url="https://x.tayninh.gov.vn/khac-12.html",
    )
    archive.save([page(1), page(2, other)])
    assert outcomes(archive) == ["article_new", "id_reused"]
    assert [row["headline"] for row in rows(archive, "SELECT headline FROM articles")] == [ARTICLE.headline]
    found = everything(archive)
    archive.save([page(0, other)])  # older than both; the one of day 2 is read again by `reparse` alone
    assert outcomes(archive) == ["article_new", "id_reused", "id_reused"]
    assert rows(archive, "SELECT headline FROM articles") == [{"headline": "Khác hẳn"}]
    assert rows(
        archive, "SELECT count(*) AS n FROM articles_fts WHERE articles_fts MATCH 'headline : cong'"
    ) == [{"n": 0}]
    with Archive(tmp_path / "backwards.db") as backwards:
        backwards.register(PORTAL)
        for pages in ([page(2, other)], [page(1)]):
            backwards.save(pages)
        assert everything(backwards) == found
        assert outcomes(backwards) == ["article_new", "id_reused"]


def everything(archive: Archive) -> dict[str, Any]:
    """All that a rebuild must give again, by natural key: local ids left out."""
    article = "SELECT articles.*, article_body FROM articles_full AS articles ORDER BY article_key"
    return {
        "articles": [{**row, "id": None} for row in rows(archive, article)],
        "revisions": rows(
            archive,
            "SELECT article_key, first_seen, last_seen, headline, article_body, content_digest, record_id "
            "FROM revisions_full ORDER BY article_key, first_seen",
        ),
        "witnesses": rows(archive, "SELECT * FROM witnesses ORDER BY article_key, source, text"),
        "attachments": rows(archive, "SELECT position, name, url FROM attachments ORDER BY url"),
    }


def listing(number: int, views: int) -> Page:
    item = ListingItem(url=ARTICLE.url, in_language="vi", module="news", cms_id="12", view_count=views)
    found = Listing(url="https://x.tayninh.gov.vn/vi/news/", kind="category", items=(item,))
    return Page(capture=capture(number, url=found.url), reading=Reading(outcome="listing", listing=found))


SILENT = replace(ARTICLE, view_count=None, comment_count=None)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
@pytest.mark.parametrize(("article", "views"), [(SILENT, 20), (ARTICLE, 679)])
def test_lists_give_the_counts_that_the_page_does_not_print(
    archive: Archive, article: Article, views: int, order: tuple[int, ...]
) -> None:
    pages = [listing(1, 10), page(2, article), listing(3, 20), page(4, article)]
    for place in order:
        archive.save([pages[place]])
    assert rows(archive, "SELECT view_count FROM articles") == [{"view_count": views}]


def test_order_of_arrival_does_not_matter(tmp_path: Path) -> None:
    first, second, third = (
        ARTICLE,
        changed(headline="Lần hai"),
        changed(article_body="Lần ba", attachments=()),
    )
    listed = Listing(
        url="https://x.tayninh.gov.vn/sitemap.xml",
        kind="sitemap",
        items=(
            ListingItem(
                url=ARTICLE.url,
                in_language="vi",
                module="news",
                cms_id="12",
                witness=Witness(
                    source="sitemap", text="2020-11-10T09:00:00+07:00", iso="2020-11-10T09:00+07:00"
                ),
            ),
        ),
    )
    pages = [
        page(1, first),
        page(2, second),
        page(3, second),
        page(4, first),
        page(5, third),
        page(7, third),
        Page(capture=capture(6, url=listed.url), reading=Reading(outcome="feed", listing=listed)),
    ]
    results = []
    orders = [pages, pages[::-1], *(random.Random(seed).sample(pages, len(pages)) for seed in range(12))]
    for number, order in enumerate(orders):
        with Archive(tmp_path / f"{number}.db") as archive:
            archive.register(PORTAL)
            for one in order:
                archive.save([one])
            results.append(everything(archive))
    assert results[0]["revisions"][0]["last_seen"][:10] == "2021-05-07"
    assert len(results[0]["revisions"]) == 4
    assert results[0]["articles"][0]["date_flags"] == '["witnesses_disagree"]'
    for result in results[1:]:
        assert result == results[0]
