"""Portals that misbehave: each ends in a correct status, in plain words, and nothing that was kept is lost."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from crawler.sample.answers import Request
from crawler.sample.portal import SamplePortal
from tests.conftest import Folder
from tests.test_crawl import rows

Send = Callable[["Handler"], bool]
"""Answers one request in its own way; False where the sample portal should answer."""

ARTICLE = "/vi/news/cong-tac-dan-van/ket-qua-thuc-hien-cong-tac-dan-van-nam-2020-512.html"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal = SamplePortal(20, count_views=False)
    misbehave: Send

    def do_GET(self) -> None:
        if not type(self).misbehave(self):
            answer = self.portal.answer(Request(target=self.path, host=self.headers["Host"]))
            self.reply(int(answer.status), answer.body, *answer.headers)

    def reply(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def portal(misbehave: Send) -> Iterator[str]:
    """A sample portal that misbehaves where it is told to."""
    handler = type("Misbehaving", (Handler,), {"misbehave": staticmethod(misbehave)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def at(path: str, status: int, body: bytes = b"", *headers: tuple[str, str]) -> Send:
    """One fixed answer at one path."""

    def misbehave(handler: Handler) -> bool:
        if handler.path != path:
            return False
        handler.reply(status, body, *headers)
        return True

    return misbehave


HTML = ("Content-Type", "text/html; charset=utf-8")


def outcome(folder: Folder, part: str) -> list[str]:
    query = "SELECT outcome FROM captures WHERE instr(target_uri, ?) ORDER BY fetched_at"
    return [row["outcome"] for row in rows(folder.db, query, part)]


def crawl(folder: Folder, misbehave: Send, *more: str) -> tuple[int, str, dict[str, Any]]:
    with portal(misbehave) as url:
        ran = folder.scrapy("crawl", "portal", "-a", f"url={url}", *more)
    assert "Traceback" not in ran.stderr
    (row,) = rows(folder.db, "SELECT * FROM crawls ORDER BY id DESC LIMIT 1")
    return ran.returncode, ran.stdout, row


def test_portal_that_is_down_fails_in_one_line(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "portal", "-a", "url=http://127.0.0.1:9/")
    assert ran.returncode == 1
    assert ran.stdout == (
        "Error: http://127.0.0.1:9/ does not answer (connection refused). "
        "Is the address right, and is the portal still up?\n"
    )
    assert "Traceback" not in ran.stderr


def test_unknown_portal_fails_in_one_line(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "no_such_portal")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert (
        ran.stdout == "Error: there is no portal no_such_portal; `scrapy list` prints the registered ones\n"
    )


def test_half_a_name_gets_a_hint(folder: Folder) -> None:
    assert "did you mean tay_ninh_hoa_thanh?" in folder.scrapy("crawl", "hoa_thanh").stdout


def test_portal_sees_whom_to_reach(folder: Folder) -> None:
    seen: set[str] = set()

    def misbehave(handler: Handler) -> bool:
        seen.add(handler.headers["User-Agent"])
        return False

    crawl(folder, misbehave, "-s", "ARCHIVE_CONTACT=you@example.org")
    assert seen == {"district-portal-archive/0.1 (archive of Viet Nam's district portals; you@example.org)"}


def test_real_portal_needs_a_contact(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "tay_ninh_hoa_thanh")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "ARCHIVE_CONTACT" in ran.stdout


def test_site_that_is_not_nukeviet_says_so_and_is_kept(folder: Folder) -> None:
    page = b"<!doctype html><title>x</title><meta name=generator content='WordPress 6'><h1>Hello</h1><p>Text"
    code, said, _ = crawl(folder, at("/", 200, page, HTML))
    assert code == 1
    assert "is not a NukeViet site" in said
    assert said.count("\n") == 1
    assert len(list(folder.warc.glob("*.warc.gz"))) == 1


def test_home_page_that_leads_to_another_site_is_not_followed(folder: Folder) -> None:
    code, said, _ = crawl(folder, at("/", 301, b"", ("Location", "http://127.0.0.2:1/elsewhere")))
    assert code == 1
    assert "leads to another site (http://127.0.0.2:1/elsewhere)" in said
    assert outcome(folder, "127.0.0.2") == []


def test_home_page_that_fails_is_asked_again_and_then_named(folder: Folder) -> None:
    code, said, _ = crawl(folder, at("/", 503, b"down"))
    assert code == 1
    assert "HTTP 503" in said
    assert sorted(outcome(folder, "/")) == ["http_error", "retried", "retried", "robots"]


def test_redirect_loop_ends(folder: Folder) -> None:
    code, _, row = crawl(folder, at(ARTICLE, 302, b"", ("Location", ARTICLE)))
    assert code == 0
    assert row["articles_new"] == 19


def test_article_that_fails_makes_the_crawl_partial_and_is_named(folder: Folder) -> None:
    code, said, row = crawl(folder, at(ARTICLE, 500, b"x"))
    assert code == 3
    assert said.startswith("partial: 19 articles")
    assert ARTICLE in row["problem_list"]


def test_page_without_a_body_is_kept_and_counted(folder: Folder) -> None:
    body = (
        Handler.portal.answer(Request(target=ARTICLE))
        .body.replace(b'id="news-bodyhtml"', b"")
        .replace(b"bodytext", b"x")
    )
    code, _, row = crawl(folder, at(ARTICLE, 200, body, HTML))
    assert code == 3
    assert outcome(folder, ARTICLE) == ["parse_error"]
    assert "article_body" in row["problem_list"]


def test_flood_page_is_never_an_article(folder: Folder) -> None:
    page = (
        "<html><head><title>Hãy đợi...</title></head><body>Hệ thống đang từ chối truy cập của bạn."
        " Hãy đợi 0 giây</body></html>"
    ).encode()
    code, _, _ = crawl(folder, at(ARTICLE, 200, page, HTML))
    assert code == 3
    assert outcome(folder, ARTICLE) == ["retried"] * 5 + ["blocked"]


def test_body_that_is_cut_short_is_kept_and_marked(folder: Folder) -> None:
    def misbehave(handler: Handler) -> bool:
        if handler.path != ARTICLE:
            return False
        handler.send_response_only(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b"<html><head><title>cut")
        handler.close_connection = True
        return True

    code, _, _ = crawl(folder, misbehave)
    assert code == 3
    (path,) = folder.warc.iterdir()
    assert b"WARC-Truncated: disconnect" in gzip.decompress(path.read_bytes())


def test_gzip_bomb_is_not_unpacked(folder: Folder) -> None:
    bomb = gzip.compress(b"<p>" + b"x" * 80_000_000)
    code, _, _ = crawl(folder, at(ARTICLE, 200, bomb, HTML, ("Content-Encoding", "gzip")))
    assert code == 3
    assert outcome(folder, ARTICLE) == ["parse_error"]


def test_robots_txt_is_obeyed(folder: Folder) -> None:
    robots = b"User-agent: *\nDisallow: /\n"
    code, said, _ = crawl(folder, at("/robots.txt", 200, robots, ("Content-Type", "text/plain")))
    assert code == 1
    assert "robots.txt forbids it" in said
    assert outcome(folder, "/") == ["robots", "robots_denied"]


def test_portal_without_articles_is_empty(folder: Folder) -> None:
    def misbehave(handler: Handler) -> bool:
        if handler.path in {"/", "/vi/", "/robots.txt"}:
            return False
        handler.reply(404, b"<html>404</html>", HTML)
        return True

    code, said, row = crawl(folder, misbehave)
    assert code == 4
    assert row["status"] == "empty"
    assert said.startswith("empty: ")


def test_article_that_changed_leaves_a_revision(folder: Folder) -> None:
    changed = False

    def misbehave(handler: Handler) -> bool:
        if handler.path != ARTICLE or not changed:
            return False
        body = handler.portal.answer(Request(target=ARTICLE, host=handler.headers["Host"])).body
        handler.reply(200, body.replace("Năm 2020, thị xã".encode(), "Trong năm 2020, thị xã".encode()), HTML)
        return True

    with portal(misbehave) as url:
        assert folder.scrapy("crawl", "portal", "-a", f"url={url}").returncode == 0
        changed = True
        ran = folder.scrapy("crawl", "portal", "-a", f"url={url}", "-a", "full=1")
    assert ran.stdout.startswith("complete: 20 articles (0 new, 1 changed, 19 looked at again)")
    found = rows(
        folder.db,
        "SELECT article_body FROM revisions_full WHERE article_key LIKE '%/512' ORDER BY first_seen",
    )
    assert [row["article_body"].split(",")[0] for row in found] == ["Năm 2020", "Trong năm 2020"]
    (one,) = rows(folder.db, "SELECT count(*) AS n FROM revisions")
    assert one["n"] == 21
