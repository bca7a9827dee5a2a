"""What `scrapy status` says of a portal: when its silence is news, and up to which number its articles are counted."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive, End
from crawler.archive.readonly import reading
from crawler.commands.status import in_words
from crawler.health import Health, look
from crawler.portals import Portal
from crawler.warc import WarcWriter
from tests.archives import BASE, BEN_SONG, STARTED, page_of, portal_row
from tests.proofs import scrapy
from tests.test_archive import rows
from tests.test_ledger import kept, missed

PORTAL = Portal(key=BEN_SONG, name="Thị xã Bến Song", url=f"http://{BEN_SONG}.example.vn/")
FIRST_CRAWL = STARTED + timedelta(hours=1)


def health_of(path: Path, now: datetime, *being_crawled: str) -> Health:
    with reading(path) as connection:
        (health,) = look(connection, [PORTAL], frozenset([BEN_SONG]), now, being_crawled)
    return health


@pytest.mark.parametrize(
    ("days_watched", "is_named"),
    [(0, False), (14, False), (15, True)],
    ids=["first crawl", "two weeks", "longer"],
)
def test_silence_is_named_once_it_was_watched(tmp_path: Path, days_watched: int, is_named: bool) -> None:
    path = tmp_path / "archive.db"
    last = FIRST_CRAWL + timedelta(days=days_watched)
    with Archive(path) as archive:
        archive.register(portal_row(BEN_SONG))
        archive.save(
            [
                page_of(
                    day,
                    BEN_SONG,
                    replace(
                        BASE, cms_id=str(day), url=f"http://x.vn/{day}", date_published=f"2024-03-{day:02d}"
                    ),
                    FIRST_CRAWL,
                )
                for day in range(1, 31)
            ]
        )
        for started in sorted({FIRST_CRAWL, last}):
            crawl = archive.begin_crawl(BEN_SONG, started).crawl
            end = End(finished_at=started, status="complete", message=None, is_finished=True)
            archive.finish_crawl(crawl, end)
    health = health_of(path, last)
    assert [need.startswith("silent: nothing new since 2024-03-30, ") for need in health.needs] == [
        True
    ] * is_named
    needing = "1 of them needs a person" if is_named else "none of them need a person"
    assert list(in_words([health], last))[-1] == f"1 portal: 1 well; {needing}"


def test_a_mistaken_number_is_not_counted_and_leads_to_no_sweep(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive(path) as archive:
        archive.register(portal_row(BEN_SONG))
        archive.save([*kept({1: "2024-03-01", 2: None, 5: None}), *missed([4, 99_999_999])])
        crawl = archive.begin_crawl(BEN_SONG, FIRST_CRAWL).crawl
        end = End(finished_at=FIRST_CRAWL, status="complete", message=None, is_finished=True)
        archive.finish_crawl(crawl, end)
        before = health_of(path, FIRST_CRAWL).kept
        months = rows(archive, "SELECT sum(ids) AS ids FROM ledger_months")
        gap = archive.gaps(BEN_SONG)[0].runs
        archive.save(
            [
                replace(page, capture=replace(page.capture, fetched_at=FIRST_CRAWL + timedelta(days=1)))
                for page in missed([999_999_999])
            ]
        )
        assert archive.begin_crawl(BEN_SONG, FIRST_CRAWL + timedelta(days=8)).mode == "update"
    assert (before.accounted, before.ids, months, gap) == (4, 5, [{"ids": 5}], ((3, 3),))
    assert health_of(path, FIRST_CRAWL).kept == before


def test_a_crawl_at_work_is_told_from_one_that_was_killed(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.db") as archive:
        archive.register(portal_row(BEN_SONG))
        crawl = archive.begin_crawl(BEN_SONG, STARTED).crawl
    writer = WarcWriter(tmp_path / "warc", portal=BEN_SONG, crawl=crawl, started_at=STARTED, info={})
    code, printed = scrapy(tmp_path, "status", "--portal", BEN_SONG)
    assert "running since 2025-05-06 08:02" in printed
    assert (code, printed.splitlines()[-1]) == (0, "1 portal: 1 running; none of them need a person")
    writer._file.close()  # as the system does with what a killed process had open
    assert (
        scrapy(tmp_path, "status", "--portal", BEN_SONG)[1].splitlines()[-1].startswith("1 portal: 1 inter")
    )


def test_a_crawl_at_work_is_not_late_and_hides_no_earlier_fault(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive(path) as archive:
        archive.register(portal_row(BEN_SONG))
        for number in range(3):
            crawl = archive.begin_crawl(BEN_SONG, STARTED).crawl
            archive.save(
                [replace(page, capture=replace(page.capture, crawl=crawl)) for page in missed([number])]
            )
            end = End(finished_at=STARTED, status="failed", message="it does not answer", is_finished=False)
            archive.finish_crawl(crawl, end)
        archive.begin_crawl(BEN_SONG, FIRST_CRAWL)
    health = health_of(path, FIRST_CRAWL + timedelta(days=30), BEN_SONG)
    assert (health.state, health.running_since) == ("running", FIRST_CRAWL)
    assert health.needs == ("failing since 2025-05-06, 3 crawls in vain: it does not answer",)
