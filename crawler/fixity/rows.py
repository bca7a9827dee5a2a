"""The rows of archive.db against the records they were read from, and against each other."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from crawler.archive.addresses import masked_address
from crawler.archive.content import attachment_content, content_digest
from crawler.archive.times import utc_text
from crawler.cms.response import media_type_and_charset
from crawler.fixity.differences import Difference, Report
from crawler.fixity.records import Record

CAPTURE_COLUMNS = "record_id, target_uri, fetched_at, status, media_type, payload_digest, warc_offset"

_ORPHANS = {
    "an article": (
        "SELECT article_key, record_id FROM articles WHERE NOT EXISTS "
        "(SELECT 1 FROM captures WHERE captures.record_id = articles.record_id AND article = articles.id)"
    ),
    "a revision of article": (
        "SELECT article, record_id FROM revisions WHERE NOT EXISTS (SELECT 1 FROM captures "
        "WHERE captures.record_id = revisions.record_id AND captures.article = revisions.article "
        "AND captures.content_digest = revisions.content_digest)"
    ),
    "a date of": (
        "SELECT article_key, record_id FROM witnesses WHERE record_id NOT IN (SELECT record_id FROM captures)"
    ),
    "a count of": (
        "SELECT article_key, record_id FROM listed_counts WHERE record_id NOT IN (SELECT record_id FROM captures)"
    ),
}
_ARTICLES = """
SELECT id, article_key, url, headline, description, article_body, author, source, article_section, keywords,
    date_published, published_day, published_month, published_year, date_modified, content_digest
FROM articles_full
"""
_FILES = "SELECT name, url FROM attachments WHERE article = ? ORDER BY position"
_DATES = "SELECT iso FROM witnesses WHERE article_key = ?"
_PAST = """
SELECT articles.article_key, articles.url, revisions.content, revisions.content_digest
FROM revisions JOIN articles ON articles.id = revisions.article WHERE revisions.content IS NOT NULL
"""


def compare(row: sqlite3.Row, record: Record, *, is_ours: bool) -> Iterator[str]:
    """What a row of captures says otherwise than its record, in plain words; nothing when they agree.

    Of other writers' records only the identifier is compared: other values are put right as they are read.
    """
    date, head = record.date, record.http_head or ""
    content_type = next(
        (line.partition(":")[2] for line in head.splitlines() if line.lower().startswith("content-type:")),
        None,
    )
    says = {
        "record_id": record.record_id,
        "target_uri": record.target_uri,
        "fetched_at": utc_text(date) if date else None,
        "status": record.status,
        "media_type": media_type_and_charset(content_type)[0],
        "payload_digest": record.headers.get("warc-payload-digest", row["payload_digest"]),
    }
    if row["target_uri"] == masked_address(record.target_uri):
        del says["target_uri"]
    if not is_ours:
        says = {"record_id": record.record_id or row["record_id"]}
    for name, value in says.items():
        if row[name] != value:
            yield f"archive.db has {name} {row[name]}, the record {value}"


def check_database(connection: sqlite3.Connection, report: Report, *, quick: bool) -> int:
    """SQLite's own checks, where the rows come from, and the digests of all content; returns how many articles.

    `quick` leaves out the comparison of indexes with their tables, and the digests.
    """

    def differs(text: str, kind: str = "database", where: str = "archive.db") -> None:
        report(Difference(kind=kind, where=where, text=text))

    for (text,) in connection.execute("PRAGMA quick_check(20)" if quick else "PRAGMA integrity_check(20)"):
        if text != "ok":
            differs(f"SQLite finds: {text}")
    for row in connection.execute("PRAGMA foreign_key_check"):
        differs(f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there")
    for what, query in _ORPHANS.items():
        for key, record_id in connection.execute(query):
            differs(f"{what} {key} names the record {record_id}, which is no capture of it", "row")
    if not quick:
        _check_contents(connection, report)
    return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def _check_contents(connection: sqlite3.Connection, report: Report) -> None:
    for row in connection.execute(_ARTICLES):
        dates = {iso for (iso,) in connection.execute(_DATES, [row["article_key"]])}
        if problem := _article_problem(row, dates, connection.execute(_FILES, [row["id"]]).fetchall()):
            report(Difference(kind="row", where=row["article_key"], text=problem))
    for row in connection.execute(_PAST):
        content = _json(row["content"])
        dates = {iso for (iso,) in connection.execute(_DATES, [row["article_key"]])}
        if not isinstance(content, dict) or not _is_content(
            content, row["url"], row["content_digest"], dates
        ):
            text = "a past revision is not what its content_digest says"
            report(Difference(kind="row", where=row["article_key"], text=text))


def _article_problem(row: sqlite3.Row, dates: set[str | None], files: list[sqlite3.Row]) -> str | None:
    date = row["date_published"]
    cut = (date[:10] if date and len(date) >= 10 else None, date and date[:7], date and date[:4])
    year = row["published_year"]
    if cut != (row["published_day"], row["published_month"], None if year is None else f"{year:04d}"):
        return f"date_published {date} and its day, month and year differ"
    if date is not None and dates and date not in dates:
        return f"date_published {date} is what no witness says"
    content = {
        name: row[name]
        for name in ("headline", "description", "article_body", "author", "source", "article_section")
    }
    content |= {"keywords": _json(row["keywords"]), "date_modified": row["date_modified"]}
    content |= {"date_published": date, "attachments": [dict(file) for file in files]}
    if not _is_content(content, row["url"], row["content_digest"], dates):
        return "the article is not what its content_digest says"
    return None


def _is_content(content: dict[str, Any], url: str, digest: str, dates: set[str | None]) -> bool:
    """Whether a digest is that of a content; the date may since be that of another witness."""
    try:
        files = [attachment_content(file["name"], file["url"], url) for file in content["attachments"]]
        content = content | {"attachments": files}
        candidates = (content["date_published"], *dates, None)
    except (KeyError, TypeError):  # JSON that has lost its shape
        return False
    return any(content_digest(content | {"date_published": date}) == digest for date in candidates)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
