"""Saving one reading of an article: new, changed, unchanged, or another article under a reused id."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

from crawler.addresses import request_url
from crawler.archive import counts, media, removal, revisions, search, witnesses
from crawler.archive.columns import date_columns, json_list
from crawler.archive.content import content_digest, content_of
from crawler.archive.times import utc_text
from crawler.items import Article, Capture

_KNOWN = "SELECT id, content_digest, headline, url, date_published FROM articles WHERE article_key = ?"
_NEWEST = (
    "SELECT fetched_at, record_id FROM captures WHERE article = ? "
    "ORDER BY fetched_at DESC, record_id DESC LIMIT 1"
)
_OLDEST = (
    "SELECT fetched_at, record_id FROM captures WHERE article = ? ORDER BY fetched_at, record_id LIMIT 1"
)
_REUSED = "UPDATE captures SET outcome = 'id_reused', article = NULL, content_digest = NULL WHERE article = ?"

_FILES = """
SELECT name, url, media_type FROM (
    SELECT 1 AS part, position, name, url, media_type FROM attachments WHERE article = ?1
    UNION ALL SELECT 2, position, caption, url, '' FROM images WHERE article = ?1
) ORDER BY part, position
"""
_NEW_HTML = """
UPDATE article_texts SET article_body_html = :html WHERE article = :article AND article_body_html IS NOT :html
"""
_OF_THE_CONTENT = (
    "record_id",
    "content_digest",
    *date_columns(None, None, ()),  # these follow from all witnesses
)
"""Columns that no capture of the same content changes: they name its first one, or all of its witnesses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """What became of one article's capture; article and digest are None when nothing of it was kept."""

    outcome: str
    article: int | None = None
    digest: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One open transaction, and the articles whose search rows wait for its end."""

    connection: sqlite3.Connection
    to_index: set[int] = field(default_factory=set)


def article_key(portal: str, in_language: str, module: str, cms_id: str) -> str:
    """The public key of an article.

    >>> article_key("tay_ninh_hoa_thanh", "vi", "news", "123")
    'tay_ninh_hoa_thanh/vi/news/123'
    """
    return f"{portal}/{in_language}/{module}/{cms_id}"


def save_article(batch: Batch, capture: Capture, article: Article) -> Saved:
    """Keep what one capture shows of an article and say whether that is news.

    The caller writes the capture's own row afterwards, with the article id and digest returned here.
    A capture older than the newest known one never overwrites; where it shows something else, it becomes
    a past revision. Of two articles with one number, the number is that of the one that was captured first.
    """
    connection = batch.connection
    key = _key(capture, article)
    content = content_of(article)
    digest = content_digest(content)
    row = connection.execute(_KNOWN, [key]).fetchone()
    if row is None:
        number, outcome = _insert(batch, capture, article, digest), "article_new"
    elif _is_another(row, article):
        if not _is_oldest(connection, int(row["id"]), capture):
            return Saved(outcome="id_reused")
        _set_aside(batch, int(row["id"]))
        number, outcome = _insert(batch, capture, article, digest), "article_new"
    else:
        number = int(row["id"])
        if not _is_newest(connection, number, capture):
            is_new = revisions.place_older(connection, number, capture, content, digest)
            outcome = "article_changed" if is_new else "article_unchanged"
        elif digest == row["content_digest"]:
            _refresh(connection, number, capture, article)
            outcome = "article_unchanged"
        else:
            _replace(batch, number, capture, article, digest)
            outcome = "article_changed"
    is_news = witnesses.add(connection, key, capture, article.witnesses)
    if is_news or outcome != "article_unchanged":
        witnesses.judge(connection, key)
    return Saved(outcome=outcome, article=number, digest=digest)


def _key(capture: Capture, article: Article) -> str:
    return article_key(capture.portal, article.in_language, article.module, article.cms_id)


def _is_another(row: sqlite3.Row, article: Article) -> bool:
    return bool(
        row["headline"] != article.headline
        and row["date_published"] != article.date_published
        and _alias(row["url"]) != _alias(article.url)
    )


def _is_oldest(connection: sqlite3.Connection, number: int, capture: Capture) -> bool:
    oldest = connection.execute(_OLDEST, [number]).fetchone()
    return (utc_text(capture.fetched_at), capture.record_id) < tuple(oldest)


def _set_aside(batch: Batch, number: int) -> None:
    """Let all captures of an article end as id_reused, as if the other one had been known before them."""
    batch.connection.execute(_REUSED, [number])
    removal.remove(batch.connection, number, is_indexed=number not in batch.to_index)
    batch.to_index.discard(number)


def _alias(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _is_newest(connection: sqlite3.Connection, number: int, capture: Capture) -> bool:
    newest = connection.execute(_NEWEST, [number]).fetchone()
    return newest is None or (utc_text(capture.fetched_at), capture.record_id) >= tuple(newest)


def _refresh(connection: sqlite3.Connection, number: int, capture: Capture, article: Article) -> None:
    """Let an article whose content stayed the same show what its newest capture does besides, where that differs.

    What was kept first must not decide: captures come in any order.
    """
    columns = _columns(connection, capture, article, "")
    for name in _OF_THE_CONTENT:
        del columns[name]
    names = ", ".join(columns)
    kept = connection.execute(f"SELECT {names} FROM articles WHERE id = ?", [number]).fetchone()  # noqa: S608 - own column names
    if tuple(kept) != tuple(columns.values()):
        _update(connection, number, columns)
    if _files_kept(connection, number) != _files_of(article):
        _replace_files(connection, number, capture.portal, article)
    connection.execute(_NEW_HTML, {"article": number, "html": article.article_body_html})


def _columns(
    connection: sqlite3.Connection, capture: Capture, article: Article, digest: str
) -> dict[str, Any]:
    views, comments = counts.of_article(connection, _key(capture, article), article)
    return {
        "headline": article.headline,
        "description": article.description,
        **date_columns(article.date_published, article.date_source, article.date_flags),
        "date_published_text": article.date_published_text,
        "date_modified": article.date_modified,
        "article_section": article.article_section,
        "section_path": json_list(article.section_path),
        "author": article.author,
        "byline": article.byline,
        "source": article.source,
        "keywords": json_list(article.keywords),
        "topic": article.topic,
        "view_count": views,
        "comment_count": comments,
        "rating_value": article.rating_value,
        "rating_count": article.rating_count,
        "videos": json_list(article.videos),
        "url": article.url,
        "record_id": capture.record_id,
        "content_digest": digest,
        "parser": article.parser,
    }


def _insert(batch: Batch, capture: Capture, article: Article, digest: str) -> int:
    connection = batch.connection
    columns = {
        "article_key": _key(capture, article),
        "portal": capture.portal,
        "in_language": article.in_language,
        "module": article.module,
        "cms_id": article.cms_id,
        "first_seen": utc_text(capture.fetched_at),
        **_columns(connection, capture, article, digest),
    }
    cursor = connection.execute(
        f"INSERT INTO articles ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608 - own column names
        list(columns.values()),
    )
    number = int(cursor.lastrowid or 0)
    connection.execute(
        "INSERT INTO article_texts VALUES (?, ?, ?)",
        [number, article.article_body, article.article_body_html],
    )
    _insert_files(connection, number, capture.portal, article)
    revisions.start(connection, number, capture, digest)
    batch.to_index.add(number)
    return number


def _insert_files(connection: sqlite3.Connection, number: int, portal: str, article: Article) -> None:
    connection.executemany(
        "INSERT INTO attachments (article, position, name, url, media_type, target_uri) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (number, at, file.name, file.url, file.media_type, request_url(file.url))
            for at, file in enumerate(article.attachments, 1)
        ],
    )
    connection.executemany(
        "INSERT INTO images (article, position, url, caption, target_uri) VALUES (?, ?, ?, ?, ?)",
        [
            (number, at, image.url, image.caption, request_url(image.url))
            for at, image in enumerate(article.images, 1)
        ],
    )
    if article.attachments or article.images:
        media.tell(connection, portal, number)


def _replace(batch: Batch, number: int, capture: Capture, article: Article, digest: str) -> None:
    connection = batch.connection
    revisions.close_current(connection, number)
    if number not in batch.to_index:
        search.remove(connection, number)
    _update(connection, number, _columns(connection, capture, article, digest))
    connection.execute(
        "UPDATE article_texts SET article_body = ?, article_body_html = ? WHERE article = ?",
        [article.article_body, article.article_body_html, number],
    )
    _replace_files(connection, number, capture.portal, article)
    revisions.start(connection, number, capture, digest)
    batch.to_index.add(number)


def _update(connection: sqlite3.Connection, number: int, columns: dict[str, Any]) -> None:
    connection.execute(
        f"UPDATE articles SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",  # noqa: S608 - own column names
        [*columns.values(), number],
    )


def _replace_files(connection: sqlite3.Connection, number: int, portal: str, article: Article) -> None:
    connection.execute("DELETE FROM attachments WHERE article = ?", [number])
    connection.execute("DELETE FROM images WHERE article = ?", [number])
    _insert_files(connection, number, portal, article)


def _files_kept(connection: sqlite3.Connection, number: int) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(_FILES, [number])]


def _files_of(article: Article) -> list[tuple[Any, ...]]:
    """An article's files as _FILES gives them."""
    return [
        *((file.name, file.url, file.media_type) for file in article.attachments),
        *((image.caption, image.url, "") for image in article.images),
    ]
