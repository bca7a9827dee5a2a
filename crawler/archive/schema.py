"""The schema's history, whole: importing this module registers every migration, in their order.

That order is the alphabet's here: name a new module so that it comes last.
"""

from crawler.archive import migrations_crawls, migrations_media, migrations_withheld, migrations_within
from crawler.archive.migrations import migrations

__all__ = ["migrations", "migrations_crawls", "migrations_media", "migrations_withheld", "migrations_within"]
