"""Every line of fixtures/dates.jsonl, read at noon of 10 November 2020; and what no line can say."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.dates import MAX_LENGTH, VIET_NAM, normalise_date, rss_date

NOON = datetime(2020, 11, 10, 12, tzinfo=VIET_NAM)
LINES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "dates.jsonl").read_text(encoding="utf-8").splitlines()
]


def read(text: str) -> str | None:
    date = normalise_date(text, captured_at=NOON)
    return date.iso if date else None


@pytest.mark.parametrize("line", LINES, ids=[f"{line['group']}-{line['text'][:40]}" for line in LINES])
def test_a_date_line_means_what_it_says(line: dict[str, Any]) -> None:
    date = normalise_date(line["text"], captured_at=NOON)
    if line["means"] is None:
        assert date is None
        return
    assert date is not None
    assert date.iso == line["means"] + ("+07:00" if "T" in line["means"] else "")
    assert date.weekday_conflict == line.get("weekday_conflict", False)
    assert date.label == line.get("label")


@pytest.mark.parametrize(
    ("label", "updated"),
    [
        ("", False),
        ("Ngày đăng: ", False),
        ("Đăng lúc: ", False),
        ("Thời gian: ", False),
        ("Posted on ", False),
        ("Cập nhật lúc: ", True),
        ("NGÀY CẬP NHẬT: ", True),
        ("Last updated: ", True),
        ("Ngày ban hành: ", False),
        ("Ngày có hiệu lực: ", False),
        ("Ngày họp: ", False),
    ],
)
def test_a_label_says_whether_a_date_is_of_a_change(label: str, updated: bool) -> None:
    date = normalise_date(label + "05/04/2018", captured_at=NOON)
    assert date is not None
    assert date.is_update == updated


@pytest.mark.parametrize("text", ["Hôm qua", "05/04/2018", ""])
def test_a_capture_without_a_time_zone_is_refused(text: str) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        normalise_date(text, captured_at=naive)
    with pytest.raises(ValueError, match="time zone"):
        rss_date(text, captured_at=naive)


def test_relative_days_are_those_of_viet_nam() -> None:
    evening = datetime(2020, 11, 10, 18, 30, tzinfo=UTC)
    today = normalise_date("Hôm nay", captured_at=evening)
    moments_ago = normalise_date("5 phút trước", captured_at=evening)
    assert today is not None
    assert moments_ago is not None
    assert (today.iso, moments_ago.iso) == ("2020-11-11", "2020-11-11T01:25+07:00")


def test_months_ago_do_not_depend_on_the_day() -> None:
    last_of_march = datetime(2021, 3, 31, 9, tzinfo=VIET_NAM)
    date = normalise_date("1 tháng trước", captured_at=last_of_march)
    assert date is not None
    assert date.iso == "2021-02"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Mon, 17 Aug 2015 12:30:05 GMT", "2015-08-17T19:30+07:00"),
        ("Mon, 17 Aug 2015 12:08:05 GMT", "2015-08-17"),  # the month, or by luck the minute
        ("Mon, 17 Aug 2015 20:08:05 GMT", "2015-08-18"),
        (
            "Fri, 31 Jul 2015 20:07:05 GMT",
            "2015-08-01",
        ),  # the month of the printed date, not of the local one
        ("Fri, 31 Jul 2015 20:08:05 GMT", "2015-08-01T03:08+07:00"),
        ("Mon, 17 Aug 2015", "2015-08-17"),
        ("Thứ hai", None),
    ],
)
def test_a_month_among_the_minutes_is_not_trusted(text: str, iso: str | None) -> None:
    date = rss_date(text, captured_at=NOON)
    assert (date.iso if date else None) == iso


def test_running_text_is_not_searched() -> None:
    line = "Thứ năm - 05/04/2018 06:07 - Người đăng bài viết: "
    room = MAX_LENGTH - len(line)
    assert read(line + "a" * room) == "2018-04-05T06:07+07:00"
    assert read(line + "a" * (room + 1)) is None


def test_a_template_may_print_much_white_space() -> None:
    assert read("\n" + " " * 500 + "05/04/2018\n" + " " * 500) == "2018-04-05"


def test_a_page_in_place_of_a_line_costs_nothing() -> None:
    assert read("05/04/2018 " * 500_000) is None


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=4000)])
def test_the_capture_only_matters_to_relative_texts(age: timedelta) -> None:
    for text in ("Thứ năm - 05/04/2018 06:07", "April 5, 2018 06:07", "5 tháng 4 năm 2018, 6h07"):
        date = normalise_date(text, captured_at=NOON - age)
        assert date is not None
        assert date.iso == "2018-04-05T06:07+07:00"


def test_dateparser_is_imported_only_when_it_is_asked() -> None:
    program = (
        "import sys; from datetime import UTC, datetime; from crawler.dates import normalise_date\n"
        "ask = lambda text: normalise_date(text, captured_at=datetime(2020, 11, 10, tzinfo=UTC))\n"
        "ask('Thứ hai - 09/11/2020 09:00'); ask('Hội nghị ngày 09/11/2020'); print('dateparser' in sys.modules)\n"
        "ask('November 9, 2020'); print('dateparser' in sys.modules)"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["False", "True"]
