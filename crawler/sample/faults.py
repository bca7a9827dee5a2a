"""Answers that go wrong on the wire, as a flaky portal's do, for `scrapy sample --faults` and for the tests."""

import contextlib
import gzip
import random
import struct
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler
from socket import SO_LINGER, SOL_SOCKET

from crawler.sample.answers import Answer, Request

Fault = Callable[[BaseHTTPRequestHandler, Answer], None]
"""Answers one request wrongly, byte by byte; the portal's right answer is at hand. The connection ends with it."""

FaultPlan = Callable[[Request], Fault | None]
"""Says how a request is answered wrongly; None where it is answered well."""

_FLOOD = """<html><head><title>Hãy đợi...</title></head><body>Hệ thống đang từ chối truy cập của bạn.
Hãy đợi 0 giây</body></html>"""


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    *headers: tuple[str, str],
    status: int = 200,
    length: int = -1,
) -> None:
    """One whole answer of exactly these bytes; `length` is the Content-Length, where it is not to be true."""
    named = [*headers, ("Content-Length", str(len(body) if length < 0 else length)), ("Connection", "close")]
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in named), "", ""]
    handler.connection.sendall("\r\n".join(lines).encode() + body)


def server_error(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """500, as a portal whose database is away."""
    send(handler, b"<html><h1>Internal Server Error</h1></html>", *answer.headers, status=500)


def bad_gateway(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """502, as a proxy whose portal is away."""
    send(handler, b"<html><h1>502 Bad Gateway</h1></html>", *answer.headers, status=502)


def reset(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Half of the answer, then a reset (RST) in place of an end."""
    send(handler, answer.body[: len(answer.body) // 2], *answer.headers, length=len(answer.body) + 1)
    handler.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def hang_up(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """The connection ends before a byte of the answer."""
    del handler, answer


def cut_short(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """The connection ends in the middle of the body."""
    send(handler, answer.body[: len(answer.body) // 2], *answer.headers, length=len(answer.body) + 1)


def cut_short_packed(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """The same in the middle of a compressed body."""
    packed = gzip.compress(answer.body)
    send(
        handler, packed[: len(packed) // 2], *answer.headers, ("Content-Encoding", "gzip"), length=len(packed)
    )


def short_length(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """A Content-Length that is shorter than the body."""
    send(handler, answer.body, *answer.headers, length=len(answer.body) * 2 // 3)


def nothing(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """200 with an empty body, as PHP answers when it dies."""
    send(handler, b"", *answer.headers)


def flood(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """The page that NukeViet up to eGov sends, with status 200, to whoever asks too often."""
    del answer
    send(handler, _FLOOD.encode(), ("Content-Type", "text/html; charset=UTF-8"))


def stall(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """Half of the answer, then silence until the visitor hangs up."""
    send(handler, answer.body[: len(answer.body) // 2], *answer.headers, length=len(answer.body))
    _until_hung_up(handler)


def silence(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    """No byte of an answer until the visitor hangs up."""
    del answer
    _until_hung_up(handler)


def _until_hung_up(handler: BaseHTTPRequestHandler) -> None:
    with contextlib.suppress(OSError):
        while handler.connection.recv(4096):
            pass


PASSING = (
    server_error,
    bad_gateway,
    reset,
    hang_up,
    cut_short,
    cut_short_packed,
    short_length,
    nothing,
    flood,
)
"""Faults that take no time, of which a flaky portal shows one now and then."""


def random_faults(percent: float, seed: int, faults: Sequence[Fault] = PASSING) -> FaultPlan:
    """A plan under which so many per cent of the requests go wrong.

    Which ones depends on the seed, the address and how often it was asked for, not on the order of requests.
    """
    asked: Counter[str] = Counter()
    lock = threading.Lock()

    def plan(request: Request) -> Fault | None:
        with lock:
            asked[request.target] += 1
            dice = random.Random(f"{seed} {request.target} {asked[request.target]}")  # noqa: S311 - no secret
        return dice.choice(faults) if dice.random() * 100 < percent else None

    return plan
