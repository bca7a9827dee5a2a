"""How far long work is: a live line on a terminal, else a plain line now and then."""

import time
from typing import TextIO

_SECONDS_LIVE = 0.2
_SECONDS_PLAIN = 10.0


class LiveLine:
    """The progress of one piece of work after the other, with its rate and how long it will take."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._interval = _SECONDS_LIVE if self._live else _SECONDS_PLAIN
        self._what = ""
        self._began = self._next = 0.0

    def show(self, what: str, done: int, total: int, unit: str) -> None:
        """Say that `done` of `total` units of a work are done, when it is time to say so."""
        now = time.monotonic()
        if what != self._what:
            self.end()
            self._what, self._began, self._next = what, now, now + self._interval
        if now < self._next:
            return
        self._next = now + self._interval
        rate = done / (now - self._began)
        text = f"{what}: {done:,} of {total:,} {unit}, {rate:,.0f} a second"
        if rate and done < total:
            text += f", about {duration((total - done) / rate)} left"
        self._stream.write(f"\r\x1b[K{text}" if self._live else f"{text}\n")
        self._stream.flush()

    def end(self) -> None:
        """Take the live line away; what follows says how it ended."""
        if self._live and self._what:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
        self._what = ""


def duration(seconds: float) -> str:
    """A length of time for people.

    >>> duration(75), duration(600), duration(3 * 3600), duration(3 * 86400)
    ('75 s', '10 min', '3.0 h', '3 days')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"
