"""All scenarios, in the order in which they are tried."""

from tests.torture import answers, disks, endless, kills, locks, places, signals
from tests.torture.scenario import SCENARIOS

__all__ = ["SCENARIOS", "answers", "disks", "endless", "kills", "locks", "places", "signals"]
