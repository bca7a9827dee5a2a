"""Saving one page: its capture, and whatever was read in it."""

import sqlite3
from collections.abc import Iterable

from crawler.archive import counts, witnesses
from crawler.archive.articles import Batch, Saved, article_key, save_article
from crawler.archive.times import utc_text
from crawler.items import Capture, Link, Listing, Page

_CAPTURE = """
INSERT INTO captures (record_id, crawl, portal, target_uri, fetched_at, status, media_type, payload_digest,
    outcome, message, article, content_digest, view_count, comment_count, warc_file, warc_offset)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_KNOWN_URL = """
INSERT OR IGNORE INTO known_urls (url, portal, kind, first_seen, found_in)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM captures WHERE target_uri = ?1 AND status IS NOT NULL)
"""
_ANSWERED = "DELETE FROM known_urls WHERE url = ?"


def save_page(batch: Batch, page: Page) -> str:
    """Save one capture with its article, the dates its list names, and the URLs it leads to.

    Returns the final outcome: for an article new, changed, unchanged or id_reused.
    """
    connection, capture, reading = batch.connection, page.capture, page.reading
    saved = Saved(outcome=reading.outcome)
    if reading.article is not None:
        saved = save_article(batch, capture, reading.article)
    _save_capture(connection, page, saved)
    if capture.status is not None:
        connection.execute(_ANSWERED, [capture.target_uri])
    if reading.listing is not None:
        _save_list(connection, capture, reading.listing)
    _save_known_urls(connection, capture, reading.links)
    if reading.listing is not None and reading.listing.kind == "home" and reading.site:
        connection.execute(
            "UPDATE portals SET software = ? WHERE key = ? AND software IS NOT ?",
            [reading.site, capture.portal, reading.site],
        )
    return saved.outcome


def _save_capture(connection: sqlite3.Connection, page: Page, saved: Saved) -> None:
    capture, article = page.capture, page.reading.article
    connection.execute(
        _CAPTURE,
        [
            capture.record_id,
            capture.crawl,
            capture.portal,
            capture.target_uri,
            utc_text(capture.fetched_at),
            capture.status,
            capture.media_type,
            capture.payload_digest,
            saved.outcome,
            page.reading.message,
            saved.article,
            saved.digest,
            article.view_count if article else None,
            article.comment_count if article else None,
            capture.warc_file,
            capture.warc_offset,
        ],
    )


def _save_list(connection: sqlite3.Connection, capture: Capture, listing: Listing) -> None:
    for item in listing.items:
        if item.in_language and item.module and item.cms_id:
            key = article_key(capture.portal, item.in_language, item.module, item.cms_id)
            if item.witness and witnesses.add(connection, key, capture, [item.witness]):
                witnesses.judge(connection, key)
            counts.add_listed(connection, key, capture, item)


def _save_known_urls(connection: sqlite3.Connection, capture: Capture, links: Iterable[Link]) -> None:
    rows = [
        (link.url, capture.portal, link.kind, utc_text(capture.fetched_at), capture.record_id)
        for link in links
        if link.kind in {"page", "file"}
    ]
    connection.executemany(_KNOWN_URL, rows)
