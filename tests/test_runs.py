"""Runs and modes of crawls: what a new crawl goes on with, and how far it looks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive, End, Run
from crawler.archive.readonly import reading
from crawler.following import Scope
from crawler.history import past_crawls
from crawler.items import Link, Listing, ListingItem, Page, Reading
from crawler.worklist import Worklist
from tests.test_archive import ARTICLE, DAY, PORTAL, capture, changed, page, rows

HOUR = timedelta(hours=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.db") as opened:
        opened.register(PORTAL)
        yield opened


def ended(archive: Archive, days: float, *, finished: bool, mode: str | None = None) -> int:
    started = DAY + timedelta(days=days)
    run = archive.begin_crawl("tay_ninh_x", started, mode)
    status = "complete" if finished else "partial"
    archive.finish_crawl(
        run.crawl, End(finished_at=started + HOUR, status=status, message=None, is_finished=finished)
    )
    return run.crawl


@pytest.mark.parametrize(
    ("days_later", "finished", "mode", "continued"),
    [
        (1, True, "update", False),
        (29, True, "update", False),
        (31, True, "sweep", False),
        (1, False, "sweep", True),
        (13, False, "sweep", True),
        (15, False, "sweep", False),
    ],
)
def test_next_crawl(archive: Archive, days_later: int, finished: bool, mode: str, continued: bool) -> None:
    first = ended(archive, 0, finished=finished)
    run = archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=days_later))
    assert (run.mode, run.is_continued, run.run == first) == (mode, continued, continued)


def test_update_is_continued_for_a_day(archive: Archive) -> None:
    ended(archive, 0, finished=True)
    ended(archive, 1, finished=False)
    assert archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=1.5)).is_continued
    assert not archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=2.5)).is_continued


def test_crawl_in_full_is_asked_for_and_then_continued(archive: Archive) -> None:
    ended(archive, 0, finished=False)
    full = archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=1), "full")
    assert (full.mode, full.is_continued) == ("full", False)
    assert archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=2)).mode == "full"


def test_numbers_that_no_list_names_lead_to_a_sweep_after_a_week(archive: Archive) -> None:
    archive.save([page(0)])
    ended(archive, 0.5, finished=True)
    archive.save([page(2, changed(cms_id="14", url=ARTICLE.url.replace("12", "14")))])
    assert archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=3)).mode == "update"
    ended(archive, 3, finished=True)
    assert archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=9)).mode == "sweep"


def test_portal_that_moved_is_owed_and_looked_at_where_it_is_now(archive: Archive) -> None:
    old, home = "https://x.tayninh.gov.vn/vi/news/", "https://xa-x.tayninh.gov.vn/"
    owed = tuple(Link(url=url, kind="listing") for url in (f"{old}tin/", f"{old}khac/"))
    archive.save([replace(page(0), owed=owed)])
    assert archive.register(PORTAL) == 0
    now = {**PORTAL, "url": home, "hosts": ["xa-x.tayninh.gov.vn"]}
    assert [archive.register(now), archive.register(now)] == [2, 0]
    run = archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=60))
    worklist = Worklist(archive.frontier("tay_ninh_x", run.started_at), run, run.started_at, Scope())
    worklist.begin(home, frozenset(["xa-x.tayninh.gov.vn"]))
    asked = []
    for _ in range(3):  # the home page; what is owed; the articles that are due
        worklist.refill()
        asked += [link.url for link in iter(worklist.next, None) if link]
        worklist.settled(Page(capture=capture(60, url=home), reading=Reading(outcome="listing")))
    paths = ["", "vi/news/tin/", "vi/news/khac/", "vi/news/tin/dan-van-12.html"]
    assert asked == [home + path for path in paths]


def asked_for(archive: Archive, run: Run, listed: str) -> list[str]:
    """What a crawl asks for when its home page names one address."""
    worklist = Worklist(archive.frontier("tay_ninh_x", run.started_at), run, run.started_at, Scope())
    worklist.begin("https://x.tayninh.gov.vn/", frozenset(["x.tayninh.gov.vn"]))
    asked = []
    for _ in range(3):  # the home page; what it names; the articles that are due
        asked += [link.url for link in iter(worklist.next, None) if link]
        reading = Reading(outcome="listing", links=(Link(url=listed, kind="article"),))
        home = Page(capture=capture(0, url="https://x.tayninh.gov.vn/"), reading=reading, asked_as="home")
        worklist.settled(home)
        worklist.admit(home)
        worklist.refill()
    return asked[1:]


def test_captures_of_a_clock_that_was_ahead_delay_no_later_look(archive: Archive) -> None:
    gone = f"{ARTICLE.url}x"
    ahead = [page(4000), Page(capture=capture(4001, url=gone), reading=Reading(outcome="not_found"))]
    archive.save(ahead)
    run = archive.begin_crawl("tay_ninh_x", DAY)
    assert asked_for(archive, run, gone) == [gone, ARTICLE.url]

    now = [
        replace(
            one,
            capture=replace(
                one.capture, record_id=f"urn:now:{place}", crawl=run.crawl, fetched_at=DAY + HOUR
            ),
        )
        for place, one in enumerate(ahead)
    ]
    archive.save(now, run.crawl)
    assert asked_for(archive, run, gone) == []  # in the same run
    archive.finish_crawl(run.crawl, End(finished_at=DAY, status="complete", message=None, is_finished=True))
    assert asked_for(archive, archive.begin_crawl("tay_ninh_x", DAY + 23 * HOUR), gone) == []
    later = archive.begin_crawl("tay_ninh_x", DAY + timedelta(days=60))
    assert asked_for(archive, later, gone) == [gone, ARTICLE.url]


@pytest.mark.parametrize("finished", [True, False])
def test_a_crawl_of_a_clock_that_was_ahead_counts_as_never(
    archive: Archive, tmp_path: Path, finished: bool
) -> None:
    ended(archive, 4000, finished=finished)
    with reading(tmp_path / "archive.db") as connection:
        assert past_crawls(connection, DAY) == {}
    first = archive.begin_crawl("tay_ninh_x", DAY)
    assert (first.mode, first.is_continued) == ("sweep", False)
    ended(archive, 1, finished=True)
    with reading(tmp_path / "archive.db") as connection:
        (past,) = past_crawls(connection, DAY + timedelta(days=2))["tay_ninh_x"]
    assert past.started_at == DAY + timedelta(days=1)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_ledger_and_gone_do_not_depend_on_the_order_of_arrival(
    archive: Archive, order: tuple[int, ...]
) -> None:
    item = ListingItem(url=ARTICLE.url.replace("12", "13"), in_language="vi", module="news", cms_id="13")
    listing = Listing(url="https://x.tayninh.gov.vn/vi/news/", kind="home", items=(item,))
    pages = [
        page(1),
        Page(capture=capture(2, url=listing.url), reading=Reading(outcome="listing", listing=listing)),
        Page(capture=capture(3, url=item.url), reading=Reading(outcome="members_only")),
        Page(capture=capture(4), reading=Reading(outcome="not_found")),
        Page(capture=capture(5), reading=Reading(outcome="not_found")),
    ]
    for place in order:
        archive.save([pages[place]])
    archive.save([pages[4]])
    assert rows(archive, "SELECT cms_id, state FROM ledger ORDER BY 1") == [
        {"cms_id": 12, "state": "archived"},
        {"cms_id": 13, "state": "members_only"},
    ]
    assert rows(archive, "SELECT substr(gone_at, 1, 10) AS day FROM articles") == [{"day": "2021-05-10"}]


def test_a_crawl_read_from_its_warc_files_later_is_no_newer_crawl(archive: Archive, tmp_path: Path) -> None:
    newer = ended(archive, 10, finished=True)
    older = archive.restore_crawl("tay_ninh_x", 99, DAY)
    assert older > newer
    with reading(tmp_path / "archive.db") as connection:
        crawls = past_crawls(connection, DAY + timedelta(days=11))["tay_ninh_x"]
    assert [one.started_at for one in crawls] == [DAY + timedelta(days=10)]


def test_two_crawls_of_one_second_are_two_crawls_when_read_again(archive: Archive) -> None:
    for _ in range(2):
        assert [archive.restore_crawl("tay_ninh_x", number, DAY) for number in (8, 9)] == [8, 9]


def test_crawls_of_one_second_keep_how_they_ended_when_carried_over(archive: Archive, tmp_path: Path) -> None:
    status_of = {ended(archive, 0, finished=finished): finished for finished in (True, False)}
    with Archive(tmp_path / "again.db") as again:
        again.register(PORTAL)
        assert [again.restore_crawl("tay_ninh_x", crawl, DAY) for crawl in status_of] == list(status_of)
        again.carry_over(tmp_path / "archive.db")
        kept = {
            row["id"]: bool(row["is_finished"]) for row in rows(again, "SELECT id, is_finished FROM crawls")
        }
    assert kept == status_of
