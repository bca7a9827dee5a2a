"""The sample portal as a child process, for the demo and the tests."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_LINE = re.compile(r"Sample portal at (http://\S+) \((\d+) articles\)")
_END_SECONDS = 5


class SampleNotStartedError(Exception):
    """The child process ended before it served; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningPortal:
    """A sample portal that answers."""

    url: str  # with a slash at the end
    articles: int  # public ones
    pid: int


@contextmanager
def serve(*, articles: int | None = None, port: int = 0, count_views: bool = True) -> Iterator[RunningPortal]:
    """A sample portal in a process of its own, which ends with this context, or with this process if that is killed.

    Raises SampleNotStartedError, as when the port is taken.
    """
    command = [sys.executable, "-m", "crawler.sample", "--port", str(port), "--until-stdin-closes"]
    if articles is not None:
        command += ["--articles", str(articles)]
    if not count_views:
        command.append("--no-count-views")
    # The package is found wherever this process stands, and in an egg too.
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen(  # noqa: S603 - our own module
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe, as asked for
        said = (
            process.stdout.readline()
        )  # comes when it listens, however long that takes, or when the process ends
        line = _LINE.match(said)
        if line is None:
            why = said.strip() or f"its process ended with code {process.wait(_END_SECONDS)}."
            raise SampleNotStartedError(f"the sample portal did not start: {why}")
        yield RunningPortal(url=line[1], articles=int(line[2]), pid=process.pid)
    finally:
        _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
