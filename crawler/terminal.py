"""How far long work is: a live line on a terminal, else a plain line now and then."""

import time
from typing import TextIO

_SECONDS_LIVE = 0.2
_SECONDS_PLAIN = 10.0


class Line:
    """One line that is written over again on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._next = time.monotonic() + (0 if self._live else _SECONDS_PLAIN)
        self._shown = False

    def show(self, text: str, *, is_last: bool = False) -> None:
        """Show it when it is time to, the last one in any case where a person looks on."""
        now = time.monotonic()
        if now < self._next and not (self._live and is_last):
            return
        self._next = now + (_SECONDS_LIVE if self._live else _SECONDS_PLAIN)
        self._shown = True
        self._stream.write(f"\r\x1b[K{text}" if self._live else f"{text}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Make room for another line."""
        if self._live and self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def end(self) -> None:
        """Leave the live line."""
        if self._live and self._shown:
            self._stream.write("\n")
