"""How a portal's archive is: when it was last looked at, what is missing from it, and what needs a person."""

import sqlite3
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from crawler.archive.frontier import ASKED_KINDS
from crawler.history import past_crawls
from crawler.portals import VIET_NAM, Portal
from crawler.schedule import Due, PastCrawl, next_crawl, vain_crawls
from crawler.silence import longest_likely
from crawler.text import counted

RECENT = timedelta(days=30)
USUAL_MONTHS = 12
VAIN_IN_A_ROW = 3
"""So many crawls in vain, one after the other, need a person; portals are often down for some hours."""

REBUILT = "rebuilt: end not known"

UNREAD = ("id_reused", "list_emptied", "parse_error", "redirect_endless", "unrecognised")
"""Outcomes that the next crawl will not mend by itself."""

_JUDGED = 1000  # newest articles whose days say how often a portal publishes
_ACCOUNTED = ("redirected", "not_public", "members_only")

_DAYS = """
SELECT DISTINCT substr(date_published, 1, 10) FROM (
    SELECT date_published FROM articles WHERE portal = ?1 AND date_published < ?2
    ORDER BY date_published DESC LIMIT ?3)
WHERE length(date_published) >= 10
"""
_BETWEEN = "SELECT count(*) FROM articles WHERE portal = ? AND date_published >= ? AND date_published < ?"
_FIRST_CRAWL = "SELECT min(started_at) FROM crawls WHERE portal = ?"
_OWED = "SELECT count(*) FROM known_urls WHERE portal = ? AND kind = ?"
# As the view `ledger_months` counts, but read from the keys' indexes alone: a million articles' rows take seconds.
_IS_NUMBER = "cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*' AND length(cms_id) <= 15"
_IDS = f"""
WITH tops AS MATERIALIZED (SELECT in_language, module, top FROM ledger_tops WHERE portal = ?1)
SELECT (SELECT count(*) FROM articles WHERE portal = ?1 AND {_IS_NUMBER})
    + (SELECT count(*) FROM withheld WHERE portal = ?1 AND {_IS_NUMBER})
    + (SELECT count(*) FROM tops JOIN other_ids USING (in_language, module)
        WHERE portal = ?1 AND state IN {_ACCOUNTED} AND cms_id <= top),
    (SELECT coalesce(sum(top), 0) FROM tops)
"""  # noqa: S608 - constants only


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What the archive holds of a portal."""

    watched_since: date | None  # the day of its first crawl, Viet Nam's; None before it
    days: tuple[date, ...]  # on which it published lately, Viet Nam's
    recent: int  # articles published in the 30 days before the last good crawl
    usual: float  # in 30 days, over the year before those
    accounted: int  # article numbers archived, withheld, redirected, not public or for members only
    ids: int  # article numbers up to the highest that counts, see docs/data.md
    owed: int  # URLs that are known and have no answer yet


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """What `scrapy status` says of a portal."""

    portal: Portal
    state: str  # running, closed, never crawled, interrupted, blocked, failing, well, or REBUILT
    running_since: datetime | None  # when the crawl began that is at work now, UTC; None: there is none
    last_good: datetime | None  # when the last crawl that reached its end began, UTC; None: there was none
    due: Due | None  # None: it is not crawled by itself
    kept: Kept
    failing_since: datetime | None  # UTC; None when its last crawl was not in vain
    needs: tuple[str, ...]  # what a person has to look at, in plain words


def look(
    connection: sqlite3.Connection,
    portals: Sequence[Portal],
    scheduled: frozenset[str],
    now: datetime,
    being_crawled: Container[str] = (),
) -> Iterator[Health]:
    """The health of each portal; those whose keys are in `scheduled` are crawled by themselves. `now` is aware.

    `being_crawled` has the keys of the portals at which a crawl is at work now: archive.db alone does not tell one
    that was killed from one that runs.
    """
    past = past_crawls(connection, now)
    for portal in portals:
        crawls = past.get(portal.key, [])
        if crawls and crawls[0].status == "running" and portal.key in being_crawled:
            crawls[0] = replace(crawls[0], is_at_work=True)
        last = crawls[-1] if crawls and crawls[-1].is_finished else None
        kept = _kept(connection, portal.key, last.since if last else now)
        yield judged(portal, crawls, kept, now=now, is_scheduled=portal.key in scheduled)


def _kept(connection: sqlite3.Connection, portal: str, looked_at: datetime) -> Kept:
    end = looked_at.astimezone(VIET_NAM)
    until, recent = _day(end + timedelta(days=1)), _day(end - RECENT)
    year = _day(end - RECENT * (USUAL_MONTHS + 1))
    days = [date.fromisoformat(row[0]) for row in connection.execute(_DAYS, [portal, until, _JUDGED])]
    accounted, ids = connection.execute(_IDS, [portal]).fetchone()
    (first_crawl,) = connection.execute(_FIRST_CRAWL, [portal]).fetchone()
    return Kept(
        watched_since=datetime.fromisoformat(first_crawl).astimezone(VIET_NAM).date()
        if first_crawl
        else None,
        days=tuple(days),
        recent=connection.execute(_BETWEEN, [portal, recent, until]).fetchone()[0],
        usual=connection.execute(_BETWEEN, [portal, year, recent]).fetchone()[0] / USUAL_MONTHS,
        accounted=accounted,
        ids=ids,
        owed=sum(connection.execute(_OWED, [portal, kind]).fetchone()[0] for kind in ASKED_KINDS),
    )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def judged(
    portal: Portal, crawls: Sequence[PastCrawl], kept: Kept, *, now: datetime, is_scheduled: bool
) -> Health:
    """The health of a portal from its crawls, newest first, back to one that reached its end.

    While one is at work the portal is due as if that had ended well, and all else is judged as before it.
    """
    running = crawls[0] if crawls and crawls[0].is_at_work else None
    dated = [replace(running, is_finished=True)] if running else crawls
    due = next_crawl(portal, dated) if is_scheduled else None
    late = max(portal.interval, timedelta(days=1))
    is_overdue = due is not None and running is None and now - due.at > late
    crawls = crawls[1:] if running else crawls
    good = crawls[-1] if crawls and crawls[-1].is_finished else None
    vain = vain_crawls(crawls)
    return Health(
        portal=portal,
        state="running" if running else _state(portal, crawls, vain),
        running_since=running.started_at if running else None,
        last_good=good.since if good else None,
        due=due,
        kept=kept,
        failing_since=vain[-1].started_at if vain else None,
        needs=() if portal.closed else tuple(_needs(portal, crawls, kept, due, is_overdue)),
    )


def _state(portal: Portal, crawls: Sequence[PastCrawl], vain: Sequence[PastCrawl]) -> str:
    if portal.closed:
        return "closed"
    if not crawls:
        return "never crawled"
    if vain:
        return "blocked" if vain[0].outcomes.get("blocked") else "failing"
    if not crawls[0].is_end_known:
        return REBUILT
    return "well" if crawls[0].is_finished else "interrupted"


def _needs(
    portal: Portal, crawls: Sequence[PastCrawl], kept: Kept, due: Due | None, is_overdue: bool
) -> Iterator[str]:
    vain = vain_crawls(crawls)
    if len(vain) >= VAIN_IN_A_ROW:
        word = "blocked" if vain[0].outcomes.get("blocked") else "failing"
        yield f"{word} since {_day(vain[-1].started_at)}, {len(vain)} crawls in vain: {vain[0].message}"
    elif crawls and due is not None and is_overdue:
        yield f"due since {_day(due.at)} and not crawled: does `scrapy crawlall` still run?"
    good = crawls[-1] if crawls and crawls[-1].is_finished else None
    if good is None:
        return
    if good.status == "empty":
        yield "the portal answers, but no article was found: look at it with `scrapy explain`"
    if unread := sum(good.outcomes.get(outcome, 0) for outcome in UNREAD):
        yield f"{counted(unread, 'page')} of its last crawl could not be read; `crawls` names them"
    if not portal.frozen and due is not None and (silence := _silence(kept, good.since)):
        yield silence


def _silence(kept: Kept, looked_at: datetime) -> str | None:
    """That nothing was published for longer than is likely until it was last looked at; None when that is not so.

    It has to have been watched for as long: what was silent when it was first crawled has not gone silent.
    """
    likely = longest_likely(kept.days)
    if likely is None or kept.watched_since is None:
        return None
    newest, today = max(kept.days), looked_at.astimezone(VIET_NAM).date()
    pause = (today - newest).days
    if min(pause, (today - kept.watched_since).days) <= likely:
        return None
    return f"silent: nothing new since {newest}, {pause} days, where {likely} are the most that is likely"


def unregistered_portals(connection: sqlite3.Connection, registry: frozenset[str]) -> list[Portal]:
    """The portals that the archive holds and the registry does not name, by key."""
    rows = connection.execute("SELECT key, name, url FROM portals ORDER BY key")
    return [
        Portal(key=row["key"], name=row["name"], url=row["url"]) for row in rows if row["key"] not in registry
    ]


def as_json(health: Health, now: datetime) -> dict[str, object]:
    """The same for programs; times in UTC, None where there is none."""
    kept, due = health.kept, health.due
    return {
        "portal": health.portal.key,
        "name": health.portal.name,
        "state": health.state,
        "running_since": _iso(health.running_since),
        "last_good": _iso(health.last_good),
        "age_days": round((now - health.last_good) / timedelta(days=1), 2) if health.last_good else None,
        "every_days": health.portal.interval / timedelta(days=1) if due else None,
        "due": _iso(max(due.at, now)) if due else None,
        "articles_30_days": kept.recent,
        "articles_30_days_usual": round(kept.usual, 1),
        "ids": kept.ids,
        "ids_accounted": kept.accounted,
        "urls_owed": kept.owed,
        "failing_since": _iso(health.failing_since),
        "needs": list(health.needs),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
