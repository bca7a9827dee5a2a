"""The sample portal over HTTP/1.1, on loopback, in this process."""

import gzip
import os
import signal
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from crawler.sample.answers import Answer, Request
from crawler.sample.faults import FaultPlan
from crawler.sample.portal import SamplePortal

HOST = "127.0.0.1"
_COMPRESSED = ("text/", "application/xml")


class SampleServer(ThreadingHTTPServer):
    """Answers with whatever function it is given, so that a test can put another one before the portal's."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, port: int, answer: Callable[[Request], Answer], faults: FaultPlan | None = None
    ) -> None:
        self.answer = answer
        self.faults = faults
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """The portal's address, with a slash at the end."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Keeps quiet about visitors that hang up, and prints what is our own fault."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: SampleServer
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that an idle connection is kept
    disable_nagle_algorithm = True  # otherwise every second answer on a connection waits 40 ms
    wbufsize = -1  # head and body in one packet

    def do_GET(self) -> None:
        self._reply(with_body=True)

    def do_HEAD(self) -> None:
        self._reply(with_body=False)

    def _reply(self, *, with_body: bool) -> None:
        request = Request(
            target=self.path,
            host=self.headers.get("Host", ""),
            cookie=self.headers.get("Cookie", ""),
            if_none_match=self.headers.get("If-None-Match", ""),
            user_agent=self.headers.get("User-Agent", ""),
        )
        answer = self.server.answer(request)
        if self.server.faults and (fault := self.server.faults(request)):
            self.close_connection = True
            fault(self, answer)
            return
        body, headers = answer.body, list(answer.headers)
        if body and dict(headers).get("Content-Type", "").startswith(_COMPRESSED):
            headers.append(("Vary", "Accept-Encoding"))
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, compresslevel=1, mtime=0)
                headers.append(("Content-Encoding", "gzip"))
        self.send_response_only(answer.status)
        self.send_header("Server", "sample-portal")
        for name, value in headers:
            self.send_header(name, value)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing: the portal is quiet."""


class PortTakenError(Exception):
    """The port cannot be listened on, in plain words."""


def open_server(*, port: int, portal: SamplePortal, faults: FaultPlan | None = None) -> SampleServer:
    """A server that listens and does not answer yet; port 0 takes a free one. Raises PortTakenError."""
    try:
        return SampleServer(port, portal.answer, faults)
    except (OSError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
        raise PortTakenError(
            f"The sample portal cannot listen on port {port} of {HOST}: {reason}."
        ) from error


def run(
    *,
    port: int,
    articles: int | None = None,
    count_views: bool = True,
    faults: FaultPlan | None = None,
    until_stdin_closes: bool = False,
) -> None:
    """Serves until Ctrl-C, SIGTERM or the end of standard input, after one line that says where.

    To be called from the main thread. Raises PortTakenError.
    """
    portal = SamplePortal(articles, count_views=count_views)
    with open_server(port=port, portal=portal, faults=faults) as server:
        signal.signal(signal.SIGTERM, _interrupt)
        if until_stdin_closes:
            threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        count = portal.catalogue.public_count
        try:
            print(f"Sample portal at {server.url} ({count} articles); stop it with Ctrl-C.", flush=True)
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            return


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _stop_at_end_of_input(server: SampleServer) -> None:
    # Not sys.stdin: Python aborts when it ends while a thread holds that file's lock.
    while os.read(0, 4096):
        pass
    server.shutdown()
