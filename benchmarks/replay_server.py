"""The sample portal's answers, made beforehand, so that a benchmark of crawlers does not measure the portal.

Run as `python -m benchmarks.replay_server ARTICLES`; prints its port and how many pages it has, serves until its
standard input ends. Every address that a full crawl asks for is answered as the sample portal would, gzipped.
"""

import asyncio
import gzip
import re
import sys
from urllib.parse import urljoin, urlsplit

from crawler.sample.answers import Answer, Request
from crawler.sample.portal import SamplePortal

HOST = "127.0.0.1"
_LINK = re.compile(rb'(?:href="|<loc>|<link>|<guid[^>]*>)([^"<]+)')
_MAX_PAGES = 100_000


def _wire(answer: Answer) -> bytes:
    body = gzip.compress(answer.body, compresslevel=1, mtime=0)
    headers = [*answer.headers, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {int(answer.status)} {answer.status.phrase}\r\n{head}\r\n".encode() + body


def prepared(articles: int, port: int) -> dict[bytes, bytes]:
    """Every page of the portal by target, found by following its own links from the home page."""
    portal, host = SamplePortal(articles, count_views=False), f"{HOST}:{port}"
    found: dict[bytes, bytes] = {}
    waiting = ["/", "/robots.txt", "/sitemap.xml"]
    while waiting and len(found) < _MAX_PAGES:
        target = waiting.pop()
        if target.encode() in found:
            continue
        answer = portal.answer(Request(target=target, host=host, cookie="nv4c_t7s9x_sess=1"))
        found[target.encode()] = _wire(answer)
        links = [href.decode() for href in _LINK.findall(answer.body)]
        links += [value for name, value in answer.headers if name == "Location"]
        for link in links:
            parts = urlsplit(urljoin(f"http://{host}{target}", link.replace("&amp;", "&")))
            query = f"?{parts.query}" if parts.query else ""
            if parts.netloc == host and not query and not parts.path.startswith(("/uploads/", "/themes/")):
                waiting.append(parts.path)
    return found


class _Server(asyncio.Protocol):
    pages: dict[bytes, bytes]

    def __init__(self) -> None:
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head:
            request, _, self._head = self._head.partition(b"\r\n\r\n")
            missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            self._transport.write(self.pages.get(request.split(b" ", 2)[1], missing))


async def _serve(articles: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Server, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    _Server.pages = prepared(articles, port)
    print(port, len(_Server.pages), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
