"""Which statement dates an article, and what the other statements make of it.

NukeViet prints a publication date in up to five places; its microdata prints the edit time under that name
(4.4 to 5), so microdata dates changes only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from crawler.dates import VIET_NAM
from crawler.items import Witness

FLAGS: dict[str, str] = {
    "before_2000": "the publication date lies before the year 2000",
    "future": "the publication date lies after the page was fetched",
    "no_date": "no witness gives a publication date",
    "no_time": "the publication date has no time",
    "unreadable_date": "a visible line was printed, and cannot be read as a date",
    "weekday_conflict": "a printed weekday is not that of its date",
    "witnesses_disagree": "two witnesses name different publication dates",
}
"""What a date can be marked with, and why."""

EDIT_SOURCES = frozenset({"microdata", "updated"})
PUBLICATION_SOURCES = ("visible", "meta", "sitemap", "list", "rss")
"""Sources of a publication date, the most trusted first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DateDecision:
    """An article's publication date, and how far it can be trusted."""

    date_published: str | None  # +07:00 to the minute, or shorter; None when no witness gives one
    date_source: str | None  # the witness it comes from, one of PUBLICATION_SOURCES
    text: str | None  # the visible line as printed, readable or not; None when there was none
    flags: tuple[str, ...]  # keys of FLAGS, sorted


def decide(witnesses: Iterable[Witness], *, captured_at: datetime) -> DateDecision:
    """The publication date that the witnesses give, whatever their order.

    The visible line wins, else meta, sitemap, list, RSS; of one source's statements the most precise, then the
    earliest. `captured_at` is when the page was fetched; ValueError when it is not aware. Dates are compared as
    precisely as both are known.

    >>> from datetime import UTC
    >>> line = Witness(source="visible", text="09/11/2020", iso="2020-11-09")
    >>> feed = Witness(source="rss", text="…", iso="2020-11-08T09:00+07:00")
    >>> decide([feed, line], captured_at=datetime(2021, 1, 1, tzinfo=UTC)).flags
    ('no_time', 'witnesses_disagree')
    """
    if captured_at.utcoffset() is None:
        raise ValueError("captured_at must say its time zone")
    heard = sorted((w for w in witnesses if w.source in PUBLICATION_SOURCES), key=_trust)
    visible = [witness for witness in heard if witness.source == "visible"]
    readable = [witness for witness in heard if witness.iso is not None]
    chosen = readable[0] if readable else None
    published = chosen.iso if chosen else None
    flags = {
        "unreadable_date": bool(visible) and visible[0].iso is None,
        "weekday_conflict": any(witness.weekday_conflict for witness in heard),
        "witnesses_disagree": any(
            _differ(one.iso, other.iso) for one, other in combinations(readable, 2) if one.iso and other.iso
        ),
        "no_date": published is None,
    }
    if published is not None:
        local = captured_at.astimezone(VIET_NAM).isoformat(timespec="minutes")
        flags["no_time"] = "T" not in published
        flags["future"] = _differ(published, local) and published > local
        flags["before_2000"] = published < "2000"
    return DateDecision(
        date_published=published,
        date_source=chosen.source if chosen else None,
        text=visible[0].text if visible else None,
        flags=tuple(sorted(flag for flag, raised in flags.items() if raised)),
    )


def modified(witnesses: Iterable[Witness], published: str | None) -> str | None:
    """The edit time that the microdata or an update line gives, +07:00 or shorter; the latest of several.

    None when it gives none that can be read, or one that equals `published` as precisely as both are known. The
    microdata prints the later of edit and publication, so what repeats another witness to the minute is no edit
    either, even where the visible line names another day.

    >>> edit = Witness(source="microdata", text="…", iso="2020-11-10T14:30+07:00")
    >>> modified([edit], "2020-11-09T09:00+07:00")
    '2020-11-10T14:30+07:00'
    >>> modified([edit], "2020-11-10")
    """
    heard = list(witnesses)
    latest = max((w.iso for w in heard if w.source in EDIT_SOURCES and w.iso), default=None)
    if latest is None or (published and not _differ(latest, published)):
        return None
    return None if any(w.iso == latest and w.source in PUBLICATION_SOURCES for w in heard) else latest


def _trust(witness: Witness) -> tuple[int, bool, int, str, str]:
    """The place of a witness in the order of trust, the best first."""
    iso = witness.iso or ""
    return PUBLICATION_SOURCES.index(witness.source), witness.iso is None, -len(iso), iso, witness.text


def _differ(one: str, other: str) -> bool:
    """Whether two local times differ as far as both are known: to the month, the day or the minute."""
    known = min(len(one), len(other))
    return one[:known] != other[:known]
