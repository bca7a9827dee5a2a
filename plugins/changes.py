"""What changed between two states of one article: /changes/<article_key>?from=<record_id>&to=<record_id>."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pluggy
from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Response

from crawler.worddiff import MAX_LETTERS, MAX_PARAGRAPHS, Difference, compare

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

DATABASE = "archive"

TEXTS = {
    "headline": ("Tiêu đề", "headline"),
    "description": ("Đoạn mở đầu", "lead"),
    "article_body": ("Nội dung", "text"),
}
"""What is compared word by word, in both languages."""

FIELDS = {
    "date_published": ("Ngày đăng", "published"),
    "date_modified": ("Lần sửa do cổng ghi", "edited, as the portal says"),
    "article_section": ("Chuyên mục", "section"),
    "author": ("Tác giả", "author"),
    "source": ("Nguồn tin", "source"),
    "keywords": ("Từ khóa", "tags"),
    "attachments": ("Tệp đính kèm", "attachments"),
}
"""The other fields whose change makes a revision."""

MAX_REVISIONS = 100
"""How many of an article's revisions are named on a page, newest first."""

_ARTICLE = """
SELECT articles.id, articles.article_key, articles.headline, articles.portal, articles.in_language,
    portals.name AS portal_name
FROM articles JOIN portals ON portals.key = articles.portal WHERE articles.article_key = :key
"""
_REVISIONS = """
SELECT record_id, first_seen, last_seen, is_current FROM revisions_full WHERE article = :id
ORDER BY first_seen DESC, record_id DESC LIMIT :most
"""
_FILES = (
    "SELECT json_group_array(json_object('name', name, 'url', url)) FROM "
    "(SELECT name, url FROM attachments WHERE article = articles.id ORDER BY position)"
)
# A text is cut before it leaves SQLite, so that no state of an article fills the memory.
_COLUMNS = ", ".join(
    f"substr(iif(revisions.content IS NULL, {now}, revisions.content ->> '$.{name}'), 1, {MAX_LETTERS + 1}) AS {name}"
    for name in (*TEXTS, *FIELDS)
    for now in [f"({_FILES})" if name == "attachments" else name]
)
_STATE = f"""
SELECT {_COLUMNS}
FROM revisions JOIN articles ON articles.id = revisions.article
JOIN article_texts ON article_texts.article = articles.id
WHERE revisions.article = :id AND revisions.record_id = :record_id
"""  # noqa: S608 - own column names


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Return the address of an article's changes."""
    return [(r"^/changes/(?P<key>.+)$", changes)]


async def changes(request: Any, datasette: Any) -> Response:
    """Show two states of an article as one text; the last two where the address names none.

    Raises NotFound for an article or a state that the archive does not have.
    """
    key = tilde_decode(request.url_vars["key"])
    article = await _article(datasette, key)
    archive = datasette.get_database(DATABASE)
    seen = await archive.execute(_REVISIONS, {"id": article["id"], "most": MAX_REVISIONS + 1})
    revisions = [dict(row) for row in seen.rows]
    pair = _pair(revisions, request.args.get("from"), request.args.get("to"))
    shown: dict[str, Any] = {
        "article": article,
        "revisions": revisions[:MAX_REVISIONS],
        "has_more": len(revisions) > MAX_REVISIONS,
        "pair": pair,
        "max_letters": MAX_LETTERS,
        "max_paragraphs": MAX_PARAGRAPHS,
    }
    if pair is not None:
        try:
            states = [await _state(archive, article["id"], record_id) for record_id in pair]
        except sqlite3.DataError:  # longer than a value may be here: see plugins/read_only.py
            return await _page(datasette, request, {**shown, "is_too_long": True})
        shown |= await asyncio.to_thread(_compared, *states)
    return await _page(datasette, request, shown)


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give the templates their filter."""
    env.filters["shown_breaks"] = shown_breaks


async def _page(datasette: Any, request: Any, shown: dict[str, Any]) -> Response:
    return Response.html(await datasette.render_template("changes.html", shown, request=request))


async def _article(datasette: Any, key: str) -> dict[str, Any]:
    if DATABASE in datasette.databases and await datasette.get_database(DATABASE).table_exists("articles"):
        row = (await datasette.get_database(DATABASE).execute(_ARTICLE, {"key": key})).first()
        if row is not None:
            return dict(row)
    raise NotFound(f"There is no article {key} in this archive")


def _pair(revisions: list[dict[str, Any]], earlier: str | None, later: str | None) -> tuple[str, str] | None:
    """The states to compare; None for an article that has only one. The address may name older ones than listed."""
    if earlier and later:
        return earlier, later
    if len(revisions) < 2:
        return None
    newest = [revision["record_id"] for revision in revisions]
    place = newest.index(later) if later in newest[:-1] else 0
    return earlier or newest[place + 1], newest[place]


async def _state(archive: Any, article: int, record_id: str) -> dict[str, Any]:
    row = (await archive.execute(_STATE, {"id": article, "record_id": record_id})).first()
    if row is None:
        raise NotFound(f"This article has no state {record_id}")
    state = dict(row)
    state["keywords"] = ", ".join(_items(state["keywords"]))
    state["attachments"] = "\n".join(
        f"{file['name']} ({_path(file['url'])})" for file in _items(state["attachments"])
    )
    return state


def _items(text: str) -> list[Any]:
    """A JSON array; empty where it was too long to be read whole."""
    return [] if len(text) > MAX_LETTERS else list(json.loads(text))


def _path(url: str) -> str:
    """An address without its host, since a portal's move changes no article.

    >>> _path("https://x.vn/a?b"), _path("/a?b")
    ('/a?b', '/a?b')
    """
    return "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text of an article, compared."""

    label: str
    english: str
    difference: Difference


def shown_breaks(text: str) -> str:
    """A text that was added or removed, with a sign where it begins a new line.

    >>> shown_breaks("Xã A")
    'Xã A'
    """
    return text.replace("\n", "↵\n")


def _compared(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    texts = [
        Text(label=label, english=english, difference=compare(before[name], after[name]))
        for name, (label, english) in TEXTS.items()
        if before[name] or after[name]
    ]
    fields = [
        (*words, before[name], after[name]) for name, words in FIELDS.items() if before[name] != after[name]
    ]
    return {
        "texts": [text for text in texts if text.difference.is_changed or text.difference.is_cut],
        "fields": fields,
    }
