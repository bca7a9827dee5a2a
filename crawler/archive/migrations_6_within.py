"""Up to which number a portal's articles are counted: one mistaken link must not make millions of numbers missing."""

from sqlite_utils import Database

from crawler.archive.migrations import migrations

_NUMBER = "cms_id GLOB '[1-9]*' AND NOT cms_id GLOB '*[^0-9]*' AND length(cms_id) <= 15"

# Both views are made for one portal at a time, through json_each: see migrations_4_withheld. Nothing is joined in
# there: SQLite makes what depends on the portal anew for each row of the other side.
#
# Numbers above the highest archived one are all rows of other_ids: one of them counts when it is at most 100 above
# that, or when three of the 100 numbers before it are known too.
TOPS = f"""
CREATE VIEW ledger_tops AS
SELECT portals.key AS portal, module.value ->> 0 AS in_language, module.value ->> 1 AS module,
    module.value ->> 2 AS top
FROM portals, json_each((
    WITH marks AS (
        SELECT in_language, module, max(CAST(cms_id AS INTEGER)) AS number, 1 AS is_kept FROM articles
        WHERE portal = portals.key AND {_NUMBER} GROUP BY in_language, module
        UNION ALL
        SELECT in_language, module, max(CAST(cms_id AS INTEGER)), 1 FROM withheld
        WHERE portal = portals.key AND {_NUMBER} GROUP BY in_language, module
        UNION ALL
        SELECT in_language, module, cms_id, 0 FROM other_ids WHERE portal = portals.key
    ), seen AS (
        SELECT *, max(iif(is_kept, number, 0)) OVER (PARTITION BY in_language, module) AS kept_top,
            lag(number, 3) OVER (PARTITION BY in_language, module ORDER BY number) AS third_before
        FROM marks
    )
    SELECT json_group_array(json_array(in_language, module, top))
    FROM (
        SELECT in_language, module, max(number) AS top FROM seen
        WHERE number <= kept_top + 100 OR third_before >= number - 100 GROUP BY in_language, module
    )
)) AS module;
"""  # noqa: S608 - a constant

_MONTHS = f"""
DROP VIEW ledger_months;
CREATE VIEW ledger_months AS
SELECT portals.key AS portal, month.value ->> 0 AS in_language, month.value ->> 1 AS module,
    month.value ->> 2 AS month, month.value ->> 3 AS ids, month.value ->> 4 AS archived,
    month.value ->> 5 AS withheld, month.value ->> 6 AS redirected, month.value ->> 7 AS not_public,
    month.value ->> 8 AS members_only, month.value ->> 9 AS unread, month.value ->> 10 AS not_asked,
    month.value ->> 11 AS not_seen
FROM portals, json_each((
    WITH others AS (
        SELECT in_language, module, cms_id, state,
            max(iif(state IS NULL, cms_id, 0)) OVER (PARTITION BY in_language, module) AS top
        FROM (
            SELECT in_language, module, cms_id, state FROM other_ids WHERE portal = portals.key
            UNION ALL
            SELECT in_language, module, top, NULL FROM ledger_tops WHERE portal = portals.key
        )
    ), known AS (
        SELECT in_language, module, CAST(cms_id AS INTEGER) AS cms_id, 'archived' AS state, published_month,
            iif(published_month <= substr(first_seen, 1, 7), published_month, NULL) AS sure_month
        FROM articles WHERE portal = portals.key AND {_NUMBER}
        UNION ALL
        SELECT in_language, module, CAST(cms_id AS INTEGER), 'withheld', NULL, NULL FROM withheld
        WHERE portal = portals.key AND {_NUMBER}
        UNION ALL
        SELECT in_language, module, cms_id, state, NULL, NULL FROM others WHERE state IS NOT NULL AND cms_id <= top
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
"""  # noqa: S608 - a constant


@migrations()
def count_up_to_a_supported_number(db: Database) -> None:
    """Add the highest number that counts of each module, and count the months up to it."""
    for statement in (TOPS + _MONTHS).split(";\n"):
        if statement.strip():
            db.execute(statement)
