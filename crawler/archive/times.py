"""Capture times as text that sorts."""

from datetime import UTC, datetime


def utc_text(moment: datetime) -> str:
    """An aware time as YYYY-MM-DDTHH:MM:SS.ffffffZ, in UTC; ValueError when it is naive.

    >>> from datetime import timedelta, timezone
    >>> utc_text(datetime(2020, 11, 9, 9, 0, tzinfo=timezone(timedelta(hours=7))))
    '2020-11-09T02:00:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError("a capture's time must say its time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
