"""Version 0.3 of the schema: the files that articles name are kept too."""

from sqlite_utils import Database

from crawler.addresses import request_url
from crawler.archive.migrations import migrations

_STATEMENTS = """
CREATE TABLE media (
    portal TEXT NOT NULL REFERENCES portals(key),
    target_uri TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    record_id TEXT NOT NULL REFERENCES captures(record_id) DEFERRABLE INITIALLY DEFERRED,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    media_type TEXT,
    PRIMARY KEY (portal, target_uri)
) STRICT, WITHOUT ROWID;
ALTER TABLE attachments ADD COLUMN target_uri TEXT;
ALTER TABLE attachments ADD COLUMN size INTEGER;
ALTER TABLE attachments ADD COLUMN sha256 TEXT;
ALTER TABLE attachments ADD COLUMN record_id TEXT;
ALTER TABLE images ADD COLUMN target_uri TEXT;
ALTER TABLE images ADD COLUMN media_type TEXT;
ALTER TABLE images ADD COLUMN size INTEGER;
ALTER TABLE images ADD COLUMN sha256 TEXT;
ALTER TABLE images ADD COLUMN record_id TEXT;
UPDATE attachments SET target_uri = request_url(url);
UPDATE images SET target_uri = request_url(url);
CREATE INDEX attachments_target ON attachments (target_uri);
CREATE INDEX images_target ON images (target_uri);
CREATE INDEX media_record ON media (record_id)
"""


@migrations()
def media_is_kept(db: Database) -> None:
    """Add what is kept of attachments and images."""
    db.conn.create_function("request_url", 1, request_url, deterministic=True)
    for statement in _STATEMENTS.split(";\n"):
        db.execute(statement)
