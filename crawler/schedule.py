"""When a portal is crawled again. Pure: what is known of its crawls comes in, with the time."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from crawler.portals import ArgumentError, Portal
from crawler.text import fold

TRIED_AGAIN_AFTER = timedelta(hours=3)
"""After a crawl in vain; twice as long after each further one, and never longer than the portal's own interval."""

GRACE = timedelta(hours=1)
"""How much sooner than its interval says a portal is due, so that a daily timer does not miss it by a minute."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_NO_ANSWER = frozenset(("blocked", "http_error", "no_response", "retried", "robots_unreachable"))
_NO_OBSTACLE = frozenset(
    (
        *(None, "robots", "article_new", "article_changed", "article_unchanged", "listing", "feed"),
        *("duplicate", "redirect"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCrawl:
    """One crawl of a portal that has begun; its times are aware."""

    started_at: datetime
    since: datetime  # when the run began that it belongs to
    status: str  # complete, partial, empty, failed; running for one that was killed, or is at work now
    is_finished: bool  # it ran to its end
    last_outcome: str | None  # of an unfinished one's last page; None when it has none
    message: str | None = None
    is_end_known: bool = True  # False: made again from WARC files that do not say it
    is_at_work: bool = False  # True: its process is seen to run
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_vain(self) -> bool:
        """Whether the portal kept it from reaching its end; one that we stopped ourselves is not in vain."""
        if self.is_finished or not self.is_end_known:
            return False
        if self.status == "failed":
            return self.last_outcome not in _NO_OBSTACLE
        return self.last_outcome in _NO_ANSWER


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When a portal is crawled next."""

    at: datetime  # aware; the earliest of all for one that was never crawled
    why: str  # never crawled, interrupted, in vain, interval


def vain_crawls(past: Sequence[PastCrawl]) -> list[PastCrawl]:
    """The crawls in vain since the last one that reached its end, newest first, as `past` is."""
    return [crawl for crawl in takewhile(lambda crawl: not crawl.is_finished, past) if crawl.is_vain]


def next_crawl(portal: Portal, past: Sequence[PastCrawl]) -> Due | None:
    """When a portal is due, from its crawls, newest first, back to one that reached its end; None: never again.

    Its interval is counted from when the last run began, since that is how old the newest list is.
    """
    if portal.closed:
        return None
    if not past:
        return Due(at=_NEVER, why="never crawled")
    last = past[0]
    if last.is_finished or not last.is_end_known:
        return Due(at=last.since + portal.interval - min(portal.interval / 10, GRACE), why="interval")
    if not last.is_vain:
        return Due(at=last.started_at, why="interrupted")
    doublings = min(len(vain_crawls(past)) - 1, 16)
    return Due(at=last.started_at + min(TRIED_AGAIN_AFTER * 2**doublings, portal.interval), why="in vain")


def is_open(portal: Portal, now: datetime) -> bool:
    """Whether the portal may be asked at this hour (`now` is aware)."""
    return portal.night is None or not portal.night.seconds_until_open(now)


def wanted(
    registry: Mapping[str, Portal], *, keys: Sequence[str] | None, province: str | None, without: str
) -> list[Portal]:
    """The portals that were asked for: by their keys, else all but `without`; of one province, when it is given.

    A province may be written without accents and capitals. Raises ArgumentError for a key or a province that the
    registry does not have.
    """
    if unknown := [key for key in keys or () if key not in registry]:
        raise ArgumentError(f"there is no portal {unknown[0]}; `scrapy list` prints the registered ones")
    portals = [
        portal for key, portal in registry.items() if (key in keys if keys is not None else key != without)
    ]
    if province is None:
        return portals
    known = {name for portal in portals for name in (portal.former_province, portal.province) if name}
    meant = {name for name in known if _plain(name) == _plain(province)}
    if not meant:
        raise ArgumentError(
            f"there is no portal of {province}; known are {', '.join(sorted(known)) or 'none'}"
        )
    return [portal for portal in portals if meant & {portal.former_province, portal.province}]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", fold(name).casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
