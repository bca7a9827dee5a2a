"""Withholding an article: while it is withheld, nothing of what it says is in archive.db.

Its row, texts, files, revisions, search entry and addresses go; `withheld` keeps its key, the reason and the day.
Later captures of it are kept in the WARC and counted, and their rows say no more than that. The dates and counts
that lists print beside its number stay, so that lifting gives back the same article.
"""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from crawler.archive import media, removal
from crawler.archive.addresses import MASK, file_digest, masked_address, name_digests, names, path_of
from crawler.archive.withheld_list import Withheld
from crawler.items import Page

OUTCOME = "withheld"
"""What a capture of a withheld article ends in."""

_ADD = """
INSERT INTO withheld (article_key, portal, in_language, module, cms_id, reason, withheld_since)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET reason = excluded.reason, withheld_since = excluded.withheld_since
"""
_NO_OTHER_ID = """
DELETE FROM other_ids WHERE portal = ? AND in_language = ? AND module = ? AND CAST(cms_id AS TEXT) = ?
"""
ADD_ADDRESS = "INSERT OR IGNORE INTO withheld_addresses (address_digest, article_key) VALUES (?, ?)"
_FORGET_CAPTURES = """
UPDATE captures SET article = NULL, content_digest = NULL, message = NULL, view_count = NULL, comment_count = NULL,
    outcome = ? WHERE article = ?
"""
_MASK_CAPTURE = "UPDATE captures SET target_uri = ?, message = NULL WHERE record_id = ?"
_OWN_FILES = """
SELECT url FROM attachments WHERE article = ?1 UNION SELECT url FROM images WHERE article = ?1
"""
_USED_ELSEWHERE = (
    "SELECT 1 FROM attachments WHERE url = ?1 UNION ALL SELECT 1 FROM images WHERE url = ?1 LIMIT 1"
)
_MASKED = f"""
SELECT captures.record_id, captures.outcome, captures.crawl, captures.portal, captures.target_uri,
    captures.fetched_at, captures.payload_digest, captures.warc_file, captures.warc_offset, portals.hosts
FROM captures JOIN withheld_addresses ON captures.target_uri = '{MASK}' || address_digest
JOIN portals ON portals.key = captures.portal
WHERE article_key = ?1 AND NOT EXISTS (
    SELECT 1 FROM withheld_addresses AS others
    WHERE others.address_digest = withheld_addresses.address_digest AND others.article_key <> ?1)
ORDER BY captures.fetched_at, captures.record_id
"""  # noqa: S608 - a constant


def current(connection: sqlite3.Connection) -> dict[str, Withheld]:
    """What archive.db holds to be withheld, by article_key."""
    rows = connection.execute("SELECT article_key, reason, withheld_since FROM withheld ORDER BY article_key")
    return {row[0]: Withheld(article_key=row[0], reason=row[1], since=row[2]) for row in rows}


def withhold(connection: sqlite3.Connection, entry: Withheld) -> bool:
    """Withhold an article, known or not; returns whether anything of it was there and is gone now.

    Must run in a transaction of its own; the bytes leave the file with `purge`.
    """
    key = entry.article_key
    portal, in_language, module, cms_id = key.split("/", 3)
    connection.execute(_ADD, [key, portal, in_language, module, cms_id, entry.reason, entry.since])
    connection.execute(_NO_OTHER_ID, [portal, in_language, module, cms_id])
    row = connection.execute("SELECT id, url FROM articles WHERE article_key = ?", [key]).fetchone()
    if row is None:
        return False
    number = row["id"]
    captures = connection.execute("SELECT DISTINCT target_uri FROM captures WHERE article = ?", [number])
    addresses = {row["url"], *(address for (address,) in captures)}
    files = {url for (url,) in connection.execute(_OWN_FILES, [number])}
    connection.execute(_FORGET_CAPTURES, [OUTCOME, number])
    removal.remove(connection, number)
    hide_addresses(connection, key, portal, addresses, files)
    connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")  # its old segments go
    return True


def hide_addresses(
    connection: sqlite3.Connection, key: str, portal: str, addresses: Iterable[str], files: Iterable[str]
) -> None:
    """Learn addresses of an article and of its files, and take them out of every row that has them."""
    before = connection.total_changes
    searched: set[str] = set()
    for address in addresses:
        searched |= names(address)
        for digest in name_digests(portal, address):
            connection.execute(ADD_ADDRESS, [digest, key])
    for url in files:
        if connection.execute(_USED_ELSEWHERE, [url]).fetchone() is None:
            searched.add(path_of(url))
            connection.execute(ADD_ADDRESS, [file_digest(portal, url), key])
    if connection.total_changes > before:
        own = {
            digest
            for (digest,) in connection.execute(
                "SELECT address_digest FROM withheld_addresses WHERE article_key = ?", [key]
            )
        }
        for name in searched:
            _hide_name(connection, key, portal, name, own)


def _hide_name(connection: sqlite3.Connection, key: str, portal: str, name: str, own: set[str]) -> None:
    def is_ours(text: str | None) -> bool:
        return any(name_digests(portal, word) & own for word in words(text))

    def with_it(table: str, columns: str, where: str) -> list[sqlite3.Row]:
        query = f"SELECT {columns} FROM {table} WHERE portal = ? AND instr({where}, ?)"  # noqa: S608 - own names
        return [row for row in connection.execute(query, [portal, name]).fetchall() if is_ours(row[where])]

    for row in with_it("known_urls", "url", "url"):
        connection.execute("DELETE FROM known_urls WHERE portal = ? AND url = ?", [portal, row["url"]])
    for row in with_it("media", "target_uri", "target_uri"):
        connection.execute(
            "DELETE FROM media WHERE portal = ? AND target_uri = ?", [portal, row["target_uri"]]
        )
    for row in with_it("other_ids", "url", "url"):
        masked = masked_address(row["url"])
        connection.execute(
            "UPDATE other_ids SET url = ? WHERE portal = ? AND url = ?", [masked, portal, row["url"]]
        )
    for row in with_it("captures", "record_id, target_uri", "target_uri"):
        masked = masked_address(row["target_uri"])
        connection.execute(ADD_ADDRESS, [masked.removeprefix(MASK), key])
        connection.execute(_MASK_CAPTURE, [masked, row["record_id"]])
    for row in with_it("captures", "record_id, message", "message"):
        connection.execute("UPDATE captures SET message = NULL WHERE record_id = ?", [row["record_id"]])
    query = "SELECT id, problem_list FROM crawls WHERE portal = ? AND instr(problem_list, ?)"
    for number, text in connection.execute(query, [portal, name]).fetchall():
        problems = [
            _hidden(one) if is_ours(f"{one['url']} {one['message']}") else one for one in json.loads(text)
        ]
        changed = json.dumps(problems, ensure_ascii=False)
        connection.execute("UPDATE crawls SET problem_list = ? WHERE id = ?", [changed, number])


def words(text: str | None) -> list[str]:
    """The words of a message, addresses among them."""
    return (text or "").replace(",", " ").split()


def _hidden(problem: dict[str, Any]) -> dict[str, Any]:
    return problem | {"url": masked_address(problem["url"]), "message": ""}


def masked_captures(connection: sqlite3.Connection, key: str) -> list[sqlite3.Row]:
    """The captures that only this article's being withheld hides, oldest first; where they lie in the WARC."""
    return connection.execute(_MASKED, [key]).fetchall()


def lift(connection: sqlite3.Connection, key: str, pages: Iterable[Page]) -> list[Page]:
    """End withholding; `pages` are masked_captures() read anew. Returns those the caller saves as new."""
    hidden = {row["record_id"] for row in masked_captures(connection, key) if row["outcome"] == OUTCOME}
    to_save = []
    for page in pages:
        if page.capture.record_id in hidden:
            connection.execute("DELETE FROM captures WHERE record_id = ?", [page.capture.record_id])
            to_save.append(page)
        else:
            connection.execute(
                "UPDATE captures SET target_uri = ?, message = ? WHERE record_id = ?",
                [page.capture.target_uri, page.reading.message, page.capture.record_id],
            )
            if page.reading.file is not None:
                media.keep(connection, page.capture, page.reading.file)
    connection.execute("DELETE FROM withheld WHERE article_key = ?", [key])
    return to_save


def purge(connection: sqlite3.Connection) -> bool:
    """Bring what was deleted out of the file and its -wal; returns whether the -wal is clean too.

    It is not while another program reads an older state of the file.
    """
    connection.execute("ANALYZE")  # its samples may hold values of the rows
    connection.execute("VACUUM")
    return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
