"""Withholding an article: while it is withheld, nothing of what it says is in archive.db.

Its row, texts, files, revisions, search entry and addresses go; `withheld` keeps its key, the reason and the day.
Later captures of it are kept in the WARC and counted, and their rows say no more than that. The dates and counts
that lists print beside its number stay, so that lifting gives back the same article.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crawler.archive import search
from crawler.archive.addresses import MASK, file_digest, masked_address, name_digests, names, path_of
from crawler.archive.articles import article_key
from crawler.archive.withheld_list import Withheld
from crawler.items import Page, Reading

OUTCOME = "withheld"

_ADD = """
INSERT INTO withheld (article_key, portal, reason, withheld_since) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET reason = excluded.reason, withheld_since = excluded.withheld_since
"""
_ADD_ADDRESS = "INSERT OR IGNORE INTO withheld_addresses (address_digest, article_key) VALUES (?, ?)"
_FORGET_CAPTURES = """
UPDATE captures SET article = NULL, content_digest = NULL, message = NULL, view_count = NULL, comment_count = NULL,
    outcome = ? WHERE article = ?
"""
_FORGET_WITNESSES = "DELETE FROM witnesses WHERE article_key = ? AND source NOT IN ('list', 'sitemap', 'rss')"
_DEPENDENTS = """
SELECT tables.name, keys."from" FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
WHERE tables.type = 'table' AND keys."table" = 'articles' AND tables.name <> 'captures'
"""
_OWN_FILES = """
SELECT url FROM attachments WHERE article = ?1 UNION SELECT url FROM images WHERE article = ?1
"""
_USED_ELSEWHERE = (
    "SELECT 1 FROM attachments WHERE url = ?1 UNION ALL SELECT 1 FROM images WHERE url = ?1 LIMIT 1"
)
_MASKED = f"""
SELECT captures.record_id, captures.outcome, captures.crawl, captures.portal, captures.target_uri,
    captures.warc_file, captures.warc_offset, portals.hosts
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
    connection.execute(_ADD, [key, key.partition("/")[0], entry.reason, entry.since])
    row = connection.execute("SELECT id, portal, url FROM articles WHERE article_key = ?", [key]).fetchone()
    if row is None:
        return False
    number, portal = row["id"], row["portal"]
    captures = connection.execute("SELECT DISTINCT target_uri FROM captures WHERE article = ?", [number])
    addresses = {row["url"], *(address for (address,) in captures)}
    files = {url for (url,) in connection.execute(_OWN_FILES, [number])}
    search.remove(connection, number)
    connection.execute(_FORGET_CAPTURES, [OUTCOME, number])
    connection.execute(_FORGET_WITNESSES, [key])
    for table, column in connection.execute(_DEPENDENTS).fetchall():
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", [number])  # noqa: S608 - the schema's own names
    connection.execute("DELETE FROM articles WHERE id = ?", [number])
    _hide_addresses(connection, key, portal, addresses, files)
    connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('optimize')")  # its old segments go
    return True


def redacted(connection: sqlite3.Connection, pages: Sequence[Page]) -> Sequence[Page]:
    """Pages as they may be saved: nothing of withheld articles but that they were captured."""
    keys = {key for (key,) in connection.execute("SELECT article_key FROM withheld")}
    if not keys:
        return pages
    for page in pages:
        if (key := _key(page)) in keys and page.reading.article is not None:
            article = page.reading.article
            files = {file.url for file in article.attachments} | {image.url for image in article.images}
            addresses = {page.capture.target_uri, article.url}
            _hide_addresses(connection, key, page.capture.portal, addresses, files)
    known = dict(connection.execute("SELECT address_digest, article_key FROM withheld_addresses").fetchall())
    return [_redacted(connection, page, keys, known) for page in pages]


def _key(page: Page) -> str:
    article = page.reading.article
    if article is None:
        return ""
    return article_key(page.capture.portal, article.in_language, article.module, article.cms_id)


def _redacted(connection: sqlite3.Connection, page: Page, keys: set[str], known: Mapping[str, str]) -> Page:
    capture, reading = page.capture, page.reading

    def withheld_key(address: str) -> str | None:
        found = (known.get(digest) for digest in name_digests(capture.portal, address))
        return next((key for key in found if key), None)

    key = _key(page)
    is_article = key in keys
    owner = key if is_article else withheld_key(capture.target_uri)
    if is_article:
        reading = Reading(outcome=OUTCOME)
    else:
        links = tuple(link for link in reading.links if withheld_key(link.url) is None)
        tells = any(withheld_key(word) for word in (reading.message or "").replace(",", " ").split())
        message = None if owner or tells else reading.message
        reading = replace(reading, links=links, message=message)
    if owner:
        masked = masked_address(capture.target_uri)
        connection.execute(_ADD_ADDRESS, [masked.removeprefix(MASK), owner])
        connection.execute("DELETE FROM known_urls WHERE url = ?", [capture.target_uri])
        capture = replace(capture, target_uri=masked)
    return Page(capture=capture, reading=reading)


def _hide_addresses(
    connection: sqlite3.Connection, key: str, portal: str, addresses: Iterable[str], files: Iterable[str]
) -> None:
    """Learn an article's addresses and those of its files, and take them out of every row that has them."""
    before = connection.total_changes
    searched: set[str] = set()
    for address in addresses:
        searched |= names(address)
        for digest in name_digests(portal, address):
            connection.execute(_ADD_ADDRESS, [digest, key])
    for url in files:
        if connection.execute(_USED_ELSEWHERE, [url]).fetchone() is None:
            searched.add(path_of(url))
            connection.execute(_ADD_ADDRESS, [file_digest(portal, url), key])
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
        words = (text or "").replace(",", " ").split()
        return any(name_digests(portal, word) & own for word in words)

    having = "portal = ?1 AND instr({}, ?2)"
    for table in ("known_urls",):
        rows = connection.execute(f"SELECT url FROM {table} WHERE {having.format('url')}", [portal, name])  # noqa: S608 - own names
        for (url,) in [row for row in rows if is_ours(row[0])]:
            connection.execute(f"DELETE FROM {table} WHERE url = ?", [url])  # noqa: S608 - own names
    query = f"SELECT record_id, target_uri FROM captures WHERE {having.format('target_uri')}"  # noqa: S608 - own names
    for record_id, address in connection.execute(query, [portal, name]).fetchall():
        if is_ours(address):
            masked = masked_address(address)
            connection.execute(_ADD_ADDRESS, [masked.removeprefix(MASK), key])
            connection.execute(
                "UPDATE captures SET target_uri = ?, message = NULL WHERE record_id = ?", [masked, record_id]
            )
    query = f"SELECT record_id, message FROM captures WHERE {having.format('message')}"  # noqa: S608 - own names
    for record_id, message in connection.execute(query, [portal, name]).fetchall():
        if is_ours(message):
            connection.execute("UPDATE captures SET message = NULL WHERE record_id = ?", [record_id])
    query = f"SELECT id, problem_list FROM crawls WHERE {having.format('problem_list')}"  # noqa: S608 - own names
    for number, text in connection.execute(query, [portal, name]).fetchall():
        problems = [
            _problem(one) if is_ours(f"{one['url']} {one['message']}") else one for one in json.loads(text)
        ]
        changed = json.dumps(problems, ensure_ascii=False)
        connection.execute("UPDATE crawls SET problem_list = ? WHERE id = ?", [changed, number])


def _problem(problem: dict[str, Any]) -> dict[str, Any]:
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
    connection.execute("DELETE FROM withheld WHERE article_key = ?", [key])
    return to_save


def purge(connection: sqlite3.Connection) -> bool:
    """Bring what was deleted out of the file and its -wal; returns whether the -wal is clean too.

    It is not while another program reads an older state of the file.
    """
    connection.execute("ANALYZE")  # its samples may hold values of the rows
    connection.execute("VACUUM")
    return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
