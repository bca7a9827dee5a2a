"""What every test may count on: no network beyond this machine, and an archive of its own."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import forked

ROOT = Path(__file__).parent.parent

# Python's own default: a test run starts some hundred processes, and each would compile all of Scrapy anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says more of the machine than of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6}:
        host = str(address[0])
        if not (host.startswith("127.") or host in {"localhost", "::1"}):
            raise OSError(f"a test tried to reach {host}: tests stay on this machine")
    _connect(self, address)


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """What Scrapy's commands do to the root logger in this process ends with the test."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _loopback_only)


class Folder:
    """An archive's folder, and the command line that works in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = path / "archive.db"
        self.warc = path / "warc"
        self.where = ["-s", f"ARCHIVE_DB={self.db}", "-s", f"ARCHIVE_WARC_DIR={self.warc}"]

    def command(self, *arguments: str) -> list[str]:
        """The words of a scrapy command that keeps everything in this folder."""
        return [sys.executable, "-m", "scrapy", *arguments, *self.where]

    def scrapy(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a scrapy command to its end; its words and its exit code."""
        return forked.run([*arguments, *self.where], timeout)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
