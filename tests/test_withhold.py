"""Withholding: while an article is withheld, nothing of it can be had from archive.db, whoever asks for what."""

import gzip
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from crawler.archive import Archive, ArchiveError
from crawler.archive.withheld_list import LIST_NAME, Withheld
from crawler.items import ArticleNumber
from crawler.text import fold
from tests.datasette_fixtures import Site, configure
from tests.proofs import HOST, KEY, PATH, WORD, contents, edited_512, keep, rebuild, rows, scrapy

REASON = "Tòa án yêu cầu"
SLUG = PATH.rpartition("/")[2].removesuffix(".html")
NAMING = (  # further addresses that tell the headline: other categories, the print version, a file, none of them there
    f"/vi/news/other/{SLUG}.html",
    f"/vi/news/print/{SLUG}.html",
    f"/index.php?language=vi&nv=news&op=other/{SLUG}",
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    keep(folder, more=NAMING)
    keep(folder, day=30, change=edited_512)
    named = {"url": f"http://{HOST}{PATH}", "outcome": "http_error", "message": f"at http://{HOST}{PATH}"}
    with closing(sqlite3.connect(folder / "archive.db")) as connection, connection:
        connection.execute("UPDATE crawls SET problem_list = ? WHERE id = 1", [json.dumps([named])])
        connection.execute(
            "INSERT INTO known_urls VALUES (?, 'sample', 'page', '2025', 'urn:x', NULL)",
            [f"http://www.{HOST}/vi/laws/{SLUG}/"],
        )
    return folder


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    return tmp_path


def withhold(folder: Path, key: str = KEY) -> None:
    code, printed = scrapy(folder, "withhold", key, "--reason", REASON)
    assert code == 0, printed


def said(folder: Path, key: str) -> set[str]:
    """What this article says, its files and its addresses, in pieces of at most 40 letters that nothing else says."""
    database = folder / "archive.db"
    keys = {row["id"]: row["article_key"] for row in rows(database, "SELECT id, article_key FROM articles")}
    texts: dict[bool, list[str]] = {True: [], False: []}
    for table in ("articles_full", "attachments", "images"):
        for row in rows(database, f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            columns = ("headline", "description", "article_body", "source", "topic", "url", "name", "caption")
            own = [row[column] for column in columns if row.get(column)]
            texts[keys[row.get("article", row["id"])] == key] += own
    lists = [row["target_uri"] for row in rows(database, "SELECT * FROM captures WHERE outcome = 'listing'")]
    elsewhere = "\n".join(texts[False] + lists)
    lines = {line for text in texts[True] for line in re.split(r"[\n\t/]+", text)}
    pieces = {line[start : start + 40] for line in lines for start in range(0, len(line), 40)}
    return {piece for piece in pieces if len(piece) >= 12 and piece not in elsewhere}


def leaks(folder: Path, texts: set[str]) -> set[str]:
    """Which of them are still somewhere in the bytes of the database's files, as written or as folded."""
    data = b"".join(path.read_bytes() for path in sorted(folder.glob("archive.db*")))
    return {text for text in texts if text.encode() in data or fold(text).encode() in data}


def indexed_words(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, articles_fts, row)")
        return {word for (word,) in connection.execute("SELECT term FROM words")}


def test_every_article_leaves_no_byte_in_the_file(folder: Path) -> None:
    keys = [row["article_key"] for row in rows(folder / "archive.db", "SELECT article_key FROM articles")]
    texts = {key: said(folder, key) for key in keys}
    assert all(len(found) >= 3 for found in texts.values())
    assert len(leaks(folder, texts[KEY])) > 0.9 * len(texts[KEY])  # a page's end cuts through some
    assert leaks(folder, {WORD}) == {WORD}
    texts[KEY].add(WORD)
    gone: set[str] = set()
    with Archive(folder / "archive.db") as archive:
        archive._connection.execute("PRAGMA secure_delete = OFF")  # as it is in other builds than Debian's
        for key in keys:
            assert archive.withhold(Withheld(article_key=key, reason=REASON, since="2026-11-24"))
            gone |= texts[key]
            assert leaks(folder, gone) == set()
    assert indexed_words(folder / "archive.db") == set()
    assert b"ket-qua-thuc-hien" not in (folder / "archive.db").read_bytes()


def test_only_that_article_goes(folder: Path) -> None:
    before = contents(folder / "archive.db")
    words = indexed_words(folder / "archive.db")
    withhold(folder)
    after = contents(folder / "archive.db")
    keys = [row["article_key"] for row in rows(folder / "archive.db", "SELECT article_key FROM articles")]
    assert KEY not in keys
    assert len(keys) == 11
    for table in ("articles", "revisions", "attachments", "images"):
        assert after[table] == [row for row in before[table] if KEY not in row]
    assert indexed_words(folder / "archive.db") < words
    assert len(after["captures"]) == len(before["captures"])
    assert rows(folder / "archive.db", "SELECT article_key, portal, reason FROM withheld") == [
        {"article_key": KEY, "portal": "sample", "reason": REASON}
    ]


def test_it_is_neither_missing_nor_asked_for_again(folder: Path) -> None:
    months = "SELECT sum(ids) AS ids, sum(not_seen) AS not_seen FROM ledger_months"
    before = rows(folder / "archive.db", months)
    withhold(folder)
    assert rows(folder / "archive.db", months) == before
    assert rows(
        folder / "archive.db", "SELECT cms_id, url, article_key FROM ledger WHERE state = 'withheld'"
    ) == [{"cms_id": 512, "url": None, "article_key": KEY}]
    with Archive(folder / "archive.db") as archive:
        frontier = archive.frontier("sample", datetime.now(UTC))
        assert frontier.article_since(ArticleNumber("vi", "news", "512")) is not None
        assert frontier.answers(f"http://{HOST}{PATH}").is_article


def test_later_crawls_keep_it_out_and_count_it(folder: Path) -> None:
    texts = said(folder, KEY) | {WORD}
    withhold(folder)
    keep(folder, day=60, change=edited_512, more=NAMING)
    assert leaks(folder, texts) == set()
    (row,) = rows(folder / "archive.db", "SELECT outcomes FROM crawls WHERE id = 3")
    assert json.loads(row["outcomes"])["withheld"] == 1
    captures = rows(
        folder / "archive.db", "SELECT * FROM captures WHERE target_uri LIKE 'withheld:%' AND crawl = 3"
    )
    assert len(captures) == 1 + len(NAMING)
    assert {row["article"] for row in captures} == {None}


@pytest.mark.parametrize("backwards", [False, True])
def test_archive_that_is_made_anew_keeps_it_out(folder: Path, *, backwards: bool) -> None:
    texts = said(folder, KEY) | {WORD}
    withhold(folder)
    rebuild(folder, backwards=backwards)
    assert len(rows(folder / "archive.db", "SELECT 1 FROM articles")) == 11
    assert leaks(folder, texts) == set()


def test_archive_that_is_made_anew_elsewhere_takes_the_list_along(folder: Path) -> None:
    withhold(folder)
    with Archive(folder / "other.db", withheld=folder / LIST_NAME) as archive:
        assert archive.withheld().keys() == {KEY}


@pytest.mark.parametrize("crawled_meanwhile", [False, True])
def test_lifting_gives_the_same_article_back(folder: Path, *, crawled_meanwhile: bool) -> None:
    before = contents(folder / "archive.db")
    withhold(folder)
    if crawled_meanwhile:
        keep(folder, day=60, change=edited_512)
    code, printed = scrapy(folder, "withhold", KEY, "--lift")
    assert (code, printed) == (0, f"{KEY} is shown again, as the WARC has it. 0 articles are withheld.\n")
    after = contents(folder / "archive.db")
    if crawled_meanwhile:
        rebuild(folder)
        before = contents(folder / "archive.db")
        for state in (before, after):
            state["captures"] = [(*row[:1], *row[2:]) for row in state["captures"]]
    assert after == before
    assert yaml.safe_load((folder / LIST_NAME).read_text()) is None


def test_entry_written_by_hand_is_obeyed_at_the_next_start(folder: Path) -> None:
    texts = said(folder, KEY)
    entry = {KEY: {"reason": REASON, "since": date(2026, 1, 2)}}
    (folder / LIST_NAME).write_text(yaml.safe_dump(entry, allow_unicode=True))
    code, printed = scrapy(folder, "withhold")
    assert (code, printed) == (0, f"{KEY}  since 2026-01-02: {REASON}\n1 article is withheld.\n")
    assert leaks(folder, texts) == set()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a", "line 1: the list cannot be understood here"),
        ("[" * 3000, "line 1: the list cannot be understood here"),
        ("sample/vi/news/512:\n  [a]: b\n", "line 1: sample/vi/news/512 needs `reason:`"),
        ("512: {reason: x, since: 2026-01-02}", "512 is no article's key"),
        ("sample/vi/news/512: {reason: x}", "needs `reason:` in words and `since:`"),
        ("# x\n{", "line 2: the list cannot be understood here"),
    ],
)
def test_list_that_is_not_understood_stops_everything(folder: Path, text: str, words: str) -> None:
    (folder / LIST_NAME).write_text(text)
    with pytest.raises(ArchiveError, match=re.escape(words)):
        Archive(folder / "archive.db")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sample/vi/news/9", "--reason", "x"), "There is no article sample/vi/news/9"),
        ((KEY, "--lift"), f"{KEY} is not withheld"),
    ],
)
def test_what_cannot_be_is_said_plainly(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    code, printed = scrapy(folder, "withhold", *arguments)
    assert code == 1
    assert printed.startswith(f"Error: {words}")


def test_warc_files_that_are_gone_are_named_and_nothing_is_said_to_stay_there(folder: Path) -> None:
    status = ("status", "--portal", "sample")
    code, printed = scrapy(folder, *status)
    assert "WARC" not in printed
    first, second = sorted((folder / "warc").glob("*.warc.gz"))
    first.rename(f"{first}.open")  # as a crawl writes it
    second.unlink()
    code, printed = scrapy(folder, *status)
    assert code == 1
    names = f"lacks 1 of 2 WARC files that {folder / 'archive.db'} names: {second.name}. Put"
    assert f"\nError: {folder / 'warc'} {names}" in printed
    code, printed = scrapy(folder, "withhold", KEY, "--reason", REASON)
    assert (code, "stays in the WARC" in printed, f"not in {folder / 'warc'}: {second.name}." in printed) == (
        *(0, False, True),
    )


def test_lifting_without_the_warc_leaves_it_withheld(folder: Path) -> None:
    withhold(folder)
    shutil.rmtree(folder / "warc")
    code, printed = scrapy(folder, "withhold", KEY, "--lift")
    assert (code, printed[:14]) == (1, "Error: sample-")
    assert rows(folder / "archive.db", "SELECT article_key FROM withheld") == [{"article_key": KEY}]


def test_old_state_that_somebody_still_reads_is_told(folder: Path) -> None:
    reason = ("withhold", KEY, "--reason", REASON, "-s", "ARCHIVE_LOCK_TIMEOUT=0.1")
    with closing(sqlite3.connect(folder / "archive.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM articles").fetchone()
        code, printed = scrapy(folder, *reason)
        assert code == 1
        assert "run the same command again" in printed
    assert scrapy(folder, *reason)[0] == 0


def test_export_leaves_it_out_and_counts_it(folder: Path) -> None:
    withhold(folder)
    code, printed = scrapy(folder, "export", str(folder / "out"))
    assert code == 0
    assert "11 articles in" in printed
    assert "1 withheld and not in it" in printed
    assert KEY not in gzip.decompress((folder / "out" / "articles.jsonl.gz").read_bytes()).decode()


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    opened = Site(configure(folder))
    yield opened
    opened.close()


def test_server_says_so_and_why_and_gives_nothing_else(folder: Path, site: Site) -> None:
    address = f"/article/{KEY}"
    assert site.get(address).status_code == 302
    withhold(folder)
    answer = site.get(address)
    assert answer.status_code == 451
    assert REASON in answer.text
    assert "This article is withheld" in answer.text
    for path, parameters in [
        ("/archive/search", {"words": "công tác dân vận năm 2020"}),
        ("/archive/articles", {"_search": "dân vận"}),
        ("/archive/articles.csv", {"_stream": "on", "_all": "1"}),
        ("/archive/captures.csv", {"_stream": "on"}),
        ("/archive/revisions_full.json", {}),
        ("/archive/changed_articles", {}),
        ("/archive", {"sql": "SELECT * FROM articles_full"}),
        ("/archive.json", {"sql": "SELECT hex(group_concat(block)) FROM articles_fts_data"}),
        ("/archive/withheld", {}),
    ]:
        text = site.html(path, **parameters)
        assert "công tác Dân vận năm 2020" not in text, path
        assert SLUG not in text, path
