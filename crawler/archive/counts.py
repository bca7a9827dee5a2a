"""View and comment counts: the page's own, else what the newest list prints (NukeViet's default theme: lists only)."""

import sqlite3

from crawler.archive.times import utc_text
from crawler.items import Article, Capture, ListingItem

Counts = tuple[int | None, int | None]

_LISTED = "SELECT view_count, comment_count FROM listed_counts WHERE article_key = ?"
_ADD = """
INSERT INTO listed_counts (article_key, view_count, comment_count, last_seen, record_id) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET view_count = excluded.view_count, comment_count = excluded.comment_count,
    last_seen = excluded.last_seen, record_id = excluded.record_id
WHERE (excluded.last_seen, excluded.record_id) > (last_seen, record_id)
"""
_OWN = """
SELECT captures.view_count, captures.comment_count FROM captures JOIN articles ON captures.article = articles.id
WHERE articles.article_key = ? ORDER BY fetched_at DESC, captures.record_id DESC LIMIT 1
"""
_SET = "UPDATE articles SET view_count = ?, comment_count = ? WHERE article_key = ?"


def of_article(connection: sqlite3.Connection, key: str, article: Article) -> Counts:
    """Views and comments of an article as its page prints them, each else as a list did; None when none does."""
    return _first((article.view_count, article.comment_count), connection.execute(_LISTED, [key]).fetchone())


def add_listed(connection: sqlite3.Connection, key: str, capture: Capture, item: ListingItem) -> None:
    """Keep what a list prints of an article's counts, and show it where the article's page prints none."""
    if item.view_count is None and item.comment_count is None:
        return
    values = [key, item.view_count, item.comment_count, utc_text(capture.fetched_at), capture.record_id]
    connection.execute(_ADD, values)
    own = connection.execute(_OWN, [key]).fetchone()
    if own is not None and None in tuple(own):
        connection.execute(_SET, [*_first(tuple(own), connection.execute(_LISTED, [key]).fetchone()), key])


def _first(own: Counts, listed: sqlite3.Row | None) -> Counts:
    if listed is None:
        return own
    return (
        listed["view_count"] if own[0] is None else own[0],
        listed["comment_count"] if own[1] is None else own[1],
    )
