"""Microseconds that one NukeViet date line takes here and in dateparser, side by side, and what each reads.

Run as `python -m benchmarks.dates`. dateparser gets the settings that serve it best for such lines.
"""

import warnings
from collections.abc import Callable
from datetime import datetime
from timeit import repeat

import dateparser

from crawler.dates import VIET_NAM, normalise_date

CAPTURED_AT = datetime(2020, 11, 10, 12, tzinfo=VIET_NAM)
LINES = {
    "Thứ hai - 09/11/2020 09:00": "2020-11-09T09:00",
    "Thứ sáu - 25/09/2020  16:48": "2020-09-25T16:48",
    "Đăng lúc: Thứ ba - 12/03/2019  21:40 - Người đăng bài viết: Ban biên tập": "2019-03-12T21:40",
    "Đăng lúc: 09-11-2020 02:05:00 PM": "2020-11-09T14:05",
    "09/11/2020 09:00:00 AM": "2020-11-09T09:00",
    "09/11/2020 09:00:00": "2020-11-09T09:00",
    "09/11/2020 2:05 CH": "2020-11-09T14:05",
    "Thứ hai, 09 Tháng mười một 2020 2:05:00 CH": "2020-11-09T14:05",
    "09:00 09/11/20": "2020-11-09T09:00",
    "(09/11/2020)": "2020-11-09",
    "2020-11-09+0709:00:00": "2020-11-09T09:00",
    "2020-11-09T09:00:00+07:00": "2020-11-09T09:00",
    "Mon, 09 Nov 2020 02:05:00 GMT": "2020-11-09T09:05",
}
"""What each kind of NukeViet page prints, and what it means in local time."""


def ours(line: str) -> str | None:
    """The line as this project reads it."""
    date = normalise_date(line, captured_at=CAPTURED_AT)
    return date.iso if date else None


def peers(line: str) -> str | None:
    """The line as dateparser reads it; it always gives a time."""
    date = dateparser.parse(
        line,
        languages=["vi", "en"],
        settings={
            "DATE_ORDER": "DMY",
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month", "year"],
            "RELATIVE_BASE": CAPTURED_AT.replace(tzinfo=None),
            "TIMEZONE": "+0700",
            "TO_TIMEZONE": "+0700",
        },
    )
    return date.isoformat(timespec="minutes") if date else None


def microseconds(read: Callable[[str], str | None], line: str, *, calls: int) -> float:
    """The best of five rounds, per call."""
    return min(repeat(lambda: read(line), number=calls, repeat=5)) / calls * 1e6


def main() -> None:
    """Print a row for each line, and the means."""
    warnings.simplefilter("ignore")
    print(f"{'line':<74}{'ours':>9}{'dateparser':>12}{'ratio':>8}   read rightly (ours, dateparser)")
    totals = [0.0, 0.0]
    for line, means in LINES.items():
        times = microseconds(ours, line, calls=2000), microseconds(peers, line, calls=20)
        right = ["yes" if (read(line) or "").startswith(means) else "no" for read in (ours, peers)]
        totals = [total + time for total, time in zip(totals, times, strict=True)]
        print(
            f"{line:<74}{times[0]:>6.1f} µs{times[1]:>9.0f} µs{times[1] / times[0]:>7.0f}x   {', '.join(right)}"
        )
    mean = [total / len(LINES) for total in totals]
    print(f"{'mean':<74}{mean[0]:>6.1f} µs{mean[1]:>9.0f} µs{mean[1] / mean[0]:>7.0f}x")


if __name__ == "__main__":
    main()
