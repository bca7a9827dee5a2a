"""Evidence out of WARC files of other writers, whatever their habits; a revisit comes with what it refers to."""

import base64
import gzip
import hashlib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import brotli
import pytest
from backports import zstd

from crawler.archive import Archive
from crawler.archive.withheld_list import Withheld
from crawler.citation import verify as checker
from crawler.citation.bundle import bundle
from crawler.citation.evidence import CitationError
from crawler.lifting import read_again
from tests.test_cite import check, resum
from tests.warcs import (
    DAN_VAN,
    DATE,
    HOST,
    HTML,
    arc,
    chunked,
    http,
    ingest,
    number,
    page,
    record,
    wacz,
    written,
)

KEY = "mau_hoa_thanh/vi/news/512"
URL = f"http://{HOST}{DAN_VAN}"


def sha1(body: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def cite(folder: Path, *paths: Path) -> Path:
    """The evidence for the article in some files of a folder's warc/, unpacked."""
    assert ingest(folder / "archive.db", paths).is_whole
    ZipFile(BytesIO(bundle(folder / "archive.db", folder / "warc", KEY))).extractall(folder / "out")
    return folder / "out"


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    (tmp_path / "warc").mkdir()
    return tmp_path / "warc"


PACKED = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    "one",
    {
        "wget": record(WARC_Target_URI=f"<{URL}>", WARC_Payload_Digest=sha1(page())),
        "no digest": record(),
        "0.18": record(version="WARC/0.18"),
        "bare newlines": record(http(end="\n")),
        "short date": record(version="WARC/1.1", WARC_Date="2024-05"),
        "digest without chunks": record(
            http(chunked(gzip.compress(page(), mtime=0)), HTML, CHUNKED, PACKED),
            WARC_Payload_Digest=sha1(gzip.compress(page(), mtime=0)),
        ),
        "digest of the page": record(
            http(gzip.compress(page()), HTML, PACKED), WARC_Payload_Digest=sha1(page())
        ),
        "unpacked, its header left": record(http(page(), HTML, PACKED, CHUNKED)),
        "br": record(http(brotli.compress(page(), quality=1), HTML, "Content-Encoding: br")),
        "zstd": record(http(zstd.compress(page()), HTML, "Content-Encoding: zstd")),
        "Wayback Machine": record(
            http(None, HTML, "Memento-Datetime: Sat, 09 Mar 2019 04:05:06 GMT"),
            WARC_Target_URI=f"https://web.archive.org/web/20190309040506id_/http:/{HOST}{DAN_VAN}",
        ),
    }.items(),
    ids=lambda item: item[0],
)
def test_record_of_any_writer_is_cited(
    warc: Path, monkeypatch: pytest.MonkeyPatch, one: tuple[str, bytes]
) -> None:
    out = cite(
        warc.parent, written(warc / "a.warc", one[1]), written(warc / "b.warc.gz", record(kind="warcinfo"))
    )
    assert one[1] == gzip.decompress((out / "records.warc.gz").read_bytes())
    assert "headline and text occur" in "\n".join(check(out, monkeypatch))


def test_records_in_a_wacz_are_cited_and_those_of_an_arc_are_not(
    warc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = written(warc.parent / "data.warc.gz", record())
    assert check(cite(warc.parent, wacz(warc / "site.wacz", inner)), monkeypatch)
    (warc.parent / "archive.db").unlink()
    with pytest.raises(CitationError, match="is an ARC file"):
        cite(warc.parent, written(warc / "old.arc.gz", *arc((URL, http()))))


@pytest.mark.parametrize(
    "refers",
    [
        {"WARC_Refers_To": number(1)},
        {"WARC_Refers_To_Target_URI": URL, "WARC_Refers_To_Date": DATE},
        {"WARC_Payload_Digest": sha1(page())},
    ],
    ids=["by id", "by address and date", "by payload"],
)
def test_revisit_comes_with_what_it_refers_to(
    warc: Path, monkeypatch: pytest.MonkeyPatch, refers: dict[str, str]
) -> None:
    """Though that is of an earlier revision: the article was changed in between, and changed back."""
    again = {"kind": "revisit", "WARC_Record_ID": number(3), "WARC_Date": "2025-01-02T00:00:00Z"}
    other = page().replace("dân vận".encode(), b"x")
    whole = [
        record(WARC_Payload_Digest=sha1(page())),
        record(http(other), WARC_Record_ID=number(2), WARC_Date="2025-01-01T00:00:00Z"),
        record(http(b"", HTML, status="304 Not Modified"), **again | refers),
    ]
    out = cite(warc.parent, *(written(warc / f"{place}.warc.gz", one) for place, one in enumerate(whole)))
    assert gzip.decompress((out / "records.warc.gz").read_bytes()) == whole[0] + whole[2]
    assert "answered at 2025-01-02" in "\n".join(check(out, monkeypatch))
    about = (out / "article.json").read_text(encoding="utf-8")
    (out / "article.json").write_text(
        about.replace(number(1).strip("<>"), number(3).strip("<>")), encoding="utf-8"
    )
    resum(out)
    with pytest.raises(checker.FaultError):
        check(out, monkeypatch)


def test_withheld_article_of_revisits_can_be_shown_again(warc: Path) -> None:
    again = record(
        http(b"", HTML, status="304 Not Modified"),
        kind="revisit",
        WARC_Record_ID=number(2),
        WARC_Date="2025-01-01T00:00:00Z",
        WARC_Refers_To=number(1),
    )
    db = warc.parent / "archive.db"
    ingest(db, [written(warc / "a.warc.gz", record(), again)])
    with Archive(db) as archive:
        archive.withhold(Withheld(article_key=KEY, reason="x", since="2026-01-02"))
        pages = read_again(archive.hidden_captures(KEY), warc)
        assert [one.reading.outcome for one in pages] == ["article", "article"]
