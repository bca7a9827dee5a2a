"""Every place a page may come from that `scrapy explain` looks at."""

import hashlib
import os
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.pagesource import PageError, find_page
from crawler.sample import RunningPortal, serve
from crawler.warcin import read_responses
from tests.conftest import Folder
from tests.test_crawl import rows
from tests.test_fixtures import page_of, truth_of


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(articles=3) as running:
        yield running


@pytest.fixture(scope="module")
def crawled(portal: RunningPortal, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("crawled"))
    ran = folder.scrapy("crawl", "sample", "-a", f"url={portal.url}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder


def contents(folder: Folder) -> dict[str, str]:
    """A digest of every file of an archive; SQLite's shared memory is no content."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.path.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


@pytest.mark.usefixtures("portal")
def test_a_kept_page_is_read_from_the_archive_and_asked_again_only_when_told(crawled: Folder) -> None:
    url = next(
        record.url
        for record in read_responses(next(crawled.warc.glob("*.warc.gz")))
        if record.url.endswith("-512.html")
    )
    before = contents(crawled)
    kept = crawled.scrapy("explain", url)
    assert kept.returncode == 0, kept.stderr
    (capture,) = rows(crawled.db, "SELECT fetched_at FROM captures WHERE target_uri = ?", url)
    assert f"as kept on {capture['fetched_at'][:10]} in " in kept.stdout
    assert "--live asks the portal again" in kept.stdout
    assert "Outcome        article:" in kept.stdout
    live = crawled.scrapy("explain", url, "--live")
    assert live.returncode == 0, live.stderr
    assert "asked just now" in live.stdout
    assert "Outcome        article:" in live.stdout
    assert contents(crawled) == before


def test_a_page_that_was_never_kept_is_asked_of_its_portal_and_not_kept(
    portal: RunningPortal, folder: Folder
) -> None:
    ran = folder.scrapy("explain", portal.url)
    assert ran.returncode == 0, ran.stderr
    assert "Redirects to   /vi/ (not followed)" in ran.stdout
    assert "Leads to       1 listing" in ran.stdout
    assert list(folder.path.iterdir()) == []


def test_robots_txt_is_obeyed(portal: RunningPortal, folder: Folder) -> None:
    ran = folder.scrapy("explain", f"{portal.url}users/")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert (
        ran.stdout == f"Error: {portal.url}users/ must not be asked for: its portal's robots.txt forbids it\n"
    )


def test_a_page_of_a_warc_file(portal: RunningPortal, crawled: Folder) -> None:
    (path,) = crawled.warc.glob("*.warc.gz")
    ran = crawled.scrapy("explain", str(path), "--url", f"{portal.url}vi/")
    assert ran.returncode == 0, ran.stderr
    assert f"{path}, byte " in ran.stdout
    assert "List of the kind home: " in ran.stdout


def test_a_saved_page_says_its_address_itself_and_its_age_is_the_files(
    folder: Folder, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(page_of("44-egov-dan-van-byline").read_bytes())
    os.utime(page, (1_700_000_000, 1_700_000_000))
    ran = folder.scrapy("explain", str(page))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == truth_of("44-egov-dan-van-byline")["url"]
    assert "fetched 2023-11-14 22:13 UTC" in ran.stdout


def settings_for(folder: Folder) -> Settings:
    settings = get_project_settings()
    settings.setdict({"ARCHIVE_DB": str(folder.db), "ARCHIVE_WARC_DIR": str(folder.warc)})
    return settings


def problem(name: str, folder: Folder, *, url: str | None = None) -> str:
    """What is said of a page that cannot be had."""
    with pytest.raises(PageError) as caught:
        find_page(name, Namespace(url=url, live=False), settings_for(folder), None)
    return str(caught.value)


def test_what_cannot_be_had_is_said_in_plain_words(folder: Folder, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html><body><p>Tin</p></body></html>", encoding="utf-8")
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(b"\x1f\x8b\x08\x00 no archive")
    assert problem("none.html", folder) == (
        "there is no file none.html; an address begins with http:// or https://"
    )
    assert problem("ftp://a.vn/", folder).startswith("ftp://a.vn/ is not an address")
    assert problem("https://a.vn/", folder).startswith("a portal must be able to reach whoever crawls it")
    assert problem(str(page), folder).endswith("(it has no canonical link): give it with --url")
    assert problem(str(page), folder, url="a.vn").startswith("a.vn is not an address")
    assert problem(str(torn), folder) == f"say which page of {torn}: --url https://…"
    assert problem(str(torn), folder, url="https://a.vn/").startswith(f"{torn} cannot be read as a WARC file")


def test_what_a_warc_file_or_an_archive_lacks_is_said(
    portal: RunningPortal, crawled: Folder, tmp_path: Path
) -> None:
    (path,) = crawled.warc.glob("*.warc.gz")
    nowhere = f"{portal.url}vi/nowhere/"
    assert problem(str(path), crawled, url=nowhere) == f"{path} has no response for {nowhere}"
    elsewhere = Folder(tmp_path)
    elsewhere.db.write_bytes(crawled.db.read_bytes())
    assert problem(f"{portal.url}vi/", elsewhere).startswith(
        f"the page was kept in {path.name}, which is not in"
    )
    elsewhere.warc.mkdir()
    (elsewhere.warc / path.name).write_bytes(b"")
    assert "cannot be read at byte" in problem(f"{portal.url}vi/", elsewhere)
    elsewhere.db.write_bytes(b"no database")
    assert "is not a sound SQLite file" in problem(f"{portal.url}vi/", elsewhere)


def test_a_portal_that_is_down_is_one_plain_line(folder: Folder) -> None:
    ran = folder.scrapy("explain", "http://127.0.0.1:9/vi/")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert (
        ran.stdout
        == "Error: http://127.0.0.1:9/vi/ was not asked for: its robots.txt cannot be had: connection refused\n"
    )
