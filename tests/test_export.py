"""Complete dumps: what they hold, that they are reproducible, and what happens when something goes wrong."""

import gzip
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive
from crawler.dictionary import export_schema
from crawler.export import ARTICLES, CHECKSUMS, SCHEMA, ExportError, export
from tests.archives import BASE, BEN_SONG, DAN_VAN, NOTICES, STARTED, build_archive, page_of, portal_row
from tests.conftest import Folder

NUMBER = NOTICES + 6
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def silent(written: int, total: int) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_archive(tmp_path_factory.mktemp("archive") / "archive.db")


@pytest.fixture(scope="module")
def dump(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dump") / "new" / "folder"
    assert export(archive, folder, silent) == NUMBER
    return folder


def read(folder: Path) -> list[dict[str, Any]]:
    with gzip.open(folder / ARTICLES, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def problems(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """What of the schema's keywords that are used here a value breaks."""
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(type(value) in TYPES[name] for name in types):
        return [f"{where}: {value!r} is no {types}"]
    found = []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{where}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, int) and value < schema.get("minimum", value):
        found.append(f"{where}: {value} is too small")
    if isinstance(value, list):
        found += [
            bad for at, item in enumerate(value) for bad in problems(item, schema["items"], f"{where}[{at}]")
        ]
    if isinstance(value, dict):
        if list(value) != schema["required"] or set(value) != set(schema["properties"]):
            found.append(f"{where}: has the keys {list(value)}")
        for key, inner in schema["properties"].items():
            found += problems(value[key], inner, f"{where}.{key}")
    return found


def test_every_line_is_as_the_schema_says(dump: Path) -> None:
    schema = json.loads((dump / SCHEMA).read_text(encoding="utf-8"))
    assert schema == export_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert [bad for record in read(dump) for bad in problems(record, schema)] == []


def test_schema_describes_every_key() -> None:
    assert all(entry["description"] for entry in export_schema()["properties"].values())


def test_records_are_sorted_and_complete(dump: Path, archive: Path) -> None:
    keys = [record["article_key"] for record in read(dump)]
    with closing(sqlite3.connect(archive)) as connection:
        assert keys == [
            key for (key,) in connection.execute("SELECT article_key FROM articles ORDER BY article_key")
        ]
    assert keys == sorted(keys)


def test_record_holds_the_whole_article(dump: Path) -> None:
    (record,) = [record for record in read(dump) if record["article_key"] == f"{BEN_SONG}/vi/news/12"]
    assert record["article_body"].startswith("Năm qua")
    assert record["article_body"].endswith("Đã bổ sung số liệu.")
    assert record["keywords"] == ["dân vận", "Đảng bộ"]
    assert record["section_path"] == list(DAN_VAN.section_path)
    assert record["view_count"] == 702
    assert [image["caption"] for image in record["images"]] == ["Quang cảnh hội nghị", None]
    assert record["attachments"] == [
        {
            "name": "bao-cao-2020.pdf",
            "url": DAN_VAN.attachments[0].url,
            "media_type": "application/pdf",
            "target_uri": DAN_VAN.attachments[0].url,
            "size": None,
            "sha256": None,
            "record_id": None,
        }
    ]
    assert "id" not in record


def test_same_archive_gives_the_same_bytes(dump: Path, archive: Path, tmp_path: Path) -> None:
    export(archive, tmp_path, silent)
    assert files(tmp_path) == files(dump)
    assert set(files(dump)) == {ARTICLES, SCHEMA, CHECKSUMS}


def test_checksums_are_what_sha256sum_reads(dump: Path) -> None:
    found = dict(
        line.split("  ")[::-1] for line in (dump / CHECKSUMS).read_text(encoding="ascii").splitlines()
    )
    assert found == {
        name: hashlib.sha256((dump / name).read_bytes()).hexdigest() for name in (ARTICLES, SCHEMA)
    }


def test_archive_is_only_read(archive: Path, tmp_path: Path) -> None:
    before = archive.read_bytes()
    export(archive, tmp_path, silent)
    assert archive.read_bytes() == before


def test_articles_that_arrive_meanwhile_are_left_out(tmp_path: Path) -> None:
    archive = build_archive(tmp_path / "archive.db")

    def crawl_goes_on(written: int, total: int) -> None:
        assert total == NUMBER
        if written == 1:
            with Archive(archive) as opened:
                opened.save([page_of(99, BEN_SONG, replace(BASE, cms_id="99999"), STARTED)])

    assert export(archive, tmp_path / "dump", crawl_goes_on) == NUMBER
    assert export(archive, tmp_path / "dump", silent) == NUMBER + 1


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    body = "Công tác dân vận của Đảng bộ. " * 4000
    with Archive(tmp_path / "archive.db") as opened:
        opened.register(portal_row(BEN_SONG))
        for number in range(60):
            article = replace(BASE, cms_id=str(number), article_body=f"{number} {body}")
            opened.save([page_of(number, BEN_SONG, article, STARTED)])
    tracemalloc.start()
    try:
        export(tmp_path / "archive.db", tmp_path / "dump", silent)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 25 * len(body.encode()) < 60 * len(body.encode())


def test_interrupted_export_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(archive, tmp_path, stop)
    assert files(tmp_path) == {}


def test_killed_export_leaves_the_former_one_whole(archive: Path, dump: Path, tmp_path: Path) -> None:
    export(archive, tmp_path, silent)
    code = (
        "import os, sys; from pathlib import Path; from crawler.export import export\n"
        "def kill(written, total):\n    if written == total: os.kill(os.getpid(), 9)\n"
        "export(Path(sys.argv[1]), Path(sys.argv[2]), kill)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(archive), str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = files(tmp_path)
    assert {name: left[name] for name in (ARTICLES, SCHEMA, CHECKSUMS)} == files(dump)
    export(archive, tmp_path, silent)
    assert files(tmp_path) == files(dump)


def test_second_export_into_the_same_folder_is_refused(archive: Path, tmp_path: Path) -> None:
    def another(*_: int) -> None:
        export(archive, tmp_path, silent)

    with pytest.raises(ExportError, match="Another export is writing"):
        export(archive, tmp_path, another)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_is_said_plainly(archive: Path, tmp_path: Path) -> None:
    (tmp_path / f"{ARTICLES}.part").symlink_to("/dev/full")
    with pytest.raises(ExportError, match="cannot be written: No space left on device"):
        export(archive, tmp_path, silent)
    assert files(tmp_path) == {}


def test_command_writes_where_it_is_told(folder: Folder, dump: Path) -> None:
    build_archive(folder.db)
    done = folder.scrapy("export", str(folder.path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{NUMBER} articles in ")
    assert files(folder.path / "out") == files(dump)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a database at all, only some text", "is not a sound SQLite file"),
        (b"", "cannot be read as an archive"),
    ],
)
def test_file_that_is_no_archive_is_said_plainly(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "archive.db").write_bytes(content)
    with pytest.raises(ExportError, match=words):
        export(tmp_path / "archive.db", tmp_path / "out", silent)
    assert list((tmp_path / "out").glob("*")) == []


def test_folder_that_cannot_be_made_is_said_plainly(archive: Path) -> None:
    with pytest.raises(ExportError, match="/out cannot be written: Not a directory"):
        export(archive, archive / "out", silent)
    with pytest.raises(ExportError, match=r"archive\.db is a file: name a folder"):
        export(archive, archive, silent)


def test_command_without_an_archive_is_one_plain_line(folder: Folder) -> None:
    done = folder.scrapy("export", str(folder.path / "out"))
    assert (done.returncode, done.stderr) == (1, "")
    assert re.fullmatch(r"Error: Nothing was crawled yet: .*\n", done.stdout)
    assert files(folder.path) == {}


def test_reindex_makes_the_search_index_anew(folder: Folder) -> None:
    build_archive(folder.db)
    query = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'dang bo'"
    with closing(sqlite3.connect(folder.db)) as connection, connection:
        connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
        assert connection.execute(query).fetchone() == (0,)
    done = folder.scrapy("reindex")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{NUMBER} articles indexed\n", "")
    with closing(sqlite3.connect(folder.db)) as connection:
        assert connection.execute(query).fetchone() == (1,)


def test_reindex_without_an_archive_makes_none(folder: Folder) -> None:
    done = folder.scrapy("reindex")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("Error: Nothing was crawled yet")
    assert not os.path.lexists(folder.db)
