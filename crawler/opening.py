"""Opening the archive for a crawl: one connection for a process, and what a crash left behind is mended first."""

import logging
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler import VERSION
from crawler.archive import Archive
from crawler.keeping import Keeper, portal_row
from crawler.portals import Portal
from crawler.recovery import recover

logger = logging.getLogger(__name__)

_open: dict[Path, Archive] = {}
_users: Counter[Path] = Counter()


def acquire_archive(settings: BaseSettings) -> Archive:
    """The archive that the settings name, opened once for all crawls of this process. Raises ArchiveError."""
    path = Path(settings["ARCHIVE_DB"]).absolute()
    if path not in _open:
        timeout = settings.getfloat("ARCHIVE_LOCK_TIMEOUT")
        _open[path] = Archive(Path(settings["ARCHIVE_DB"]), lock_timeout=timeout)
    _users[path] += 1
    return _open[path]


def release_archive(archive: Archive) -> None:
    """Close the archive when its last crawl has ended."""
    path = archive.path.absolute()
    _users[path] -= 1
    if not _users[path]:
        _open.pop(path).close()


def archive_users() -> int:
    """How many crawls of this process have an archive open."""
    return _users.total()


def open_keeper(archive: Archive, portal: Portal, settings: BaseSettings, mode: str | None) -> Keeper:
    """Begin a crawl, after what earlier ones left behind. Raises ArchiveError or WarcError in plain words.

    `mode` is one of crawler.archive.Run's; None leaves it to what the archive knows.
    """
    folder = Path(settings["ARCHIVE_WARC_DIR"])
    if moved := archive.register(portal_row(portal)):
        logger.warning(
            "%s has moved: %d URLs that it owed are asked for at %s", portal.key, moved, portal.url
        )
    if archive.is_new() and (unknown := len(list(folder.glob("**/*.warc.gz")))):
        logger.warning(
            "%s is new, but %s holds %d WARC files: run `scrapy ingest %s` to read them",
            *(archive.path, folder, unknown, folder),
        )
    for found in recover(archive, portal, folder):
        logger.warning(
            "%s was left open by a crash: %d bytes of a torn record cut off, %d pages recovered",
            found.warc_file,
            found.bytes_cut,
            found.pages,
        )
    run = archive.begin_crawl(portal.key, datetime.now(UTC), mode)
    return Keeper(archive, portal=portal, warc_folder=folder, run=run, info=_warcinfo(settings))


def _warcinfo(settings: BaseSettings) -> dict[str, str]:
    return {
        "software": f"district-portal-archive/{VERSION} "
        f"Scrapy/{version('scrapy')} warcio/{version('warcio')}",
        "format": "WARC File Format 1.1",
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "http-header-user-agent": settings["USER_AGENT"],
        "operator": settings["ARCHIVE_CONTACT"],
        "settings": f"DOWNLOAD_DELAY={settings.getfloat('DOWNLOAD_DELAY')} "
        f"CONCURRENT_REQUESTS_PER_DOMAIN={settings.getint('CONCURRENT_REQUESTS_PER_DOMAIN')}",
    }
