"""Fixity: an archive that is whole passes, and whatever changes in it is found."""

import gzip
import random
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler import checksums
from crawler.archive.withheld_list import LIST_NAME
from crawler.fixity.differences import Difference
from crawler.fixity.verification import verify
from crawler.warc import OPEN_SUFFIX
from tests.conftest import Folder
from tests.proofs import KEY, contents, edited_512, keep, rows, scrapy


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two crawls, the second with one edited article."""
    folder = tmp_path_factory.mktemp("kept")
    keep(folder, articles=4)
    keep(folder, articles=4, day=30, change=edited_512)
    return folder


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Folder:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    return Folder(tmp_path)


def found(folder: Path, sample: str | None = None) -> list[Difference]:
    differences: list[Difference] = []
    verify(
        folder / "archive.db", folder / "warc", differences.append, lambda _done, _total: None, sample=sample
    )
    return differences


def kinds(folder: Path, sample: str | None = None) -> set[str]:
    return {difference.kind for difference in found(folder, sample)}


def files(folder: Path) -> list[Path]:
    return sorted((folder / "warc").glob("*.warc.gz"))


def flips(path: Path, places: list[int], seed: int) -> Iterator[int]:
    """Change one bit at one place after the other, each put right before the next."""
    whole = path.read_bytes()
    dice = random.Random(seed)
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        yield place
    path.write_bytes(whole)


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_whole_archive_passes_and_the_stock_tool_agrees(copy: Folder) -> None:
    code, printed = scrapy(copy.path, "verify")
    number = len(rows(copy.db, "SELECT 1 FROM captures"))
    expected = (
        rf"All is as it was kept: 2 files, \d+ records, {number} captures and 4 articles were looked at\.\n"
    )
    assert code == 0
    assert re.fullmatch(expected, printed)
    stock = ["sha256sum", "--strict", "--check", "--quiet", checksums.CHECKSUMS]
    assert subprocess.run(stock, cwd=copy.warc, check=False).returncode == 0
    assert found(copy.path, "20") == found(copy.path, "10%") == []
    code, printed = scrapy(copy.path, "verify", "--sample", "1")
    assert code == 0
    assert re.fullmatch(
        r"What was looked at is as it was kept: .*, 1 capture and .* were looked at; the rest was not: .*\n",
        printed,
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("record_id", "urn:uuid:00000000-0000-0000-0000-000000000000"),
        ("target_uri", "http://127.0.0.1:8001/other"),
        ("fetched_at", "2025-11-01T02:03:04.567891Z"),
        ("status", 404),
        ("media_type", "text/plain"),
        ("payload_digest", "sha1:AAAA"),
    ],
)
def test_row_of_captures_that_says_otherwise_than_its_record_is_found(
    copy: Folder, column: str, value: object
) -> None:
    change(copy.db, f"UPDATE captures SET {column} = ? WHERE rowid = 1", value)  # noqa: S608 - our own names
    texts = [one.text for one in found(copy.path) if one.kind == "row" and ", byte " in one.where]
    assert len(texts) == 1
    assert texts[0].startswith(f"archive.db has {column} {value}, the record ")
    assert kinds(copy.path, "100%") >= {"row"}


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE captures SET warc_offset = warc_offset + 1 WHERE rowid = 1",
            "no record begins where urn:uuid:",
        ),
        ("UPDATE captures SET warc_offset = 99999999 WHERE rowid = 1", "the file ends before urn:uuid:"),
        (
            "UPDATE articles SET headline = 'Khác' WHERE id = 1",
            "the article is not what its content_digest says",
        ),
        (
            "UPDATE articles SET date_published = '2019-01-01' WHERE id = 1",
            "and its day, month and year differ",
        ),
        (
            "UPDATE article_texts SET article_body = 'Khác' WHERE article = 1",
            "not what its content_digest says",
        ),
        ("UPDATE revisions SET content = '{}' WHERE content IS NOT NULL", "a past revision is not what"),
        ("UPDATE articles SET record_id = (SELECT record_id FROM captures LIMIT 1)", "is no capture of it"),
        ("UPDATE witnesses SET record_id = 'urn:uuid:x' WHERE source = 'visible'", "is no capture of it"),
        ("DELETE FROM portals", "row 1 of crawls names a row of portals that is not there"),
        ("DELETE FROM captures WHERE outcome = 'feed'", "archive.db does not know the answer of http://"),
    ],
)
def test_rows_that_do_not_fit_are_found(copy: Folder, statement: str, words: str) -> None:
    change(copy.db, statement)
    assert [one for one in found(copy.path) if words in one.text]


def test_other_writers_files_in_folders_are_looked_at_too(copy: Folder) -> None:
    first, _ = files(copy.path)
    foreign = copy.warc / "cc" / "CC-MAIN-1.warc.gz"
    foreign.parent.mkdir()
    first.rename(foreign)
    checksums.add(copy.warc, {"cc/CC-MAIN-1.warc.gz": checksums.sha256(foreign)})
    lines = (copy.warc / checksums.CHECKSUMS).read_text().splitlines(keepends=True)
    (copy.warc / checksums.CHECKSUMS).write_text("".join(line for line in lines if first.name not in line))
    change(
        copy.db, "UPDATE captures SET warc_file = ? WHERE warc_file = ?", "cc/CC-MAIN-1.warc.gz", first.name
    )
    change(copy.db, "UPDATE captures SET target_uri = target_uri || '#x' WHERE warc_file LIKE 'cc/%'")
    assert found(copy.path) == []  # a reader may have put the address right
    stock = ["sha256sum", "--strict", "--check", "--quiet", checksums.CHECKSUMS]
    assert subprocess.run(stock, cwd=copy.warc, check=False).returncode == 0
    for _ in flips(foreign, [foreign.stat().st_size // 2], seed=9):
        assert {one.where.partition(",")[0] for one in found(copy.path)} == {"cc/CC-MAIN-1.warc.gz"}


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("damage", "kind", "words"),
    [
        (Path.unlink, "missing", "is in SHA256SUMS and not in the folder"),
        (shorten, "damaged", "the file ends inside this record"),
        (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "damaged", "no WARC record begins here"),
        (lambda path: path.write_bytes(path.read_bytes() + gzip.compress(b"x")), "damaged", "headers"),
        (lambda path: path.with_name("more.warc.gz").touch(), "unlisted", "the file is not in SHA256SUMS"),
    ],
)
def test_file_that_is_cut_missing_or_more_is_found(
    copy: Folder, damage: Callable[[Path], object], kind: str, words: str
) -> None:
    damage(files(copy.path)[0])
    code, printed = scrapy(copy.path, "verify")
    assert code == 1
    assert words in printed
    assert "What to do (" in printed
    assert kind in kinds(copy.path)


def test_what_is_no_warc_file_needs_no_checksum(copy: Folder) -> None:
    pace, notes = copy.warc / "pace" / "192.0.2.1", copy.warc / "notes.txt"
    pace.parent.mkdir(exist_ok=True)
    for path in (pace, notes):
        path.write_text("1700000000.000")
    assert found(copy.path) == []
    assert scrapy(copy.path, "verify", "--update")[0] == 0
    pace.unlink()
    assert found(copy.path) == []


def test_update_adds_only_files_that_are_whole(copy: Folder) -> None:
    (copy.warc / checksums.CHECKSUMS).unlink()
    first, second = files(copy.path)
    shorten(second)
    code, printed = scrapy(copy.path, "verify", "--update")
    assert code == 1
    assert f"Note: {first.name} was added to SHA256SUMS." in printed
    assert checksums.read(copy.warc).digests.keys() == {first.name}


def test_what_a_crash_left_open_is_no_difference(copy: Folder) -> None:
    path = files(copy.path)[1]
    torn = path.rename(path.with_name(path.name + OPEN_SUFFIX))
    with torn.open("ab") as file:
        file.write(b"\x1f\x8b\x08 a torn record")
    code, printed = scrapy(copy.path, "verify")
    assert code == 0, printed
    assert "was left open by a crash: the next crawl of its portal mends it." in printed


def test_withheld_article_is_no_difference_until_the_list_is_lost(copy: Folder) -> None:
    assert scrapy(copy.path, "withhold", KEY, "--reason", "a court")[0] == 0
    keep(copy.path, articles=4, day=60)
    assert found(copy.path) == []
    (copy.path / LIST_NAME).rename(copy.path / "kept.yml")
    assert [(one.kind, one.where) for one in found(copy.path)] == [("withheld", KEY)]
    (copy.path / "kept.yml").rename(copy.path / LIST_NAME)
    assert scrapy(copy.path, "withhold", KEY, "--lift")[0] == 0
    assert found(copy.path) == []


def test_without_a_database_the_files_are_looked_at(copy: Folder) -> None:
    copy.db.unlink()
    code, printed = scrapy(copy.path, "verify")
    assert (code, printed.splitlines()[0]) == (1, f"archive.db: it is not in {copy.path}")
    assert "or run `scrapy ingest warc/`, which makes it anew" in printed
    assert "1 thing differs: 2 files, " in printed
    shutil.rmtree(copy.warc)
    code, printed = scrapy(copy.path, "verify")
    assert (code, printed[:29]) == (1, "Error: Nothing was crawled ye")


def test_articles_stay_the_same_while_one_looks(copy: Folder) -> None:
    before = contents(copy.db)
    found(copy.path)
    assert contents(copy.db) == before
    assert KEY in str(before)


def test_warc_files_are_looked_at_though_the_database_cannot_be_read(copy: Folder) -> None:
    copy.db.write_bytes(b"no database")
    path = files(copy.path)[0]
    path.write_bytes(path.read_bytes()[:-1])
    found_in = {difference.where.partition(" ")[0] for difference in found(copy.path)}
    assert {copy.db.name, path.name} <= found_in
