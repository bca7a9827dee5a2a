"""Making the zip: the WARC records of an article's current revision, its row, and the means to check both."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from crawler import checksums
from crawler.archive.errors import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import check_obeyed
from crawler.citation.evidence import CitationError, gather
from crawler.citation.readme import readme
from crawler.dictionary import PARTS, Column, exported_columns, tables

_ARTICLE = "SELECT * FROM articles_full WHERE article_key = ?"
_CAPTURES = """
SELECT * FROM captures WHERE article = ?1 AND content_digest = ?2 AND warc_file IS NOT NULL
  AND fetched_at >= (SELECT first_seen FROM revisions WHERE article = ?1 AND content IS NULL)
ORDER BY fetched_at, record_id
"""
_KNOWN = "SELECT * FROM captures WHERE article = ? AND warc_file IS NOT NULL ORDER BY fetched_at, record_id"
_BESIDE = {
    "revisions_full": "SELECT * FROM revisions_full WHERE article_key = ? ORDER BY first_seen, record_id",
    "witnesses": "SELECT * FROM witnesses WHERE article_key = ? ORDER BY first_seen, source, text",
}
_NOT_NEEDED = frozenset(
    {"article", "article_body"}
)  # the number inside archive.db; the texts of past revisions
_KNOWS_WITHHOLDING = "SELECT 1 FROM sqlite_master WHERE name = 'withheld'"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say


def bundle(archive: Path, folder: Path, article_key: str) -> bytes:
    """The zip for one article: the same bytes for the same archive. `folder` holds the WARC files.

    Raises CitationError in plain words.
    """
    try:
        with reading(archive) as connection:
            connection.execute("BEGIN")
            check_obeyed(archive, connection)
            row = connection.execute(_ARTICLE, [article_key]).fetchone()
            if row is None:
                raise CitationError(_why_not(connection, archive, article_key))
            return _zip(_files(connection, row, folder))
    except ArchiveError as error:
        raise CitationError(str(error)) from error


def _why_not(connection: sqlite3.Connection, archive: Path, key: str) -> str:
    if connection.execute(_KNOWS_WITHHOLDING).fetchone():
        row = connection.execute("SELECT reason FROM withheld WHERE article_key = ?", [key]).fetchone()
        if row is not None:
            return f"{key} is withheld ({row['reason']}). Lift that first, if you may."
    return f"There is no article {key} in {archive}. Is the key right?"


def _files(connection: sqlite3.Connection, row: sqlite3.Row, folder: Path) -> dict[str, bytes]:
    captures = connection.execute(_CAPTURES, [row["id"], row["content_digest"]]).fetchall()
    if row["record_id"] not in {capture["record_id"] for capture in captures}:
        raise CitationError(f"The capture of {row['article_key']} is in no WARC file. Run `scrapy verify`.")
    known = connection.execute(_KNOWN, [row["id"]]).fetchall()
    evidence = gather(captures, known, folder)
    sums = checksums.read(folder).digests
    article = _decoded(row, exported_columns("articles_full"))
    for part in PARTS:
        query = f"SELECT * FROM {part} WHERE article = ? ORDER BY position"  # noqa: S608 - the dictionary's own names
        article[part] = [
            _decoded(one, exported_columns(part)) for one in connection.execute(query, [row["id"]])
        ]
    beside = {
        table: [_row(one, table) for one in connection.execute(query, [row["article_key"]])]
        for table, query in _BESIDE.items()
    }
    pages = {record_id: f"page-{place}.html.txt" for place, record_id in enumerate(evidence.decompressed, 1)}
    about = {
        "article": article,
        "captures": [
            _row(one, "captures") | {"warc_file_sha256": sums.get(one["warc_file"])} for one in captures
        ],
        "revisions": beside["revisions_full"],
        "witnesses": beside["witnesses"],
        "revisits": evidence.revisits,
        "decompressed": pages,
    }
    return {
        "README.txt": readme(article, len(captures)).encode(),
        "article.json": _json(about),
        "crawl.json": _json(_crawls(connection, row["portal"], captures)),
        "records.warc.gz": evidence.records,
        "verify.py": Path(__file__).with_name("verify.py").read_bytes(),
        **{pages[record_id]: body for record_id, body in evidence.decompressed.items()},
    }


def _crawls(connection: sqlite3.Connection, portal: str, captures: list[sqlite3.Row]) -> dict[str, Any]:
    numbers = sorted({capture["crawl"] for capture in captures if capture["crawl"] is not None})
    found = [
        connection.execute("SELECT * FROM crawls WHERE id = ?", [number]).fetchone() for number in numbers
    ]
    row = connection.execute("SELECT * FROM portals WHERE key = ?", [portal]).fetchone()
    return {"portal": _row(row, "portals"), "crawls": [_row(one, "crawls") for one in found]}


def _row(row: sqlite3.Row, table: str) -> dict[str, Any]:
    columns = tuple(column for column in tables()[table].columns if column.name not in _NOT_NEEDED)
    return _decoded(row, columns)


def _decoded(row: sqlite3.Row, columns: tuple[Column, ...]) -> dict[str, Any]:
    """A row as exports have it: JSON opened, truth values as such."""
    return {column.name: _value(row[column.name], column.kind) for column in columns}


def _value(stored: Any, kind: str) -> Any:
    if stored is not None and kind in {"list", "object", "objects"}:
        return json.loads(stored)
    return bool(stored) if stored is not None and kind == "boolean" else stored


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass") + b"\n"


def _zip(files: Mapping[str, bytes]) -> bytes:
    sums = "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in sorted(files.items()))
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, body in sorted({**files, checksums.CHECKSUMS: sums.encode()}.items()):
            entry = ZipInfo(name, _LONG_AGO)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, body)
    return packed.getvalue()
