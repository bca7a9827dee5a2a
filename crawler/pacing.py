"""When a request may go out: one at a time for each portal and each IP address, and as far apart as they ask.

One Pacer serves all crawls of a process. It knows nothing of Scrapy or of the network, and is told the time.
"""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from crawler.portals import MIN_DELAY, VIET_NAM, Night
from crawler.sharedpace import Asking, SharedPace

NAP = 1.0
"""Seconds after which a wait looks again whether the crawl is being stopped, or the clock was set."""

MAX_WAIT = 3600.0
"""Seconds that we wait at most, whatever a portal asks for: it is asked again then."""

UNSAID_WAITS = (65.0, 130.0, 310.0)
"""Seconds to wait for a portal that does not say: NukeViet counts over 60 s and over 300 s."""

SLOWER_AFTER = 3
STOP_AFTER = 8
"""Refusals in a row that double a portal's delay, and that end its crawl."""

MAX_SLOWED = 60.0
MAX_CRAWL_DELAY = 60.0
"""Seconds between requests that doubling, and a robots.txt, lead to at most: at 60 s, 5,000 pages take 3.5 days."""

ASKED_AGAIN = "asked_again"
"""Where a request's meta says how often it was asked for again after a refusal."""

logger = logging.getLogger(__name__)


class NotAskedError(Exception):
    """A request that was not made, since the crawl was stopped while it waited its turn."""


class RobotsUnreachableError(Exception):
    """A request that may not be made, since its host's robots.txt cannot be had. The text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How one portal, or one host that is no portal's, is asked."""

    key: str  # what is asked as one: the portal's key, else the host
    name: str  # for people
    delay: float  # seconds from one start to the next; 0: as fast as it answers, several at once
    night: Night | None = None  # when it may be asked; None: at any hour


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Why a portal is not asked just now. The seconds between two requests are no wait."""

    until: datetime  # UTC
    why: str  # "outside its hours", "asked to wait"


@dataclass(kw_only=True, slots=True, eq=False)
class _Lane:
    """What is asked one at a time: a portal, or an IP address."""

    name: str
    delay: float
    night: Night | None = None
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    started: float = -math.inf  # when its last request began
    held_from: float = -math.inf  # when it last refused us
    held_for: float = 0.0
    refusals: int = 0  # in a row
    address: "_Lane | None" = None  # the lane of its IP address
    night_told: datetime | None = None  # the opening that the log has told of

    def held(self, now: float) -> float:
        """Seconds that are left of the wait it asked for."""
        self.held_from = min(self.held_from, now)  # a clock that was set back prolongs no wait
        return max(self.held_from + self.held_for - now, 0.0)

    def left(self, now: float) -> float:
        """Seconds until it may be asked, its hours aside."""
        self.started = min(self.started, now)
        return max(self.started + self.delay - now, self.held(now), 0.0)

    def hold(self, now: float, seconds: float) -> None:
        """Let nothing begin for so long."""
        self.held_for = max(self.held(now), seconds)
        self.held_from = now


class Turn:
    """The leave to make one request, to be given back when it was answered or failed."""

    def __init__(self, lane: _Lane) -> None:
        self.lane = lane
        self.started = math.nan
        self._gates: list[asyncio.Lock | Asking] = []

    async def take(self, lane: _Lane, stopping: Callable[[], bool]) -> None:
        """Wait until nobody else has the lane; first come, first served."""
        taking = asyncio.ensure_future(lane.gate.acquire())
        try:
            while not (taking.done() or stopping()):
                await asyncio.wait({taking}, timeout=NAP)
        finally:
            if taking.done():
                self._gates.append(lane.gate)
            else:
                taking.cancel()
        if not taking.done():
            raise NotAskedError("the crawl was stopped before it was asked for")

    def keep(self, asking: Asking | None) -> None:
        """Keep other processes out until the turn ends; NotAskedError for None."""
        if asking is None:
            raise NotAskedError("the crawl was stopped before it was asked for")
        self._gates.append(asking)

    def give_back(self) -> None:
        """Leave the lane that was taken last to the next."""
        self._gates.pop().release()

    def end(self) -> None:
        """Leave every lane; nothing happens the second time."""
        while self._gates:
            self.give_back()


def _now() -> datetime:
    return datetime.now(UTC)


class Pacer:
    """Lets requests begin when politeness allows it."""

    def __init__(
        self, *, clock: Callable[[], float] = monotonic, wall: Callable[[], datetime] = _now
    ) -> None:
        """Take two clocks: seconds for what lies between requests, an aware time for the hours of the day."""
        self._clock = clock
        self._wall = wall
        self._lanes: dict[str, _Lane] = {}
        self._addresses: dict[str, _Lane] = {}
        self.shared: SharedPace | None = None  # with other processes; None: nobody else is known

    def begin(self, pace: Pace) -> None:
        """Start a portal's crawl afresh: an earlier one's slowness is forgotten, its last request is not."""
        lane = self._lane(pace)
        lane.delay, lane.night, lane.refusals = pace.delay, pace.night, 0

    async def enter(self, pace: Pace, address: str | None, stopping: Callable[[], bool]) -> Turn:
        """Wait for a turn at the portal, then at its IP address (None when it is not known).

        Raises NotAskedError once `stopping` says so. A portal's place at a shared address is behind those
        who came before, so that each of them gets on.
        """
        lane = self._lane(pace)
        turn = Turn(lane)
        try:
            if lane.delay:
                await turn.take(lane, stopping)
                lane.address = self._address(address, pace.delay) if address else None
            await self._until_free(lane, stopping)
            while lane.address is not None:
                await turn.take(lane.address, stopping)
                await self._until_free(lane.address, stopping)
                if not self._left(lane):
                    break
                turn.give_back()
                await self._until_free(lane, stopping)
            if lane.address is not None and self.shared is not None:
                turn.keep(await self.shared.enter(lane.address.name, lane.address.delay, stopping))
        except BaseException:
            turn.end()
            raise
        turn.started = lane.started = self._clock()
        if lane.address is not None:
            lane.address.started = turn.started
        return turn

    def _lane(self, pace: Pace) -> _Lane:
        lane = self._lanes.get(pace.key)
        if lane is None:
            lane = self._lanes[pace.key] = _Lane(name=pace.name, delay=pace.delay, night=pace.night)
        return lane

    def _address(self, address: str, delay: float) -> _Lane:
        lane = self._addresses.setdefault(address, _Lane(name=address, delay=0.0))
        lane.delay = max(lane.delay, min(delay, MIN_DELAY))
        return lane

    def _left(self, lane: _Lane) -> float:
        closed = lane.night.seconds_until_open(self._wall()) if lane.night else 0.0
        if closed:
            self._tell_of_night(lane, closed)
        return max(lane.left(self._clock()), closed)

    async def _until_free(self, lane: _Lane, stopping: Callable[[], bool]) -> None:
        while not stopping():
            if not (left := self._left(lane)):
                return
            await asyncio.sleep(min(left, NAP))
        raise NotAskedError("the crawl was stopped before it was asked for")

    def _tell_of_night(self, lane: _Lane, seconds: float) -> None:
        opening = self._wall() + timedelta(seconds=round(seconds))
        if lane.night_told is None or abs(opening - lane.night_told) > timedelta(minutes=1):
            lane.night_told = opening
            logger.warning(
                "%s may be asked from %s in Viet Nam: waiting until %s",
                lane.name,
                str(lane.night).replace("-", " to "),
                in_viet_nam(opening),
            )

    def refused(self, turn: Turn, seconds: float | None) -> Wait | None:
        """Hold a portal and its IP address for the seconds that it said (None: it did not say).

        Returns None when it has refused us so often in a row that its crawl should end. Requests that
        were under way when it began to refuse count as one with the first.
        """
        lane, now = turn.lane, self._clock()
        is_new = turn.started > lane.held_from
        lane.refusals += is_new
        unsaid = UNSAID_WAITS[min(max(lane.refusals, 1), len(UNSAID_WAITS)) - 1]
        wait = unsaid if seconds is None else min(max(seconds, 0.0), MAX_WAIT)
        for each in (lane, lane.address):
            if each is not None:
                each.hold(now, wait)
        if lane.address is not None and self.shared is not None:
            self.shared.hold(lane.address.name, wait)
        if lane.refusals >= STOP_AFTER:
            return None
        until = self._wall() + timedelta(seconds=wait)
        if is_new:
            logger.warning("%s asks us to wait: going on at %s", lane.name, in_viet_nam(until))
            if lane.refusals % SLOWER_AFTER == 0:
                self._slow(lane)
        return Wait(until=until, why="asked to wait")

    def answered(self, turn: Turn) -> None:
        """Note that a portal gave an answer: what it refuses from now on is the first in a row."""
        if turn.started > turn.lane.held_from:
            turn.lane.refusals = 0

    def _slow(self, lane: _Lane) -> None:
        slower = max(lane.delay, min(lane.delay * 2, MAX_SLOWED))
        if slower > lane.delay:
            lane.delay = slower
            logger.warning(
                "%s refused us %d times in a row: one request every %.3g s for the rest of this crawl",
                lane.name,
                lane.refusals,
                slower,
            )

    def obey_crawl_delay(self, pace: Pace, seconds: float) -> None:
        """Ask no more often than a robots.txt says, within reason; a server of this machine's is not slowed."""
        if not pace.delay or not seconds > 0:
            return
        if seconds > MAX_CRAWL_DELAY:
            logger.warning(
                "the robots.txt of %s asks for %.3g s between requests: %.0f s it is",
                pace.name,
                seconds,
                MAX_CRAWL_DELAY,
            )
        lane = self._lane(pace)
        lane.delay = max(lane.delay, min(seconds, MAX_CRAWL_DELAY))

    def waiting(self, key: str) -> Wait | None:
        """What a portal is waiting for, by its key; None when it is being asked, or is not known."""
        lane = self._lanes.get(key)
        if lane is None:
            return None
        now, wall = self._clock(), self._wall()
        held = max(lane.held(now), lane.address.held(now) if lane.address else 0.0)
        closed = lane.night.seconds_until_open(wall) if lane.night else 0.0
        if not max(held, closed):
            return None
        why = "outside its hours" if closed > held else "asked to wait"
        return Wait(until=wall + timedelta(seconds=max(held, closed)), why=why)


def in_viet_nam(moment: datetime) -> str:
    """A time of day for people.

    >>> in_viet_nam(datetime(2026, 1, 1, 15, 0, 9, tzinfo=UTC))
    '22:00:09 Viet Nam time'
    """
    return f"{moment.astimezone(VIET_NAM):%H:%M:%S} Viet Nam time"
