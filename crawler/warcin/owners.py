"""Whose a capture is: a registered portal's by its host, or, in a file of ours, the portal's that was crawled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from crawler.portals import Portal, RegistryError, is_loopback, unregistered
from crawler.warcin.records import moment

_FILE_NAME = re.compile(
    r"(?P<portal>[a-z0-9_]+)-(?P<started>\d{8}T\d{6})Z-(?P<crawl>\d{1,15})-\d{5}\.warc\.gz"
)
_OURS = "district-portal-archive/"
_DEFAULT_PORT = re.compile(r":(?:80|443)?\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnCrawl:
    """The crawl that a WARC file of ours comes from."""

    portal: str  # key
    number: int  # its id in the archive that it was made with
    started_at: datetime  # UTC, to the second


def own_crawl(filename: str | None, block: bytes) -> OwnCrawl | None:
    """The crawl that a warcinfo record of ours names; None for other writers'."""
    info = named_fields(block)
    named = _FILE_NAME.fullmatch(filename or "")
    if named is None or not info.get("software", "").startswith(_OURS):
        return None
    started = moment(named["started"].replace("T", ""))
    if started is None or (info.get("portal"), info.get("crawl")) != (named["portal"], named["crawl"]):
        return None
    return OwnCrawl(portal=named["portal"], number=int(named["crawl"]), started_at=started)


def named_fields(block: bytes) -> dict[str, str]:
    """What a block of the type application/warc-fields says, by name."""
    lines = block.decode("utf-8", "replace").splitlines()
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Owners:
    """The portals whose captures are taken."""

    def __init__(self, portals: Mapping[str, Portal]) -> None:
        self._portals = portals
        self._by_host = {_bare(host): portal for portal in portals.values() for host in portal.hosts}
        self._on_this_machine = next((one for one in portals.values() if one.is_loopback), None)
        self.of = lru_cache(maxsize=4096)(self._of)
        self.hosts = lru_cache(maxsize=4096)(self._hosts)

    def _of(self, origin: str, crawled: str | None) -> Portal | None:
        """The portal that an origin belongs to; `crawled` is the key in a file of ours. None for an unknown host."""
        try:
            own = self._portals.get(crawled or "")
            if own is not None and own.is_at(origin):
                return own
            unknown = unregistered(origin)
        except (RegistryError, ValueError):
            return None
        if unknown.key == crawled:
            return unknown
        by_host = self._by_host.get(_bare(urlsplit(origin).netloc))
        return self._on_this_machine if by_host is None and unknown.is_loopback else by_host

    def _hosts(self, portal: Portal, origin: str) -> frozenset[str]:
        """The portal's own hosts, for crawler.cms.read_response: one on this machine is at any port of it."""
        return portal.hosts | {urlsplit(origin).netloc} if is_loopback(origin) else portal.hosts


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, lower case, without a user's name; empty when it has none.

    >>> origin_of("http://user@A.vn:8080/x")
    'http://a.vn:8080/'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}/" if parts.netloc else ""


def _bare(netloc: str) -> str:
    return _DEFAULT_PORT.sub("", netloc.lower().removeprefix("www."))
