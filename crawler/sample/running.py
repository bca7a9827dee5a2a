"""The sample portal for a crawl: the one that is running already, else one of our own while it lasts."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException

from crawler.sample.process import RunningPortal, SampleNotStartedError, serve

SAMPLE = "sample"
"""The sample portal's key in the registry."""

PORT = 8001
"""Its usual port, so that a second crawl meets the same addresses; any free one when that is taken."""


_SECONDS = 10  # for what listens on that port to say what it is: a busy machine needs some


@contextmanager
def sample_portal() -> Iterator[str]:
    """The address of a sample portal, ended afterwards when it was started here. Raises SampleNotStartedError."""
    name = _server_name(PORT)
    if name == "sample-portal":
        yield f"http://127.0.0.1:{PORT}/"
        return
    with ExitStack() as stack:
        yield _started(stack, PORT if name is None else 0).url


def _started(stack: ExitStack, port: int) -> RunningPortal:
    try:
        return stack.enter_context(serve(port=port))
    except SampleNotStartedError:
        if not port:
            raise
        return stack.enter_context(serve())  # another program has taken the port since


def _server_name(port: int) -> str | None:
    """What the program behind a loopback port calls itself, "" when it does not say; None when none listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("HEAD", "/robots.txt")
        return connection.getresponse().getheader("Server", "")
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()
