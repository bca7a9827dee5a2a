"""What the portal is asked, and what it answers, apart from any server."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

COOKIE_PREFIX = "nv4c_t7s9x"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What the portal looks at of a request."""

    target: str  # path and query as sent
    host: str = "127.0.0.1"
    cookie: str = ""
    if_none_match: str = ""
    user_agent: str = ""

    @property
    def path(self) -> str:
        """The path, percent-decoded."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated name the last."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def has_session(self) -> bool:
        """Whether the visitor was here before: NukeViet counts a view for each new session."""
        return f"{COOKIE_PREFIX}_sess=" in self.cookie


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A response: every header but those of the transport (lengths, encodings)."""

    status: HTTPStatus
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def html(text: str, status: HTTPStatus = HTTPStatus.OK, *headers: tuple[str, str]) -> Answer:
    """A page, with the headers that forbid caching it."""
    return Answer(
        status=status,
        headers=(
            ("Content-Type", "text/html; charset=UTF-8"),
            ("Cache-Control", "no-store, no-cache, must-revalidate"),
            ("Pragma", "no-cache"),
            ("X-Frame-Options", "SAMEORIGIN"),
            *headers,
        ),
        body=text.encode(),
    )


def xml(text: str) -> Answer:
    """A sitemap or a feed."""
    return Answer(
        status=HTTPStatus.OK, headers=(("Content-Type", "text/xml; charset=utf-8"),), body=text.encode()
    )


def redirect(target: str) -> Answer:
    """A permanent redirect, to an absolute URL or to a path, as it will be printed."""
    return Answer(
        status=HTTPStatus.MOVED_PERMANENTLY,
        headers=(("Location", target), ("Content-Type", "text/html; charset=UTF-8")),
    )


def file(body: bytes, media_type: str, *, download_as: str | None = None) -> Answer:
    """A file, shown or (with a name) offered for saving."""
    disposition = (("Content-Disposition", f'attachment; filename="{download_as}"'),) if download_as else ()
    return Answer(status=HTTPStatus.OK, headers=(("Content-Type", media_type), *disposition), body=body)
