"""Evidence for one article: a stranger's Python checks it in an empty folder, and sees every change."""

import gzip
import hashlib
import json
import random
import subprocess
import sys
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import brotli
import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.citation import verify as checker
from crawler.citation.bundle import bundle
from crawler.citation.evidence import CitationError
from crawler.commands.cite import FOLDER
from tests.conftest import ROOT
from tests.proofs import KEY, WORD, captured, edited_512, keep, rows, scrapy
from tests.test_fixtures import SLUGS, page_of, reading_of

NAMES = ["README.txt", "SHA256SUMS", "article.json", "crawl.json", "records.warc.gz", "verify.py"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three crawls: the article as it was, edited, and once more the same."""
    folder = tmp_path_factory.mktemp("kept")
    keep(folder, articles=4)
    keep(folder, articles=4, day=30, change=edited_512)
    keep(folder, articles=4, day=60, change=edited_512)
    return folder


@pytest.fixture(scope="module")
def zipped(kept: Path) -> bytes:
    return bundle(kept / "archive.db", kept / "warc", KEY)


@pytest.fixture
def unpacked(zipped: bytes, tmp_path: Path) -> Path:
    ZipFile(BytesIO(zipped)).extractall(tmp_path)
    return tmp_path


def run_verify(folder: Path) -> tuple[int, str]:
    """As its README says, with nothing of this project within reach."""
    words = [sys.executable, "-I", "-S", "verify.py"]
    ran = subprocess.run(words, cwd=folder, capture_output=True, check=False, env={"PYTHONUTF8": "1"})
    assert ran.stderr == b""
    return ran.returncode, ran.stdout.decode()


def check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The same in this process, for tests that ask often; FaultError at the first fault."""
    monkeypatch.setattr(checker, "FOLDER", folder)
    return list(checker.check_all())


def resum(folder: Path) -> None:
    """Make SHA256SUMS fit again, as a forger would."""
    lines = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in NAMES
        if name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))


def about(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "article.json").read_text(encoding="utf-8"))
    return found


def test_stranger_checks_it_with_nothing_but_python(unpacked: Path) -> None:
    code, printed = run_verify(unpacked)
    assert code == 0
    assert "5 files are as SHA256SUMS says\n6 WARC records are whole" in printed
    assert printed.endswith("Mọi thứ khớp với nhau. Everything agrees.\n")
    assert (
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=unpacked, check=False).returncode
        == 0
    )
    (unpacked / "crawl.json").write_bytes(
        (unpacked / "crawl.json").read_bytes().replace(b"complete", b"partial", 1)
    )
    code, printed = run_verify(unpacked)
    assert (code, printed.splitlines()[0]) == (
        1,
        "FAILED: crawl.json has changed: its SHA-256 is not the one in SHA256SUMS",
    )


def test_records_are_those_of_the_archive_byte_for_byte(kept: Path, unpacked: Path) -> None:
    copied = (unpacked / "records.warc.gz").read_bytes()
    with (unpacked / "records.warc.gz").open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", "response", "request"] * 2  # of the second and of the third crawl
    files = [path.read_bytes() for path in sorted((kept / "warc").glob("*.gz"))]
    for capture in about(unpacked)["captures"]:
        whole = next(
            data for data in files if hashlib.sha256(data).hexdigest() == capture["warc_file_sha256"]
        )
        member = whole[capture["warc_offset"] : capture["warc_offset"] + 3000]
        assert member in copied


def test_row_is_there_with_all_that_belongs_to_it(kept: Path, unpacked: Path) -> None:
    found = about(unpacked)
    (row,) = rows(kept / "archive.db", "SELECT * FROM articles_full WHERE article_key = ?", KEY)
    del row["id"]
    lists = {name: json.loads(row[name]) for name in ("section_path", "keywords", "date_flags", "videos")}
    article = found["article"]
    assert [len(article.pop(part)) for part in ("attachments", "images")] == [
        rows(kept / "archive.db", f"SELECT count(*) AS n FROM {part} JOIN articles ON articles.id = article "  # noqa: S608 - our own names
             "WHERE article_key = ?", KEY)[0]["n"] for part in ("attachments", "images")
    ]  # fmt: skip
    assert article == row | lists
    assert WORD in article["article_body"]
    assert [one["is_current"] for one in found["revisions"]] == [False, True]
    assert {one["source"] for one in found["witnesses"]} >= {"visible", "meta", "list"}
    crawl = json.loads((unpacked / "crawl.json").read_text(encoding="utf-8"))
    assert [one["id"] for one in crawl["crawls"]] == [2, 3]
    assert crawl["portal"]["key"] == "sample"
    assert article["headline"] in (unpacked / "README.txt").read_text(encoding="utf-8")


def test_same_archive_gives_the_same_bytes_from_anywhere(kept: Path, zipped: bytes, tmp_path: Path) -> None:
    path = tmp_path / "evidence.zip"
    for _ in range(2):
        assert scrapy(kept, "cite", KEY, "-o", str(path))[0] == 0
        assert path.read_bytes() == zipped
    assert sorted(ZipFile(path).namelist()) == NAMES
    path.write_bytes(b"mine")
    code, printed = scrapy(kept, "cite", KEY, "-o", str(path))
    assert (code, path.read_bytes()) == (1, b"mine")
    assert "exists already and is something else" in printed


def test_any_flipped_bit_is_seen(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(8)
    for name in NAMES:
        path = unpacked / name
        whole = path.read_bytes()
        for place in dice.sample(range(len(whole)), 20):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << dice.randrange(8)
            path.write_bytes(damaged)
            with pytest.raises((checker.FaultError, ValueError)):
                check(unpacked, monkeypatch)
        path.write_bytes(whole)
    assert len(check(unpacked, monkeypatch)) == 6


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("headline", "Kết quả khác", "not in the page of"),
        ("article_body", f"Một câu mà trang không có, {WORD}.", "not in the page of"),
        ("record_id", "urn:uuid:0", "the record of the article is not among its captures"),
    ],
)
def test_forged_article_is_seen_though_its_checksums_fit(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch, field: str, value: str, words: str
) -> None:
    forged = about(unpacked)
    forged["article"][field] = value
    (unpacked / "article.json").write_text(json.dumps(forged), encoding="utf-8")
    resum(unpacked)
    with pytest.raises(checker.FaultError, match=words):
        check(unpacked, monkeypatch)


@pytest.mark.parametrize(
    ("field", "value"),
    [("target_uri", "http://x/"), ("fetched_at", "2024-11-01T00:00:00Z"), ("status", 404), ("payload_digest", "A")],
)  # fmt: skip
def test_forged_capture_is_seen(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch, field: str, value: object
) -> None:
    forged = about(unpacked)
    forged["captures"][0][field] = value
    (unpacked / "article.json").write_text(json.dumps(forged), encoding="utf-8")
    resum(unpacked)
    with pytest.raises(checker.FaultError, match=f", not .*{value if field != 'fetched_at' else '2024'}"):
        check(unpacked, monkeypatch)


def test_forged_record_is_seen(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = unpacked / "records.warc.gz"
    path.write_bytes(
        gzip.compress(gzip.decompress(path.read_bytes()).replace(b"HTTP/1.1 200", b"HTTP/1.1 201", 1))
    )
    resum(unpacked)
    with pytest.raises(checker.FaultError):
        check(unpacked, monkeypatch)


def test_every_article_of_the_sample_and_of_the_fixtures_is_found_in_its_page(tmp_path: Path) -> None:
    keep(tmp_path, articles=None)
    found = {row["record_id"]: row for row in rows(tmp_path / "archive.db", "SELECT * FROM articles_full")}
    pages = [
        (found[capture.record_id], fetched.body)
        for capture, fetched in captured(tmp_path)
        if capture.record_id in found
    ]
    for slug in SLUGS:
        article = reading_of(slug).article
        if article is not None:
            texts = {"headline": article.headline, "article_body": article.article_body}
            pages.append((texts, page_of(slug).read_bytes()))
    assert len(pages) > 140
    for texts, body in pages:
        assert checker.missing(texts, checker.decoded(body, "")) == []


def test_page_that_python_cannot_decompress_is_beside_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(tmp_path, articles=4, packing=("br", partial(brotli.compress, quality=1)))
    out = tmp_path / "out"
    ZipFile(BytesIO(bundle(tmp_path / "archive.db", tmp_path / "warc", KEY))).extractall(out)
    assert "page-1.html.txt" in "\n".join(check(out, monkeypatch))
    (out / "page-1.html.txt").write_text("something else")
    with pytest.raises(checker.FaultError, match="has changed"):
        check(out, monkeypatch)


def test_without_a_name_it_goes_where_git_does_not_look(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.commands.cite.FOLDER", tmp_path / FOLDER)
    code, printed = scrapy(kept, "cite", KEY)
    (written,) = (tmp_path / FOLDER).iterdir()
    assert (code, printed.split()[0]) == (0, str(written))
    assert f"/{FOLDER}/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_leaves_nothing_behind(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip.part").symlink_to("/dev/full")
    code, printed = scrapy(kept, "cite", KEY, "-o", str(tmp_path / "x.zip"))
    assert code == 1
    assert "x.zip cannot be written (name another with -o): No space left on device" in printed
    assert [*tmp_path.iterdir()] == []


def test_what_cannot_be_cited_is_one_plain_line(kept: Path, tmp_path: Path) -> None:
    code, printed = scrapy(kept, "cite", "sample/vi/news/9")
    assert (code, printed.count("\n")) == (1, 1)
    assert printed.startswith("Error: There is no article sample/vi/news/9 in ")
    assert scrapy(tmp_path, "cite", KEY)[1].startswith("Error: Nothing was crawled yet")
    with pytest.raises(CitationError, match="is not in"):
        bundle(kept / "archive.db", tmp_path, KEY)


def test_damaged_or_withheld_article_is_not_cited(tmp_path: Path) -> None:
    keep(tmp_path, articles=4)
    (path,) = (tmp_path / "warc").glob("*.gz")
    (row,) = rows(tmp_path / "archive.db", "SELECT warc_offset FROM captures JOIN articles USING (record_id) "
                  "WHERE article_key = ?", KEY)  # fmt: skip
    data = bytearray(path.read_bytes())
    data[row["warc_offset"] + 500] ^= 1
    path.write_bytes(data)
    assert "Run `scrapy verify`" in scrapy(tmp_path, "cite", KEY)[1]
    assert scrapy(tmp_path, "withhold", KEY, "--reason", "a court")[0] == 0
    code, printed = scrapy(tmp_path, "cite", KEY)
    assert (code, printed) == (1, f"Error: {KEY} is withheld (a court). Lift that first, if you may.\n")
