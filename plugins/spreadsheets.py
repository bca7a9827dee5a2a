"""CSV as spreadsheets take it: Excel shows Vietnamese as gibberish where no byte order mark comes first."""

from collections.abc import Awaitable, Callable
from typing import Any

import pluggy

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()
"""What tells a program that a text is UTF-8."""

_SNIPPETS = "/archive/search.csv"
_MARKS = ("⟦".encode(), "⟧".encode())  # of plugins/cells.py; people who read a table have no use for them

_TYPES = (b"text/csv", b"text/plain")  # to be saved, or to be looked at

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


@hookimpl
def asgi_wrapper() -> Callable[[App], App]:
    """Wrap the server so that every CSV begins with a byte order mark, and the snippets of a search have no marks."""

    def wrap(app: App) -> App:
        async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
            path = scope.get("path", "")
            unwanted = _MARKS if path.endswith(_SNIPPETS) else ()
            beginning = b""

            async def send_csv(message: dict[str, Any]) -> None:
                nonlocal beginning
                if message["type"] == "http.response.start":
                    headers = {bytes(name): bytes(value) for name, value in message["headers"]}
                    if headers.get(b"content-type", b"").startswith(_TYPES):  # an error has another
                        beginning = BYTE_ORDER_MARK
                else:
                    body = message.get("body", b"")
                    for mark in unwanted:  # never in two messages: Datasette sends whole rows
                        body = body.replace(mark, b"")
                    message = {**message, "body": beginning + body}
                    beginning = b""
                await send(message)

            await app(scope, receive, send_csv if path.endswith(".csv") else send)

        return answer

    return wrap
