"""What is a refusal, and how long it asks to wait."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from crawler.pacing import MAX_WAIT
from crawler.politeness import Refusal, refusal, retry_after
from tests.test_politeness import FLOOD, HOME

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DATE = {"Date": "Thu, 01 Jan 2026 05:00:00 GMT"}


@pytest.mark.parametrize(
    ("status", "text", "headers", "expected"),
    [
        (200, FLOOD.format(34), {}, Refusal(seconds=34)),
        (200, FLOOD.format(34), {"Retry-After": "40"}, Refusal(seconds=40)),
        (429, "", {"Retry-After": "Thu, 01 Jan 2026 05:01:00 GMT", **DATE}, Refusal(seconds=60)),
        (429, "", {"Retry-After": "soon"}, Refusal(seconds=None)),
        (503, "", {"Retry-After": "999999"}, Refusal(seconds=MAX_WAIT)),
        (503, "", {}, None),
        (500, "", {"Retry-After": "5"}, None),
        (200, "Hi and Good-bye!!!", {}, Refusal(seconds=None)),
        (200, HOME, {}, None),
    ],
)
def test_refusal_is_known_whatever_its_status(
    status: int, text: str, headers: dict[str, str], expected: Refusal | None
) -> None:
    response = HtmlResponse(
        "https://x.gov.vn/",
        status=status,
        headers={"Content-Type": "text/html; charset=utf-8", **headers},
        body=text.encode(),
    )
    assert refusal(response, NOW) == expected


NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("55", 55.0),
        (" 7 ", 7.0),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 19:01:00 +0700", 60.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("Thu, 01 Jan 2037 11:00:00 GMT", MAX_WAIT),
        ("9" * 5000, MAX_WAIT),
        ("-5", None),
        ("5 minutes", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


@settings(max_examples=40)
@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ [-+]?\d*"))
@example("0 DEC 0 0:3000000000")
def test_retry_after_takes_anything(value: str) -> None:
    seconds = retry_after(value, NOON)
    assert seconds is None or 0 <= seconds <= MAX_WAIT
