"""WARC files of programs that we did not write: read, and cited."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.citation.bundle import bundle
from crawler.sample import RunningPortal, serve, truth
from tests.browser_setup import HOW, browser_is_required, find_wget
from tests.conftest import Folder
from tests.proofs import KEY
from tests.test_cite import run_verify
from tests.warcs import ingest, rows

ARTICLES = 20


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(articles=ARTICLES, count_views=False) as running:
        yield running


def addresses(portal: RunningPortal) -> list[str]:
    lists = ["robots.txt", "", "vi/", "vi/news/", "vi/news/rss/"]
    return [portal.url + path for path in lists] + [
        portal.url + article.path.lstrip("/") for article in truth(ARTICLES)
    ]


def assert_true(db: Path) -> None:
    """Every article of the sample portal is there, as it was written."""
    fields = ("cms_id", "headline", "description", "author", "source", "article_body")
    found = rows(db, f"SELECT {', '.join(fields)}, date_published FROM articles_full")  # noqa: S608 - as above
    assert sorted(found) == sorted(
        (*(getattr(article, field) for field in fields), f"{article.published:%Y-%m-%dT%H:%M}+07:00")
        for article in truth(ARTICLES)
    )


def cited(folder: Folder) -> list[str]:
    """The kinds of records in the evidence for an article, which a stranger's Python has found true."""
    out = folder.path / "out"
    ZipFile(BytesIO(bundle(folder.db, folder.warc, KEY))).extractall(out)
    code, printed = run_verify(out)
    assert code == 0, printed
    with (out / "records.warc.gz").open("rb") as file:
        return [record.rec_type for record in ArchiveIterator(file)]


def test_what_wget_records_is_read_and_its_revisits_too(portal: RunningPortal, folder: Folder) -> None:
    if find_wget() is None:
        assert not browser_is_required(), f"wget is needed: {HOW}"
        pytest.skip(HOW)
    listed = folder.path / "addresses"
    listed.write_text("\n".join(addresses(portal)))
    folder.warc.mkdir()
    get = ["wget", "-q", "-i", str(listed), "--delete-after", "--max-redirect=0"]
    subprocess.run([*get, "--warc-file=first", "--warc-cdx"], cwd=folder.warc, check=False)
    subprocess.run([*get, "--warc-file=again", "--warc-dedup=first.cdx"], cwd=folder.warc, check=False)
    assert b"WARC-Type: revisit" in gzip.decompress((folder.warc / "again.warc.gz").read_bytes())
    ran = folder.scrapy("ingest", str(folder.warc / "*.warc.gz"))
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert f"{ARTICLES} new, 0 changed, {ARTICLES} unchanged" in ran.stdout
    assert_true(folder.db)
    assert (
        cited(folder) == ["warcinfo", "response"] * 2
    )  # its pages are never the same twice; its robots.txt is


RECORD_A_SESSION = """
import sys
from warcio.capture_http import capture_http
import http.client
from urllib.parse import urlsplit
path, *urls = sys.argv[1:]
with capture_http(path):
    for url in urls:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("GET", urlsplit(url).path or "/")
        connection.getresponse().read()
        connection.close()
"""


def test_what_warcio_records_is_read(portal: RunningPortal, folder: Folder) -> None:
    folder.warc.mkdir()
    path = folder.warc / "session.warc.gz"
    subprocess.run([sys.executable, "-c", RECORD_A_SESSION, path, *addresses(portal)], check=True)
    found = ingest(folder.db, [path], processes=2)
    assert found.is_whole
    assert_true(folder.db)
    assert cited(folder) == ["response", "request"]
