"""What every page's foot says, and what the home page knows: how much is kept, and of which portals."""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pluggy

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

DATABASE = "archive"

_PORTALS = """
SELECT portals.key, portals.name, portals.former_province, kept.articles, kept.oldest, kept.newest
FROM (SELECT portal, count(*) AS articles, substr(min(date_published), 1, 4) AS oldest,
             substr(max(date_published), 1, 4) AS newest
      FROM articles GROUP BY portal) AS kept
JOIN portals ON portals.key = kept.portal
ORDER BY kept.articles DESC, portals.key
"""


@hookimpl
def extra_template_vars(
    view_name: str, request: Any, datasette: Any
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Give every page the licence and the source; the home page also the portals and their articles."""

    async def kept() -> dict[str, Any]:
        site = {"site": datasette.metadata()}
        if view_name != "index":
            return site
        if DATABASE not in datasette.databases:
            return {**site, "kept_portals": [], "kept_articles": 0}
        try:
            portals = (await datasette.get_database(DATABASE).execute(_PORTALS)).rows
        except sqlite3.OperationalError:
            portals = []  # a file that no crawl has filled yet
        return {
            **site,
            "kept_portals": portals,
            "kept_articles": sum(row["articles"] for row in portals),
            "questions": await datasette.get_canned_queries(DATABASE, request.actor),
        }

    return kept
