"""The schema's history, whole: importing this module registers every migration, in the order of their numbers."""

from crawler.archive import (
    migrations_2_crawls,
    migrations_3_media,
    migrations_4_withheld,
    migrations_5_restored,
    migrations_6_within,
    migrations_7_modules,
)
from crawler.archive.migrations import migrations

__all__ = [
    "migrations",
    "migrations_2_crawls",
    "migrations_3_media",
    "migrations_4_withheld",
    "migrations_5_restored",
    "migrations_6_within",
    "migrations_7_modules",
]
