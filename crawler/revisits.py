"""When an article, or an address that holds none, is looked at again."""

from datetime import datetime, timedelta

from crawler.archive.frontier import Answers, Visits

SHORTEST, LONGEST = timedelta(days=1), timedelta(days=365)
FRESH = timedelta(days=7)
"""Younger articles are looked at in every crawl: they are still being edited, and read."""

_PRINTED_SHARE = 10
_SPREAD = 0.5
"""Intervals differ by up to a half, so that what was first kept on one day does not come due on one day."""


def interval(visits: Visits) -> timedelta:
    """How long an article rests between two looks.

    As long as its content is known to have stayed the same, so that each look that finds it unchanged doubles
    it, or a tenth of what the portal's own dates claim; a day at least and a year at most.
    """
    last = datetime.fromisoformat(visits.last_asked)
    claimed = [date for date in map(_moment, (visits.date_published, visits.date_modified)) if date]
    printed = (last - max(claimed)) / _PRINTED_SHARE if claimed else timedelta()
    observed = last - datetime.fromisoformat(visits.content_since)
    spread = 1 + _SPREAD * (visits.article * 2654435761 % 2**32) / 2**32
    return min(max(observed, printed, SHORTEST), LONGEST) * spread


def is_due(visits: Visits, now: datetime) -> bool:
    """Whether an article is to be looked at in a crawl that takes place `now` (aware)."""
    if visits.last_kept < visits.last_asked and not visits.is_gone:
        return True  # missed once: the next crawl must agree before it counts as gone
    published = _moment(visits.date_published)
    if published is not None and now - published < FRESH:
        return True
    return now >= datetime.fromisoformat(visits.last_asked) + interval(visits)


def is_answer_old(answers: Answers, now: datetime) -> bool:
    """Whether an address that held no article is to be asked again: after as long as it has held none."""
    if answers.first is None or answers.last is None:
        return True
    first, last = datetime.fromisoformat(answers.first), datetime.fromisoformat(answers.last)
    return now >= last + min(max(last - first, SHORTEST), LONGEST)


def _moment(date: str | None) -> datetime | None:
    """A date of ours (+07:00, or as short as a month) as an aware time; None for none."""
    if date is None:
        return None
    if len(date) > len("2020-11-09"):
        return datetime.fromisoformat(date)
    day = date if len(date) > len("2020-11") else f"{date}-01"
    return datetime.fromisoformat(f"{day}T00:00+07:00")
