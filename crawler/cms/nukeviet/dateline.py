"""Finds the printed line that says when an article was published."""

import re
from collections.abc import Iterator
from itertools import chain

from lxml import etree

from crawler.cms.nukeviet.locate import Parts, is_hidden, is_of_template
from crawler.cms.nukeviet.marks import brief, marks

# themes/*/modules/news/detail.tpl of the named versions; the rest are customised themes.
DATE = marks(
    "span.h5 em.time span.time span.small span.smll time.time .post-date .post_meta_date .publish-date "
    ".news-date .date-publish .date .time"
)  # 4.x and egov; mobile_default; 3.4 default; 3.4 modern; 3.4 mobile
CLOCK_ICON = marks(".fa-clock-o .fa-clock .fa-calendar .la-calendar .icon-clock")  # egov: .fa-clock-o

# nv_date('l - d/m/Y H:i') in modules/news/funcs/detail.php, every version.
_STOCK = re.compile(r"(?:Thứ \w+|Chủ nhật|\w+day) - \d\d/\d\d/\d{4} \d\d:\d\d\Z")
_LABEL = (
    r"(?:Ngày (?:đăng(?: tin| bài)?|xuất bản|cập nhật|tạo)|Đăng (?:lúc|ngày)|Xuất bản|"
    r"Cập nhật(?: lúc| ngày)?|Thời gian đăng|Posted(?: at| on)?|Published|(?:Last )?Updated(?: at)?)"
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
_OF_SOMETHING_ELSE = re.compile(r"ban hành|hiệu lực|hết hạn|hạn (?:nộp|cuối)|sinh|ký", re.IGNORECASE)
_MAX_OTHER_LETTERS = 15  # beside an unlabelled date; with more it is a sentence that names a day


def visible_date(parts: Parts) -> tuple[str | None, str]:
    """The printed date with its label, weekday and time, and where it was found; None when there is none.

    A line that says when the article was changed is taken only where no other is printed.
    """
    second: tuple[str | None, str] = None, ""
    for element, line, place in chain(_marked(parts), _date_in_text(parts)):
        if _STOCK.match(line):
            return line, place  # no list of other articles says so much
        if parts.others.hold(element):
            continue
        found = _in_context(element, line)
        if found and not _UPDATED.match(found[0]):
            return found[0].strip(), place
        if second[0] is None and (found or any(map(str.isdigit, line))):
            second = (found[0].strip() if found else line), place
    return second


def _in_context(element: etree._Element, line: str) -> re.Match[str] | None:
    """A line's date, with the label or time that stands beside its element."""
    found = _LINE.search(line)
    around = brief(element.getparent()) if found and not found["label"] else None
    if found is None or around is None:
        return found
    day = found[0].strip()
    for wider in _LINE.finditer(around):
        before, _, behind = wider[0].partition(day)
        is_glued = before[-1:].isdigit() or behind[:1].isdigit()  # parted by style alone
        if (
            len(before + behind) < len(wider[0])
            and not is_glued
            and (wider["label"] or len(wider[0]) > len(day))
        ):
            return wider
    return found


def _marked(parts: Parts) -> Iterator[tuple[etree._Element, str, str]]:
    for element, mark in parts.index.each(CLOCK_ICON):
        holder = element.getparent()
        if holder is not None and (line := brief(holder)) and _DAY_ALONE.search(line):
            yield holder, line, f"{holder.tag}:has({mark})"
    for element, mark in parts.index.each(DATE):
        if not is_hidden(element, parts.frame) and (line := brief(element)):
            yield element, line, str(mark)


def _date_in_text(parts: Parts) -> Iterator[tuple[etree._Element, str, str]]:
    """For themes of their own: lines around the body that are a date and little else, labelled ones first."""
    unlabelled = []
    for _, element, _ in parts.index.texts(_DAY_ALONE.search):
        line = brief(element) if element.tag != "a" else None
        found = _in_context(element, line) if line else None
        if line and found and is_of_template(element, parts):
            if found["label"]:
                yield element, line, f"text of {element.tag}"
            elif _is_alone(element, line):
                unlabelled.append((element, line, f"text of {element.tag}"))
    yield from unlabelled


def _is_alone(element: etree._Element, line: str) -> bool:
    """Whether a line holds little beside its date, and no word before it makes it the date of something else."""
    found = _LINE.search(line)
    before, behind = (line[: found.start()], line[found.end() :]) if found else (line, "")
    around = (brief(element.getparent()) or "").partition(line)[0]
    is_of_another_thing = _OF_SOMETHING_ELSE.search(around[-_MAX_OTHER_LETTERS:] + before)
    return sum(map(str.isalpha, before + behind)) <= _MAX_OTHER_LETTERS and not is_of_another_thing
