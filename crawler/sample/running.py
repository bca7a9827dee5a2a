"""The sample portal for a crawl: the one that is running already, else one of our own while it lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

from crawler.sample.process import serve

SAMPLE = "sample"
"""The sample portal's key in the registry."""

PORT = 8001
"""Its usual port, so that a second crawl meets the same addresses; any free one when that is taken."""


@contextmanager
def sample_portal() -> Iterator[str]:
    """The address of a sample portal, ended afterwards when it was started here."""
    url = f"http://127.0.0.1:{PORT}/"
    if _server_name(PORT) == "sample-portal":
        yield url
        return
    with serve(port=PORT if _server_name(PORT) is None else 0) as portal:
        yield portal.url


def _server_name(port: int) -> str | None:
    """What the program behind a loopback port calls itself, "" when it does not say; None when none listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("HEAD", "/robots.txt")
        return connection.getresponse().getheader("Server", "")
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()
