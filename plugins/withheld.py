"""Nothing is served while what must not be shown may be among it."""

import sqlite3
from pathlib import Path
from typing import Any

import pluggy
from click import ClickException  # datasette's command line prints it as one line and ends with 1

from crawler.archive.errors import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import check_obeyed

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

DATABASE = "archive"


@hookimpl
def startup(datasette: Any) -> None:
    """Let the server begin only when withheld.yml can be understood, and none of its articles is in archive.db.

    What is written into that list later is obeyed by whatever next writes the archive, which the server then shows.
    """
    if DATABASE not in datasette.databases or not (file := datasette.databases[DATABASE].path):
        return
    try:
        with reading(Path(file)) as connection:
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles'").fetchone():
                check_obeyed(Path(file), connection)
    except (ArchiveError, sqlite3.Error) as error:
        raise ClickException(str(error)) from error
