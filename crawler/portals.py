"""What a portal is: where it is, how often and when it may be asked; crawler.registry reads spiders/portals.yml."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from urllib.parse import urlsplit

VIET_NAM = timezone(timedelta(hours=7))
"""Viet Nam's time of day; there is no summer time."""

MIN_DELAY = 2.1
"""Seconds between two requests to one portal, at least: NukeViet blocks the 41st in 60 s and the 151st in 300 s
(its flood blocker is on in a new installation; measured on 3.4 to 5)."""

EVERY = timedelta(days=1)
EVERY_FROZEN = timedelta(days=30)
"""How often a portal is due when the registry does not say: one that still publishes, one that no longer does."""

_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?")

_EMAIL = re.compile(r"[^\s@;()<>]+@[^\s@;()<>]+\.[^\s@;()<>.]+")
_EXAMPLE = re.compile(r"[@/.]example\.(org|com|net)([:/?#]|$)", re.IGNORECASE)
"""Names that are nobody's (RFC 2606)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """The hours, in Viet Nam's time, within which a portal may be asked."""

    opens: time  # the first minute
    closes: time  # the minute after the last; before `opens` when the hours cross midnight

    def seconds_until_open(self, now: datetime) -> float:
        """How long it is until they begin, 0 within them. `now` must be aware, else ValueError.

        >>> Night(opens=time(22), closes=time(5)).seconds_until_open(datetime(2026, 1, 1, 21, tzinfo=VIET_NAM))
        3600.0
        """
        if now.tzinfo is None:
            raise ValueError("a time without its zone says nothing of the hour in Viet Nam")
        local = now.astimezone(VIET_NAM)
        hour = local.time()
        begun, ended = hour >= self.opens, hour >= self.closes
        if (begun and not ended) if self.opens < self.closes else (begun or not ended):
            return 0.0
        opening = local.replace(
            hour=self.opens.hour, minute=self.opens.minute, second=0, microsecond=0
        ) + timedelta(days=int(begun))
        return (opening - local).total_seconds()

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Portal:
    """One district portal."""

    key: str  # <former province>_<district>, ASCII, never renamed
    name: str  # the district's name with its kind, as people write it
    url: str  # home page, absolute
    kind: str | None = None  # one of KINDS
    unit_code: str | None = None  # the district's statistical code before July 2025
    former_province: str | None = None
    province: str | None = None  # the province it belongs to since 1 July 2025
    fate: str | None = None  # what became of the site
    verified: bool = False  # a person has opened the site at this address
    other_hosts: tuple[str, ...] = ()  # further host names of the same portal
    aliases: tuple[str, ...] = ()  # keys under which it was crawled before it was registered
    every: timedelta | None = None  # how often it is crawled; None: see `interval`
    frozen: bool = False  # it answers, but publishes nothing new
    closed: str | None = None  # since when, or why, it is not crawled any more; None when it is
    night: Night | None = None  # when it may be asked; None: at any hour
    delay: float | None = None  # seconds between requests; None: MIN_DELAY, or none at all on this machine
    media: bool = True  # pictures and files are kept too
    scope: str = "news"  # "news": lists and articles; "site": every page

    @property
    def hosts(self) -> frozenset[str]:
        """The portal's own netlocs, lower case, each with and without "www."."""
        named = {urlsplit(self.url).netloc.lower(), *(host.lower() for host in self.other_hosts)}
        bare = {host.removeprefix("www.") for host in named}
        return frozenset(bare | {f"www.{host}" for host in bare})

    def is_at(self, url: str) -> bool:
        """Whether an address is this portal's: on its hosts, or, for one on this machine, on any port of it."""
        return urlsplit(url).netloc.lower() in self.hosts or (self.is_loopback and is_loopback(url))

    @property
    def interval(self) -> timedelta:
        """How long after a good crawl it is due again."""
        return self.every or (EVERY_FROZEN if self.frozen else EVERY)

    @property
    def is_loopback(self) -> bool:
        """Whether it is served by this machine, as the sample portal is: politeness is not needed there."""
        return is_loopback(self.url)


class RegistryError(Exception):
    """The registry cannot be used; the text says where and why."""


class ArgumentError(RegistryError):
    """What was typed is no portal, or nothing that can be asked of one; the text says what there is."""


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine itself.

    >>> is_loopback("http://127.0.0.1:8001/"), is_loopback("https://hoathanh.tayninh.gov.vn/")
    (True, False)
    """
    return _LOOPBACK.fullmatch((urlsplit(url).hostname or "").lower()) is not None


def contact_problem(url: str, contact: str) -> str | None:
    """Why an address may not be asked by whoever is reached at `contact`, and what to do; None when it may be.

    >>> contact_problem("https://hoathanh.tayninh.gov.vn/", "you@example.org")
    'a portal must be able to reach whoever crawls it: you@example.org is only an example, put your own in its place'
    """
    if is_loopback(url):
        return None
    if not contact:
        how = "say how with -s ARCHIVE_CONTACT=you@example.org, or once and for all in crawler/settings.py"
    elif not _EMAIL.fullmatch(contact) and (re.search(r"[\s;()]", contact) or url_problem(contact)):
        how = f"ARCHIVE_CONTACT={contact} is neither an e-mail address nor a web address, like https://…"
    elif _EXAMPLE.search(contact):
        how = f"{contact} is only an example, put your own in its place"
    else:
        return None
    return f"a portal must be able to reach whoever crawls it: {how}"


def user_agent(name: str, contact: str) -> str:
    """The User-Agent that a portal sees: the program's name and how to reach whoever runs it.

    >>> user_agent("archive/1 (what it is for)", "you@example.org")
    'archive/1 (what it is for; you@example.org)'
    """
    return f"{name.removesuffix(')')}; {contact})" if contact else name


def key_from_url(url: str) -> str:
    """The key of a portal nobody registered, from its host; a later registration may adopt it.

    >>> key_from_url("https://www.hoathanh.tayninh.gov.vn/"), key_from_url("http://127.0.0.1:8001/")
    ('host_hoathanh_tayninh_gov_vn', 'host_127_0_0_1_8001')
    """
    netloc = urlsplit(url).netloc.lower().rpartition("@")[2].removeprefix("www.")
    plain = unicodedata.normalize("NFKD", netloc.replace("đ", "d")).encode("ascii", "ignore").decode()
    return "host_" + re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def unregistered(url: str) -> Portal:
    """A portal known by its address alone. Raises ArgumentError when that is no web address."""
    if problem := url_problem(url):
        raise ArgumentError(f"url={url}: {problem}")
    parts = urlsplit(url)
    return Portal(key=key_from_url(url), name=parts.netloc, url=f"{parts.scheme}://{parts.netloc}/")


def url_problem(url: str) -> str | None:
    """What is wrong with a portal's address; None when nothing is."""
    try:
        parts = urlsplit(url)
        valid = (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        valid = False
    return None if valid else "must be a full web address, like https://hoathanh.tayninh.gov.vn/"
