"""What is ready to use: the systemd units, the crontab lines, and the project packed into an egg."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_crawl import rows
from tests.torture.portal import TestPortal, serving

DEPLOY = ROOT / "deploy"
SERVICE = (DEPLOY / "portals.service").read_text(encoding="utf-8")
TIMER = (DEPLOY / "portals.timer").read_text(encoding="utf-8")
CRONTAB = (DEPLOY / "portals.crontab").read_text(encoding="utf-8")
PROJECT = "/srv/portals"
"""Where these files suppose that the project lies."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's folder on a machine that crawls: it has its programs, and no archive yet."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    shutil.copy2(ROOT / "scrapy.cfg", tmp_path)
    return tmp_path


def run(command: str, project: Path) -> subprocess.CompletedProcess[str]:
    """What these files run, on that machine, with the registry of the test instead of the real one."""
    registry = f"-s ARCHIVE_PORTALS={project / 'portals.yml'}"
    for name in ("crawlall", "status"):
        command = command.replace(f"scrapy {name}", f"scrapy {name} {registry}")
    return subprocess.run(
        ["sh", "-c", command.replace(PROJECT, str(project))],
        cwd=project,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_units(project: Path) -> None:
    units = project / "units"
    units.mkdir()
    for name, text in (("portals.service", SERVICE), ("portals.timer", TIMER)):
        moved = text.replace(PROJECT, str(project)).replace("User=portals", "User=root")
        (units / name).write_text(moved, encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_the_service_and_the_crontab_run(project: Path) -> None:
    settings = dict(re.findall(r"\b(ARCHIVE_\w+)=(/\S+|\S+@\S+)", SERVICE.partition("ExecStart")[0]))
    start = re.findall(r"^ExecStart=(.*)$", SERVICE, re.MULTILINE)[0]
    for name, value in settings.items():
        start = start.replace(f"${{{name}}}", value)
    assert "${" not in start
    lines = [line.split(maxsplit=5)[5] for line in CRONTAB.splitlines() if line and not line.startswith("#")]
    with serving(TestPortal(20)) as portal:
        url = portal.url
        (project / "portals.yml").write_text(f"mau_one:\n  name: Huyện Một\n  url: {url}\n  frozen: true\n")
        service = run(start, project)
        crawl, status = [run(line, project) for line in lines]
    assert (service.returncode, "1 complete; 20 articles new" in service.stdout) == (0, True), service.stderr
    assert len(rows(project / "archive.db", "SELECT * FROM articles")) == 20
    assert (crawl.returncode, crawl.stdout) == (0, ""), crawl.stderr
    assert "Nothing is due." in (project / "logs" / "crawlall.log").read_text(encoding="utf-8")
    assert (status.returncode, status.stdout) == (0, "")
    assert "1 well" in (project / "logs" / "status.txt").read_text(encoding="utf-8")


def test_an_egg_has_what_it_needs(tmp_path: Path) -> None:
    """Scrapyd does not unpack it: the registry and the sample portal's texts are read from a zip file."""
    egg = tmp_path / "project.egg"
    with zipfile.ZipFile(egg, "w") as file:
        for folder in ("crawler", "spiders"):
            for path in (ROOT / folder).rglob("*.*"):
                if path.suffix in {".py", ".yml", ".css", ".html"}:
                    file.write(path, path.relative_to(ROOT))
    program = (
        "from pathlib import Path; import crawler.settings as settings; from crawler.registry import load_portals; "
        "from crawler.sample import truth; "
        "print(settings.__file__, len(load_portals(Path(settings.ARCHIVE_PORTALS))), len(list(truth())))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(egg)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.startswith(str(egg)), ran.stderr
    assert ran.stdout.split()[1:] == ["10", "96"]
