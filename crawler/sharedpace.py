"""What processes that crawl into one archive know of each other: when an IP address may be asked next.

A file for each address: who asks holds its lock, which ends with the process, and what it holds is when the address
may be asked again, in seconds since 1970. So nothing is left to mend after a crash.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import BinaryIO

FOLDER = "pace"
"""The folder of these files, beside the WARC files."""

SECONDS_A_LOOK = 0.2
SECONDS_A_NAP = 1.0
_MOST_DIGITS = 32
LONGEST = 3700.0
"""Seconds that an address is waited for at most: a later time comes of a clock that was set back."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The leave to ask an address, which no other process has meanwhile."""

    file: BinaryIO

    def release(self) -> None:
        """Let the next one ask, and those that look now and then before us: they would never meet a gap otherwise."""
        with self.file:
            _write(self.file, time() + 1.25 * SECONDS_A_LOOK)


def _read(file: BinaryIO) -> float:
    try:
        return float(os.pread(file.fileno(), _MOST_DIGITS, 0))
    except ValueError:  # a new file, or one that a full disk left empty
        return 0.0


def _write(file: BinaryIO, moment: float) -> None:
    """Note when an address may be asked, unless a later time is noted already."""
    if moment > _read(file) or _read(file) > time() + LONGEST:
        os.pwrite(file.fileno(), f"{moment:.3f}".encode(), 0)


class SharedPace:
    """The addresses' files of one archive; their folder is made with the first. OSError when it takes none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _open(self, address: str) -> BinaryIO:
        self._folder.mkdir(exist_ok=True)
        handle = os.open(self._folder / address, os.O_RDWR | os.O_CREAT, 0o666)
        return os.fdopen(handle, "r+b", buffering=0)

    async def enter(self, address: str, delay: float, stopping: Callable[[], bool]) -> Asking | None:
        """Wait until an address may be asked, and again after `delay` seconds; None once `stopping` says so."""
        while not stopping():
            taken = self.take(address, delay)
            if isinstance(taken, Asking):
                return taken
            await asyncio.sleep(min(taken, SECONDS_A_NAP))
        return None

    def take(self, address: str, delay: float) -> Asking | float:
        """Begin to ask an address now, or say how many seconds it is to be waited for."""
        file = self._open(address)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return SECONDS_A_LOOK
        left = _read(file) - time()
        if 0 < left <= LONGEST:
            file.close()
            return left
        _write(file, time() + delay)
        return Asking(file)

    def hold(self, address: str, seconds: float) -> None:
        """Let no process ask an address for so long."""
        with self._open(address) as file:
            _write(file, time() + seconds)
