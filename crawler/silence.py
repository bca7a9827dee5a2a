"""Whether a portal has gone silent, judged by its own past: how long it used to pause between days with articles."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from math import ceil

FEWEST_PAUSES = 20
"""With fewer of them nothing is said: a portal of twenty days has no habits yet."""

LONG = 0.98
"""Of its pauses this share is no longer than the one that is taken as its long pause."""

LEAST_DAYS = 14
"""Days that are never called silence: Tết alone is nine."""


def longest_likely(days: Iterable[date]) -> int | None:
    """The most days without an article that a portal's past makes likely; None when it says too little.

    Twice the pause that 98 of 100 of its pauses do not exceed, so that not even one in fifty of them would have been
    called silence. `days` are those on which it published, in any order, each as often as one likes.

    >>> longest_likely(date(2025, 1, 1 + day) for day in range(0, 30, 10)) is None
    True
    """
    pauses = sorted((later - earlier).days for earlier, later in pairwise(sorted(set(days))))
    if len(pauses) < FEWEST_PAUSES:
        return None
    return max(2 * pauses[ceil(LONG * len(pauses)) - 1], LEAST_DAYS)
