"""Scrapy commands in forks of one process that has imported everything: to start Python anew takes longer than most.

Only the start differs from `python -m scrapy`, and real ones are started by tests/torture, tests/test_docs.py,
tests/test_deploy.py and wherever a test signals or kills what it started.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from scrapy.cmdline import execute
from scrapy.utils.misc import walk_modules_iter
from scrapy.utils.project import get_project_settings

ROOT = Path(__file__).parent.parent
JOB_BYTES = 200_000
CODE_BYTES = 20  # an exit code, in digits


def run(arguments: list[str], timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `scrapy …` to its end, in the project's folder and this process's environment."""
    environment = os.environ | {"PYTHONUTF8": "1"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        _, server = _server()
        server.settimeout(timeout)
        job = json.dumps([arguments, environment]).encode()
        try:
            socket.send_fds(server, [job], [out.fileno(), err.fileno()])
            code = int(server.recv(CODE_BYTES))
        except TimeoutError:
            _end()
            raise subprocess.TimeoutExpired(["scrapy", *arguments], timeout) from None
        except (OSError, ValueError):  # it was killed; the next command gets another
            _end()
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())


@cache
def _server() -> tuple[subprocess.Popen[bytes], socket.socket]:
    """The process that forks, and the way to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked", str(theirs.fileno())],
            cwd=ROOT,
            env=os.environ | {"PYTHONUTF8": "1"},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            process_group=0,
        )
    atexit.register(_end)
    return process, ours


def _end() -> None:
    process, server = _server()
    _server.cache_clear()
    atexit.unregister(_end)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    server.close()


def main() -> None:
    """Answer each job with the exit code of its fork, until nobody can ask any more."""
    for package in ("crawler", "spiders", "scrapy.commands"):
        list(walk_modules_iter(package))
    for kind in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES"):
        get_project_settings().get_component_priority_dict_with_base(kind)  # imports each
    assert "twisted.internet.reactor" not in sys.modules, "each fork installs its own"
    gc.freeze()  # a fork would copy whatever it looks through
    with socket.socket(fileno=int(sys.argv[1])) as jobs:
        while True:
            job, files, _, _ = socket.recv_fds(jobs, JOB_BYTES, 2)
            if not job:
                return
            fork = os.fork()
            if not fork:
                break
            for file in files:
                os.close(file)
            _, status = os.waitpid(fork, 0)
            jobs.send(str(os.waitstatus_to_exitcode(status)).encode())
    for place, file in enumerate(files, 1):
        os.dup2(file, place)
        os.close(file)
    arguments, environment = json.loads(job)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["scrapy", *arguments]
    execute()


if __name__ == "__main__":
    main()
