"""Try the project in a Scrapyd of its own: deploy its egg, schedule a portal over HTTP, look at what was archived.

Scrapyd and its client live in work/scrapyd-venv, made from requirements-scrapyd.txt when that changed.
"""

# mypy: disable-error-code="no-any-return"

import hashlib
import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path(__file__).with_name("requirements-scrapyd.txt")
ENVIRONMENT = ROOT / "work" / "scrapyd-venv"
PROJECT = "district_portal_archive"
SECONDS = 120


def scrapyd_bin() -> Path:
    """The programs of Scrapyd's environment, which is made when its requirements have changed."""
    made_from = ENVIRONMENT / "made-from"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not made_from.exists() or made_from.read_text() != digest:
        print("Installing Scrapyd into work/scrapyd-venv …")
        uv, python = str(Path(sys.executable).parent / "uv"), str(ENVIRONMENT / "bin" / "python")
        sync = ("pip", "sync", "--quiet", "--system-certs", "--require-hashes", "--python", python)
        subprocess.run(
            (uv, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT), check=True
        )
        subprocess.run((uv, *sync, str(REQUIREMENTS)), check=True)
        made_from.write_text(digest)
    return ENVIRONMENT / "bin"


def copy_project(folder: Path, port: int) -> None:
    """The project's files, so that what the egg's making leaves behind does not lie in the project."""
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder / name)
    for name in ("crawler", "spiders"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    cfg = (ROOT / "scrapy.cfg").read_text(encoding="utf-8")
    (folder / "scrapy.cfg").write_text(cfg.replace(":6800", f":{port}"), encoding="utf-8")


@contextmanager
def scrapyd(programs: Path, folder: Path, port: int) -> Iterator[str]:
    """A Scrapyd with the settings of deploy/scrapyd.conf on a port of its own; its address."""
    conf = Path(__file__).with_name("scrapyd.conf").read_text(encoding="utf-8")
    (folder / "scrapyd.conf").write_text(conf.replace("= 6800", f"= {port}"), encoding="utf-8")
    with (folder / "scrapyd.log").open("w") as log:
        server = subprocess.Popen([programs / "scrapyd"], cwd=folder, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _until(lambda: _answers(port), "Scrapyd did not start")
        yield address
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Deploy, schedule, wait, compare; exit code 1 with what Scrapyd said when that did not go well."""
    programs = scrapyd_bin()
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as free:
        folder, port = Path(name), free.getsockname()[1]
        free.close()
        copy = folder / "project"
        copy.mkdir()
        copy_project(copy, port)
        with scrapyd(programs, folder, port) as address:
            subprocess.run([programs / "scrapyd-deploy"], cwd=copy, check=True)
            spiders = _get(f"{address}/listspiders.json?project={PROJECT}")["spiders"]
            print(f"{len(spiders)} spiders: {', '.join(sorted(spiders)[:3])} …")
            db = folder / "kept" / "archive.db"
            db.parent.mkdir()
            job = schedule(address, "sample", ARCHIVE_DB=db, ARCHIVE_WARC_DIR=db.parent / "warc")
            _until(lambda: job in _finished(address), "the crawl did not end")
            log = folder / "logs" / PROJECT / "sample" / f"{job}.log"
            logs = (log, folder / "scrapyd.log")
            said = "\n".join(each.read_text(encoding="utf-8") for each in logs if each.exists())
            if not db.exists():
                sys.exit(said)
            with closing(sqlite3.connect(db)) as connection:
                status, new = connection.execute("SELECT status, articles_new FROM crawls").fetchone()
        print(f"crawled through Scrapyd: {status}, {new} articles")
        if status != "complete":
            sys.exit(said)


def schedule(address: str, portal: str, **settings: object) -> str:
    """Have a portal crawled; the id of the job."""
    fields = [("project", PROJECT), ("spider", portal)]
    fields += [("setting", f"{name}={value}") for name, value in settings.items()]
    with urlopen(f"{address}/schedule.json", data=urlencode(fields).encode()) as answer:  # noqa: S310 - our own
        return json.load(answer)["jobid"]


def _finished(address: str) -> set[str]:
    return {job["id"] for job in _get(f"{address}/listjobs.json?project={PROJECT}")["finished"]}


def _get(url: str) -> Any:
    with urlopen(url) as answer:  # noqa: S310 - our own Scrapyd
        return json.load(answer)


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _until(holds: Any, otherwise: str) -> None:
    for _ in range(SECONDS * 5):
        if holds():
            return
        time.sleep(0.2)
    sys.exit(otherwise)


if __name__ == "__main__":
    main()
