"""Errors that are the asker's, and not the server's."""

from http import HTTPStatus

import pluggy
from datasette.views.base import DatasetteError

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types


@hookimpl
def handle_exception(exception: Exception) -> None:
    """Let a table that is to be sorted by no column of it (?_sort=…) be a 400; Datasette's own answer is a 500."""
    if isinstance(exception, DatasetteError) and exception.message.startswith("Cannot sort table by"):
        exception.status = HTTPStatus.BAD_REQUEST
