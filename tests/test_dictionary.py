"""The data dictionary against the real schema, and the files that are made from it."""

import re
import sqlite3
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from crawler import dictionary
from crawler.archive import Archive
from crawler.items import OUTCOMES

ROOT = Path(__file__).parent.parent
METADATA = yaml.safe_load((ROOT / "metadata.yml").read_text(encoding="utf-8"))
VIEWS = {"articles_full", "revisions_full", "ledger", "ledger_months", "ledger_tops"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str, bool]]]:
    """Every table and view of a fresh archive: its columns as (name, type, may it be NULL)."""
    path = tmp_path_factory.mktemp("fresh") / "archive.db"
    Archive(path).close()
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'articles_fts%' "
            "AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        return {
            name: [
                (column[1], column[2], not column[3] and not column[5])
                for column in connection.execute(f"PRAGMA table_info({name})")
            ]
            for (name,) in names
        }


def test_every_table_and_view_is_described(schema: dict[str, list[tuple[str, str, bool]]]) -> None:
    assert set(dictionary.tables()) == set(schema)


@pytest.mark.parametrize("name", dictionary.tables())
def test_columns_are_those_of_the_schema_in_its_order(
    schema: dict[str, list[tuple[str, str, bool]]], name: str
) -> None:
    described = [column.name for column in dictionary.tables()[name].columns]
    assert described == [column for column, _, _ in schema[name]]


@pytest.mark.parametrize("name", sorted(set(dictionary.tables()) - VIEWS))
def test_types_and_nulls_are_those_of_the_schema(
    schema: dict[str, list[tuple[str, str, bool]]], name: str
) -> None:
    described = [(c.name, c.sqlite_type, c.nullable) for c in dictionary.tables()[name].columns]
    assert described == schema[name]


@pytest.mark.parametrize("name", dictionary.tables())
def test_what_null_means_is_said_where_there_can_be_one(name: str) -> None:
    for column in dictionary.tables()[name].columns:
        for meaning in (column.english, column.vietnamese):
            assert meaning
            assert "|" not in meaning
            assert ("NULL" in meaning) == column.nullable, f"{name}.{column.name}: {meaning}"


@pytest.mark.parametrize("name", dictionary.tables())
def test_metadata_describes_every_column(name: str) -> None:
    described = METADATA["databases"]["archive"]["tables"][name]
    assert list(described["columns"]) == [column.name for column in dictionary.tables()[name].columns]


@pytest.mark.parametrize("name", dictionary.GENERATED)
def test_files_made_from_the_dictionary_are_up_to_date(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert dictionary.refreshed(text, dictionary.GENERATED[name]) == text, "run `make docs`"


def test_documentation_has_every_table_and_outcome() -> None:
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### (\w+)$", text, re.MULTILINE)) == set(dictionary.tables())
    assert all(f"| `{outcome}` |" in text for outcome in OUTCOMES)
    assert all(
        f"| `{column.name}` |" in text for table in dictionary.tables().values() for column in table.columns
    )


def test_refreshing_keeps_what_is_written_by_hand() -> None:
    text = "a: 1\n  # from the dictionary: x\n  old\n  # end of it\nb: 2\n"
    made = dictionary.refreshed(text, lambda name: iter([f"{name}: new"]))
    assert made == "a: 1\n  # from the dictionary: x\n  x: new\n  # end of it\nb: 2\n"


@pytest.mark.parametrize("tail", ["", "# from the dictionary: y\n# end of it\n"])
def test_a_block_without_end_is_refused(tail: str) -> None:
    with pytest.raises(ValueError, match="block x has no line"):
        dictionary.refreshed(f"# from the dictionary: x\nold\n{tail}", lambda _: iter(()))


VIETNAMESE = (
    *("README.vi.md", "metadata.yml", "crawler/dictionary.yml", "crawler/citation/readme.py"),
    *("templates/*.html", "plugins/*.py"),
)
NOT_OUR_TERMS = re.compile(
    r"kết cục|câu trả lời|mã công khai|khóa của bài|như in\b|số bài do|sổ số bài", re.IGNORECASE
)


@pytest.mark.parametrize("pattern", VIETNAMESE)
def test_vietnamese_is_nfc_and_keeps_to_its_terms(pattern: str) -> None:
    """One word for one thing: kết quả, phản hồi, mã bài, nguyên văn, số hiệu bài."""
    for path in ROOT.glob(pattern):
        text = path.read_text(encoding="utf-8")
        assert NOT_OUR_TERMS.findall(text) == []
        assert unicodedata.is_normalized("NFC", text)
