"""Finds the printed line that says when an article was published."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from crawler.cms.nukeviet.locate import Parts, is_hidden, is_of_template, near
from crawler.cms.nukeviet.marks import brief, marks
from crawler.cms.nukeviet.urls import classify
from crawler.cms.web import absolute

# themes/*/modules/news/detail.tpl of the named versions; the rest are customised themes.
DATE = marks(
    "span.h5 em.time span.time span.small span.smll time.time .post-date .post_meta_date .publish-date "
    ".news-date .date-publish .date .time"
)  # 4.x and egov; mobile_default; 3.4 default; 3.4 modern; 3.4 mobile
CLOCK_ICON = marks(".fa-clock-o .fa-clock .fa-calendar .la-calendar .icon-clock")  # egov: .fa-clock-o

# nv_date('l - d/m/Y H:i') in modules/news/funcs/detail.php, every version.
_STOCK = re.compile(r"(?:Thứ \w+|Chủ nhật|\w+day) - \d\d/\d\d/\d{4} \d\d:\d\d\Z")
_LABEL = (
    r"(?:Ngày (?:đăng|xuất bản|cập nhật)|Đăng (?:lúc|ngày)|Xuất bản|Cập nhật(?: lúc| ngày)?|Thời gian đăng|"
    r"Posted(?: at| on)?|Published|(?:Last )?Updated(?: at)?)"
)
_WEEKDAY = (
    r"(?:Thứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])|Chủ nhật|CN|T[2-7]|"
    r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?)"
)
_TIME = r"\d{1,2}\s?(?::|h|giờ)\s?\d{0,2}(?::\d\d)?(?:\s?phút)?(?:\s?(?:AM|PM|SA|CH)\b)?"
# NukeViet 5 spells the month by default (nv_default_regions, date_long "l, d F Y").
_ENGLISH_MONTH = r"(?:(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Septem|Octo|Novem|Decem)ber)"
_MONTH = (
    r"(?:tháng\s+(?:\d{1,2}|mười một|mười hai|một|giêng|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười)|"
    rf"{_ENGLISH_MONTH})"
)
_DAY = (
    r"(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{2,4}|\d{4}-\d{1,2}-\d{1,2}|"
    rf"{_ENGLISH_MONTH}\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{_MONTH}(?:,?\s+năm|,)?\s+\d{{4}}|ngày\s+\d{{1,2}}\s+tháng\s+\d{{1,2}}(?:\s+năm\s+\d{{4}})?)"
)
_GAP = r"[\s,|–-]*(?:lúc\s+|ngày\s+)?"
_LINE = re.compile(
    rf"(?P<label>{_LABEL}\s*:?\s*)?(?:{_WEEKDAY}{_GAP})?(?:{_TIME}{_GAP}(?:{_WEEKDAY}{_GAP})?)?"
    rf"{_DAY}(?:T{_TIME}|{_GAP}{_TIME})?",
    re.IGNORECASE,
)
_DAY_ALONE = re.compile(_DAY, re.IGNORECASE)
_UPDATED = re.compile(r"(?:Ngày )?cập nhật|(?:last )?updated", re.IGNORECASE)
_ITEM_TAGS, _ITEM_DEPTH = ("li", "tr"), 4
_MAX_OTHER_LETTERS = 15  # beside an unlabelled date; with more it is a sentence that names a day


def visible_date(parts: Parts) -> tuple[str | None, str]:
    """The printed date with its label, weekday and time, and where it was found; None when there is none.

    A line that says when the article was changed is taken only where no other is printed.
    """
    second: tuple[str | None, str] = None, ""
    for line, place in _lines(parts):
        if _STOCK.match(line):
            return line, place
        found = _LINE.search(line)
        if found and not _UPDATED.match(found[0]):
            return found[0].strip(), place
        if second[0] is None and (found or any(map(str.isdigit, line))):
            second = (found[0].strip() if found else line), place
    return second


def _lines(parts: Parts) -> Iterator[tuple[str, str]]:
    """Lines that may hold the date, the likeliest first, and where they stand."""
    for element, mark in parts.index.each(CLOCK_ICON):
        holder = element.getparent()
        if holder is not None and (line := brief(holder)) and _DAY_ALONE.search(line):
            yield line, f"{holder.tag}:has({mark})"
    for element, mark in parts.index.each(DATE):
        if (
            not is_hidden(element, parts.frame)
            and (line := brief(element))
            and not _is_in_list(element, parts)
        ):
            yield line, str(mark)
    yield from _date_in_text(parts)


def _date_in_text(parts: Parts) -> Iterator[tuple[str, str]]:
    """For themes of their own: lines around the body that are a date and little else."""
    for _, element, _ in parts.index.texts(_DAY_ALONE.search):
        if element.tag == "a":
            continue
        line = brief(element)
        found = _LINE.search(line) if line else None
        if line and found and is_of_template(element, parts):
            others = sum(map(str.isalpha, line[: found.start()] + line[found.end() :]))
            if found["label"] or (others <= _MAX_OTHER_LETTERS and not _is_in_list(element, parts)):
                yield line, f"text of {element.tag}"


def _is_in_list(element: etree._Element, parts: Parts) -> bool:
    """Whether a date stands in an item that links to an article: it is that article's."""
    item = next((node for node in islice(near(element), _ITEM_DEPTH) if node.tag in _ITEM_TAGS), None)
    if item is None:
        return False
    addresses = (
        absolute(parts.site.base_url, link.get("href")) for link in islice(item.iter("a"), _ITEM_DEPTH)
    )
    return any(url and classify(url, parts.site.shape).kind == "article" for url in addresses)
