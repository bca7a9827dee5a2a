"""Cells as people read them: headlines that lead to the article, lists as text, marked words in snippets."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import pluggy
from datasette.utils import tilde_encode
from markupsafe import Markup, escape

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

MARK_BEGIN, MARK_END = "⟦", "⟧"
"""What stands around a found word in the snippets of metadata.yml's queries."""

_LISTS = {"date_flags": " · ", "keywords": " · ", "section_path": " › ", "hosts": " · ", "videos": " "}
_DATES = frozenset({"date_published", "date_modified", "date_oldest", "date_newest"})
_PERIODS = frozenset({"published_year", "published_month", "published_day"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_KEYS = {"portal": "portals", "crawl": "crawls", "run": "crawls"}
_COLUMNS = {
    "articles": (
        "date_published",
        "headline",
        "description",
        "article_section",
        "portal",
        "author",
        "view_count",
    ),
    "crawls": (
        *("id", "portal", "started_at", "finished_at", "mode", "status", "run", "urls"),
        *("articles_new", "articles_changed", "articles_unchanged", "problems", "message"),
    ),
}
"""What one reads first of a wide table."""


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, datasette: Any) -> Markup | None:
    """Return the cell's HTML; None leaves it to Datasette."""
    if table is None and column in _KEYS and value is not None:  # a table's own keys are links already
        return _link(datasette.urls.row("archive", _KEYS[column], tilde_encode(str(value))), value)
    if not isinstance(value, str):
        return None
    if "article_key" in row.keys():  # noqa: SIM118 - a sqlite3.Row
        if column in {"headline", "article_key"}:
            return _link(article_path(datasette, row["article_key"]), value)
        if column == "what" and "changed" in value:
            return _link(article_path(datasette, row["article_key"], "changes"), value)
    return _readable(value, column)


def _link(address: str, words: Any) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, words)


def _readable(value: str, column: str) -> Markup | None:
    if column == "snippet":
        return marked(value)
    if column in _LISTS and (items := as_list(value)) is not None:
        return escape(_LISTS[column].join(items)) or Markup("&nbsp;")
    if _MOMENT.fullmatch(value):
        return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(value, short_moment(value))
    if column in _DATES:
        return Markup('<time datetime="{}">{}</time>').format(value, short_date(value))
    return None


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Give the templates their filters."""
    env.filters["article_path"] = partial(article_path, datasette)
    env.filters["changes_path"] = partial(article_path, datasette, page="changes")
    env.filters["few_columns"] = few_columns
    env.filters["few_cells"] = few_cells
    env.filters["years_in_order"] = years_in_order


def article_path(datasette: Any, article_key: str, page: str = "article") -> str:
    """The lasting address of an article on this server, or of its changes; the integer in Datasette's own is not."""
    parts = [tilde_encode(part) for part in article_key.split("/")]
    return str(datasette.urls.path(f"/{page}/" + "/".join(parts)))


def marked(snippet: str) -> Markup:
    """A snippet with its found words in <mark>, everything else escaped.

    >>> marked("công tác ⟦dân⟧ <b>")
    Markup('công tác <mark>dân</mark> &lt;b&gt;')
    >>> marked('["⟦dân⟧ vận", "Đảng bộ"]')
    Markup('<mark>dân</mark> vận · Đảng bộ')
    """
    if snippet.startswith('["') or snippet.endswith('"]'):  # the column of keywords, whole or cut
        snippet = snippet.removeprefix('["').removesuffix('"]').replace('", "', " · ").replace('\\"', '"')
    html = str(escape(snippet)).replace(MARK_BEGIN, "<mark>").replace(MARK_END, "</mark>")
    return Markup(html)  # noqa: S704 - escaped just above


def as_list(value: str) -> list[str] | None:
    """The texts of a JSON array; None when it is something else."""
    try:
        items = json.loads(value)
    except ValueError:
        return None
    return [str(item) for item in items] if isinstance(items, list) else None


def short_date(value: str) -> str:
    """A date of the archive without its zone, which is Viet Nam's throughout.

    >>> short_date("2020-11-09T09:00+07:00"), short_date("2020-11")
    ('2020-11-09 09:00', '2020-11')
    """
    return value.removesuffix("+07:00").replace("T", " ")


def short_moment(value: str) -> str:
    """A moment of the archive to the minute; it stays in UTC.

    >>> short_moment("2025-05-06T01:02:03.456789Z")
    '2025-05-06 01:02 UTC'
    """
    return f"{value[:10]} {value[11:16]} UTC"


def few_columns(columns: list[Mapping[str, Any]], arguments: Any, table: str) -> list[Mapping[str, Any]]:
    """The columns that a wide table shows when nobody chose any, and those that it is filtered by."""
    if "_col" in arguments or "_nocol" in arguments or "_all" in arguments:
        return columns
    named = {column["name"]: column for column in columns}
    filtered = [name for name in named if any(argument.startswith(f"{name}__") for argument in arguments)]
    wanted = (*_COLUMNS[table][:2], *filtered, *_COLUMNS[table][2:])
    return [named[name] for name in dict.fromkeys(wanted) if name in named]


def few_cells(row: Any, columns: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One row's cells in the order of those columns."""
    named = {cell["column"]: cell for cell in row}
    return [named[column["name"]] for column in columns]


def years_in_order(facets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The facets of a table as Datasette has them, by number of articles; but periods newest first.

    >>> years_in_order([{"name": "published_year", "results": [{"value": 2018}, {"value": 2020}]}])
    [{'name': 'published_year', 'results': [{'value': 2020}, {'value': 2018}]}]
    """
    return [
        {**facet, "results": sorted(facet["results"], key=lambda result: str(result["value"]), reverse=True)}
        if facet["name"] in _PERIODS
        else facet
        for facet in facets
    ]
