"""Version 0.4 of the schema: crawls that were read from their WARC files are told from those that ran here."""

from sqlite_utils import Database

from crawler.archive.migrations import migrations

_MESSAGE = "read from its WARC files, which do not say how it ended"
"""What version 0.3 wrote at such crawls."""


@migrations()
def crawls_are_restored(db: Database) -> None:
    """Add crawls.is_restored."""
    db.execute("ALTER TABLE crawls ADD COLUMN is_restored INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE crawls SET is_restored = 1 WHERE message = ?", [_MESSAGE])
