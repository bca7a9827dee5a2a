"""When a portal is due, and when it has gone silent."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.portals import VIET_NAM, Night, Portal, RegistryError
from crawler.schedule import PastCrawl, is_open, next_crawl, wanted
from crawler.silence import FEWEST_PAUSES, LEAST_DAYS, longest_likely

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGUN = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
DAILY = Portal(key="mau_x", name="Huyện X", url="https://x.mau.gov.vn/", former_province="Mẫu")
FROZEN = Portal(key="mau_y", name="Huyện Y", url="https://y.mau.gov.vn/", province="Mẫu Mới", frozen=True)
CLOSED = Portal(key="mau_z", name="Huyện Z", url="https://z.mau.gov.vn/", closed="2025-07-01")


def past(
    days: float, status: str, *, finished: bool = False, outcome: str | None = None, run: float | None = None
) -> PastCrawl:
    since = BEGUN + timedelta(days=days if run is None else run)
    started = BEGUN + timedelta(days=days)
    return PastCrawl(
        started_at=started, since=since, status=status, is_finished=finished, last_outcome=outcome
    )


GOOD = past(0, "complete", finished=True)
DOWN = [past(days, "failed", outcome="no_response") for days in (1, 2, 3, 4, 5, 6)]


@pytest.mark.parametrize(
    ("portal", "crawls", "after"),
    [
        (DAILY, [GOOD], DAY - HOUR),
        (FROZEN, [GOOD], 30 * DAY - HOUR),
        (DAILY, [past(2, "partial", finished=True, run=1.5)], 2.5 * DAY - HOUR),
        (DAILY, [past(1, "partial", outcome="article_new"), GOOD], DAY),
        (DAILY, [past(1, "partial", outcome="not_found"), GOOD], DAY),
        (DAILY, [past(1, "running"), GOOD], DAY),
        (DAILY, [past(1, "failed", outcome="robots"), GOOD], DAY),
        (DAILY, [DOWN[0], GOOD], DAY + 3 * HOUR),
        (DAILY, [past(1, "partial", outcome="no_response"), GOOD], DAY + 3 * HOUR),
        (DAILY, [past(1, "failed", outcome="unrecognised")], DAY + 3 * HOUR),
        (DAILY, [DOWN[1], DOWN[0], GOOD], 2 * DAY + 6 * HOUR),
        (DAILY, [DOWN[1], past(1.5, "running"), DOWN[0], GOOD], 2 * DAY + 6 * HOUR),
        (DAILY, [*reversed(DOWN), GOOD], 7 * DAY),
        (FROZEN, [*reversed(DOWN), GOOD], 6 * DAY + 96 * HOUR),
    ],
)
def test_due(portal: Portal, crawls: list[PastCrawl], after: timedelta) -> None:
    due = next_crawl(portal, crawls)
    assert due is not None
    assert due.at - BEGUN == after


def test_never_crawled_is_due_first_and_closed_never() -> None:
    due = next_crawl(DAILY, [])
    assert due is not None
    assert due.at < BEGUN
    assert next_crawl(CLOSED, []) is None


def test_open_at_its_own_hours() -> None:
    night = Portal(key="a", name="A", url="https://a.vn/", night=Night(opens=time(22), closes=time(5)))
    noon = datetime(2026, 3, 1, 12, tzinfo=VIET_NAM)
    assert (is_open(night, noon), is_open(night, noon + 11 * HOUR), is_open(DAILY, noon)) == (
        False,
        True,
        True,
    )


def test_wanted() -> None:
    registry = {portal.key: portal for portal in (DAILY, FROZEN, CLOSED)}
    assert wanted(registry, keys=None, province=None, without="mau_z") == [DAILY, FROZEN]
    for written in ("Mẫu Mới", "mau moi", "MẪU  MỚI"):
        assert wanted(registry, keys=None, province=written, without="") == [FROZEN]
    assert wanted(registry, keys=["mau_z"], province=None, without="mau_z") == [CLOSED]
    for keys, province in ((["mau_w"], None), (None, "Nơi Khác")):
        with pytest.raises(RegistryError, match="there is no portal"):
            wanted(registry, keys=keys, province=province, without="")


PAUSES = st.lists(st.integers(1, 400), min_size=FEWEST_PAUSES, max_size=80)


def days_of(pauses: list[int]) -> list[date]:
    days = [date(2000, 1, 1)]
    for pause in pauses:
        days.append(days[-1] + timedelta(days=pause))
    return days


@settings(max_examples=40)
@given(PAUSES)
def test_hardly_any_pause_of_its_own_would_have_been_silence(pauses: list[int]) -> None:
    likely = longest_likely(days_of(pauses))
    assert likely is not None
    assert likely >= LEAST_DAYS
    assert sum(pause > likely for pause in pauses) <= 0.02 * len(pauses)


@settings(max_examples=40)
@given(PAUSES, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_days_matters(pauses: list[int], random: object) -> None:
    days = days_of(pauses)
    shuffled = days + days[::2]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert longest_likely(shuffled) == longest_likely(days)


@settings(max_examples=40)
@given(PAUSES, st.integers(1, 400))
def test_a_longer_pause_in_its_past_never_makes_a_portal_silent_sooner(pauses: list[int], more: int) -> None:
    place = pauses.index(max(pauses))
    longer = [pause + more * (at == place) for at, pause in enumerate(pauses)]
    before, after = longest_likely(days_of(pauses)), longest_likely(days_of(longer))
    assert before is not None
    assert after is not None
    assert after >= before


@settings(max_examples=40)
@given(st.lists(st.integers(1, 400), max_size=FEWEST_PAUSES - 1))
def test_a_short_past_says_nothing(pauses: list[int]) -> None:
    assert longest_likely(days_of(pauses)) is None


def test_one_long_hole_does_not_hide_silence() -> None:
    days = days_of([1] * 60 + [900] + [1] * 60)
    assert max((later - earlier).days for earlier, later in pairwise(days)) == 900
    assert longest_likely(days) == LEAST_DAYS
