"""What the page of one article shows beside its row, and the address that lasts."""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pluggy
from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound, Response

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

DATABASE = "archive"

FLAGS = {
    "weekday_conflict": "thứ trong tuần ghi trên trang không khớp với ngày",
    "witnesses_disagree": "các chỗ ghi ngày đăng không khớp nhau",
    "future": "ngày đăng muộn hơn lúc lưu bài",
    "before_2000": "ngày đăng trước năm 2000",
    "no_time": "không ghi giờ đăng",
    "no_date": "không ghi ngày đăng",
    "unreadable_date": "ngày ghi trên trang không đọc được",
}
"""What the date flags say, in plain words."""

SOURCES = {
    "visible": "dòng ngày đăng trên trang",
    "meta": "thẻ meta của trang",
    "microdata": "vi dữ liệu của trang (lần sửa)",
    "updated": "dòng “Cập nhật lúc” hoặc thẻ article:modified_time",
    "sitemap": "sơ đồ trang web (sitemap)",
    "rss": "nguồn tin RSS",
    "list": "trang danh sách",
}
"""Where a date was found, in plain words."""

_ARTICLE = """
SELECT articles_full.*, portals.name AS portal_name, portals.province, captures.fetched_at,
    captures.warc_file, captures.warc_offset
FROM articles_full JOIN portals ON portals.key = articles_full.portal
LEFT JOIN captures ON captures.record_id = articles_full.record_id
WHERE articles_full.id = :id
"""
_WITHOUT_TEXT = _ARTICLE.replace("articles_full", "articles").replace(
    "SELECT", "SELECT NULL AS article_body, 1 AS is_too_long,", 1
)
_BESIDE = {
    "attachments": "SELECT name, url, media_type FROM attachments WHERE article = :id ORDER BY position",
    "images": "SELECT url, caption FROM images WHERE article = :id ORDER BY position",
    "revisions": (
        "SELECT * FROM (SELECT first_seen, last_seen, is_current, headline, record_id FROM revisions_full "
        "WHERE article = :id ORDER BY first_seen DESC, record_id DESC LIMIT 100) ORDER BY first_seen, record_id"
    ),
    "witnesses": (
        "SELECT source, text, iso, weekday_conflict FROM witnesses "
        "WHERE article_key = (SELECT article_key FROM articles WHERE id = :id) ORDER BY first_seen, source, text"
    ),
    "captures": "SELECT count(*) AS number, max(fetched_at) AS last FROM captures WHERE article = :id",
}

_FORMER = """
SELECT revisions.content, revisions.first_seen, revisions.record_id, captures.fetched_at, captures.warc_file,
    captures.warc_offset
FROM revisions LEFT JOIN captures ON captures.record_id = revisions.record_id
WHERE revisions.article = :id AND revisions.record_id = :record_id AND revisions.content IS NOT NULL
"""


@hookimpl
def extra_template_vars(
    database: str, table: str, view_name: str, request: Any, datasette: Any
) -> Callable[[], Awaitable[dict[str, Any]]] | None:
    """Give the article's page everything that belongs to the article.

    With ?revision=<record_id> it shows the past state that this capture was the first to have.
    """
    if (view_name, database, table) != ("row", DATABASE, "articles"):
        return None

    async def article() -> dict[str, Any]:
        archive = datasette.get_database(DATABASE)
        number = {"id": request.url_vars["pks"]}
        (found,) = await _rows(archive, _ARTICLE, number) or await _rows(archive, _WITHOUT_TEXT, number)
        beside = {name: await _rows(archive, sql, number) for name, sql in _BESIDE.items()}
        shown = {"article": _readable(found), **beside, "source_words": SOURCES}
        if record_id := request.args.get("revision"):
            former = (await archive.execute(_FORMER, {**number, "record_id": record_id})).first()
            return shown if former is None else _as_it_was(shown, dict(former))
        return shown

    return article


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give the templates their filters and the words for flags."""
    env.globals["flag_words"] = FLAGS
    env.filters["blocks"] = blocks
    env.filters["web_address"] = web_address
    env.filters["day_first"] = day_first
    env.filters["dots"] = dots
    env.filters["tilde"] = tilde_encode


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Return the lasting address of an article: /article/<article_key>."""
    return [(r"^/article/(?P<key>.+)$", by_key)]


async def by_key(request: Any, datasette: Any) -> Response:
    """Lead from an article's public key to its page; raises NotFound for an unknown key.

    A withheld article's address says so and why, with the status that RFC 7725 has for it.
    """
    key = tilde_decode(request.url_vars["key"])
    if row := await _find(datasette, "articles", key):
        return Response.redirect(datasette.urls.row(DATABASE, "articles", str(row["id"])))
    if withheld := await _find(datasette, "withheld", key):
        page = await datasette.render_template("withheld.html", {"withheld": withheld}, request=request)
        return Response.html(page, status=HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS)
    raise NotFound(f"There is no article {key} in this archive")


async def _find(datasette: Any, table: str, key: str) -> sqlite3.Row | None:
    if DATABASE not in datasette.databases:
        return None
    archive = datasette.get_database(DATABASE)
    if not await archive.table_exists(table):
        return None
    found = await archive.execute(f"SELECT * FROM {table} WHERE article_key = :key", {"key": key})  # noqa: S608 - our own names
    row: sqlite3.Row | None = found.first()
    return row


async def _rows(archive: Any, sql: str, number: dict[str, Any]) -> list[sqlite3.Row]:
    """The rows of a query; none where one of them is longer than plugins/read_only.py allows."""
    try:
        return list((await archive.execute(sql, number)).rows)
    except sqlite3.DataError:
        return []


def _readable(row: sqlite3.Row) -> dict[str, Any]:
    article = dict(row)
    for name in ("section_path", "keywords", "date_flags", "videos"):
        article[name] = json.loads(article[name])
    return article


def _as_it_was(shown: dict[str, Any], former: dict[str, Any]) -> dict[str, Any]:
    content = json.loads(former.pop("content"))
    files = content.pop("attachments")
    # Of these only the present state is known.
    unknown: dict[str, Any] = {
        "section_path": [],
        "date_flags": [],
        "date_source": None,
        "date_published_text": None,
        "byline": None,
    }
    article = shown["article"] | unknown | content | former | {"former": True}
    return {**shown, "article": article, "attachments": files, "images": []}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One block of a text: its lines, each a list of cells; only a table's rows have several."""

    lines: list[list[str]]

    @property
    def is_table(self) -> bool:
        """Whether it is a table."""
        return any(len(line) > 1 for line in self.lines)


def blocks(body: str | None) -> list[Block]:
    r"""A text's paragraphs, lists and tables.

    >>> blocks("Một\n\nXã\tHộ\nA\t12")
    [Block(lines=[['Một']]), Block(lines=[['Xã', 'Hộ'], ['A', '12']])]
    """
    found = [block for block in (body or "").split("\n\n") if block]
    return [Block(lines=[line.split("\t") for line in block.split("\n")]) for block in found]


def web_address(url: str) -> str | None:
    """The address when a browser may follow it; None for javascript: and the like, which a page may hold.

    >>> web_address("http://x.vn/a"), web_address("javascript:alert(1)")
    ('http://x.vn/a', None)
    """
    return url if url.lower().startswith(("http://", "https://")) else None


def day_first(date: str) -> str:
    """A date of the archive as Vietnamese write it; a moment in UTC keeps its zone.

    >>> day_first("2020-11-09T09:00+07:00"), day_first("2020-11"), day_first("2025-05-06T01:02:03.456789Z")
    ('09/11/2020 09:00', '11/2020', '06/05/2025 01:02:03 UTC')
    """
    day, _, time = date.partition("T")
    text = "/".join(reversed(day.split("-")))
    clock = time[:8] + " UTC" if time.endswith("Z") else time.removesuffix("+07:00")
    return f"{text} {clock}".rstrip()


def dots(number: int) -> str:
    """A number with dots between the thousands.

    >>> dots(24310)
    '24.310'
    """
    return f"{number:,}".replace(",", ".")
