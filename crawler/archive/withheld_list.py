"""withheld.yml: the articles that must not be shown. It outlives archive.db, and every rebuild obeys it."""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from crawler.archive.errors import ArchiveError

LIST_NAME = "withheld.yml"
_PARTIAL = ".part"
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
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ArchiveError(f"{path} cannot be read: {error}. Mend it; nothing was changed.") from error
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        raise ArchiveError(f"{path} must have one block for each article, headed by its key. Mend it.")
    return {key: _entry(path, key, entries[key]) for key in sorted(entries, key=str)}


def _entry(path: Path, key: object, fields: Any) -> Withheld:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ArchiveError(f"{path}: {key} is no article's key, like sample/vi/news/512. Mend it.")
    known = isinstance(fields, dict) and fields.keys() == {"reason", "since"}
    if not known or not isinstance(fields["reason"], str) or not isinstance(fields["since"], date):
        raise ArchiveError(f"{path}: {key} needs `reason:` in words and `since:` as 2026-11-24. Mend it.")
    return Withheld(article_key=key, reason=fields["reason"], since=fields["since"].isoformat())


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
        handle = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        entries = read(path)
        yield entries
        _write(path, entries)
        os.fsync(handle)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        os.close(handle)


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
