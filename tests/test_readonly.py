"""An archive that may only be read: what only reads works, what writes says so; and what is withheld is never shown."""

import asyncio
import ctypes
import os
import shutil
import socket
import sqlite3
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click import ClickException
from datasette.app import Datasette
from scrapy.settings import Settings

from crawler import serving
from crawler.archive import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import LIST_NAME
from crawler.pagesource import FoundPage, find_page
from tests.conftest import ROOT
from tests.datasette_fixtures import configure
from tests.proofs import HOST, KEY, PATH, keep, scrapy

CAP_DAC_OVERRIDE = 1 << 1
CAPABILITY_VERSION_3 = 0x20080522


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    keep(folder, articles=2)
    return folder


@contextmanager
def without_override() -> Iterator[None]:
    """Take root's power to write everywhere from this thread."""
    libc = ctypes.CDLL(None, use_errno=True)
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (
        ctypes.c_uint32 * 6
    )()  # effective, permitted, inheritable; each set's upper half comes after all these
    assert libc.capget(head, sets) == 0
    before = sets[0]
    sets[0] &= ~CAP_DAC_OVERRIDE
    assert libc.capset(head, sets) == 0
    try:
        yield
    finally:
        sets[0] = before
        assert libc.capset(head, sets) == 0


def test_what_cannot_be_served_is_said_in_one_line(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(port: str = "65000") -> str:
        assert serving.main(port) == 1
        line = capsys.readouterr().out
        assert line.count("\n") == 1
        return line

    monkeypatch.chdir(tmp_path)
    assert said() == "Nothing was crawled yet. Type: make demo\n"
    (tmp_path / "archive.db").touch()
    assert "archive.db cannot be read as an archive (no such table: articles_full)" in said()
    (tmp_path / "archive.db").write_bytes(b"SQLite format 3 and no more" * 100)
    assert "archive.db is not a sound SQLite file" in said()
    shutil.copy2(kept / "archive.db", tmp_path)
    (tmp_path / LIST_NAME).write_text("sample/vi/news/1", encoding="utf-8")
    assert f"{LIST_NAME}, line 1: " in said()
    (tmp_path / LIST_NAME).unlink()
    for port in ("0", "-1", "65536", "x", ""):
        assert said(port) == f"Port {port} is taken or is no port. Type: make serve PORT=8003\n"
    alone = tmp_path / "alone"  # without the -shm that a reader has made
    alone.mkdir()
    shutil.copy2(kept / "archive.db", alone)
    monkeypatch.chdir(alone)
    with read_only(alone):
        assert "archive.db cannot be served where nothing can be written" in said()


def test_where_the_archive_is_is_said_when_it_can_be_served(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy2(kept / "archive.db", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.chdir(tmp_path)
        assert serving.main(port) == 1
    assert serving.main(port) == 0
    assert f"The archive is at http://127.0.0.1:{port}/ (" in capsys.readouterr().out


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with without_override():
            with pytest.raises(PermissionError):
                (folder / "new").touch()
            yield
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)


def copied_while_written(kept: Path, tmp_path: Path) -> Path:
    """A copy as a kill leaves it: what was written last is in the -wal alone."""
    writing = shutil.copytree(kept, tmp_path / "writing")
    with closing(sqlite3.connect(writing / "archive.db")) as connection:
        with connection:
            connection.execute("UPDATE crawls SET message = 'only in the -wal'")
        return shutil.copytree(writing, tmp_path / "killed")


def found(folder: Path, url: str) -> FoundPage:
    """As `scrapy explain` finds it, without its reactor."""
    settings = Settings(
        {
            "ARCHIVE_DB": str(folder / "archive.db"),
            "ARCHIVE_WARC_DIR": str(folder / "warc"),
            "ARCHIVE_PORTALS": str(ROOT / "spiders" / "portals.yml"),
        }
    )
    return find_page(url, Namespace(url=None, live=False), settings, None)


@pytest.mark.parametrize("is_killed", [False, True], ids=["whole", "killed"])
def test_what_only_reads_works_in_a_read_only_folder(kept: Path, tmp_path: Path, is_killed: bool) -> None:
    out = tmp_path / "out"
    folder = copied_while_written(kept, tmp_path) if is_killed else shutil.copytree(kept, tmp_path / "whole")
    with read_only(folder):
        results = {
            words[0]: scrapy(folder, *words)
            for words in (
                ("status", "--portal", "sample"),
                ("export", str(out)),
                ("cite", KEY, "-o", str(out / "evidence.zip")),
                ("verify",),
                ("withhold",),
            )
        }
        assert "as kept on" in found(folder, f"http://{HOST}{PATH}").origin
        with reading(folder / "archive.db") as connection:
            message = connection.execute("SELECT message FROM crawls").fetchone()[0]
        assert scrapy(folder, "reparse")[1].startswith(
            f"Error: {folder} cannot be written (you may not), and "
        )
    assert {name: code for name, (code, _) in results.items()} == dict.fromkeys(results, 0), results
    assert message == ("only in the -wal" if is_killed else None)


def test_a_log_that_cannot_be_read_there_is_never_passed_over(kept: Path, tmp_path: Path) -> None:
    folder = copied_while_written(kept, tmp_path)
    (folder / "archive.db-shm").unlink()
    with (
        read_only(folder),
        pytest.raises(ArchiveError, match="Copy both files"),
        reading(folder / "archive.db"),
    ):
        raise AssertionError


def test_a_file_that_changes_meanwhile_is_not_vouched_for(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "archive.db"
    with (
        read_only(tmp_path),
        pytest.raises(ArchiveError, match="was written while it was read"),
        reading(path),
    ):
        os.utime(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f"{KEY}:\n  reason: a: b\n  since: 2026-01-02\n",
            f"{LIST_NAME}, line 2: the list cannot be understood here",
        ),
        (f"{KEY}:\n  reason: x\n  since: 2026-01-02\n", f"{LIST_NAME} withholds {KEY}, and "),
    ],
    ids=["not understood", "not yet obeyed"],
)
def test_nothing_is_shown_while_something_may_have_to_be_withheld(
    kept: Path, tmp_path: Path, text: str, words: str
) -> None:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    (tmp_path / LIST_NAME).write_text(text)
    for command in (
        ("status",),
        ("export", str(tmp_path / "out")),
        ("cite", KEY, "-o", str(tmp_path / "out.zip")),
    ):
        code, printed = scrapy(tmp_path, *command)
        assert (code, words in printed) == (1, True), printed
        assert "Traceback" not in printed
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.zip").exists()
    site = Datasette(config_dir=configure(tmp_path))
    with pytest.raises(ClickException, match=words):
        asyncio.run(site.invoke_startup())
