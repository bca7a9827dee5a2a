"""Answers that no portal should send, and some do."""

import gzip
import itertools
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from http.server import BaseHTTPRequestHandler

from backports import zstd

from crawler.sample.answers import Answer
from crawler.sample.faults import Fault, send, silence

HTML = ("Content-Type", "text/html; charset=UTF-8")
MEGABYTE = 1 << 20
LARGE = 300 * MEGABYTE


def always(body: bytes, *headers: tuple[str, str], status: int = 200, length: int = -1) -> Fault:
    """One fixed answer."""

    def fault(handler: BaseHTTPRequestHandler, _answer: Answer) -> None:
        send(handler, body, *headers, status=status, length=length)

    return fault


def changed(change: Callable[[bytes], bytes], *headers: tuple[str, str]) -> Fault:
    """The right page, changed, under other headers."""

    def fault(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        send(handler, change(answer.body), *(headers or answer.headers))

    return fault


def moved(target: str) -> Fault:
    """A redirect."""
    return always(b"", HTML, ("Location", target), status=302)


def raw(data: bytes) -> Fault:
    """Bytes that need not be HTTP."""

    def fault(handler: BaseHTTPRequestHandler, _answer: Answer) -> None:
        handler.connection.sendall(data)

    return fault


def streamed(chunks: Callable[[Answer], Iterator[bytes]], *headers: tuple[str, str]) -> Fault:
    """A body sent piece by piece until it ends or the visitor hangs up."""

    def fault(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in (HTML, *headers)), "", ""]
        handler.connection.sendall("\r\n".join(lines).encode())
        for chunk in chunks(answer):
            handler.connection.sendall(chunk)

    return fault


def _dripping(answer: Answer) -> Iterator[bytes]:
    for number in range(len(answer.body)):
        yield answer.body[number : number + 1]
        time.sleep(0.05)


def _page_of(size: int) -> Iterator[bytes]:
    yield b"<html><body>"
    yield from itertools.repeat(b"<p>x</p>" * (MEGABYTE // 8), size // MEGABYTE)


drip = streamed(_dripping, ("Content-Length", "30000"))
"""A byte now and then, for ever."""


def stall_unannounced(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Half of an answer whose end only the connection's end would tell, then silence."""
    handler.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + answer.body[:5000])
    silence(handler, answer)


announced_300_mb = streamed(lambda _: _page_of(LARGE), ("Content-Length", str(LARGE)))
unannounced_300_mb = streamed(lambda _: _page_of(LARGE), ("Connection", "close"))


def long_length(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """A whole page under a Content-Length that is too long."""
    send(handler, answer.body, *answer.headers, length=len(answer.body) + 1000)


@lru_cache
def _bomb_page() -> bytes:
    return b"<html><p>" + b"x" * 80 * MEGABYTE


def _packed(pack: Callable[[bytes], bytes], encoding: str) -> Fault:
    packed = lru_cache(lambda: pack(_bomb_page()))

    def fault(handler: BaseHTTPRequestHandler, _answer: Answer) -> None:
        send(handler, packed(), HTML, ("Content-Encoding", encoding))

    return fault


gzip_bomb = _packed(lambda page: gzip.compress(page, 1), "gzip")
zstd_bomb = _packed(zstd.compress, "zstd")
nested_bomb = _packed(lambda page: gzip.compress(gzip.compress(page, 1), 1), "gzip, gzip")

false_gzip = changed(lambda page: page, HTML, ("Content-Encoding", "gzip"))
false_zstd = changed(lambda page: page, HTML, ("Content-Encoding", "zstd"))

utf8_called_latin1 = changed(lambda page: page, ("Content-Type", "text/html; charset=ISO-8859-1"))
utf8_called_1258_in_meta = changed(
    lambda page: page.replace(b"<head>", b'<head><meta charset="windows-1258">', 1),
    ("Content-Type", "text/html"),
)
utf8_called_nothing_known = changed(lambda page: page, ("Content-Type", "text/html; charset=x-tcvn-unknown"))
utf16 = changed(lambda page: page.decode().encode("utf-16"), HTML)

bodiless = changed(lambda page: page.replace(b'id="news-bodyhtml"', b"").replace(b"bodytext", b"x"), HTML)
many_cookies = changed(
    lambda page: page, HTML, *(("Set-Cookie", f"c{number}=x; path=/") for number in range(1000))
)
many_headers = changed(lambda page: page, HTML, *((f"X-{number}", "y" * 1000) for number in range(1000)))
long_header = changed(lambda page: page, HTML, ("X-Long", "y" * MEGABYTE))
odd_headers = changed(lambda page: page, HTML, ("X-Odd", "\x00\x01 tiếng Việt"))
no_http = raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
no_status = raw(b"HTTP/1.1 abc\r\nContent-Length: 0\r\n\r\n")
two_lengths = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde")
odd_status = always(b"<html>?</html>", HTML, status=999)
redirect_to_nowhere = always(b"", HTML, status=302)


def endless_headers(handler: BaseHTTPRequestHandler, _answer: Answer) -> None:
    """Headers without an end."""
    handler.connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.connection.sendall(b"X-More: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 1000)


large_robots = always(
    b"User-agent: *\nDisallow: /admin/\n" + b"Disallow: /x/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 240_000,
    ("Content-Type", "text/plain"),
)
