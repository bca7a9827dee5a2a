"""What is withheld, and its place in the ledger of article numbers: neither archived nor missing."""

from sqlite_utils import Database

from crawler.archive.migrations import migrations

_TABLES = """
CREATE TABLE withheld (
    article_key TEXT PRIMARY KEY,
    portal TEXT NOT NULL,
    in_language TEXT NOT NULL,
    module TEXT NOT NULL,
    cms_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    withheld_since TEXT NOT NULL
) STRICT;
CREATE TABLE withheld_addresses (
    address_digest TEXT NOT NULL,
    article_key TEXT NOT NULL REFERENCES withheld(article_key) ON DELETE CASCADE,
    PRIMARY KEY (address_digest, article_key)
) STRICT, WITHOUT ROWID;
"""

_VIEWS = """
DROP VIEW ledger_months;
DROP VIEW ledger;
CREATE VIEW ledger AS
SELECT portal, in_language, module, CAST(cms_id AS INTEGER) AS cms_id, 'archived' AS state, url,
    article_key, published_month
FROM articles WHERE cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*'
UNION ALL
SELECT portal, in_language, module, CAST(cms_id AS INTEGER), 'withheld', NULL, article_key, NULL
FROM withheld WHERE cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*'
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
    sum(state = 'withheld') AS withheld,
    sum(state = 'redirected') AS redirected,
    sum(state = 'not_public') AS not_public,
    sum(state = 'members_only') AS members_only,
    sum(state = 'unread') AS unread,
    sum(state = 'not_asked') AS not_asked,
    sum(skipped) AS not_seen
FROM placed GROUP BY portal, in_language, module, month;
"""


@migrations()
def add_withheld(db: Database) -> None:
    """Make the tables of what is withheld: nothing of its content, and its addresses only as digests."""
    for statement in (_TABLES + _VIEWS).split(";\n"):
        if statement.strip():
            db.execute(statement)
