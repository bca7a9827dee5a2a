"""The data dictionary: what every table and column of the archive means, and all that is made from it.

The words are in dictionary.yml. `python -m crawler.dictionary` copies them into metadata.yml and docs/data.md,
between the lines that name a block; `export_schema` is the JSON Schema of an export.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crawler.items import OUTCOMES

ROOT = Path(__file__).parent.parent

_LOCAL = frozenset({"id", "article", "position"})  # they mean something inside one archive.db only

_BEGIN = re.compile(r"^(?P<indent>\s*)(?:#|<!--) from the dictionary: (?P<name>\w+)")
_END = re.compile(r"^\s*(?:#|<!--) end of it")
_SQLITE_TYPES = {"integer": "INTEGER", "boolean": "INTEGER", "real": "REAL"}
_JSON_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "real": {"type": "number"},
    "list": {"type": "array", "items": {"type": "string"}},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: its kind, whether it may be NULL, and what it means in both languages."""

    name: str
    kind: str  # text, integer, real, boolean, list, object or objects
    nullable: bool
    vietnamese: str
    english: str
    rules: Mapping[str, Any]  # further JSON Schema keywords

    @property
    def sqlite_type(self) -> str:
        """The type that SQLite gives it in a STRICT table; JSON is TEXT."""
        return _SQLITE_TYPES.get(self.kind, "TEXT")

    @property
    def words_for_kind(self) -> str:
        """Its kind as the documentation prints it."""
        return {"list": "JSON array", "object": "JSON object", "objects": "JSON array"}.get(
            self.kind, self.kind
        )

    @property
    def json_schema(self) -> dict[str, Any]:
        """What its values are in an export."""
        schema = {"description": self.english, **_JSON_TYPES[self.kind], **self.rules}
        return {**schema, "type": [schema["type"], "null"]} if self.nullable else schema


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table or view, with its columns in the order of the schema."""

    name: str
    title: str
    row: str
    columns: tuple[Column, ...]
    parts: tuple[str, ...] = ()  # the tables that a view takes its columns from, where it takes all of them


@cache
def tables() -> Mapping[str, Table]:
    """Every table and view by name, in the order of dictionary.yml."""
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    entries: dict[str, Any] = yaml.safe_load(text)
    return {name: _table(name, entry, entries) for name, entry in entries.items()}


def _table(name: str, entry: dict[str, Any], entries: dict[str, Any]) -> Table:
    columns: dict[str, Any] = entry.get("columns") or {
        column: words
        for part in entry["columns_of"]
        for column, words in entries[part]["columns"].items()
        if column != "article"
    }
    return Table(
        name=name,
        title=" · ".join(entry["title"]),
        row="{}. {}.".format(*(words[0].upper() + words[1:] for words in entry["row"])),
        columns=tuple(_column(column, *words) for column, words in columns.items()),
        parts=tuple(entry.get("columns_of", ())),
    )


def _column(
    name: str, kind: str, vietnamese: str, english: str, rules: Mapping[str, Any] | None = None
) -> Column:
    kind, _, null = kind.partition(" or ")
    return Column(
        name=name,
        kind=kind,
        nullable=bool(null),
        vietnamese=vietnamese,
        english=english,
        rules=rules or {},
    )


PARTS = ("attachments", "images")
"""The tables whose rows an exported article holds as arrays, in the order of `position`."""


def exported_columns(table: str) -> tuple[Column, ...]:
    """The columns of a table or view that leave the archive, in order."""
    return tuple(column for column in tables()[table].columns if column.name not in _LOCAL)


def export_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one line of articles.jsonl.gz."""
    properties = _properties("articles_full")
    for table in PARTS:
        properties[table] = {
            "description": f"{tables()[table].title}, in the order of the article",
            "type": "array",
            "items": _object_schema(_properties(table)),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": tables()["articles"].title,
        "description": "One article of one portal: a line of articles.jsonl.gz, sorted by article_key.",
        **_object_schema(properties),
    }


def _properties(table: str) -> dict[str, Any]:
    return {column.name: column.json_schema for column in exported_columns(table)}


def _object_schema(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def metadata_block(name: str) -> Iterator[str]:
    """The lines of one table in metadata.yml: title, description, and a description of every column."""
    table = tables()[name]
    yield f"title: {_quoted(table.title)}"
    yield f"description: {_quoted(table.row)}"
    yield "columns:"
    for column in table.columns:
        yield f"  {column.name}: {_quoted(f'{column.vietnamese} · {column.english}')}"


def documentation_block(name: str) -> Iterator[str]:
    """The lines of one block of docs/data.md: the outcomes, or a table with its columns."""
    if name == "outcomes":
        yield "| outcome | meaning |"
        yield "|---|---|"
        yield from (f"| `{outcome}` | {meaning} |" for outcome, meaning in OUTCOMES.items())
        return
    table = tables()[name]
    yield table.row
    if table.parts:
        yield f"Its columns are those of {' and '.join(f'`{part}`' for part in table.parts)}."
        return
    yield ""
    yield "| column | type | meaning | nghĩa |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {column.words_for_kind} | {column.english} | {column.vietnamese} |"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def refreshed(text: str, block: Callable[[str], Iterator[str]]) -> str:
    """The text with every named block written anew; what stands outside of them is kept as it is.

    Raises ValueError when a block has no end.
    """
    lines: list[str] = []
    open_block: str | None = None
    for line in text.splitlines():
        begin = _BEGIN.match(line)
        if open_block and begin:
            break
        if _END.match(line):
            open_block = None
        if open_block is None:
            lines.append(line)
        if begin:
            open_block = begin["name"]
            lines.extend((begin["indent"] + made).rstrip() for made in block(open_block))
    if open_block:
        raise ValueError(f"the block {open_block} has no line that says 'end of it'")
    return "\n".join(lines) + "\n"


GENERATED: Mapping[str, Callable[[str], Iterator[str]]] = {
    "metadata.yml": metadata_block,
    "docs/data.md": documentation_block,
}
"""The files that hold blocks of the dictionary, and what makes a block of each."""


def main() -> None:
    """Write the blocks of every file anew."""
    for name, block in GENERATED.items():
        path = ROOT / name
        path.write_text(refreshed(path.read_text(encoding="utf-8"), block), encoding="utf-8")


if __name__ == "__main__":
    main()
