"""WARC, ARC and WACZ files as other people's programs write them, byte by byte; none of our code writes these."""

import gzip
import sqlite3
import zipfile
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from crawler.archive import Archive
from crawler.ingesting import Ingest, Ingested
from crawler.portals import Portal
from crawler.sample.answers import Request
from crawler.sample.portal import SamplePortal

HOST = "hoathanh.example.vn"
PORTALS = {
    "mau_hoa_thanh": Portal(key="mau_hoa_thanh", name="Thị xã Mẫu", url=f"https://{HOST}/"),
    "sample": Portal(key="sample", name="Cổng thông tin mẫu", url="http://127.0.0.1:8001/"),
}
SITE = SamplePortal(20, count_views=False)
DAN_VAN = "/vi/news/cong-tac-dan-van/ket-qua-thuc-hien-cong-tac-dan-van-nam-2020-512.html"
TREES = "/vi/news/tin-tu-co-so/ra-quan-trong-cay-dau-nam-540.html"
DATE = "2024-05-06T07:08:09Z"
HTML = "Content-Type: text/html"


@cache
def page(path: str = DAN_VAN) -> bytes:
    """The body of one of the sample portal's pages, as it stands on HOST."""
    return SITE.answer(Request(target=path, host=HOST)).body


def http(body: bytes | None = None, *headers: str, status: str = "200 OK", end: str = "\r\n") -> bytes:
    """An HTTP response; a page unless another body or type is given."""
    lines = [f"HTTP/1.1 {status}", *(headers or ("Content-Type: text/html; charset=utf-8",)), "", ""]
    return end.join(lines).encode() + (page() if body is None else body)


def record(
    block: bytes | None = None, *, kind: str = "response", end: str = "\r\n", **fields: str | None
) -> bytes:
    """One WARC record; fields as WARC names them with _ for -, None for one that is to be missing."""
    values: dict[str, str | None] = {
        "WARC_Type": kind,
        "WARC_Target_URI": f"http://{HOST}{DAN_VAN}",
        "WARC_Date": DATE,
        "WARC_Record_ID": "<urn:uuid:00000000-0000-4000-8000-000000000001>",
        "Content_Type": f"application/http; msgtype={kind}",
        **fields,
    }
    block = http() if block is None else block
    version = values.pop("version", None) or "WARC/1.0"
    lines = [version, *(f"{name.replace('_', '-')}: {value}" for name, value in values.items() if value)]
    return end.join([*lines, f"Content-Length: {len(block)}", "", ""]).encode() + block + b"\r\n\r\n"


def number(place: int) -> str:
    """The record id of the place-th record."""
    return f"<urn:uuid:00000000-0000-4000-8000-{place:012d}>"


def arc(*pages: tuple[str, bytes]) -> list[bytes]:
    """An ARC/1 file's records, as archive.org's old crawler wrote them: addresses and HTTP responses."""
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n\n"
    head = b"filedesc://old.arc 0.0.0.0 20090807060504 text/plain %d\n" % len(about)
    lines = [f"{url} 10.0.0.1 20090807060504 text/html {len(block)}\n".encode() for url, block in pages]
    return [head + about, *(line + block + b"\n" for line, (_, block) in zip(lines, pages, strict=True))]


def written(path: Path, *records: bytes) -> Path:
    """A file of records, each a gzip member where the name says so."""
    packed = path.name.endswith(".gz")
    path.write_bytes(b"".join(gzip.compress(one, mtime=0) if packed else one for one in records))
    return path


def wacz(path: Path, inner: Path) -> Path:
    """A WACZ around a WARC file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        archive.write(inner, f"archive/{inner.name}")
    return path


def ingest(
    db: Path, paths: Iterable[Path], *, discover: bool = False, processes: int = 1, **more: Any
) -> Ingested:
    """Read files into an archive, in this process."""
    with Archive(db) as archive:
        run = Ingest(archive, portals=PORTALS, warc_folder=db.parent / "warc", processes=processes, **more)
        return run.run(list(paths), lambda *_: None, discover=discover)


def chunked(body: bytes) -> bytes:
    parts = [body[place : place + 1000] for place in range(0, len(body), 1000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


def rows(db: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query, values).fetchall()


def headlines(db: Path) -> list[str]:
    return [row[0] for row in rows(db, "SELECT article_key FROM articles ORDER BY article_key")]
