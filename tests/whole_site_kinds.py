"""What whole portals are made of: their kinds, their articles, and what a version prints in its own way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import yaml

from tests.fixtures_build.build_fixtures import HERE, Spec

SITES: Spec = yaml.safe_load((HERE / "sites.yml").read_text(encoding="utf-8"))
WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
MONTHS = ("một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai")
NEWEST = datetime(2021, 3, 12, 16, 40)  # noqa: DTZ001 - as printed
UNNAMED = {"title": "Chỉ có trong sitemap", "alias": "chi-co-trong-sitemap"}
ADDRESSES = ("mod", "home", "news", "cat", "rss", "rss_cat", "tag", "article_prefix")
SHAPES = {
    "query": {name: SITES["query44"][name] for name in ADDRESSES},
    "kept": {name: SITES["common"][name].replace("/vi/", "/") for name in ADDRESSES},  # one language
}
TRAPS = re.compile(r"/?(?:print|savefile|sendmail|tag|rating|users|statistics|seek)\b|nvvithemever|second=")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One portal: its key in sites.yml, and the templates of its pages."""

    site: str
    theme: str  # default34, modern34, default4, egov, smarty5
    listing: str = "page"
    main: str | None = None
    shape: str | None = None  # the entry of sites.yml whose addresses it has, if not its own

    @property
    def name(self) -> str:
        """Apart from all others."""
        return "_".join(part for part in (self.site, self.listing, self.shape) if part)

    @property
    def is_old(self) -> bool:
        """Whether it is NukeViet 3.4."""
        return self.theme.endswith("34")


KINDS = (
    Kind(site="default34", theme="default34"),
    Kind(site="default34", theme="default34", listing="list"),
    Kind(site="modern34", theme="modern34", main="modern34_main.html"),
    Kind(site="default34", theme="default34", shape="query"),
    Kind(site="default43", theme="default4", main="default4_main.html"),
    Kind(site="default44", theme="default4", listing="list", main="default4_main.html"),
    *(
        Kind(site=site, theme="default4", main="default4_main.html")
        for site in ("dropped44", "indexphp44", "query44", "renamed44", "folder44", "folder_dropped44")
    ),
    Kind(site="egov", theme="egov", main="egov_main.html"),
    Kind(site="egov", theme="egov", main="egov_main.html", shape="kept"),
    *(
        Kind(site=site, theme="default4", main="default4_main.html")
        for site in ("default45", "default46", "default50")
    ),
    Kind(site="smarty50", theme="smarty5"),
)


@dataclass(frozen=True, kw_only=True)
class Written:
    """An article as its editor published it."""

    number: int
    title: str
    category: str
    published: datetime
    state: str = "public"  # or hidden, expired, members, external
    second_category: str | None = None

    @property
    def lead(self) -> str:
        """What stands before its body."""
        return f"Mở đầu của tin {self.number}."

    @property
    def body(self) -> str:
        """Its text."""
        return f"Nội dung của tin {self.number}."

    @property
    def author(self) -> str:
        """Who wrote it."""
        return f"Người viết {self.number}"

    @property
    def alias(self) -> str:
        """The readable part of its address."""
        return f"tin-so-{self.number}-cua-huyen"


def written(categories: list[str]) -> Iterator[Written]:
    """Articles, oldest first, whose numbers have gaps."""
    for place in range(21):
        number = 100 + 3 * place
        state = {7: "hidden", 12: "expired", 19: "external"}.get(place, "public")
        yield Written(
            number=number,
            title=f"Tin số {number} của huyện",
            category="noi-bo" if place in (5, 18) else categories[place % len(categories)],
            published=NEWEST - timedelta(days=11 * (21 - place), hours=7 * place, minutes=13 * place),
            state="members" if place in (5, 18) else state,
            second_category=categories[(place + 2) % len(categories)] if place in (8, 15) else None,
        )


def printed(kind: Kind, moment: datetime) -> str:
    """The date line of an article."""
    weekday, day = WEEKDAYS[moment.weekday()], f"{moment:%d/%m/%Y}"
    if kind.theme != "smarty5":
        return f"{weekday} - {day}{'  ' if kind.is_old else ' '}{moment:%H:%M}"
    clock = f"{moment.hour % 12 or 12}:{moment:%M:%S} {'SA' if moment.hour < 12 else 'CH'}"
    return f"{weekday}, {moment:%d} Tháng {MONTHS[moment.month - 1]} {moment.year} {clock}"


def date_format(kind: Kind) -> str:
    """How its lists print dates."""
    if kind.theme == "modern34":
        return "%d-%m-%Y %I:%M:%S %p"
    return "%d/%m/%Y %H:%M:%S" if SITES[kind.site]["version"] >= "4.5" else "%d/%m/%Y %I:%M:%S %p"


def plain(address: str) -> str:
    """An address as it is asked for."""
    return address.replace("&amp;", "&")


def page_links(here: int, addresses: dict[int, str], *, is_old: bool) -> list[Spec]:
    """Links to the first, the last and the neighbouring pages."""
    last = len(addresses)
    if last < 2:
        return []
    near = [number for number in addresses if number in (1, last) or abs(number - here) < 2]
    if is_old:
        links: list[Spec] = [
            {"here": True, "text": here}
            if number == here
            else {"title": "Trang", "href": addresses[number], "text": number}
            for number in near
        ]
        if here < last:
            links.append({"step": True, "title": "Trang", "href": addresses[here + 1], "text": "Trang sau"})
        return links
    links = [
        {"cls": "active", "href": "#", "text": number}
        if number == here
        else {
            "rel": "next" if number > here else "prev",
            "title": "Trang",
            "href": addresses[number],
            "text": number,
        }
        for number in near
    ]
    onward = (
        {"rel": "next", "title": "Trang", "href": addresses[here + 1]}
        if here < last
        else {"cls": "disabled", "href": "#"}
    )
    return [*links, {**onward, "text": "&raquo;"}]
