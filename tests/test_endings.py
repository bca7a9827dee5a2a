"""How a crawl ended, as its WARC file says it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.archive import End, Ending
from crawler.endings import as_fields, from_fields

DAY = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ENDING = Ending(
    started_at=DAY,
    run_started_at=DAY,
    mode="update",
    end=End(finished_at=DAY, status="complete", message=None, is_finished=True),
)


def test_an_ending_is_read_again() -> None:
    assert from_fields(as_fields(ENDING)) == ENDING
    stopped = replace(ENDING, end=replace(ENDING.end, status="partial", message="stopped", is_finished=False))
    assert from_fields(as_fields(stopped)) == stopped


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("crawl-status", "banana"),
        ("crawl-status", "running"),
        ("crawl-mode", "banana"),
        ("crawl-finished-at", "2026-01-02T03:04:05"),
        ("crawl-started-at", "0001-01-01T00:00:00+23:00"),
        ("run-started-at", ""),
    ],
)
def test_what_another_version_wrote_is_no_ending(name: str, value: str) -> None:
    assert from_fields({**as_fields(ENDING), name: value}) is None
