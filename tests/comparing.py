"""An archive's tables by natural key: what must be the same however captures came in."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

QUERIES = {
    "portals": "SELECT * FROM portals",
    "crawls": (
        "SELECT id, portal, started_at, finished_at, status, message, mode, run, is_finished, urls, articles_new, "
        "articles_changed, articles_unchanged, problems, outcomes FROM crawls"
    ),
    "articles": "SELECT * FROM articles ORDER BY article_key",
    "article_texts": "SELECT article_key, article_texts.* FROM article_texts JOIN articles ON articles.id = article",
    "captures": "SELECT article_key, captures.* FROM captures LEFT JOIN articles ON articles.id = captures.article",
    "revisions": "SELECT article_key, revisions.* FROM revisions JOIN articles ON articles.id = revisions.article",
    "revisions_full": "SELECT * FROM revisions_full",
    "witnesses": "SELECT * FROM witnesses",
    "listed_counts": "SELECT * FROM listed_counts",
    "attachments": "SELECT article_key, attachments.* FROM attachments JOIN articles ON articles.id = article",
    "images": "SELECT article_key, images.* FROM images JOIN articles ON articles.id = article",
    "known_urls": "SELECT * FROM known_urls",
    "media": "SELECT * FROM media",
}
LOCAL = {"article"}
"""Columns that hold local ids."""


def tables(path: Path, *, without: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without local ids, sorted; `without` names columns that may differ."""
    found = {}
    with closing(sqlite3.connect(path)) as connection:
        for table, query in QUERIES.items():
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description]
            dropped = LOCAL | without | (set() if table == "crawls" else {"id"})
            places = [place for place, name in enumerate(names) if name not in dropped]
            found[table] = sorted((tuple(row[place] for place in places) for row in cursor), key=repr)
    return found


def differences(one: Path, other: Path, *, without: frozenset[str] = frozenset()) -> list[str]:
    """What differs between two archives, a line a row."""
    left, right = tables(one, without=without), tables(other, without=without)
    return [
        f"{table}: {sign} {row}"
        for table in QUERIES
        for sign, mine, others in (("-", left, right), ("+", right, left))
        for row in mine[table]
        if row not in set(others[table])
    ]
