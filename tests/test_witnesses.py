"""Which witness dates an article, and which flags its witnesses raise, in whatever order they come."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Witness
from crawler.witnesses import FLAGS, PUBLICATION_SOURCES, DateDecision, decide, modified

FETCHED = datetime(2021, 6, 1, 3, 30, tzinfo=UTC)  # 10:30 in Viet Nam
AT_NINE = "2020-11-09T09:00+07:00"


def witness(source: str, iso: str | None, *, conflict: bool = False) -> Witness:
    return Witness(source=source, text=f"{source}: {iso}", iso=iso, weekday_conflict=conflict)


def decided(*witnesses: Witness) -> DateDecision:
    """The decision, which all orders of the witnesses must share."""
    decisions = {decide(order, captured_at=FETCHED) for order in permutations(witnesses)}
    assert len(decisions) == 1
    return decisions.pop()


@pytest.mark.parametrize("first", range(len(PUBLICATION_SOURCES)))
def test_the_most_trusted_source_gives_the_date(first: int) -> None:
    sources = PUBLICATION_SOURCES[first:]
    decision = decided(*(witness(source, f"2020-11-{9 + rank:02}") for rank, source in enumerate(sources)))
    assert (decision.date_source, decision.date_published) == (sources[0], "2020-11-09")


def test_a_visible_line_is_kept_as_printed_with_its_date() -> None:
    assert decided(witness("visible", AT_NINE), witness("meta", AT_NINE)) == DateDecision(
        date_published=AT_NINE, date_source="visible", text=f"visible: {AT_NINE}", flags=()
    )


def test_an_unreadable_line_is_flagged_and_another_witness_stands_in() -> None:
    assert decided(witness("visible", None), witness("sitemap", AT_NINE)) == DateDecision(
        date_published=AT_NINE, date_source="sitemap", text="visible: None", flags=("unreadable_date",)
    )


def test_without_a_visible_line_nothing_is_unreadable() -> None:
    assert decided(witness("meta", None), witness("list", AT_NINE)) == DateDecision(
        date_published=AT_NINE, date_source="list", text=None, flags=()
    )


def test_an_unreadable_line_alone_leaves_no_date() -> None:
    assert decided(witness("visible", None)).flags == ("no_date", "unreadable_date")


@pytest.mark.parametrize("witnesses", [[], [witness("microdata", AT_NINE)], [witness("rss", None)]])
def test_nothing_but_a_publication_witness_gives_a_date(witnesses: list[Witness]) -> None:
    assert decided(*witnesses) == DateDecision(
        date_published=None, date_source=None, text=None, flags=("no_date",)
    )


@pytest.mark.parametrize(
    ("iso", "flags"),
    [
        ("2021-06-01T10:30+07:00", ()),
        ("2021-06-01T10:31+07:00", ("future",)),
        ("2021-06-01", ("no_time",)),
        ("2021-06-02", ("future", "no_time")),
        ("2021-06", ("no_time",)),
        ("2021-07", ("future", "no_time")),
        ("1999-12-31T23:59+07:00", ("before_2000",)),
        ("2000-01-01T00:00+07:00", ()),
        ("1999-12", ("before_2000", "no_time")),
    ],
)
def test_a_date_is_flagged_as_far_as_it_is_known(iso: str, flags: tuple[str, ...]) -> None:
    assert decided(witness("visible", iso)).flags == flags


@pytest.mark.parametrize(
    ("one", "other", "disagree"),
    [
        (AT_NINE, "2020-11-09T09:01+07:00", True),
        (AT_NINE, "2020-11-09", False),
        (AT_NINE, "2020-11-10", True),
        (AT_NINE, "2020-11", False),
        ("2020-11", "2020-12-01", True),
        (AT_NINE, None, False),
    ],
)
def test_witnesses_are_compared_as_precisely_as_both_are_known(
    one: str, other: str | None, disagree: bool
) -> None:
    assert ("witnesses_disagree" in decided(witness("visible", one), witness("rss", other)).flags) == disagree


def test_witnesses_of_less_weight_are_compared_too() -> None:
    witnesses = witness("visible", "2020-11"), witness("sitemap", "2020-11-09"), witness("list", "2020-11-10")
    assert "witnesses_disagree" in decided(*witnesses).flags


def test_an_edit_time_contradicts_nobody() -> None:
    assert decided(witness("visible", AT_NINE), witness("microdata", "2020-12-24T08:00+07:00")).flags == ()


def test_the_weekday_of_any_publication_witness_counts() -> None:
    assert decided(witness("visible", AT_NINE, conflict=True)).flags == ("weekday_conflict",)
    assert decided(witness("visible", AT_NINE), witness("list", AT_NINE, conflict=True)).flags == (
        "weekday_conflict",
    )
    assert decided(witness("visible", AT_NINE), witness("microdata", AT_NINE, conflict=True)).flags == ()


def test_of_two_lines_the_more_precise_counts() -> None:
    decision = decided(witness("list", "2020-11-09"), witness("list", AT_NINE), witness("list", "2020-11-10"))
    assert (decision.date_published, decision.flags) == (AT_NINE, ("witnesses_disagree",))


def test_a_capture_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        decide([], captured_at=datetime(2021, 6, 1))  # noqa: DTZ001 - that is the point


ISO = st.sampled_from(
    (None, "1999-12", "2020-11", "2020-11-09", "2020-11-10", AT_NINE, "2022-01-01T00:00+07:00")
)
WITNESSES = st.lists(
    st.builds(
        Witness,
        source=st.sampled_from((*PUBLICATION_SOURCES, "microdata")),
        text=st.sampled_from("abc"),
        iso=ISO,
        weekday_conflict=st.booleans(),
    ),
    max_size=5,
)


@given(witnesses=WITNESSES, data=st.data())
def test_the_order_of_arrival_never_matters(witnesses: list[Witness], data: st.DataObject) -> None:
    decision = decide(witnesses, captured_at=FETCHED)
    shuffled = data.draw(st.permutations(witnesses))
    assert decide(shuffled, captured_at=FETCHED) == decision
    assert modified(shuffled, decision.date_published) == modified(witnesses, decision.date_published)
    assert set(decision.flags) <= FLAGS.keys()
    assert (
        ("no_date" in decision.flags) == (decision.date_published is None) == (decision.date_source is None)
    )


@pytest.mark.parametrize(
    ("edited", "published", "expected"),
    [
        ("2020-11-10T14:30+07:00", AT_NINE, "2020-11-10T14:30+07:00"),
        ("2020-11-09T09:01+07:00", AT_NINE, "2020-11-09T09:01+07:00"),
        (AT_NINE, AT_NINE, None),
        ("2020-11-09T14:30+07:00", "2020-11-09", None),
        ("2020-11-10T14:30+07:00", "2020-11-09", "2020-11-10T14:30+07:00"),
        (AT_NINE, None, AT_NINE),
        (None, AT_NINE, None),
    ],
)
def test_the_edit_time_is_what_differs_from_the_publication(
    edited: str | None, published: str | None, expected: str | None
) -> None:
    witnesses = [witness("visible", "2020-12-24"), witness("microdata", edited)]
    assert modified(witnesses, published) == expected


def test_without_microdata_nothing_was_modified() -> None:
    assert modified([witness("visible", AT_NINE)], "2020-11-08") is None


def test_the_publication_that_another_witness_names_is_no_edit() -> None:
    witnesses = [witness("visible", "2026-12-31"), witness("meta", AT_NINE), witness("microdata", AT_NINE)]
    assert modified(witnesses, "2026-12-31") is None


def test_an_edit_on_the_day_of_publication_is_one() -> None:
    edit = "2020-11-09T14:30+07:00"
    assert modified([witness("list", "2020-11-09"), witness("microdata", edit)], AT_NINE) == edit


def test_update_line_dates_the_edit_and_never_the_publication() -> None:
    line = Witness(source="updated", text="Cập nhật lúc: 10:00 10/11/2020", iso="2020-11-10T10:00+07:00")
    decision = decide([line], captured_at=datetime(2021, 1, 1, tzinfo=UTC))
    assert (decision.date_published, decision.flags) == (None, ("no_date",))
    assert modified([line], None) == "2020-11-10T10:00+07:00"
