"""What holds for every date that a NukeViet can print, and for any text at all."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dates import VIET_NAM, YEARS, normalise_date, rss_date
from crawler.text import one_line

NOON = datetime(2020, 11, 10, 12, tzinfo=VIET_NAM)
WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
MONTHS = ["một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai"]
DAYS = [
    date(2000, 1, 1) + timedelta(days=number) for number in range((date(2041, 1, 1) - date(2000, 1, 1)).days)
]
# Steps that share no factor with the day's minutes, so that all of them come up within four years.
MOMENTS = [
    datetime.combine(day, time(*divmod(number * 7 % 1440, 60), number % 60), VIET_NAM)
    for number, day in enumerate(DAYS)
]


def named(pattern: str) -> Callable[[datetime], str]:
    """A format with {weekday} for the name that NukeViet prints."""
    return lambda moment: moment.strftime(pattern).replace("{weekday}", WEEKDAYS[moment.weekday()])


def twelve_hours(moment: datetime, seconds: str = "") -> str:
    """NukeViet 5's own clock: "g:i A" with SA and CH."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02}{seconds} {'SA' if moment.hour < 12 else 'CH'}"


def in_words(moment: datetime) -> str:
    """NukeViet 5's long date, "l, d F Y"."""
    return f"{WEEKDAYS[moment.weekday()]}, {moment.day:02} Tháng {MONTHS[moment.month - 1]} {moment.year}"


TO_THE_MINUTE = {
    "article": named("{weekday} - %d/%m/%Y %H:%M"),
    "article 3.4": named("{weekday} - %d/%m/%Y  %H:%M"),
    "article 3.4 modern": named("Đăng lúc: {weekday} - %d/%m/%Y  %H:%M - Người đăng bài viết: Ban biên tập"),
    "article 5, as set by default": lambda moment: f"{in_words(moment)} {twelve_hours(moment, ':07')}",
    "list 5, as set by default": lambda moment: f"{moment:%d/%m/%Y} {twelve_hours(moment)}",
    "customised": named("{weekday}, %d/%m/%Y, %H:%M"),
    "list 4.3 to egov": named("%d/%m/%Y %I:%M:%S %p"),
    "list 4.5 to 5": named("%d/%m/%Y %H:%M:%S"),
    "list 3.4 modern": named("Đăng lúc: %d-%m-%Y %I:%M:%S %p"),
    "home blocks, comments": named("%d/%m/%Y %H:%M"),
    "topics, authors": named("%H:%M %d/%m/%Y"),
    "banners": named("%H:%M %d/%m/%y"),
    "clock 3.4": named("%H:%M +07 {weekday}, %d/%m/%Y"),
    "meta": named("%Y-%m-%d+07%H:%M:%S"),
    "meta, old tzdata": named("%Y-%m-%dICT%H:%M:%S"),
    "sitemap": lambda moment: moment.isoformat(),
    "RSS": lambda moment: moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
}
TO_THE_DAY = {
    "related": named("(%d/%m/%Y)"),
    "in words": named("{weekday}, ngày %d tháng %m năm %Y"),
}


def misread(form: Callable[[datetime], str], length: int) -> list[tuple[str, str | None]]:
    """The texts of a format that do not come back as what was printed, over all days."""
    wrong = []
    for moment in MOMENTS:
        text = form(moment)
        found = normalise_date(text, captured_at=NOON)
        iso = moment.isoformat(timespec="minutes")
        if found is None or found.weekday_conflict or found.iso != (iso if length > 10 else iso[:10]):
            wrong.append((text, found.iso if found else None))
    return wrong


@pytest.mark.parametrize("form", TO_THE_MINUTE.values(), ids=TO_THE_MINUTE)
def test_every_day_comes_back_to_the_minute(form: Callable[[datetime], str]) -> None:
    assert misread(form, 22) == []


@pytest.mark.parametrize("form", TO_THE_DAY.values(), ids=TO_THE_DAY)
def test_every_day_comes_back(form: Callable[[datetime], str]) -> None:
    assert misread(form, 10) == []


def test_the_month_among_the_minutes_never_dates_an_article() -> None:
    for moment in MOMENTS:
        faulty = moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%m:%S GMT")
        found = rss_date(faulty, captured_at=NOON)
        assert found is not None
        assert found.iso == moment.date().isoformat()


@given(day=st.dates(date(1990, 1, 1), date(2100, 12, 31)), weekday=st.sampled_from(range(7)))
def test_a_wrong_weekday_is_noticed_and_changes_nothing(day: date, weekday: int) -> None:
    found = normalise_date(f"{WEEKDAYS[weekday]} - {day:%d/%m/%Y} 09:00", captured_at=NOON)
    assert found is not None
    assert found.iso == f"{day}T09:00+07:00"
    assert found.weekday_conflict == (day.weekday() != weekday)


# fmt: off
WORDS = (
    *WEEKDAYS, "CN", "T2", "Monday", "ngày", "tháng", "năm", "lúc", "giờ", "phút", "h", "g", "một", "mười", "tháng tư",
    "Tháng Mười Hai", "Nov", "November", "March", "of", "th", "SA", "CH", "AM", "PM", "sáng", "trưa", "chiều", "Đăng",
    "Ngày đăng", "Cập nhật", "bởi", "Admin", "Người đăng", "lượt xem", "Số", "KH-UBND", "Trang", "-", "/", ".", ":",
    ",", "|", "(", ")", " ", "\u00a0", "\u200b", "\n", "00", "09", "9:05", "09:00", "25:61", "8h30", "٩", "ß", "İ",
)
OF_THE_CLOCK = (
    "trước", "hôm qua", "Hôm nay", "Vừa xong", "cách đây", "3 ngày", "2 tuần", "một", "ago", "GMT", "+07", "-0500",
    "Z", "ICT", "T", "UTC+9", "999 tháng trước", "99999999999", "-99:99",
)
# fmt: on
DATES = st.builds(
    lambda day, month, year, form: form.format(day, month, year),
    st.integers(1, 31) | st.integers(0, 33),
    st.integers(1, 12) | st.integers(0, 13),
    st.integers(1990, 2100) | st.integers(0, 2200),
    st.sampled_from(
        ("{}/{}/{}", "{}-{}-{}", "{:02}.{:02}.{}", "{2}-{1:02}-{0:02}", "{} tháng {} năm {}", "{1}/{2}")
    ),
)
SPACES = st.sampled_from(("", " ", " "))


def lines(pieces: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Date lines that may or may not make sense."""
    return st.lists(st.tuples(pieces, SPACES), max_size=8).map(lambda parts: "".join(map("".join, parts)))


TIMES = st.builds(
    lambda hour, minute, form: form.format(hour, minute),
    st.integers(0, 26),
    st.integers(0, 63),
    st.sampled_from(("{}:{:02}", "{:02}h{:02}", "{} giờ {} phút", "{} giờ", "{}:{}:00", "lúc {}g{:02}")),
)
HALVES = st.sampled_from(("SA", "CH", "AM", "p.m.", "sáng", "trưa", "chiều", "tối", "đêm"))
SENSIBLE = st.tuples(
    DATES,
    *(st.just("") | piece for piece in (TIMES, HALVES, st.sampled_from(WEEKDAYS), st.sampled_from(WORDS))),
).flatmap(lambda parts: st.builds(str.join, st.sampled_from((" ", " - ", ", ")), st.permutations(parts)))
"""Texts that are date lines more often than not, in any order of their parts."""


@given(
    text=st.text(max_size=150) | lines(st.sampled_from(WORDS + OF_THE_CLOCK) | DATES | st.text(max_size=3))
)
@settings(max_examples=500)
def test_no_text_raises_and_every_date_is_well_formed(text: str) -> None:
    for found in (normalise_date(text, captured_at=NOON), rss_date(text, captured_at=NOON)):
        if found is not None:
            assert re.fullmatch(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d\+07:00)?)?", found.iso)
            assert (
                datetime.fromisoformat(found.iso if len(found.iso) > 7 else f"{found.iso}-01").year in YEARS
            )
            assert all(part in one_line(text).lower() for part in (found.label or "").lower().split(", "))


@given(text=SENSIBLE | lines(st.sampled_from(WORDS) | DATES | st.integers(0, 2100).map(str)))
@settings(max_examples=1000)
def test_no_day_and_no_time_is_made_up(text: str) -> None:
    found = normalise_date(text, captured_at=NOON)
    if found is None:
        return
    line = one_line(text).lower()
    numbers = {int(number) for number in re.findall("[0-9]+", line)}
    year, _, *day = map(int, found.iso[:10].split("-"))
    assert year in numbers or year % 100 in numbers
    assert set(day) <= numbers
    assert _month_is_printed(found.iso, line, numbers)
    if "T" in found.iso:
        assert re.search("[0-9]( ?(:|h|g))", line)
        hour, minute = int(found.iso[11:13]), int(found.iso[14:16])
        assert {hour, (hour + 12) % 24, 12 if hour == 0 else hour} & numbers
        assert minute in numbers or minute == 0


def _month_is_printed(iso: str, line: str, numbers: set[int]) -> bool:
    words = {3: "mar", 4: "tháng tư", 5: "năm", 10: "mười", 11: "nov", 12: "tháng mười hai", 1: "một"}
    month = int(iso[5:7])
    return month in numbers or words.get(month, "\n") in line
