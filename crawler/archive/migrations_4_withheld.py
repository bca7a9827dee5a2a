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

# SQLite pushes `portal = …` no deeper than a GROUP BY: a plain view reads the whole archive for one portal (2.8 s
# of 640,000 articles). Through json_each a portal's months are made when that portal is asked for (0.06 s of 5,000).
#
# The month of a number without one is the latest of the 50 dated articles before it, so that an article with
# an old date moves nothing; dates later than the capture do not count; before the first date, it is that date's.
# Gaps belong there too. Numbers of more than 15 digits are no numbers: sums of them would overflow.
_VIEWS = """
DROP VIEW ledger_months;
DROP VIEW ledger;
CREATE VIEW ledger AS
SELECT portal, in_language, module, CAST(cms_id AS INTEGER) AS cms_id, 'archived' AS state, url,
    article_key, published_month
FROM articles WHERE cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*' AND length(cms_id) <= 15
UNION ALL
SELECT portal, in_language, module, CAST(cms_id AS INTEGER), 'withheld', NULL, article_key, NULL
FROM withheld WHERE cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*' AND length(cms_id) <= 15
UNION ALL
SELECT portal, in_language, module, cms_id, state, url, NULL, NULL FROM other_ids;
CREATE VIEW ledger_months AS
SELECT portals.key AS portal, month.value ->> 0 AS in_language, month.value ->> 1 AS module,
    month.value ->> 2 AS month, month.value ->> 3 AS ids, month.value ->> 4 AS archived,
    month.value ->> 5 AS withheld, month.value ->> 6 AS redirected, month.value ->> 7 AS not_public,
    month.value ->> 8 AS members_only, month.value ->> 9 AS unread, month.value ->> 10 AS not_asked,
    month.value ->> 11 AS not_seen
FROM portals, json_each((
    WITH known AS (
        SELECT in_language, module, CAST(cms_id AS INTEGER) AS cms_id, 'archived' AS state, published_month,
            iif(published_month <= substr(first_seen, 1, 7), published_month, NULL) AS sure_month
        FROM articles
        WHERE portal = portals.key
            AND cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*' AND length(cms_id) <= 15
        UNION ALL
        SELECT in_language, module, CAST(cms_id AS INTEGER), 'withheld', NULL, NULL FROM withheld
        WHERE portal = portals.key
            AND cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*' AND length(cms_id) <= 15
        UNION ALL
        SELECT in_language, module, cms_id, state, NULL, NULL FROM other_ids WHERE portal = portals.key
    ), counted AS (
        SELECT *, cms_id - lag(cms_id, 1, 0) OVER upwards - 1 AS skipped,
            max(count(sure_month) OVER upwards, 1) AS place
        FROM known WINDOW upwards AS (PARTITION BY in_language, module ORDER BY cms_id)
    ), placed AS (
        SELECT *, max(sure_month) OVER (PARTITION BY in_language, module ORDER BY place
            RANGE BETWEEN 50 PRECEDING AND CURRENT ROW) AS near_month
        FROM counted
    ), numbers AS (
        SELECT in_language, module, iif(is_gap, near_month, coalesce(published_month, near_month)) AS month,
            iif(is_gap, 'not_seen', state) AS state, iif(is_gap, skipped, 1) AS ids
        FROM placed CROSS JOIN (SELECT 0 AS is_gap UNION ALL SELECT 1) WHERE NOT is_gap OR skipped > 0
    )
    SELECT json_group_array(json_array(in_language, module, month, ids, archived, withheld, redirected,
        not_public, members_only, unread, not_asked, not_seen))
    FROM (
        SELECT in_language, module, month, sum(ids) AS ids,
            sum(state = 'archived') AS archived, sum(state = 'withheld') AS withheld,
            sum(state = 'redirected') AS redirected,
            sum(state = 'not_public') AS not_public, sum(state = 'members_only') AS members_only,
            sum(state = 'unread') AS unread, sum(state = 'not_asked') AS not_asked,
            sum(iif(state = 'not_seen', ids, 0)) AS not_seen
        FROM numbers GROUP BY in_language, module, month
    )
)) AS month;
"""


@migrations()
def add_withheld(db: Database) -> None:
    """Make the tables of what is withheld: nothing of its content, and its addresses only as digests."""
    for statement in (_TABLES + _VIEWS).split(";\n"):
        if statement.strip():
            db.execute(statement)
