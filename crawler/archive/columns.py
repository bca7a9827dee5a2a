"""Values as the archive's columns hold them."""

import json
from collections.abc import Iterable
from typing import Any


def date_columns(date: str | None, source: str | None, flags: Iterable[str]) -> dict[str, Any]:
    """The publication date's columns; day, month and year are cut from the text, in local time."""
    return {
        "date_published": date,
        "published_day": date[:10] if date and len(date) >= 10 else None,
        "published_month": date[:7] if date else None,
        "published_year": int(date[:4]) if date else None,
        "date_source": source,
        "date_flags": json_list(flags),
    }


def json_list(values: Iterable[str]) -> str:
    """Texts as a JSON array, the way list columns hold them; Datasette can facet by it."""
    listed = list(values)
    return json.dumps(listed, ensure_ascii=False) if listed else "[]"
