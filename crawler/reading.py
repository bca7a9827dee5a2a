"""Reading pages beside the crawl: in this process while that is quick enough, in a second one when pages come fast.

Polite crawls of a few portals never need the second one. Many at once, or a server on this machine, would otherwise
wait for each page to be parsed; and a page of 20 MB would hold up every other portal for seconds.
"""

import asyncio
import logging
import multiprocessing
import pickle
import signal
import socket
from collections import deque
from time import monotonic

from crawler.cms import read_response
from crawler.items import Fetched, Reading

PAGES_IN_A_ROW = 60
BUSY_SECONDS = 3.0
"""When so many pages came within so many seconds, a second process is worth its memory."""

LARGE_BYTES = 2_000_000
"""So is a page as large as that."""

_TRIES = 2  # for a large page: the second process may be killed for another's sake
_SIZE_BYTES = 8  # before each pickle on the socket: its length

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
        self._second: _SecondProcess | None = None
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
            self._end_second()

    async def read(self, fetched: Fetched, hosts: frozenset[str], requested: str) -> Reading:
        """What one response is and holds."""
        if len(fetched.body) > LARGE_BYTES:
            return await self._read_large(fetched, hosts, requested)
        if not self._is_busy():
            return read(fetched, hosts, requested)
        second = self._second_process()  # it takes half a second to begin
        reading = await second.read(fetched, hosts, requested) if second.is_ready else None
        return read(fetched, hosts, requested) if reading is None else reading

    async def _read_large(self, fetched: Fetched, hosts: frozenset[str], requested: str) -> Reading:
        for _ in range(_TRIES):
            if (reading := await self._second_process().read(fetched, hosts, requested)) is not None:
                return reading
        # Rather this page than the crawl, with the archive open.
        return Reading(outcome="parse_error", message="reading it needs more memory than there is")

    def _second_process(self) -> "_SecondProcess":
        if self._second is None or self._second.has_ended:
            self._end_second()
            self._second = _SecondProcess()
        return self._second

    def _is_busy(self) -> bool:
        now = monotonic()
        self._lately.append(now)
        return len(self._lately) == PAGES_IN_A_ROW and now - self._lately[0] < BUSY_SECONDS

    def _end_second(self) -> None:
        if self._second is not None:
            self._second.end()
            self._second = None


class _SecondProcess:
    """A process that reads what it is sent, in order, and ends when nobody can send any more.

    concurrent.futures would do the same with two threads in this process; waiting for the interpreter, these took
    as long as the crawl itself.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        context = multiprocessing.get_context("spawn")  # a fork would keep our locks when we are killed
        self.process = context.Process(target=_read_all, args=[theirs], daemon=True)
        with theirs:
            self.process.start()
        self._waiting: deque[asyncio.Future[Reading | None]] = deque()
        self.is_ready = False
        self.has_ended = False
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[bytes] = []
        self._receiving = asyncio.ensure_future(self._receive(ours))

    def read(self, *page: object) -> "asyncio.Future[Reading | None]":
        """The reading of a page, given as the arguments of `read`; None when the process was killed meanwhile."""
        future: asyncio.Future[Reading | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        job = pickle.dumps(page, pickle.HIGHEST_PROTOCOL)
        message = len(job).to_bytes(_SIZE_BYTES) + job
        if self._writer is None:
            self._unsent.append(message)
        else:
            self._writer.write(message)
        return future

    async def _receive(self, ours: socket.socket) -> None:
        try:
            reader, self._writer = await asyncio.open_connection(sock=ours)
            self._writer.writelines(self._unsent)
            self._unsent.clear()
            await reader.readexactly(1)
            self.is_ready = True
            while True:
                size = int.from_bytes(await reader.readexactly(_SIZE_BYTES))
                reading = pickle.loads(await reader.readexactly(size))  # noqa: S301 - our own process's
                future = self._waiting.popleft()
                if not future.done():
                    future.set_result(reading)
        except (asyncio.IncompleteReadError, ConnectionError):  # it was killed, for want of memory say
            pass
        finally:
            self._give_up()

    def _give_up(self) -> None:
        self.has_ended = True
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def end(self) -> None:
        """Let it end."""
        self._give_up()
        self._receiving.cancel()
        if self._writer is not None:
            self._writer.close()


def _read_all(theirs: socket.socket) -> None:
    """Answer on a socket until its other end is closed, as it is too when the crawl is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawl's to answer
    try:
        with theirs, theirs.makefile("rwb") as stream:
            stream.write(b"!")
            stream.flush()
            while size := stream.read(_SIZE_BYTES):
                page = pickle.loads(stream.read(int.from_bytes(size)))  # noqa: S301 - the crawl's own
                answer = pickle.dumps(read(*page), pickle.HIGHEST_PROTOCOL)
                stream.write(len(answer).to_bytes(_SIZE_BYTES) + answer)
                stream.flush()
    except (ConnectionError, EOFError, pickle.UnpicklingError):
        pass  # the crawl was killed in the middle of a page


READER = PageReader()
"""The one reader of this process."""
