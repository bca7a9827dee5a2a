"""Day and month of the dates in lists that are not in Vietnamese."""

from datetime import UTC, datetime

import pytest

from crawler.cms import read_response
from crawler.items import Fetched

HOST = "http://donghai.example"
FETCHED_AT = datetime(2025, 7, 1, tzinfo=UTC)


def days(
    dates: list[str], *, version: str = "5.0", language: str = "en", function: str = "viewcat"
) -> list[str | None]:
    """What a list that prints these dates, newest first, says of its articles, without the time."""
    entries = "".join(
        f"""<article><h2><a href="/{language}/news/tin/bai-{90 - place}.html">Tin</a></h2>
        <ul><li><i class="fa-regular fa-clock"></i> {date}</li></ul></article>"""
        for place, date in enumerate(dates)
    )
    page = f"""<html lang="{language}"><head><meta name="generator" content="NukeViet v{version}"><script>
    var nv_base_siteurl="/",nv_lang_data="{language}",nv_module_name="news",nv_func_name="{function}";</script>
    </head><body>{entries}</body></html>"""
    fetched = Fetched(
        url=f"{HOST}/{language}/news/" + ("tin/" if function == "viewcat" else ""),
        status=200,
        media_type="text/html",
        body=page.encode(),
        fetched_at=FETCHED_AT,
    )
    listing = read_response(fetched, hosts=frozenset({"donghai.example"})).listing
    assert listing is not None
    assert len(listing.items) == len(dates)
    return [item.witness.iso[:10] if item.witness and item.witness.iso else None for item in listing.items]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_number_above_twelve_shows_the_order_of_all(language: str) -> None:
    dates = ["03/14/2025 2:05 PM", "02/01/2025 9:00 AM"]
    assert days(dates, language=language) == ["2025-03-14", "2025-02-01"]
    dates = ["14/03/2025 2:05 PM", "02/01/2025 9:00 AM"]
    assert days(dates, language=language) == ["2025-03-14", "2025-01-02"]


def test_no_article_is_from_the_future() -> None:
    assert days(["06/11/2025 2:05 PM"]) == ["2025-06-11"]
    assert days(["11/06/2025 2:05 PM"]) == ["2025-06-11"]


def test_a_category_goes_back_in_time() -> None:
    dates = ["03/11/2024 2:05 PM", "05/09/2024 9:00 AM"]
    assert days(dates) == ["2024-11-03", "2024-09-05"]
    assert days(dates, function="main") == ["2024-03-11", "2024-05-09"]


def test_what_the_page_leaves_open_is_as_its_version_prints_it() -> None:
    assert days(["03/02/2025 2:05 PM"]) == ["2025-03-02"]
    assert days(["03/02/2025 14:05:00"]) == ["2025-02-03"]  # 5 before it had regions
    assert days(["03/02/2025 02:05:00 PM"], version="4.x") == ["2025-02-03"]
    assert days(["03/02/2025 2:05 CH"], language="vi") == ["2025-02-03"]


def test_in_vietnamese_the_day_is_always_first() -> None:
    assert days(["03/14/2025 2:05 CH", "02/01/2025 9:00 SA"], language="vi") == [None, "2025-01-02"]


def test_orders_that_contradict_each_other_are_not_mended() -> None:
    assert days(["03/14/2025 2:05 PM", "14/02/2025 9:00 AM"]) == ["2025-03-14", None]
