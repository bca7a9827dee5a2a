"""Version 0.2 of the schema: crawls that continue one another, what is owed, what is gone, which numbers are known."""

from sqlite_utils import Database

from crawler.archive.migrations import migrations

_COLUMNS = """
ALTER TABLE crawls ADD COLUMN run INTEGER REFERENCES crawls(id);
ALTER TABLE crawls ADD COLUMN mode TEXT NOT NULL DEFAULT 'full' CHECK (mode IN ('update', 'sweep', 'full', 'probe'));
ALTER TABLE crawls ADD COLUMN is_finished INTEGER NOT NULL DEFAULT 0;
UPDATE crawls SET run = id, is_finished = status IN ('complete', 'empty');
ALTER TABLE captures ADD COLUMN listed INTEGER;
ALTER TABLE articles ADD COLUMN gone_at TEXT;
ALTER TABLE known_urls RENAME TO known_before;
CREATE TABLE known_urls (
    url TEXT NOT NULL,
    portal TEXT NOT NULL REFERENCES portals(key),
    kind TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    found_in TEXT NOT NULL,
    asked_in INTEGER REFERENCES crawls(id),
    PRIMARY KEY (portal, url)
) STRICT;
INSERT INTO known_urls SELECT url, portal, kind, first_seen, found_in, NULL FROM known_before;
DROP TABLE known_before;
CREATE TABLE other_ids (
    portal TEXT NOT NULL REFERENCES portals(key),
    in_language TEXT NOT NULL,
    module TEXT NOT NULL,
    cms_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('redirected', 'not_public', 'members_only', 'unread', 'not_asked')),
    url TEXT NOT NULL,
    asked_at TEXT,
    first_seen TEXT NOT NULL,
    PRIMARY KEY (portal, in_language, module, cms_id)
) STRICT, WITHOUT ROWID;
"""

_INDEXES = """
CREATE INDEX articles_of_portal ON articles (portal);
CREATE INDEX articles_url ON articles (url);
CREATE INDEX articles_gone ON articles (gone_at) WHERE gone_at IS NOT NULL;
CREATE INDEX other_ids_url ON other_ids (url);
CREATE INDEX known_urls_portal ON known_urls (portal, kind, first_seen);
"""

# articles_full is made again, since SQLite fixed what articles.* means when the view was made.
_VIEWS = """
DROP VIEW articles_full;
CREATE VIEW articles_full AS
SELECT articles.*, article_texts.article_body, article_texts.article_body_html
FROM articles JOIN article_texts ON article_texts.article = articles.id;
CREATE VIEW ledger AS
SELECT portal, in_language, module, CAST(cms_id AS INTEGER) AS cms_id, 'archived' AS state, url,
    article_key, published_month
FROM articles WHERE cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*'
UNION ALL
SELECT portal, in_language, module, cms_id, state, url, NULL, NULL FROM other_ids;
CREATE VIEW ledger_months AS
WITH placed AS (
    SELECT portal, in_language, module, cms_id, state,
        coalesce(published_month, max(published_month) OVER nearby) AS month,
        cms_id - lag(cms_id, 1, 0) OVER known - 1 AS skipped
    FROM ledger
    WINDOW known AS (PARTITION BY portal, in_language, module ORDER BY cms_id),
        nearby AS (known ROWS BETWEEN 50 PRECEDING AND CURRENT ROW)
)
SELECT portal, in_language, module, month,
    sum(skipped) + count(*) AS ids,
    sum(state = 'archived') AS archived,
    sum(state = 'redirected') AS redirected,
    sum(state = 'not_public') AS not_public,
    sum(state = 'members_only') AS members_only,
    sum(state = 'unread') AS unread,
    sum(state = 'not_asked') AS not_asked,
    sum(skipped) AS not_seen
FROM placed GROUP BY portal, in_language, module, month;
"""


@migrations()
def crawls_continue(db: Database) -> None:
    """Add runs and modes of crawls, what is owed, gone_at, and the ledger of article numbers."""
    for statement in (_COLUMNS + _INDEXES + _VIEWS).split(";\n"):
        if statement.strip():
            db.execute(statement)
