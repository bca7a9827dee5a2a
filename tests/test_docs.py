"""The documents hold: every command in the README runs, every outcome, setting and exit code is explained."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml

from crawler import settings
from crawler.archive.crawls import PROBLEMS
from crawler.commands.crawl import EXIT_CODES
from crawler.items import OUTCOMES
from tests import forked
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
README_VI = (ROOT / "README.vi.md").read_text(encoding="utf-8")
DATA = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
SERVERS = {"make serve": "8002", ".venv/bin/scrapy sample --port 8011": "8011"}
"""README commands that run until they are stopped, and the port on which each answers."""

PORTS = {"8001": "crawler/sample/running.py", "8002": "Makefile", "8011": "README.md"}
"""Where each port that the README's commands use is written; the tests put free ones in their places."""


def commands(text: str) -> list[str]:
    """The commands of a document's shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [
        line.partition(" #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()
    ]


@pytest.fixture(scope="module")
def ports() -> dict[str, str]:
    """A free port for each of PORTS."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        return {port: str(one.getsockname()[1]) for port, one in zip(PORTS, found, strict=True)}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, str]) -> Path:
    """The project's files in a folder of their own, with this environment, on ports that nobody else uses."""
    folder = tmp_path_factory.mktemp("clone")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(
        listed, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for entry in Path(sys.prefix).iterdir():
        if not entry.name.startswith("."):
            (folder / ".venv" / entry.name).symlink_to(entry)
    for port, name in PORTS.items():
        text = (folder / name).read_text(encoding="utf-8")
        assert port in text
        (folder / name).write_text(text.replace(port, ports[port]), encoding="utf-8")
    for stamp in (".uv", ".run", ".dev"):  # the newest files there: make has nothing to install
        (folder / ".venv" / stamp).touch()
    return folder


def wait_for(port: str) -> None:
    for _ in range(600):
        connection = HTTPConnection("127.0.0.1", int(port), timeout=20)
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            assert status < 400
            return
        finally:
            connection.close()
    raise AssertionError(f"nothing answers on port {port}")


def run(command: str, clone: Path, sample: str = "") -> subprocess.CompletedProcess[str]:
    """Run one README command; the one real portal of its registry is played by the sample portal."""
    if re.search("tay_ninh_hoa_thanh|crawlall|status", command):
        registry = clone / "played.yml"
        registry.write_text(
            f"tay_ninh_hoa_thanh:\n  name: Thị xã Hòa Thành\n  url: {sample}\n  frozen: true\n",
            encoding="utf-8",
        )
        command += f" -s ARCHIVE_PORTALS={registry}"
    environment = {"PATH": os.environ["PATH"], "HOME": str(clone), "LANG": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=clone,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.timeout(600)
def test_every_readme_command_runs(clone: Path, ports: dict[str, str]) -> None:
    started = []
    written = (clone / "README.md").read_text(encoding="utf-8")
    servers = {server.replace(port, ports[port]): ports[port] for server, port in SERVERS.items()}
    sample = f"http://127.0.0.1:{ports['8011']}/"
    try:
        for server, port in servers.items():
            if server == "make serve":
                ran = run("make demo", clone)
                assert ran.returncode == 0, ran.stdout + ran.stderr
                assert_summary(ran.stdout)
                again = run("make demo", clone)
                assert "nothing changed" in again.stdout
            started.append(
                subprocess.Popen(
                    ["bash", "-c", server],
                    cwd=clone,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            )
            wait_for(port)
        for command in commands(written):
            if command not in servers and command != "make demo":
                ran = run(command, clone, sample)
                assert ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}"
                assert "Traceback" not in ran.stderr
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def assert_summary(printed: str) -> None:
    """What the README says of `make demo` is what it prints."""
    articles, sections, first, last = re.findall(
        r"(\d+) articles in (\d+) sections, from (\d{4}) to (\d{4})", " ".join(README.split())
    )[0]
    assert f"complete: {articles} articles" in printed
    by_section, by_year = re.findall(r"Articles by \w+:\n((?:  .*\n)+)", printed)
    assert len(by_section.splitlines()) == int(sections)
    years = [line.split()[0] for line in by_year.splitlines()]
    assert (years[0], years[-1]) == (first, last)
    assert "make serve" in printed


def test_readme_is_short() -> None:
    assert len(README.splitlines()) < 150


def test_vietnamese_readme_has_the_same_commands() -> None:
    assert commands(README_VI) == commands(README)


def test_vietnamese_readme_has_the_same_numbers() -> None:
    assert "96 bài viết trong 14 chuyên mục, từ năm 2012 đến 2025" in " ".join(README_VI.split())


@pytest.mark.parametrize(
    "document",
    [*sorted(path.relative_to(ROOT) for path in ROOT.glob("*.md")), Path("docs/operating.md")],
    ids=str,
)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / document.parent / target).exists(), target


def test_every_outcome_is_explained() -> None:
    table = OPERATING.partition("<!-- outcomes -->")[2].partition("<!-- /outcomes -->")[0]
    assert table.strip() == "\n".join(
        ["| outcome | meaning |", "|---|---|"]
        + [
            f"| `{name}`{' *' if name in PROBLEMS else ''} | {meaning} |"
            for name, meaning in OUTCOMES.items()
        ]
    )


@pytest.mark.parametrize(("status", "code"), EXIT_CODES.items())
def test_every_exit_code_is_explained(status: str, code: int) -> None:
    assert re.search(rf"^\| {code} \| {status} \|", OPERATING, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in vars(settings) if name.startswith("ARCHIVE_")])
def test_every_setting_of_ours_is_explained(name: str) -> None:
    assert name in OPERATING


def test_questions_are_named_by_their_titles_and_not_like_tables() -> None:
    questions = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))["databases"]["archive"][
        "queries"
    ]
    assert [name for name in questions if f"`{name}`" in DATA] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "crawler" / "commands").glob("[a-z]*.py")), ids=lambda path: path.stem
)
def test_every_command_is_named_in_a_document_and_has_help(path: Path) -> None:
    assert f"scrapy {path.stem}" in README + OPERATING
    ran = forked.run([path.stem, "--help"])
    assert ran.returncode == 0
    assert f"scrapy {path.stem}" in ran.stdout


def test_documents_stay_within_a_screen() -> None:
    lines = README.splitlines() + OPERATING.splitlines()
    assert [line for line in lines if len(line) > 120 and not line.startswith("|")] == []
