"""The months of the ledger where numbers and dates are out of the ordinary, through the archive's own writer."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.items import ArticleNumber, Page, Reading
from tests.archives import BASE, BEN_SONG, CAU_TRE, STARTED, page_of, portal_row
from tests.test_archive import rows

Kept = dict[int, str | None]
"""Numbers that are archived, each with the date of its article; None: it has none."""


def kept(numbers: Kept, module: str = "news") -> Iterable[Page]:
    for place, (number, date) in enumerate(numbers.items(), 1):
        url = f"http://x.example.vn/{module}/bai-{number}.html"
        article = replace(
            BASE, cms_id=str(number), module=module, url=url, headline=f"Bài {number}", date_published=date
        )
        page = page_of(place, BEN_SONG, article, STARTED)
        yield replace(page, capture=replace(page.capture, record_id=f"urn:x:{module}-{number}"))


def missed(numbers: Iterable[int], module: str = "news", portal: str = BEN_SONG) -> Iterable[Page]:
    for number in numbers:
        url = f"http://x.example.vn/{module}/bai-{number}.html"
        page = page_of(1, portal, replace(BASE, url=url), STARTED)
        asked = ArticleNumber("vi", module, str(number))
        yield Page(
            capture=replace(page.capture, record_id=f"urn:x:{portal}-{module}-{number}", status=404),
            reading=Reading(outcome="not_found", asked=asked),
        )


CASES: dict[str, tuple[Kept, Iterable[int], dict[str | None, tuple[int, int, int]]]] = {
    "numbers before the first date are of that date's month": (
        {7: "2020-05-01"},
        [2, 3],
        {"2020-05": (1, 2, 4)},
    ),
    "numbers without a date follow the articles before them, however many": (
        {1: "2020-05-01", 102: None, 103: "2020-06-01"},
        range(2, 102),
        {"2020-05": (2, 100, 0), "2020-06": (1, 0, 0)},
    ),
    "an article with an old date takes no gap with it": (
        {1: "2020-05-01", 5: "2011-02-03", 7: None},
        [],
        {"2011-02": (1, 0, 0), "2020-05": (2, 0, 4)},
    ),
    "a date after the capture says nothing about other numbers": (
        {1: "2020-05-01", 2: "2031-01-01", 4: None},
        [],
        {"2020-05": (2, 0, 1), "2031-01": (1, 0, 0)},
    ),
    "without any date there is no month": ({2: None}, [3], {None: (1, 1, 1)}),
    "without any article nothing is counted, since the module may be none": ({}, [3], {}),
    "one mistaken number far above all others is not counted, nor what lies below it": (
        {1: "2020-05-01", 2: "2020-05-02"},
        [102, 103, 99_999_999],
        {"2020-05": (2, 1, 99)},
    ),
    "numbers above that have three neighbours are": (
        {1: "2020-05-01", 2: "2020-05-02"},
        [401, 402, 403, 501],
        {"2020-05": (2, 4, 495)},
    ),
    "what is longer than any number is none": (
        {1: "2020-05-01", 10**19: "2020-05-02"},
        [10**18],
        {"2020-05": (1, 0, 0)},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_months_hold_every_number_once(tmp_path: Path, case: str) -> None:
    dates, others, expected = CASES[case]
    with Archive(tmp_path / "archive.db") as archive:
        archive.register(portal_row(BEN_SONG))
        archive.register(portal_row(CAU_TRE))
        archive.save([*kept(dates), *missed(others)])
        archive.save([*kept({1: "2019-01-01"}, "thong-bao"), *missed([9], portal=CAU_TRE)])
        months = rows(archive, "SELECT * FROM ledger_months")
    found = {
        month["month"]: (month["archived"], month["not_public"], month["not_seen"])
        for month in months
        if (month["portal"], month["module"]) == (BEN_SONG, "news")
    }
    assert found == expected
    assert all(month["ids"] == sum(list(month.values())[5:]) for month in months)
    assert len(months) == len(expected) + 1
