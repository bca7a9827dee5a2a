"""Nothing can be written through the server, and no query can fill its memory.

Datasette opens the file read-only and refuses SQL that is not a SELECT; these are the gaps it leaves.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pluggy
from datasette.utils.asgi import Response

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

MAX_LENGTH = 10_000_000
"""Bytes of one value or row that a query may make; stops randomblob(1e9), which no time limit does."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Limit what a connection may do."""
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_LENGTH)
    conn.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    """Wrap the server so that it only answers requests that read."""

    def wrap(app: App) -> App:
        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["method"] not in _READING:
                refusal = Response.text(
                    "This archive is read-only.\n", status=405, headers={"Allow": "GET, HEAD"}
                )
                await refusal.asgi_send(send)
                return
            await app(scope, receive, send)

        return answer

    return wrap
