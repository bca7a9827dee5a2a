"""One spider for each registered portal, without a file for each."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from crawler.portals import Portal
from crawler.registry import load_portals
from spiders.portal import PortalSpider


class PortalLoader:
    """Scrapy's spider loader over spiders/portals.yml; `portal` is the spider for portals nobody registered."""

    def __init__(self, registry: Path) -> None:
        self._registry = registry

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Return a loader; the registry is read when it is asked, so that other commands work without it."""
        return cls(Path(settings["ARCHIVE_PORTALS"]))

    @cached_property
    def _portals(self) -> Mapping[str, Portal]:
        return load_portals(self._registry)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of one portal, by its key or by one it had before it was registered (`aliases`).

        Raises KeyError for an unknown name, RegistryError for a bad registry.
        """
        if spider_name == PortalSpider.name:
            return PortalSpider
        portals = self._portals
        adopted = {alias: key for key, portal in portals.items() for alias in portal.aliases}
        portal = portals[adopted.get(spider_name, spider_name)]
        return type("RegisteredPortalSpider", (PortalSpider,), {"name": portal.key, "portal": portal})

    def find_by_request(self, request: Request) -> list[str]:
        """The portals that a request's host belongs to."""
        host = request.url.split("/")[2].lower()
        return [key for key, portal in self._portals.items() if host in portal.hosts]

    def list(self) -> list[str]:
        """The keys of all registered portals, and `portal`."""
        return [*self._portals, PortalSpider.name]
