"""What processes that crawl into one archive know of each other."""

import asyncio
from pathlib import Path

import pytest

from crawler.sharedpace import SECONDS_A_LOOK, Asking, SharedPace

ADDRESS = "192.0.2.1"


def test_after_a_slow_answer_another_process_has_time_to_see_its_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.sharedpace.time", lambda: 1_700_000_000.0)
    one, other = SharedPace(tmp_path), SharedPace(tmp_path)
    asking = one.take(ADDRESS, 0.0)
    assert isinstance(asking, Asking)
    assert other.take(ADDRESS, 0.0) == SECONDS_A_LOOK
    asking.release()
    left = one.take(ADDRESS, 0.0)
    assert isinstance(left, float)
    assert left == pytest.approx(1.25 * SECONDS_A_LOOK, abs=0.001)


def test_what_an_address_asks_to_wait_outlasts_the_request_that_is_under_way(tmp_path: Path) -> None:
    one, other = SharedPace(tmp_path), SharedPace(tmp_path)
    asking = one.take(ADDRESS, 2.1)
    assert isinstance(asking, Asking)
    other.hold(ADDRESS, 3600.0)
    asking.release()
    left = one.take(ADDRESS, 2.1)
    assert isinstance(left, float)
    assert left > 3590
    assert asyncio.run(one.enter(ADDRESS, 2.1, lambda: True)) is None
