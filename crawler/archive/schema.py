"""The schema's history, whole: importing this module registers every migration, in their order."""

from crawler.archive import (
    migrations_crawls,
    migrations_media,
    migrations_restored,  # the newest comes last
    migrations_withheld,
)
from crawler.archive.migrations import migrations

__all__ = [
    "migrations",
    "migrations_crawls",
    "migrations_media",
    "migrations_restored",
    "migrations_withheld",
]
