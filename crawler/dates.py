"""Vietnamese date texts as ISO 8601, in the local time of Viet Nam (+07:00), as precise as they were printed.

A text is taken apart into the pieces that date lines are made of (weekday, day, time, label, poster …), in
whatever order; it is a date when all are understood and name one day. Strange words go to dateparser.
"""

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from crawler.text import one_line

VIET_NAM = timezone(timedelta(hours=7))
YEARS = range(1990, 2101)
MAX_LENGTH = 120  # characters; a longer text is running text, which is not searched for dates

_WEEKDAY_NAMES = (
    ("thứ hai", "thứ 2", "t2", "monday", "mon"),
    ("thứ ba", "thứ 3", "t3", "tuesday", "tue"),
    ("thứ tư", "thứ 4", "t4", "wednesday", "wed"),
    ("thứ năm", "thứ 5", "t5", "thursday", "thu"),
    ("thứ sáu", "thứ 6", "t6", "friday", "fri"),
    ("thứ bảy", "thứ bẩy", "thứ 7", "t7", "saturday", "sat"),
    ("chủ nhật", "chúa nhật", "cn", "sunday", "sun"),
)
_WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAY_NAMES) for name in names}

# "Tháng Giêng" is what .NET's Vietnamese culture, under many a portal, calls January.
_MONTH_WORDS = {"giêng": 1, "bốn": 4, "bẩy": 7, "mười một": 11, "mười hai": 12} | {
    word: number
    for number, word in enumerate(("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"), 1)
}
_RFC_822_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = _MONTH_WORDS | {name: number for number, name in enumerate(_RFC_822_MONTHS, 1)}

_DAYS_AGO = {"hôm nay": 0, "today": 0, "hôm qua": 1, "yesterday": 1, "hôm kia": 2}
_NOW = frozenset(("vừa xong", "vừa mới", "vài giây trước", "just now"))
_SECONDS = {
    "giây|second": 1,
    "phút|minute": 60,
    "giờ|tiếng|hour": 3600,
    "ngày|day": 86400,
    "tuần|week": 604800,
}

_HALVES = (
    dict.fromkeys(("am", "sa", "sáng"), range(12))
    | dict.fromkeys(("pm", "ch", "chiều"), range(12, 24))
    | {"trưa": range(10, 15), "tối": range(16, 24), "đêm": range(16, 24)}
)  # the hours that each half of the day can have, on a clock of 24


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_FILLERS = "ngày|lúc|vào|hồi|giờ|at|on|the"
_LABELS = (
    "cập nhật|đăng tải|đăng|xuất bản|phát hành|ban hành|công bố|đưa tin|đưa lên|đưa|gửi|tải lên|khởi tạo|tạo|viết"
    "|bài viết|bài|tin|thời gian|thời điểm|được|lần|cuối|gần nhất|mới nhất|chỉnh sửa|sửa đổi|sửa|có|hiệu lực|ký"
    "|duyệt|đã|trên|posted|post|published|publish|publication|created|updated|update|modified|edited|last|date|time"
)
_NAME = rf"(?:(?!(?:{_FILLERS}|{_LABELS}|thứ|chủ nhật|lượt)\b)[^\W\d_][\w.]* ?){{1,6}}"
_COUNTED = "(?:(?:số )?lượt(?: xem| đọc| truy cập)?|đã xem|xem|bình luận|phản hồi|views?|comments?)"
_SPAN = rf"(?:[0-9]{{1,3}}|một|an?) ?(?:{_any((*_SECONDS, 'tháng', 'month'))})s?"
_MONTH = rf"(?:(?:tháng|thg\.?|th) ?(?:{_any(_MONTH_WORDS)}|[0-9]{{1,2}})|{_any(_RFC_822_MONTHS)})\b"

_DIRECT = re.compile(
    r"(?a)(?:(Đăng lúc): )?(?:(Chủ nhật|Thứ (?:hai|ba|tư|năm|sáu|bảy)) - )?(\d\d)([/-])(\d\d)\4(\d{4})"
    r"(?: (\d\d:\d\d(?::\d\d)?)(?: (AM|PM))?)?(?: - Người đăng bài viết: .*)?"
)
_PIECES = {
    "weekday": rf"(?:{_any(_WEEKDAYS)})\b",
    "numeric": r"[0-9]{1,2} ?(?P<sep>[/.-]) ?[0-9]{1,2} ?(?P=sep) ?(?:[0-9]{4}|[0-9]{2})"
    r"(?![0-9]|(?P=sep)[0-9]+(?![0-9:h]))"
    r"|[0-9]{4}(?P<dash>[/.-])[0-9]{1,2}(?P=dash)[0-9]{1,2}(?![0-9])|[0-9]{1,2}[/-][0-9]{4}(?![0-9/-])",
    "relative": rf"(?:cách đây )?{_SPAN} (?:trước|ago)\b|cách đây {_SPAN}\b|(?:{_any((*_DAYS_AGO, *_NOW))})\b",
    "words": rf"(?:(?:(?:mùng|mồng) )?[0-9]{{1,2}}(?:,? |-|/))?{_MONTH}(?:[ ,]+[0-9]{{1,2}}(?=[ ,]))?"
    r"[ ,./-]*(?:năm )?[0-9]{4}(?![0-9])",
    "time": r"[0-9]+:[0-9]+(?::[0-9]+(?:\.[0-9]+)?)?['’]?"
    r"|[0-9]{1,2} ?(?:giờ|h|g)(?: ?[0-9]{1,2}(?![0-9]|[/.-][0-9]| ?(?:tháng|thg))|\b) ?(?:(?:phút|p)\b|['’])?",
    "half": rf"(?:{_any(_HALVES)}|a\.m|p\.m)\b",
    # NukeViet 4.3 to 5 prints the zone between day and time in article:published_time: 2020-11-09+0709:00:00.
    "zone": r"[+-][0-9]{2}(?=[0-9]{2}:[0-9]{2}:[0-9]{2})|\+[0-9]{2}(?::?[0-9]{2})?(?![0-9:])"
    r"|(?:(?<=:[0-9]{2}:[0-9]{2})|(?<=\.[0-9]{3})) ?-[0-9]{2}:?[0-9]{2}(?![0-9:])"
    r"|(?:gmt|utc)(?: ?[+-] ?[0-9]{1,2}(?::?[0-9]{2})?(?![0-9/.-]))?(?!\w)|ict(?![^\W\d])|(?<=[0-9])z\b",
    "aside": rf"(?:người (?:đăng|viết|gửi)(?: (?:bài viết|bài|tin))?|tác giả|nguồn(?: tin)?|bởi|by)\b ?:? ?{_NAME}"
    rf"|{_COUNTED} ?:? ?[0-9][0-9.,]*(?![0-9/])|[0-9][0-9.,]* {_COUNTED}\b",
    "label": rf"(?:(?:{_FILLERS}) )*(?:{_LABELS})\b(?: (?:{_FILLERS}|{_LABELS})\b)*"
    rf"(?: (?:bởi|by) {_NAME}(?:(?:{_FILLERS})\b)?)?|ngày(?: [^\W\d_]+){{1,3}}(?= ?: )",
    "gap": rf"[\s,;|()\[\]·•–—:.'’\"-]+|(?<=\s)/(?=\s)|(?:{_FILLERS})\b|(?<=[0-9])t(?=[0-9])",
    "strange": r"\w+|.",
}
_PIECE = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PIECES.items()))
_NUMBER = re.compile("[0-9]+")
_MONTH_IN_WORDS = re.compile(rf"(?:tháng|thg\.?|th) ?(?P<number>[0-9]{{1,2}})|(?P<name>{_any(_MONTHS)})\b")
_UPDATE = re.compile("(?i)cập nhật|sửa|updat|modif|edit")


@dataclass(frozen=True, kw_only=True, slots=True)
class NormalisedDate:
    """What a date text says."""

    iso: str  # 2020-11-09T09:00+07:00, 2020-11-09 or 2020-11: as precise as printed
    weekday_conflict: bool = False  # the printed weekday is not that date's
    label: str | None = None  # as printed: "Cập nhật lúc", "Ngày đăng"; several with a comma; None for none

    @property
    def is_update(self) -> bool:
        """Whether the label speaks of a change: an edit time, never a publication date."""
        return self.label is not None and _UPDATE.search(self.label) is not None


def normalise_date(text: str, *, captured_at: datetime) -> NormalisedDate | None:
    """What a date text says, in local time +07:00; None when it names no day or month, or more than one.

    Days come before months, two-digit years from 90 on are of the last century, years outside 1990 to 2100
    are no dates. An impossible time is left out, a printed zone other than +07:00 is converted. Relative texts
    count from `captured_at`. Never raises for a text; ValueError when `captured_at` is not aware.

    >>> noon = datetime(2020, 11, 10, 12, tzinfo=VIET_NAM)
    >>> normalise_date("Thứ hai - 09/11/2020 09:00", captured_at=noon)
    NormalisedDate(iso='2020-11-09T09:00+07:00', weekday_conflict=False, label=None)
    >>> normalise_date("Cập nhật lúc: 2h05 chiều hôm qua", captured_at=noon)
    NormalisedDate(iso='2020-11-09T14:05+07:00', weekday_conflict=False, label='Cập nhật lúc')
    >>> normalise_date("Số 11/KH-UBND", captured_at=noon)
    """
    if captured_at.utcoffset() is None:
        raise ValueError("captured_at must say its time zone")
    # Decomposed letters and the white space of templates may shrink tenfold; more is not worth the look.
    line = one_line(text) if len(text) <= 10 * MAX_LENGTH else text
    if len(line) > MAX_LENGTH:
        return None
    if direct := _DIRECT.fullmatch(line):
        return _as_nukeviet_prints(direct)
    found = _pieces(line)
    day = _the_day(found, captured_at.astimezone(VIET_NAM))
    iso = _with_time(day, found) if day else None
    if day is None or iso is None or int(iso[:4]) not in YEARS:
        return None
    weekdays = {_WEEKDAYS[name] for name in found.get("weekday", ())} if len(day) > 7 else set()
    conflict = bool(weekdays) and weekdays != {date.fromisoformat(day[:10]).weekday()}
    return NormalisedDate(iso=iso, weekday_conflict=conflict, label=", ".join(found.get("label", ())) or None)


def rss_date(text: str, *, captured_at: datetime) -> NormalisedDate | None:
    """What can be trusted of a NukeViet pubDate; None and ValueError as in `normalise_date`.

    NukeViet 3.4 to 4.5 and 5 format it as H:m:s, with the month where the minutes belong (4.6 is right). Where
    the minute equals the month of the printed GMT date it says nothing; hour and day are right in any case.
    What remains is the day in local time.

    >>> noon = datetime(2020, 11, 10, 12, tzinfo=VIET_NAM)
    >>> rss_date("Mon, 09 Nov 2020 18:11:00 GMT", captured_at=noon).iso
    '2020-11-10'
    """
    found = normalise_date(text, captured_at=captured_at)
    if found is None or len(found.iso) <= 10:
        return found
    printed = datetime.fromisoformat(found.iso).astimezone(UTC)
    if printed.minute != printed.month:
        return found
    return NormalisedDate(iso=found.iso[:10], weekday_conflict=found.weekday_conflict, label=found.label)


def _as_nukeviet_prints(match: re.Match[str]) -> NormalisedDate | None:
    """The short way for the lines of NukeViet 3.4 to 5: all but this is taken apart."""
    label, weekday, day, _, month, year, clock, half = match.groups()
    iso = _numeric([day, month, year])
    if iso is None:
        return None
    conflict = weekday is not None and _WEEKDAYS[weekday.lower()] != date.fromisoformat(iso).weekday()
    time = _clock(clock, (half.lower(),) if half else ()) if clock else None
    return NormalisedDate(iso=f"{iso}T{time}+07:00" if time else iso, weekday_conflict=conflict, label=label)


def _pieces(line: str) -> dict[str, list[str]]:
    """The pieces of a line by their kind, in lower case; labels as printed."""
    lower = line.lower()
    # A few letters of other languages change their length with their case.
    printed = line if len(lower) == len(line) else lower
    found: dict[str, list[str]] = {}
    for match in _PIECE.finditer(lower):
        kind = match.lastgroup or ""
        piece = match[0] if kind != "label" else printed[match.start() : match.end()].strip()
        found.setdefault(kind, []).append(piece)
    return found


def _the_day(found: dict[str, list[str]], now: datetime) -> str | None:
    """The one day or month that the pieces name (with a time, when it counts from now), else None."""
    days = {_numeric(_NUMBER.findall(piece)) for piece in found.get("numeric", ())}
    days.update(_in_words(piece) for piece in found.get("words", ()))
    days.update(_relative(piece, now) for piece in found.get("relative", ()))
    if "strange" in found:
        return None if days else _unusual(found["strange"], now)
    return days.pop() if len(days) == 1 else None


def _numeric(numbers: list[str]) -> str | None:
    """A day from day, month, year or year, month, day; a month from month, year; None when there is none such."""
    if len(numbers) == 2:
        numbers = ["1", *numbers]
        return day[:7] if (day := _numeric(numbers)) else None
    if len(numbers[0]) == 4:
        numbers = numbers[::-1]
    year = int(numbers[2])
    if len(numbers[2]) == 2:
        year += 1900 if year >= 90 else 2000
    try:
        return date(year, int(numbers[1]), int(numbers[0])).isoformat() if year in YEARS else None
    except ValueError:
        return None


def _in_words(piece: str) -> str | None:
    """The same, with the month in a Vietnamese or English way."""
    match = _MONTH_IN_WORDS.search(piece)
    if match is None:
        return None
    *days, year = _NUMBER.findall(piece[: match.start()]) + _NUMBER.findall(piece[match.end() :])
    month = match["number"] or str(_MONTHS[match["name"]])
    return _numeric([*days, month, year]) if len(days) <= 1 else None


def _relative(piece: str, now: datetime) -> str | None:
    """Minutes and hours ago give a minute, days and weeks a day, months a month."""
    if piece in _DAYS_AGO:
        return (now - timedelta(days=_DAYS_AGO[piece])).date().isoformat()
    number = _NUMBER.search(piece)
    count = 0 if piece in _NOW else int(number[0]) if number else 1
    if "tháng" in piece or "month" in piece:
        year, month = divmod(now.year * 12 + now.month - 1 - count, 12)
        return f"{year:04}-{month + 1:02}"
    unit = next((seconds for names, seconds in _SECONDS.items() if re.search(names, piece)), 0)
    return (now - timedelta(seconds=count * unit)).isoformat()[: 10 if unit >= 86400 else 16]


def _unusual(words: list[str], now: datetime) -> str | None:
    """The day that dateparser finds in words that are strange to us, else None.

    Only asked when a day's and a year's number are all the numbers left, and only believed when it gives those
    two back; times, weekdays and labels were taken out before, so it cannot make them up.
    """
    numbers = {int(number) for word in words for number in _NUMBER.findall(word)}
    if len(numbers) != 2 or max(numbers) not in YEARS or not "".join(words).isalnum():
        return None
    import dateparser  # noqa: PLC0415 - slow to import, and hardly ever needed

    settings = {"DATE_ORDER": "DMY", "STRICT_PARSING": True, "RELATIVE_BASE": now.replace(tzinfo=None)}
    settings |= {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = dateparser.parse(" ".join(words), languages=["vi", "en"], settings=settings)
    return found.date().isoformat() if found and {found.day, found.year} == numbers else None


def _with_time(day: str, found: dict[str, list[str]]) -> str:
    """A day, month or local minute as ISO 8601, with the printed time where there is exactly one."""
    if len(day) == 16:
        return f"{day}+07:00"
    clocks = {_clock(piece, found.get("half", ())) for piece in found.get("time", ())}
    clock = clocks.pop() if len(clocks) == 1 else None
    if len(day) == 7 or clock is None:
        return day
    zones = {_zone(piece) for piece in found["zone"]} if "zone" in found else {VIET_NAM}
    zone = zones.pop() if len(zones) == 1 else None
    if zone is None or zone == VIET_NAM:
        return f"{day}T{clock}+07:00" if zone else day
    printed = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone)
    return printed.astimezone(VIET_NAM).isoformat(timespec="minutes")


def _clock(piece: str, halves: Iterable[str]) -> str | None:
    """The local time HH:MM on a clock of 24 hours; None when there is no such time."""
    numbers = _NUMBER.findall(piece)
    hour, minute, second = (*map(int, numbers[:3]), 0, 0)[:3]
    if minute > 59 or second > 59 or (":" in piece and len(numbers[1]) != 2):
        return None
    possible = {hour % 12, hour % 12 + 12} if halves and 0 < hour <= 12 else {hour}.intersection(range(24))
    for half in halves:
        possible = possible.intersection(_HALVES[half.replace(".", "")])
    return f"{possible.pop():02}:{minute:02}" if len(possible) == 1 else None


def _zone(piece: str) -> timezone | None:
    """A printed zone; None when there is no such zone."""
    match = re.search(r"([+-]) ?([0-9]{1,2}):?([0-9]{2})?", piece)
    if match is None:
        return VIET_NAM if piece == "ict" else UTC
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-offset if match[1] == "-" else offset) if offset <= timedelta(hours=14) else None
