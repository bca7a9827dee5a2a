"""What is kept of the files that articles name: size, digest and type, told by the newest capture that is a file."""

import sqlite3

from crawler.archive.times import utc_text
from crawler.items import Capture, MediaFile

_KEEP = """
INSERT INTO media (portal, target_uri, fetched_at, record_id, size, sha256, media_type) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET fetched_at = excluded.fetched_at, record_id = excluded.record_id, size = excluded.size,
    sha256 = excluded.sha256, media_type = excluded.media_type
WHERE (excluded.fetched_at, excluded.record_id) > (fetched_at, record_id)
"""
_TELL = """
UPDATE {table} SET (size, sha256, record_id, media_type) = (
    SELECT size, sha256, record_id, coalesce(media.media_type, {table}.media_type) FROM media
    WHERE media.portal = ?1 AND media.target_uri = {table}.target_uri)
WHERE {rows} AND EXISTS (
    SELECT 1 FROM media WHERE media.portal = ?1 AND media.target_uri = {table}.target_uri)
"""
_TABLES = ("attachments", "images")
_OF_URL = {table: _TELL.format(table=table, rows="target_uri = ?2") for table in _TABLES}
_OF_ARTICLE = {table: _TELL.format(table=table, rows="article = ?2") for table in _TABLES}


def keep(connection: sqlite3.Connection, capture: Capture, file: MediaFile) -> None:
    """Note what one capture shows of a file, and tell the articles that name it."""
    seen = [capture.portal, capture.target_uri, utc_text(capture.fetched_at), capture.record_id]
    connection.execute(_KEEP, [*seen, file.size, file.sha256, file.media_type])
    for table in _TABLES:
        connection.execute(_OF_URL[table], [capture.portal, capture.target_uri])


def tell(connection: sqlite3.Connection, portal: str, article: int) -> None:
    """Tell the rows of an article's files what is kept of them."""
    for table in _TABLES:
        connection.execute(_OF_ARTICLE[table], [portal, article])
