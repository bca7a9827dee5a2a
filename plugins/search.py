"""Search as Vietnamese is typed: with accents or without, in any Unicode form, with any punctuation."""

import re
import sqlite3
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pluggy
from datasette.database import QueryInterrupted

from crawler.text import fold, nfc

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_MAX_TERMS = 50  # FTS5 refuses expressions nested deeper than 256
_COUNT = "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH escape_fts(:words)"
_NOTHING = '""'
_TERM = re.compile(r'"([^"]*)"|([^\s"]+)')
# What phones and word processors make of a typed ", and what is printed. Not ‘ and ’: names have them (Cư M’gar).
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»〝〞〟＂″"), '"')


@hookimpl(trylast=True)
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give a connection its functions.

    Datasette registers an escape_fts of its own in the same hook: ours has to come after it.
    """
    conn.create_function("escape_fts", 1, match_expression, deterministic=True)
    conn.create_function("escape_fts_ranked", 1, ranked_expression, deterministic=True)
    conn.create_function("unaccent", 1, unaccented, deterministic=True)


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give the templates their filter."""
    env.filters["straight_quotes"] = straight_quotes


@hookimpl
def extra_template_vars(
    template: str, request: Any, datasette: Any
) -> Callable[[], Awaitable[dict[str, Any]]] | None:
    """Give the page of the ranked search the number of all articles found; None where counting takes too long."""
    if template != "query-archive-search.html":
        return None

    async def counted() -> dict[str, Any]:
        words = {"words": request.args.get("words") or ""}
        try:
            found = (await datasette.get_database("archive").execute(_COUNT, words)).single_value()
        except QueryInterrupted:
            found = None
        return {"found_articles": found}

    return counted


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    """Wrap the server so that a blank search box means no search, where Datasette would find nothing.

    _searchmode=raw goes too: what is typed raw is not folded, and its slips are syntax errors.
    """

    def wrap(app: App) -> App:
        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if b"_search" in scope.get("query_string", b""):
                scope = {**scope, "query_string": plain_search(scope["query_string"])}
            await app(scope, receive, send)

        return answer

    return wrap


def plain_search(query: bytes) -> bytes:
    """A query string without blank searches and without a search mode.

    >>> plain_search(b"_search=&_searchmode=raw&portal=x")
    b'portal=x'
    """
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    kept = [
        (name, value)
        for name, value in pairs
        if name != "_searchmode" and not (name.startswith("_search") and not value.strip())
    ]
    return query if kept == pairs else urlencode(kept).encode()


def match_expression(typed: str) -> str:
    """What somebody typed as an FTS5 expression that is never a syntax error.

    All words must occur, in any order; words in double quotes, whatever their shape, must stand side by side.
    Nothing typed, or nothing but punctuation, matches nothing.

    >>> match_expression("Đảng bộ"), match_expression("“dan van” 2020")
    ('"Dảng" AND "bộ"', '"dan van" AND "2020"')
    """
    return " AND ".join(f'"{term}"' for term in _terms(typed)) or _NOTHING


def ranked_expression(typed: str) -> str:
    """The same for a ranked search: finds the same articles, those first where all words stand side by side.

    It takes twice as long, so lists that are sorted by date do without it.

    >>> ranked_expression("Đảng bộ")
    '"Dảng bộ" OR ("Dảng" AND "bộ")'
    """
    terms = _terms(typed)
    every = match_expression(typed)
    return f'"{" ".join(terms)}" OR ({every})' if len(terms) > 1 else every


def _terms(typed: str) -> list[str]:
    """The words and quoted phrases of what was typed, folded as the index is."""
    found = _TERM.findall(straight_quotes(fold(nfc(str(typed)))).replace("\x00", " "))
    return [term for pair in found if any(map(str.isalnum, term := "".join(pair)))][:_MAX_TERMS]


def straight_quotes(typed: str) -> str:
    """What was typed with every double quotation mark as the plain one.

    >>> straight_quotes("“dân vận” «khéo»")
    '"dân vận" "khéo"'
    """
    return typed.translate(_QUOTES)


def unaccented(text: str | None) -> str | None:
    """Lower-case text without accents, to compare names as they are typed; None for NULL.

    >>> unaccented("Đảng Bộ")
    'dang bo'
    """
    if text is None:
        return None
    letters = unicodedata.normalize("NFD", fold(nfc(str(text))).lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
