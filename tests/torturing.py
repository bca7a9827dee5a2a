"""The quick scenarios of tests/torture as parameters of tests."""

import pytest
from _pytest.mark import ParameterSet

from tests.torture.every import SCENARIOS


def quick(*groups: str) -> list[ParameterSet]:
    """The quick scenarios of some groups; one that is known to go wrong must go wrong."""
    return [
        pytest.param(
            one,
            id=one.tried,
            marks=[pytest.mark.xfail(strict=True, raises=AssertionError, reason=one.broken)]
            if one.broken
            else [],
        )
        for one in SCENARIOS
        if one.group in groups and not one.full_only
    ]
