"""Saving one page: its capture, and whatever was read in it."""

import sqlite3

from crawler.archive import counts, gone, ledger, media, witnesses
from crawler.archive.articles import Batch, Saved, article_key, save_article
from crawler.archive.frontier import save_owed
from crawler.archive.times import utc_text
from crawler.items import Article, ArticleNumber, Capture, Listing, Page

_CAPTURE = """
INSERT INTO captures (record_id, crawl, portal, target_uri, fetched_at, status, media_type, payload_digest,
    outcome, message, article, content_digest, view_count, comment_count, listed, warc_file, warc_offset)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LISTED_BEFORE = "SELECT 1 FROM captures WHERE target_uri = ? AND listed > 0 AND fetched_at < ? LIMIT 1"


def save_page(batch: Batch, page: Page) -> str:
    """Save one capture with its article, the dates its list names, and the URLs it leads to.

    Returns the final outcome: for an article new, changed, unchanged or id_reused.
    """
    connection, capture, reading = batch.connection, page.capture, page.reading
    saved = Saved(outcome=reading.outcome)
    if reading.article is not None:
        saved = save_article(batch, capture, reading.article)
    elif reading.listing is not None and _is_emptied(connection, page):
        saved = Saved(outcome="list_emptied")
    _save_capture(connection, page, saved)
    if saved.article is not None and reading.article is not None:
        gone.judge_new(connection, saved.article, reading.article.url, capture)
        ledger.archived(connection, capture.portal, number_of(reading.article))
    else:
        if saved.outcome in gone.GONE:
            gone.missing(connection, capture)
        ledger.asked(connection, page, saved.outcome)
    if reading.file is not None:
        media.keep(connection, capture, reading.file)
    if reading.listing is not None:
        _save_list(connection, capture, reading.listing)
    save_owed(connection, page, saved.outcome)
    if reading.listing is not None and reading.listing.kind == "home" and reading.site:
        connection.execute(
            "UPDATE portals SET software = ? WHERE key = ? AND software IS NOT ?",
            [reading.site, capture.portal, reading.site],
        )
    return saved.outcome


def number_of(article: Article) -> ArticleNumber:
    """What names an article on its portal."""
    return ArticleNumber(article.in_language, article.module, article.cms_id)


def _is_emptied(connection: sqlite3.Connection, page: Page) -> bool:
    if page.reading.outcome != "listing" or page.reading.listing is None or page.reading.listing.items:
        return False
    before = [page.capture.target_uri, utc_text(page.capture.fetched_at)]
    return connection.execute(_LISTED_BEFORE, before).fetchone() is not None


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
            None if page.reading.listing is None else len(page.reading.listing.items),
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
            ledger.met(
                connection, capture, ArticleNumber(item.in_language, item.module, item.cms_id), item.url
            )
