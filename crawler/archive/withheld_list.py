"""withheld.yml: the articles that must not be shown. It outlives archive.db, and every rebuild obeys it."""

import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from crawler.archive.errors import ArchiveError
from crawler.locking import locked
from crawler.text import one_line

LIST_NAME = "withheld.yml"
_PARTIAL = ".part"
_FORM = (
    "the list cannot be understood here. Each article has a line with its key and a colon, and below it, two spaces "
    "in, `reason:` (in quotes when it holds a colon) and `since:` (a day, like 2026-11-24)"
)
_KEY = re.compile(r"[a-z0-9_]+/[^/\s]+/[^/\s]+/\S+")
_HEAD = """\
# Articles that are withheld from serving and exports; they stay in the WARC. Everybody is shown the reason.
# `scrapy withhold ARTICLE_KEY --reason "…"` and `scrapy withhold ARTICLE_KEY --lift` write this file. Keep it with
# the WARC files: an archive.db that is made anew without it shows these articles again.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """One article that must not be shown."""

    article_key: str
    reason: str  # plain words, shown to everybody
    since: str  # the day it was withheld, YYYY-MM-DD


def read(path: Path) -> dict[str, Withheld]:
    """The list by article_key, sorted; empty when there is no file.

    Raises ArchiveError where it cannot be understood: nothing is shown or read on the ground of a guess.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror}. Nothing was done.") from error
    except UnicodeDecodeError as error:
        raise _not_understood(path, 1, "this is not UTF-8 text") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise _not_understood(path, 1, _FORM) from error
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        line = mark.line if mark else text[: getattr(error, "position", 0)].count("\n")
        raise _not_understood(path, line + 1, _FORM) from error
    if root is None:
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise _not_understood(path, root.start_mark.line + 1, _FORM)
    entries = [_entry(path, key, fields) for key, fields in root.value]
    return {entry.article_key: entry for entry in sorted(entries, key=lambda entry: entry.article_key)}


def _not_understood(path: Path, line: int, what: str) -> ArchiveError:
    return ArchiveError(f"{path}, line {line}: {what}. Nothing was done: mend that line, then try again.")


def _entry(path: Path, node: yaml.Node, block: yaml.Node) -> Withheld:
    key, line = str(node.value), node.start_mark.line + 1
    if not isinstance(node, yaml.ScalarNode):
        raise _not_understood(path, line, _FORM)
    if not _KEY.fullmatch(key):
        raise _not_understood(path, line, f"{one_line(key)} is no article's key, like sample/vi/news/512")
    fields = block.value if isinstance(block, yaml.MappingNode) else []
    said = {str(name.value): field for name, field in fields}
    plain = {name: field.value for name, field in said.items() if isinstance(field, yaml.ScalarNode)}
    try:
        since = date.fromisoformat(plain.get("since", ""))
    except ValueError:
        since = None
    if since is None or not plain.get("reason") or said.keys() != {"reason", "since"}:
        raise _not_understood(path, line, f"{key} needs `reason:` in words and `since:` as 2026-11-24")
    return Withheld(article_key=key, reason=plain["reason"], since=since.isoformat())


def check_obeyed(archive: Path, connection: sqlite3.Connection) -> None:
    """Raise ArchiveError where what must not be shown may be in an archive: nobody is shown anything of it then.

    That is so when the list beside it cannot be understood, and when it names articles that are still in it: entries
    that were written by hand are obeyed by whatever next writes.
    """
    path = archive.with_name(LIST_NAME)
    query = "SELECT 1 FROM articles WHERE article_key = ?"
    shown = [key for key in read(path) if connection.execute(query, [key]).fetchone()]
    if shown:
        more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
        raise ArchiveError(
            f"{path} withholds {shown[0]}{more}, and {archive} still has it: run `scrapy withhold`, which takes it out"
        )


def add(path: Path, entry: Withheld) -> None:
    """Add or replace an entry; it is on the disk when this returns. ArchiveError when it cannot be written."""
    with _editing(path) as entries:
        entries[entry.article_key] = entry


def remove(path: Path, article_key: str) -> None:
    """Take an entry out, if it is there. ArchiveError when the list cannot be written."""
    with _editing(path) as entries:
        entries.pop(article_key, None)


@contextmanager
def _editing(path: Path) -> Iterator[dict[str, Withheld]]:
    """The entries, for one process at a time; written when the block ends: the old list or the new one, whole."""
    try:
        with locked(path.parent) as handle:
            entries = read(path)
            yield entries
            _write(path, entries)
            os.fsync(handle)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}") from error


def _write(path: Path, entries: Mapping[str, Withheld]) -> None:
    blocks = {
        entry.article_key: {"reason": entry.reason, "since": date.fromisoformat(entry.since)}
        for entry in sorted(entries.values(), key=lambda entry: entry.article_key)
    }
    text = yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False, width=110) if blocks else ""
    partial = path.with_name(path.name + _PARTIAL)
    with partial.open("w", encoding="utf-8") as file:
        file.write(_HEAD + text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
