"""When an article is due: pure arithmetic on what is known of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive.frontier import Answers, Visits
from crawler.revisits import LONGEST, SHORTEST, interval, is_answer_old, is_due

ASKED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def visits(
    *,
    published: str | None = None,
    modified: str | None = None,
    same_for: timedelta = timedelta(),
    missed: bool = False,
    is_gone: bool = False,
    article: int = 1,
) -> Visits:
    return Visits(
        article=article,
        url="http://a.vn/vi/news/tin/bai-1.html",
        date_published=published,
        date_modified=modified,
        is_gone=is_gone,
        content_since=text(ASKED - same_for),
        last_asked=text(ASKED),
        last_kept=text(ASKED - timedelta(days=1)) if missed else text(ASKED),
    )


def test_each_look_that_finds_nothing_new_doubles_the_interval() -> None:
    first, second = (interval(visits(same_for=timedelta(days=days))) for days in (20, 40))
    assert second == pytest.approx(2 * first, abs=timedelta(seconds=1))


def test_article_that_was_just_changed_is_looked_at_the_next_day() -> None:
    assert SHORTEST <= interval(visits()) <= 1.5 * SHORTEST


def test_the_portals_own_dates_count_a_tenth() -> None:
    old = interval(visits(published="2025-11-21T08:00+07:00"))
    assert timedelta(days=10) <= old <= timedelta(days=15)
    assert interval(visits(published="2025-11-21T08:00+07:00", modified="2026-02-28T08:00+07:00")) < old


def test_articles_of_one_day_do_not_come_due_on_one_day() -> None:
    due = {interval(visits(same_for=timedelta(days=100), article=number)).days for number in range(1, 200)}
    assert len(due) > 30


def test_fresh_article_is_always_due() -> None:
    assert is_due(visits(published="2026-02-27T08:00+07:00"), ASKED + timedelta(minutes=1))


def test_article_that_rests_is_not_due_and_later_is() -> None:
    resting = visits(published="2020-02-27T08:00+07:00", same_for=timedelta(days=100))
    assert not is_due(resting, ASKED + timedelta(days=90))
    assert is_due(resting, ASKED + timedelta(days=400))


@pytest.mark.parametrize(("is_gone", "due"), [(False, True), (True, False)])
def test_article_missed_once_is_asked_for_again_until_two_agree(is_gone: bool, due: bool) -> None:
    missed = visits(published="2020-02-27", same_for=timedelta(days=100), missed=True, is_gone=is_gone)
    assert is_due(missed, ASKED + timedelta(minutes=1)) is due


@pytest.mark.parametrize("date", ["2020-02", "2020-02-27", "2020-02-27T08:00+07:00", None])
def test_dates_as_short_as_printed_are_understood(date: str | None) -> None:
    assert not is_due(visits(published=date, same_for=timedelta(days=9)), ASKED + timedelta(hours=1))


@given(st.timedeltas(timedelta(), timedelta(days=5000)), st.integers(1, 2**40))
def test_interval_stays_within_a_day_and_a_year_and_a_half(same_for: timedelta, article: int) -> None:
    assert SHORTEST <= interval(visits(same_for=same_for, article=article)) <= LONGEST * 1.5


def test_address_without_an_article_is_asked_again_after_as_long_as_it_had_none() -> None:
    answers = Answers(first=text(ASKED - timedelta(days=8)), last=text(ASKED), is_article=False)
    assert not is_answer_old(answers, ASKED + timedelta(days=7))
    assert is_answer_old(answers, ASKED + timedelta(days=8))
    assert is_answer_old(Answers(first=None, last=None, is_article=False), ASKED)
