"""The tables of what is withheld."""

from sqlite_utils import Database

from crawler.archive.migrations import migrations

_TABLES = (
    """
CREATE TABLE withheld (
    article_key TEXT PRIMARY KEY,
    portal TEXT NOT NULL,
    reason TEXT NOT NULL,
    withheld_since TEXT NOT NULL
) STRICT""",
    """
CREATE TABLE withheld_addresses (
    address_digest TEXT NOT NULL,
    article_key TEXT NOT NULL REFERENCES withheld(article_key) ON DELETE CASCADE,
    PRIMARY KEY (address_digest, article_key)
) STRICT, WITHOUT ROWID""",
)


@migrations()
def add_withheld(db: Database) -> None:
    """Make the tables of what is withheld: nothing of its content, and its addresses only as digests."""
    for statement in _TABLES:
        db.execute(statement)
