"""CSV as spreadsheets take it.

Excel shows Vietnamese as gibberish where no byte order mark comes first, and computes what a portal wrote as a formula.
"""

import csv
import io
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pluggy

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
"""What tells a program that a text is UTF-8."""

_SNIPPETS = "/archive/search.csv"
_MARKS = ("⟦".encode(), "⟧".encode())  # of plugins/cells.py; people who read a table have no use for them

_TYPES = (b"text/csv", b"text/plain")  # to be saved, or to be looked at

_FORMULA = re.compile(r"[=+@\t\r-](?!\d+(?:\.\d+)?\Z)")  # a number with its sign is none
csv.field_size_limit(sys.maxsize)  # an article's text is one cell

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    """Wrap the server: every CSV begins with a byte order mark and holds no formula, nor a search's marks."""

    def wrap(app: App) -> App:
        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            path = scope.get("path", "")
            unwanted = _MARKS if path.endswith(_SNIPPETS) else ()
            beginning, is_csv = b"", False

            async def send_csv(message: dict[str, Any]) -> None:
                nonlocal beginning, is_csv
                if message["type"] == "http.response.start":
                    headers = {bytes(name): bytes(value) for name, value in message["headers"]}
                    if headers.get(b"content-type", b"").startswith(_TYPES):  # an error has another
                        beginning, is_csv = BYTE_ORDER_MARK, True
                else:
                    body = message.get("body", b"")
                    for mark in unwanted:  # never in two messages: Datasette sends whole rows
                        body = body.replace(mark, b"")
                    message = {**message, "body": beginning + (_inert(body) if is_csv else body)}
                    beginning = b""
                await send(message)

            await app(scope, receive, send_csv if path.endswith(".csv") else send)

        return answer

    return wrap


def _inert(rows: bytes) -> bytes:
    """Rows of CSV with an apostrophe before each text that a spreadsheet would compute (CWE-1236)."""
    cells = list(csv.reader(io.StringIO(rows.decode(), newline="")))
    if not any(_FORMULA.match(cell) for row in cells for cell in row):
        return rows
    inert = io.StringIO(newline="")
    csv.writer(inert).writerows(
        [f"'{cell}" if _FORMULA.match(cell) else cell for cell in row] for row in cells
    )
    return inert.getvalue().encode()
