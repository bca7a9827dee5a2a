"""What a rebuilt archive has otherwise than the one it is to replace: field by field, with examples. Only reads."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.text import counted, one_line

EXAMPLES = 3
_LOCAL = frozenset(("id", "record_id", "content_digest", "parser", "first_seen"))
_PARTS = {
    "attachments": "name, url, media_type",
    "images": "url, caption",
}
_WITNESSES = (
    "(SELECT json_group_array(json_array(source, text, iso)) FROM (SELECT * FROM witnesses "
    "WHERE witnesses.article_key = articles_full.article_key ORDER BY source, text)) AS witnesses"
)
_OUTCOMES = """
SELECT old.captures.outcome || ' → ' || main.captures.outcome AS change, count(*) AS number
FROM old.captures JOIN main.captures USING (record_id)
WHERE old.captures.outcome <> main.captures.outcome GROUP BY change ORDER BY number DESC, change
"""
_LOST_CAPTURES = """
SELECT coalesce(warc_file, '') AS warc_file, count(*) AS number FROM old.captures
WHERE record_id NOT IN (SELECT record_id FROM main.captures) GROUP BY warc_file ORDER BY number DESC
"""
_WIDTH = 60


@dataclass(kw_only=True)
class Field:
    """How one field of the articles changed."""

    same: int = 0
    better: int = 0  # there was no value, now there is one
    lost: int = 0  # there was a value, now there is none
    other: int = 0  # another value
    examples: list[tuple[str, str, str, str]] = field(
        default_factory=list
    )  # change, article_key, before, after


@dataclass(kw_only=True)
class Report:
    """How a rebuilt archive differs from the old one."""

    articles: int = 0  # in both
    fields: dict[str, Field] = field(default_factory=dict)
    only_old: list[str] = field(default_factory=list)  # article keys
    only_new: list[str] = field(default_factory=list)
    outcomes: list[tuple[str, int]] = field(default_factory=list)  # captures, by "before → after"
    lost_captures: list[tuple[str, int]] = field(
        default_factory=list
    )  # by WARC file; of the old archive alone

    @property
    def is_worse(self) -> bool:
        """Whether anything that was known is lost."""
        return bool(self.only_old or self.lost_captures or any(one.lost for one in self.fields.values()))


def compare(old: Path, new: Path) -> Report:
    """Compare two archives; memory does not grow with them but for keys that only one has."""
    report = Report()
    with closing(_open(old)) as before, closing(_open(new)) as after:
        for left, right in _paired(_articles(before), _articles(after)):
            if left is None or right is None:
                (report.only_old if left else report.only_new).append((left or right or {})["article_key"])
                continue
            report.articles += 1
            for name in right.keys() & left.keys():
                _judge(report.fields.setdefault(name, Field()), left["article_key"], left[name], right[name])
        after.execute("ATTACH ? AS old", [f"{old.absolute().as_uri()}?mode=ro"])
        report.outcomes = [tuple(row) for row in after.execute(_OUTCOMES)]
        report.lost_captures = [tuple(row) for row in after.execute(_LOST_CAPTURES)]
    return report


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _articles(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    parts = [
        f"(SELECT json_group_array(json_array({columns})) FROM (SELECT * FROM {table} "  # noqa: S608 - own names
        f"WHERE article = articles_full.id ORDER BY position)) AS {table}"
        for table, columns in _PARTS.items()
    ]
    query = f"SELECT *, {', '.join([*parts, _WITNESSES])} FROM articles_full ORDER BY article_key"  # noqa: S608 - own names
    for row in connection.execute(query):
        yield {name: row[name] for name in row.keys() if name not in _LOCAL}  # noqa: SIM118 - a Row has no other


Pair = tuple[dict[str, Any] | None, dict[str, Any] | None]


def _paired(old: Iterator[dict[str, Any]], new: Iterator[dict[str, Any]]) -> Iterator[Pair]:
    """Rows of the same article side by side; None where one archive has it not."""
    left, right = next(old, None), next(new, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left["article_key"] < right["article_key"]):
            yield left, None
            left = next(old, None)
        elif left is None or right["article_key"] < left["article_key"]:
            yield None, right
            right = next(new, None)
        else:
            yield left, right
            left, right = next(old, None), next(new, None)


def _judge(found: Field, key: str, before: Any, after: Any) -> None:
    if before == after:
        found.same += 1
        return
    change = "better" if before in _EMPTY else "lost" if after in _EMPTY else "other"
    setattr(found, change, getattr(found, change) + 1)
    if Counter(example[0] for example in found.examples)[change] < EXAMPLES:
        found.examples.append((change, key, _shown(before), _shown(after)))


_EMPTY = (None, "", "[]")


def _shown(value: Any) -> str:
    text = one_line(str(value))
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def in_words(report: Report) -> Iterator[str]:
    """The report for a person."""
    changed = {
        name: one for name, one in sorted(report.fields.items()) if one.better or one.lost or one.other
    }
    yield f"{report.articles:,} articles are in both; {len(report.fields) - len(changed)} fields are the same in all"
    if changed:
        yield f"{'field':<22}{'same':>10}{'better':>10}{'lost':>10}{'other':>10}"
    for name, one in changed.items():
        yield f"{name:<22}{one.same:>10,}{one.better:>10,}{one.lost:>10,}{one.other:>10,}"
        for change, key, before, after in one.examples:
            yield f"  {change}: {key}: {before} → {after}"
    for words, keys in (("only in the old archive", report.only_old), ("new", report.only_new)):
        yield f"{len(keys):,} articles are {words}" + "".join(f"\n  {key}" for key in keys[:EXAMPLES])
    for change, number in report.outcomes:
        yield f"{counted(number, 'capture')}: {change}"
    for name, number in report.lost_captures:
        yield f"{number:,} captures of the archive are in no WARC file here: {name}"
