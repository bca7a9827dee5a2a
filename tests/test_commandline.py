"""What is typed wrongly ends a command in plain words, with exit code 2, before anything is begun."""

from pathlib import Path

import pytest
from scrapy.cmdline import execute
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from crawler.portals import ArgumentError
from spiders.portal import PortalSpider
from tests.conftest import ROOT, Folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the command is run."""
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code_of(*words: str) -> object:
    """The exit code of a command that is run in this process."""
    with pytest.raises(SystemExit) as ended:
        execute(["scrapy", *words])
    return ended.value.code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("crawl sample -s DOWNLOAD_DELAY=abc", "-s DOWNLOAD_DELAY=abc: it must be a number"),
        ("crawl sample -s DOWNLOAD_DELAY=nan", "-s DOWNLOAD_DELAY=nan: it must be a number"),
        ("crawlall -s DOWNLOAD_MAXSIZE=1e6", "-s DOWNLOAD_MAXSIZE=1e6: it must be a whole number"),
        ("withhold -s ARCHIVE_LOCK_TIMEOUT=abc", "-s ARCHIVE_LOCK_TIMEOUT=abc: it must be a number"),
        ("probe sample -s ROBOTSTXT_OBEY=maybe", "-s ROBOTSTXT_OBEY=maybe: it must be 0 or 1"),
        ("crawl sample -s ARCHIVE_DB=", "-s ARCHIVE_DB= is empty: it must be a path"),
        ("crawl sample -s ARCHIVE_WARC_DIR=", "-s ARCHIVE_WARC_DIR= is empty: it must be a path"),
        ("list -s ARCHIVE_PORTALS=", "-s ARCHIVE_PORTALS= is empty: it must be a path"),
        (
            "status -s ARCHIVE_DBB=x",
            "-s ARCHIVE_DBB=… is not known; known are ARCHIVE_DB,",
        ),
        ("crawl sample -L FOO", "-L FOO is no log level; known are CRITICAL, ERROR, WARNING, INFO, DEBUG"),
        ("crawl sample --logfile nope/x", "the log nope/x cannot be written: No such file or directory"),
        ("demo --pidfile nope/x", "nope/x cannot be written: No such file or directory"),
        ("explain x -s ARCHIVE_DB=", "-s ARCHIVE_DB= is empty: it must be a path"),
    ],
)
def test_mistyped_setting_is_named_and_nothing_is_begun(
    elsewhere: Path, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    assert code_of(*words.split()) == 2
    assert f": error: {said}" in capsys.readouterr().err
    assert [*elsewhere.iterdir()] == []


def test_numbers_and_switches_may_be_written_in_several_ways(elsewhere: Path) -> None:
    words = "-s DOWNLOAD_DELAY=3 -s DOWNLOAD_TIMEOUT=0.5 -s ARCHIVE_LOCK_TIMEOUT=0.5 -s RETRY_ENABLED=false -L INFO"
    assert code_of("list", *words.split(), "--logfile", "log") == 0
    assert [path.name for path in elsewhere.iterdir()] == ["log"]


@pytest.mark.parametrize(
    "command", sorted((ROOT / "crawler" / "commands").glob("[a-z]*.py")), ids=lambda path: path.stem
)
def test_every_command_refuses_a_setting_that_is_not_known(command: Path) -> None:
    assert code_of(command.stem, "-s", "ARCHIVE_DBB=x") == 2


@pytest.mark.parametrize(
    "words",
    [["list", "foo"], ["demo", "foo"], ["checkportals", "a", "b"], ["export", ""], ["status", "foo"]],
    ids=" ".join,
)
def test_argument_that_is_not_taken_is_refused(elsewhere: Path, words: list[str]) -> None:
    assert code_of(*words) == 2
    assert [*elsewhere.iterdir()] == []


def test_mistyped_argument_begins_nothing(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "sample", "-a", "full=maybe")
    assert (ran.returncode, ran.stderr) == (2, "")
    assert ran.stdout == "Error: -a full=maybe is neither on nor off: it is full=1 or full=0\n"
    assert not folder.db.exists()


def spider(**arguments: str) -> PortalSpider:
    """The spider that `-a` makes."""
    crawler = Crawler(PortalSpider, Settings({"ARCHIVE_PORTALS": "", "ARCHIVE_CONTACT": ""}))
    return PortalSpider.from_crawler(crawler, url="http://127.0.0.1:9/", **arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"ful": "1"}, "-a ful=… is not known; known are full, "),
        ({"probe": "x"}, "-a probe=x is no number"),
        ({"full": "2"}, "-a full=2 is neither on nor off"),
        ({"full": ""}, "-a full= is neither on nor off"),
        ({"media": "maybe"}, "-a media=maybe is neither on nor off"),
    ],
)
def test_mistyped_argument_is_not_left_without_effect(arguments: dict[str, str], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        spider(**arguments)


@pytest.mark.parametrize(
    ("word", "is_on"), [("0", False), ("no", False), ("False", False), ("1", True), ("yes", True)]
)
def test_argument_is_on_or_off_as_it_says(word: str, is_on: bool) -> None:
    made = spider(full=word, media=word)
    assert (made.mode, made.scope.media) == ("full" if is_on else None, is_on)
