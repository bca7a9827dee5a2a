"""An archive of the sample portal with its WARC files, kept as a crawl keeps it but in this process: half a second."""

import gzip
import io
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.cmdline import execute
from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord

from crawler.archive import Archive
from crawler.cms import read_response
from crawler.cms.response import fetched_response
from crawler.following import Scope, leads
from crawler.items import Capture, Fetched, Page
from crawler.keeping import Keeper, portal_row
from crawler.portals import Portal
from crawler.sample.answers import Answer, Request
from crawler.sample.portal import SamplePortal
from crawler.warc import Exchange

HOST = "127.0.0.1:8001"
PORTAL = Portal(key="sample", name="Cổng mẫu", url=f"http://{HOST}/")
STARTED = datetime(2025, 11, 1, 2, 3, 4, 567890, tzinfo=UTC)
KEY = "sample/vi/news/512"
PATH = "/vi/news/cong-tac-dan-van/ket-qua-thuc-hien-cong-tac-dan-van-nam-2020-512.html"

Packing = tuple[str, Callable[[bytes], bytes]]
"""How the portal compresses: its name in the header, and the function."""

GZIP: Packing = ("gzip", partial(gzip.compress, mtime=0))

Change = Callable[[str, bytes], bytes]
"""What becomes of the body of an address's answer."""


def unchanged(_url: str, body: bytes) -> bytes:
    return body


WORD = "zyxwvutsrq"
"""Begins like no other word, so that the search index holds it whole."""


def edited_512(url: str, body: bytes) -> bytes:
    """One article says something new."""
    return body.replace("dân vận".encode(), f"dân vận {WORD}".encode()) if url.endswith("-512.html") else body


def keep(
    folder: Path,
    *,
    day: int = 0,
    articles: int | None = 12,
    change: Change = unchanged,
    more: tuple[str, ...] = (),
    packing: Packing = GZIP,
) -> None:
    """One crawl of the sample portal, `day` days after the first, into archive.db and warc/ of a folder."""
    started = STARTED + timedelta(days=day)
    with Archive(folder / "archive.db") as archive:
        archive.register(portal_row(PORTAL))
        run = archive.begin_crawl(PORTAL.key, started, "full")
        keeper = Keeper(
            archive, portal=PORTAL, warc_folder=folder / "warc", run=run, info={"software": "a test"}
        )
        portal = SamplePortal(articles, count_views=False)
        waiting = deque([f"http://{HOST}/vi/", *(f"http://{HOST}{path}" for path in more)])
        seen = set(waiting)
        home = None
        while waiting:
            url = waiting.popleft()
            target = urlsplit(url)._replace(scheme="", netloc="").geturl()
            answer = portal.answer(Request(target=target, host=HOST))
            answer = replace(answer, body=change(url, answer.body))
            page = _page(keeper, url, answer, started + timedelta(seconds=len(seen)), packing)
            home = home or page
            owed = {link.url: link for link in leads(page.reading, None, Scope()) if link.url not in seen}
            keeper.settle(replace(page, owed=tuple(owed.values())))
            seen |= owed.keys()
            waiting += owed
        keeper.finish(started + timedelta(hours=1), home=home, stopped=None)


def _page(keeper: Keeper, url: str, answer: Answer, moment: datetime, packing: Packing) -> Page:
    headers = [*answer.headers, ("Content-Encoding", packing[0])]
    exchange = Exchange(
        url=url,
        method="GET",
        request_headers=[("User-Agent", "a test")],
        status=int(answer.status),
        protocol="HTTP/1.1",
        response_headers=headers,
        body=packing[1](answer.body),
        fetched_at=moment,
    )
    fetched = fetched_response(
        url=url, status=exchange.status, headers=headers, body=answer.body, fetched_at=moment
    )
    capture = keeper.record(exchange, fetched.media_type)
    return Page(capture=capture, reading=read_response(fetched, hosts=PORTAL.hosts))


def scrapy(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a scrapy command in this process, since a new one takes a second; its exit code and what it printed."""
    where = ["-s", f"ARCHIVE_DB={folder / 'archive.db'}", "-s", f"ARCHIVE_WARC_DIR={folder / 'warc'}"]
    with redirect_stdout(io.StringIO()) as printed:
        try:
            execute(["scrapy", *arguments, *where])
        except SystemExit as end:
            return int(end.code or 0), printed.getvalue()
    raise AssertionError("scrapy always ends with an exit code")


def rows(path: Path, query: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What an archive says, by table: everything but local ids and times of running."""
    queries = {
        "articles": "SELECT * FROM articles_full ORDER BY article_key",
        "revisions": "SELECT article_key, first_seen, last_seen, is_current, headline, article_body, content_digest, "
        "record_id FROM revisions_full ORDER BY article_key, first_seen",
        "witnesses": "SELECT * FROM witnesses ORDER BY 1, 2, 3",
        "listed_counts": "SELECT * FROM listed_counts ORDER BY 1",
        "captures": "SELECT * FROM captures ORDER BY record_id",
        "attachments": "SELECT article_key, position, name, attachments.url FROM attachments "
        "JOIN articles ON articles.id = article ORDER BY 1, 2",
        "images": "SELECT article_key, position, images.url, caption FROM images "
        "JOIN articles ON articles.id = article ORDER BY 1, 2",
    }
    aside = {"id", "article"}
    return {
        name: [
            tuple(value for column, value in row.items() if column not in aside) for row in rows(path, query)
        ]
        for name, query in queries.items()
    }


def captured(folder: Path) -> Iterator[tuple[Capture, Fetched]]:
    """Every response in the WARC files, in their order, read with the stock library."""
    for path in sorted((folder / "warc").glob("*.warc.gz")):
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for record in records:
                if record.rec_type == "response":
                    yield _captured(record, path.name, records.offset)


def _captured(record: ArcWarcRecord, name: str, offset: int) -> tuple[Capture, Fetched]:
    headers = record.rec_headers
    fetched = fetched_response(
        url=headers.get_header("WARC-Target-URI"),
        status=int(record.http_headers.get_statuscode()),
        headers=record.http_headers.headers,
        body=record.content_stream().read(),
        fetched_at=datetime.fromisoformat(headers.get_header("WARC-Date")),
    )
    capture = Capture(
        record_id=headers.get_header("WARC-Record-ID").strip("<>"),
        crawl=None,
        portal=PORTAL.key,
        target_uri=fetched.url,
        fetched_at=fetched.fetched_at,
        status=fetched.status,
        media_type=fetched.media_type,
        payload_digest=headers.get_header("WARC-Payload-Digest"),
        warc_file=name,
        warc_offset=offset,
    )
    return capture, fetched


def rebuild(folder: Path, *, backwards: bool = False) -> None:
    """Make archive.db anew from the WARC files, as if there had never been one."""
    pages = [
        Page(capture=capture, reading=read_response(fetched, hosts=PORTAL.hosts))
        for capture, fetched in captured(folder)
    ]
    if backwards:
        pages.reverse()
    for left in folder.glob("archive.db*"):
        left.unlink()
    with Archive(folder / "archive.db") as archive:
        archive.register(portal_row(PORTAL))
        for page in pages:
            archive.save([page])
