"""Loaded by Python before anything else where this folder is on PYTHONPATH: other names, and another clock.

TORTURE_NAMES  "portal.example=127.0.0.1 gone.example=": what host names lead to, "" for those that are not found
TORTURE_CLOCK  "10:-86400 50:63072000": after so many readings the clock jumps by so many seconds
"""

import copyreg
import datetime as dt
import os
import socket
import time

_names = dict(pair.split("=") for pair in os.environ.get("TORTURE_NAMES", "").split())
_jumps = [tuple(map(int, pair.split(":"))) for pair in os.environ.get("TORTURE_CLOCK", "").split()]
_by_system = socket.gethostbyname
_real_time = time.time
_real_datetime = dt.datetime
_readings = 0


def _looked_up(name: str) -> str:
    if name in _names and not _names[name]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _names.get(name) or _by_system(name)


def _jumping() -> float:
    global _readings  # noqa: PLW0603 - the clock of a whole process
    _readings += 1
    return _real_time() + sum(seconds for after, seconds in _jumps if _readings > after)


class _JumpingDatetime(dt.datetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return _real_datetime.fromtimestamp(_jumping(), tz)


def _moment(text: str) -> dt.datetime:
    return _real_datetime.fromisoformat(text)


if _names:
    socket.gethostbyname = _looked_up
if _jumps:
    time.time = _jumping
    dt.datetime = _JumpingDatetime  # type: ignore[misc]
    # The crawl sends times to its second process, and pickle would look for their class under its old name.
    copyreg.pickle(_real_datetime, lambda moment: (_moment, (moment.isoformat(),)))
