"""What is tried on a crawl, and the register of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.torture.crawls import Bench

Run = Callable[[Bench], str]
"""Tries something in a fresh folder. Returns what happened; AssertionError where that was wrong."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One thing that is tried."""

    group: str  # the module it is written in
    tried: str
    says: str  # what a person is told, as in docs/operating.md's table of messages; "" when there is nothing to do
    run: Run
    full_only: bool  # left out of the quick form
    broken: str  # why it is known to go wrong today; "" when it must not


SCENARIOS: list[Scenario] = []


def scenario(
    tried: str, *, says: str = "", full_only: bool = False, broken: str = ""
) -> Callable[[Run], Run]:
    """Register a scenario."""

    def register(run: Run) -> Run:
        group = run.__module__.rpartition(".")[2]
        SCENARIOS.append(
            Scenario(group=group, tried=tried, says=says, run=run, full_only=full_only, broken=broken)
        )
        return run

    return register
