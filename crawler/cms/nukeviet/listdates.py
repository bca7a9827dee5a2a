"""The dates that a list prints beside its articles, and the order of their day and month.

NukeViet 3.4 to 4.6 print the day first, in every language. 5 prints a list's dates as its region settings say:
the day first in Vietnamese, and by default the month first in every other language (`$nv_default_regions` in
includes/ini.php: m/d/Y and g:i A). An administrator may change that, so what the page itself shows comes first.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from lxml import etree

from crawler.cms.nukeviet.site import Site
from crawler.dates import VIET_NAM, normalise_date
from crawler.items import Witness
from crawler.text import inline_text, one_line

_CLOCK_CLASS = re.compile("fa-clock|fa-calendar")
# Lists print whole dates in every version, so that no clock is needed to read them.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:\s*(?:AM|PM|SA|CH)\b)?"  # 5 says SA and CH for AM and PM
_DATE = re.compile(
    rf"(?:{_TIME}(?:,|\s-)?\s+)?\d{{1,2}}[/-]\d{{1,2}}[/-]\d{{2,4}}(?:(?:,|\s-)?\s+{_TIME})?",
    re.IGNORECASE,
)
_ONLY_DATE = re.compile(rf"\(?\s*(?:{_DATE.pattern})\s*\)?", re.IGNORECASE)
_LABELLED_DATE = re.compile(r"(?:Đăng lúc|Ngày đăng|Posted at)\s*:\s*(?:[^\d|]{0,20})", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_DAY_AND_MONTH = re.compile(r"(?<!\d)(\d{1,2})([/-])(\d{1,2})(?=\2\d)")
_WITH_SECONDS = re.compile(r"\d:\d\d:\d\d")  # 4.x and early 5, day first; the regions of 5 have none


def date_text(entry: etree._Element) -> str | None:
    """The date that an entry prints in a place of its own: its lead may speak of other days."""
    return next(_date_texts(entry), None)


def witness(text: str | None, *, month_first: bool) -> Witness | None:
    """What a date as printed says of its article's publication."""
    return (
        None if text is None else Witness(source="list", text=text, iso=_iso(text, month_first=month_first))
    )


def is_month_first(
    texts: Sequence[str], site: Site, *, is_by_date: bool, captured_at: datetime | None
) -> bool:
    """Whether the dates of a page name the month before the day.

    A number above twelve tells, else a day that was still to come when the page was fetched, else the order of a
    list that goes back in time (`is_by_date`). Where all of these leave both open, NukeViet's default holds.
    """
    if site.language in (None, "vi") or not texts:
        return False
    today = captured_at.astimezone(VIET_NAM).date().isoformat() if captured_at else "9"
    readings = [
        [_iso(text, month_first=month_first) or "" for text in texts] for month_first in (False, True)
    ]
    for flaws in (
        ["" in dates for dates in readings],
        [max(dates)[:10] > today for dates in readings],
        [is_by_date and any(map(_is_earlier, dates, dates[1:])) for dates in readings],
    ):
        if flaws[0] != flaws[1]:
            return flaws[0]
    return (site.version or "").startswith("5") and not any(map(_WITH_SECONDS.search, texts))


def _is_earlier(one: str, other: str) -> bool:
    """Whether a date lies before another as precisely as both are known."""
    known = min(len(one), len(other))
    return one[:known] < other[:known]


def _iso(text: str, *, month_first: bool) -> str | None:
    """A printed date in ISO 8601; what it prints is read as day, month and year unless `month_first`."""
    if month_first:
        text = _DAY_AND_MONTH.sub(r"\3\2\1", text)
    date = normalise_date(text, captured_at=_ANY_TIME)
    return date.iso if date else None


def _date_texts(entry: etree._Element) -> Iterator[str]:
    for element in entry.iter("em", "i", "span", "p", "div", "li", "small", "time"):
        holder = element.getparent()
        classes = element.get("class")
        if holder is not None and classes and _CLOCK_CLASS.search(classes):
            yield from (found[0] for found in _DATE.finditer(inline_text(holder) or ""))
        text = element.text
        if not text or not _DIGIT.search(text):
            continue
        own = one_line(text)
        if _ONLY_DATE.fullmatch(own):
            yield from (found[0] for found in _DATE.finditer(own))
        if (label := _LABELLED_DATE.search(own)) and (date := _DATE.match(own, label.end())):
            yield date[0]
