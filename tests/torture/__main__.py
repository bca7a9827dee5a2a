"""`make torture`: try everything, and print what was tried, what happened, and whether that was right."""

import argparse
import logging
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.torture.crawls import Bench
from tests.torture.every import SCENARIOS
from tests.torture.scenario import Scenario


def main() -> int:
    """Run the scenarios; 1 when one of them went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only what `make test` runs")
    parser.add_argument("--only", default="", help="only scenarios in whose group or name this occurs")
    options = parser.parse_args()
    logging.disable()  # of the few parts of the crawler that run in this process
    chosen = [
        one
        for one in SCENARIOS
        if options.only in f"{one.group} {one.tried}" and not (options.quick and one.full_only)
    ]
    print("| what was tried | what happened | s | verdict |\n|---|---|---|---|", flush=True)
    failed = sum(not _tried(one) for one in chosen)
    print(f"\n{len(chosen)} tried, {failed} went wrong")
    return 1 if failed or not chosen else 0


def _tried(one: Scenario) -> bool:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        try:
            happened, verdict = one.run(Bench(Path(folder))), "as it should be"
        except (AssertionError, OSError, sqlite3.Error, subprocess.SubprocessError) as error:
            happened = " ".join(str(error).split())[:300] or "an assertion failed"
            verdict = f"known fault: {one.broken}" if one.broken else "WRONG"
    print(
        f"| {one.group}: {one.tried} | {happened} | {time.monotonic() - began:.0f} | {verdict} |", flush=True
    )
    return verdict != "WRONG"


if __name__ == "__main__":
    sys.exit(main())
