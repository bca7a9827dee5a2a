"""CSV that a spreadsheet opens: it says that it is UTF-8, and holds no marks for the eye."""

import csv
import io

import pytest

from tests.datasette_fixtures import Site, archive_folder, site

__all__ = ["archive_folder", "site"]

SEARCH, TABLE = "/archive/search.csv", "/archive/articles.csv"


@pytest.mark.parametrize("parameters", [{}, {"_dl": "1"}, {"_stream": "on"}], ids=str)
def test_csv_says_once_and_first_that_it_is_utf8(site: Site, parameters: dict[str, str]) -> None:
    content = site.get(TABLE, _size="20", **parameters).content
    assert content.startswith(b"\xef\xbb\xbfid,")
    assert content.count(b"\xef\xbb\xbf") == 1


def test_only_csv_does(site: Site) -> None:
    for path in ("/archive/articles.json", "/", "/archive/nothing.csv", "/article/no.csv"):
        assert not site.get(path).content.startswith(b"\xef\xbb\xbf")


def test_snippets_of_csv_have_no_marks(site: Site) -> None:
    found = list(csv.DictReader(io.StringIO(site.get(SEARCH, words="dan van").content.decode("utf-8-sig"))))
    assert "dân vận" in found[0]["snippet"]
    assert not {"⟦", "⟧"} & set(found[0]["snippet"])
    assert "⟦" in site.rows("/archive/search", words="dan van")[0]["snippet"]


def test_no_text_of_a_portal_is_a_formula(site: Site) -> None:
    texts = [
        "=1+1",
        "@SUM(A1)",
        "+84 909",
        "-1+2",
        '- Kế hoạch, "mới"',
        "-5",
        "+84909",
        "2020-11-09",
        "a=b\n=c",
    ]
    sql = "SELECT " + ", ".join(f"'{text}' AS c{place}" for place, text in enumerate(texts))
    content = site.get("/archive.csv", sql=sql).content.decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(content, newline="")))[1]
    assert found == [f"'{text}" for text in texts[:5]] + texts[5:]
    assert site.rows("/archive", sql=sql)[0]["c0"] == "=1+1"
