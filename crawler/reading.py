"""Reading pages beside the crawl: in this process while that is quick enough, in a second one when pages come fast.

Polite crawls of a few portals never need the second one. Many at once, or a server on this machine, would otherwise
wait for each page to be parsed; and a page of 20 MB would hold up every other portal for seconds.
"""

import asyncio
import logging
import multiprocessing
import sys
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from time import monotonic

from crawler.cms import read_response
from crawler.items import Fetched, Reading
from crawler.workers import begin_worker

PAGES_IN_A_ROW = 200
BUSY_SECONDS = 10.0
"""When so many pages came within so many seconds, a second process is worth its memory."""

LARGE_BYTES = 2_000_000
"""So is a page as large as that."""

_SWITCH_SECONDS = 0.0005
"""The executor's threads wait for the interpreter that long at most; Python's 5 ms would leave its process idle."""

logger = logging.getLogger(__name__)


def read(fetched: Fetched, hosts: frozenset[str], requested: str) -> Reading:
    """What one response is; a parser's own fault is a parse_error, so that it loses no page."""
    try:
        return read_response(fetched, hosts=hosts, requested=requested)
    except Exception as error:  # a parser's bug loses no page: it is kept, counted and named
        logger.debug("a parser failed at %s", fetched.url, exc_info=True)
        message = f"a fault of the parser, please report it: {type(error).__name__}: {error}"
        return Reading(outcome="parse_error", message=message)


class PageReader:
    """Reads the pages of all crawls of a process."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._users = 0
        self._lately: deque[float] = deque(maxlen=PAGES_IN_A_ROW)

    def acquire(self) -> None:
        """One more crawl reads here."""
        self._users += 1

    def release(self) -> None:
        """One crawl less; after the last one the second process ends."""
        self._users -= 1
        if not self._users:
            self._lately.clear()
            self._end_pool()

    async def read(self, fetched: Fetched, hosts: frozenset[str], requested: str) -> Reading:
        """What one response is and holds."""
        if not self._is_worth_a_process(fetched):
            return read(fetched, hosts, requested)
        if self._pool is None:
            context = multiprocessing.get_context("spawn")  # a fork would keep our locks when we are killed
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=begin_worker)
            sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, read, fetched, hosts, requested)
        except BrokenProcessPool:  # it was killed, for want of memory say: this one reads on
            self._end_pool()
            return read(fetched, hosts, requested)

    def _is_worth_a_process(self, fetched: Fetched) -> bool:
        now = monotonic()
        self._lately.append(now)
        is_busy = len(self._lately) == PAGES_IN_A_ROW and now - self._lately[0] < BUSY_SECONDS
        return is_busy or len(fetched.body) > LARGE_BYTES

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


READER = PageReader()
"""The one reader of this process."""
