"""`make serve`, before it begins: can the archive in this folder be served, and where."""

import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from crawler.archive.errors import ArchiveError
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import check_obeyed

ARCHIVE = Path("archive.db")


def main(port: str) -> int:
    """Print where the archive will be and return 0, or why it cannot be served and return 1."""
    if problem := _archive_problem(ARCHIVE) or _port_problem(port):
        print(problem)
        return 1
    print(f"The archive is at http://127.0.0.1:{port}/ (another port: make serve PORT=8003); Ctrl-C ends it.")
    return 0


def _archive_problem(path: Path) -> str | None:
    if not path.exists():
        return "Nothing was crawled yet. Type: make demo"
    try:
        with reading(path) as connection:
            connection.execute("SELECT 1 FROM articles_full LIMIT 1").fetchone()
            check_obeyed(path, connection)
    except ArchiveError as error:
        return f"Error: {error}"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error:
        return (
            f"Error: {path} cannot be served where nothing can be written: copy it, and withheld.yml where there is "
            "one, into a copy of this project that may be written to"
        )
    return None


def _port_problem(port: str) -> str | None:
    try:
        if 0 < int(port) < 1 << 16:
            socket.create_server(("127.0.0.1", int(port))).close()
            return None
    except (OSError, ValueError):
        pass
    return f"Port {port} is taken or is no port. Type: make serve PORT=8003"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
