"""The pages of the ready-made questions: words for their parameters, portals to choose from, and the picture of one."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pluggy
from datasette.database import QueryInterrupted

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

DATABASE = "archive"

PARAMETERS = {
    "portal": ("Cổng", "portal"),
    "words": ("Từ cần tìm", "words"),
    "from_day": ("Từ ngày", "from_day"),
    "to_day": ("Đến ngày", "to_day"),
    "year": ("Năm", "year"),
    "section": ("Chuyên mục", "section"),
    "flag": ("Điểm đáng ngờ", "flag"),
    "state": ("Tình trạng", "state"),
    "days": ("Số ngày", "days"),
}
"""What the parameters of metadata.yml's queries are called."""

STATES = {
    "not_seen": "không có trong danh sách nào",
    "not_asked": "chưa truy cập",
    "unread": "không đọc được",
    "not_public": "không công khai lúc truy cập",
    "members_only": "chỉ dành cho thành viên",
    "redirected": "chuyển hướng",
    "withheld": "không được hiển thị",
}
"""What may have become of a number that is no article here."""

_PORTALS = (
    "SELECT key, name, coalesce(former_province, '') AS former_province FROM portals ORDER BY 3, name, key"
)
_PORTAL = "SELECT * FROM portals WHERE key = :key"
_MONTHS = "SELECT * FROM ledger_months WHERE portal = :key"
_OF_PORTAL = {
    "kept": """
        SELECT count(*) AS articles, substr(min(date_published), 1, 4) AS oldest,
            substr(max(date_published), 1, 4) AS newest FROM articles WHERE portal = :key""",
    "gone": "SELECT count(*) AS articles FROM articles WHERE portal = :key AND gone_at IS NOT NULL",
    "crawls": "SELECT * FROM crawls WHERE portal = :key ORDER BY id DESC LIMIT 10",
}


@hookimpl
def extra_template_vars(
    template: str, request: Any, datasette: Any
) -> Callable[[], Awaitable[dict[str, Any]]] | None:
    """Give a question's page its choices, and a portal's page what is kept of it."""
    if template == "row-archive-portals.html":
        return lambda: _of_portal(datasette, request.url_vars["pks"])
    if not template.startswith("query-archive"):
        return None

    async def choices() -> dict[str, Any]:
        portals = (await datasette.get_database(DATABASE).execute(_PORTALS)).rows
        return {"portal_choices": portals, "parameter_words": PARAMETERS, "state_words": STATES}

    return choices


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give the templates their filters."""
    env.filters["completeness"] = completeness
    env.filters["misread"] = misread


def misread(
    values: Mapping[str, str], choices: Mapping[str, Collection[str]] | None = None
) -> list[tuple[str, str]]:
    """What was asked that cannot be meant, in Vietnamese and English; it would find nothing, silently.

    `choices` has what may stand in those parameters that are chosen from a list.

    >>> misread({"from_day": "2020-11", "to_day": "", "year": "2020", "days": "30", "flag": "x"}, {"flag": ["x"]})
    []
    >>> misread({"from_day": "hôm qua"})[0][1]
    '“hôm qua” is no day: write 2020-11-09, 2020-11 or 2020.'
    """
    typed = {name: value.strip() for name, value in values.items()}
    days = [typed.get(name, "") for name in ("from_day", "to_day")]
    found = [
        (
            f"“{day}” không phải là ngày: hãy viết 2020-11-09, 2020-11 hoặc 2020.",
            f"“{day}” is no day: write 2020-11-09, 2020-11 or 2020.",
        )
        for day in days
        if day and not _is_day(day)
    ]
    if not found and all(days) and days[0] > days[1] + "~":
        found.append(("“Từ ngày” muộn hơn “Đến ngày”.", "The first day is later than the last."))
    if (year := typed.get("year")) and not re.fullmatch(r"(19|20)\d\d", year, re.ASCII):
        found.append((f"“{year}” không phải là năm: hãy viết 2020.", f"“{year}” is no year: write 2020."))
    if (number := typed.get("days")) and not re.fullmatch(r"[1-9]\d{0,4}", number, re.ASCII):
        found.append(
            (
                f"“{number}” không phải là số ngày: hãy viết một số từ 1 đến 99999.",
                f"“{number}” is no number of days: write one from 1 to 99999.",
            )
        )
    found += [
        (
            f"“{values[name]}” không có trong danh sách lựa chọn.",
            f"“{values[name]}” is not one of the choices.",
        )
        for name, known in (choices or {}).items()
        if values.get(name) and values[name] not in known
    ]
    return found


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d\d){0,2}", text, re.ASCII):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True


async def _of_portal(datasette: Any, key: str) -> dict[str, Any]:
    archive = datasette.get_database(DATABASE)
    found = {name: (await archive.execute(sql, {"key": key})).rows for name, sql in _OF_PORTAL.items()}
    portal = (await archive.execute(_PORTAL, {"key": key})).first()
    try:
        months = (await archive.execute(_MONTHS, {"key": key})).rows
    except QueryInterrupted:
        months = None  # some 200,000 numbers on a busy machine
    return {**found, "portal": portal, "months": months}


ACCOUNTED = ("withheld", "redirected", "not_public", "members_only")
"""The states of numbers that are no article here, and nothing is missing."""

_MISSING = ("unread", "not_asked", "not_seen")
_HEIGHT = 100


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One month of the picture; heights in hundredths of it, from the ground up."""

    month: str
    archived: int
    accounted: int
    missing: int
    heights: tuple[float, float, float]
    is_cut: bool  # it is higher than the picture


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How many of a portal's numbers are accounted for, month by month without a gap."""

    bars: list[Bar]
    archived: int
    accounted: int
    missing: int
    undated: int  # numbers of no month, which have no bar

    @property
    def ids(self) -> int:
        """Every number up to the highest."""
        return self.archived + self.accounted + self.missing

    @property
    def percent(self) -> str:
        """The share of numbers that are archived or accounted for; 100 only when none is missing."""
        share = (self.archived + self.accounted) * 1000 // max(self.ids, 1)
        return f"{share // 10},{share % 10}"

    @property
    def years(self) -> list[tuple[int, str]]:
        """Where years begin in the picture, some eight at most: the place of the bar, and the year."""
        begins = [
            (place, bar.month[:4])
            for place, bar in enumerate(self.bars)
            if place == 0 or bar.month.endswith("-01")
        ]
        if len(begins) > 1 and begins[1][0] < len(self.bars) / 16:
            del begins[0]  # two numbers would lie on one another
        return begins[:: (len(begins) + 7) // 8]


def completeness(rows: Iterable[Mapping[str, Any]]) -> Completeness:
    """The picture of the rows of ledger_months, or of the question of that name."""
    months: dict[str, list[int]] = {}
    for row in rows:
        sums = months.setdefault(str(row["month"]), [0, 0, 0])
        for place, states in enumerate((("archived",), ACCOUNTED, _MISSING)):
            sums[place] += sum(row[state] for state in states)
    dated = {month: sums for month, sums in months.items() if month[:1].isdigit()}
    # A number far from all others makes a gap that would leave the other months without any height.
    top = (
        max(min(max(map(sum, dated.values())), 2 * max(a + b for a, b, _ in dated.values())), 1)
        if dated
        else 1
    )
    every = _months(min(dated), max(dated)) if dated else []
    totals = [sum(sums[place] for sums in months.values()) for place in range(3)]
    return Completeness(
        bars=[_bar(month, dated.get(month, [0, 0, 0]), top) for month in every],
        archived=totals[0],
        accounted=totals[1],
        missing=totals[2],
        undated=sum(sum(sums) for month, sums in months.items() if month not in dated),
    )


def _bar(month: str, sums: list[int], top: int) -> Bar:
    heights: list[float] = []
    for number in sums:
        heights.append(round(min(number * _HEIGHT / top, _HEIGHT - sum(heights)), 2))
    archived, accounted, missing = sums
    return Bar(
        month=month,
        archived=archived,
        accounted=accounted,
        missing=missing,
        heights=(heights[0], heights[1], heights[2]),
        is_cut=sum(sums) > top,
    )


def _months(first: str, last: str) -> list[str]:
    """Every month from the first to the last.

    >>> _months("2019-12", "2020-02")
    ['2019-12', '2020-01', '2020-02']
    """
    begin, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(begin, end + 1)]
