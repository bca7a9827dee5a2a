"""The real Pacer on an event loop whose time is only counted, never waited for."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from crawler.pacing import Pace, Pacer, Turn
from crawler.portals import Night

T = TypeVar("T")
EVENING = datetime(2026, 1, 1, 14, 0, tzinfo=UTC)  # 21:00 in Viet Nam
SECONDS = 2.1


class _Skipping(selectors.SelectSelector):
    """Instead of waiting, moves time on."""

    now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits for ever"
        self.now += timeout
        return super().select(0)


class Simulation(asyncio.SelectorEventLoop):
    """A pacer, portals that answer after a while, and what they saw."""

    def __init__(self) -> None:
        self.skipping = _Skipping()
        super().__init__(self.skipping)
        self.clock_is_off = 0.0
        self.wall_is_off = timedelta()
        self.pacer = Pacer(clock=lambda: self.time() + self.clock_is_off, wall=self.wall)
        self.seen: list[tuple[float, str, str | None]] = []
        self.under_way: dict[str, int] = {}
        self.stopped = False

    def time(self) -> float:
        return self.skipping.now

    def wall(self) -> datetime:
        return EVENING + timedelta(seconds=self.time() - 1_000) + self.wall_is_off

    async def enter(self, pace: Pace, address: str | None = None) -> Turn:
        turn = await self.pacer.enter(pace, address, lambda: self.stopped)
        self.seen.append((self.time(), pace.key, address))
        return turn

    async def ask(self, pace: Pace, address: str | None = None, *, seconds: float = 0.5) -> Turn:
        """One request that is answered."""
        turn = await self.enter(pace, address)
        lanes = [pace.key, *([address] if address else [])]
        for lane in lanes:
            self.under_way[lane] = self.under_way.get(lane, 0) + 1
            assert self.under_way[lane] == 1 or not pace.delay, f"two at once at {lane}"
        await asyncio.sleep(seconds)
        for lane in lanes:
            self.under_way[lane] -= 1
        turn.end()
        return turn

    def starts(self, where: str) -> list[float]:
        return [at for at, *places in self.seen if where in places]

    def gaps(self, where: str) -> list[float]:
        starts = self.starts(where)
        return [b - a for a, b in pairwise(starts)]


def simulate(scenario: Callable[[Simulation], Coroutine[Any, Any, T]]) -> T:
    loop = Simulation()
    try:
        return loop.run_until_complete(scenario(loop))
    finally:
        loop.close()


def pace(key: str = "x", delay: float = SECONDS, night: Night | None = None) -> Pace:
    return Pace(key=key, name=f"Huyện {key}", delay=delay, night=night)


async def repeat(times: int, one: Callable[[], Awaitable[object]]) -> None:
    for _ in range(times):
        await one()
