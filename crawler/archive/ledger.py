"""The numbers of a portal's articles that are no article here: NukeViet counts up, so each gap is a question.

The view `ledger` adds the archived ones. A number leaves this table when its article is archived; its state is
what the newest answer of its address says, so that captures may arrive in any order.
"""

import sqlite3
from dataclasses import dataclass
from itertools import islice

from crawler.archive.articles import article_key
from crawler.archive.times import utc_text
from crawler.items import ArticleNumber, Capture, Page

STATES = {
    "redirect": "redirected",
    "redirect_away": "not_public",
    "redirect_offsite": "redirected",
    "redirect_endless": "unread",
    "duplicate": "redirected",
    "not_found": "not_public",
    "soft_not_found": "not_public",
    "members_only": "members_only",
    "parse_error": "unread",
    "not_html": "unread",
    "kept_unparsed": "unread",
    "unrecognised": "unread",
    "id_reused": "unread",
    "listing": "not_public",
}
"""What an outcome says about the number that the address names; other outcomes say nothing."""

_MAX_DIGITS = 15
_ADD = """
INSERT INTO other_ids (portal, in_language, module, cms_id, state, url, asked_at, first_seen)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
WHERE NOT EXISTS (SELECT 1 FROM articles WHERE article_key = ?9)
AND NOT EXISTS (SELECT 1 FROM withheld WHERE article_key = ?9)
ON CONFLICT DO UPDATE SET state = excluded.state, url = excluded.url, asked_at = excluded.asked_at
WHERE excluded.asked_at IS NOT NULL AND (asked_at IS NULL OR excluded.asked_at >= asked_at)
"""
_MODULES = "SELECT DISTINCT in_language, module FROM articles WHERE portal = ? ORDER BY 1, 2"
_OF_MODULE = "FROM ledger WHERE portal = ?1 AND in_language = ?2 AND module = ?3"
_NEWEST = f"SELECT cms_id, url {_OF_MODULE} AND state = 'archived' ORDER BY cms_id DESC LIMIT 1"
_RUNS = f"""
SELECT before + 1, cms_id - 1
FROM (SELECT cms_id, lag(cms_id, 1, 0) OVER (ORDER BY cms_id) AS before {_OF_MODULE})
WHERE cms_id > before + 1 AND cms_id <= (
    SELECT top FROM ledger_tops WHERE portal = ?1 AND in_language = ?2 AND module = ?3)
ORDER BY cms_id - before, cms_id DESC
"""  # noqa: S608 - constants only
_IS_ARTICLE = "SELECT 1 FROM articles WHERE article_key = ?"
_BY_URL = "SELECT in_language, module, cms_id FROM other_ids WHERE portal = ? AND url = ?"
_LAST = """
SELECT outcome, fetched_at FROM captures WHERE target_uri = ? AND portal = ? AND status IS NOT NULL
ORDER BY fetched_at DESC, record_id DESC LIMIT 1
"""
_REMOVE = "DELETE FROM other_ids WHERE portal = ? AND in_language = ? AND module = ? AND cms_id = ?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """The numbers of one module, up to the highest that counts, that no list shows and nobody asked for."""

    in_language: str
    module: str
    known_id: str  # the module's newest article
    known_url: str
    runs: tuple[tuple[int, int], ...]  # first and last number: the shortest first, since a long one is a jump

    @property
    def size(self) -> int:
        """How many numbers they are."""
        return sum(last - first + 1 for first, last in self.runs)

    def numbers(self, most: int) -> list[ArticleNumber]:
        """The first of them, in the order of the runs, each run's newest first."""
        found = (number for first, last in self.runs for number in range(last, first - 1, -1))
        return [ArticleNumber(self.in_language, self.module, str(n)) for n in islice(found, max(most, 0))]


def gaps(connection: sqlite3.Connection, portal: str) -> list[Gap]:
    """What is missing in each module of a portal that has archived articles."""
    found = []
    for module in connection.execute(_MODULES, [portal]).fetchall():
        names = [portal, module["in_language"], module["module"]]
        known = connection.execute(_NEWEST, names).fetchone()
        if known is None:
            continue  # its articles have no numbers
        runs = tuple((row[0], row[1]) for row in connection.execute(_RUNS, names))
        found.append(
            Gap(
                in_language=module["in_language"],
                module=module["module"],
                known_id=str(known["cms_id"]),
                known_url=known["url"],
                runs=runs,
            )
        )
    return found


def met(connection: sqlite3.Connection, capture: Capture, number: ArticleNumber, url: str) -> None:
    """Enter a number that a list names, with what was answered at its address before, if anything."""
    if connection.execute(_IS_ARTICLE, [article_key(capture.portal, *number)]).fetchone():
        return
    outcome, asked_at = connection.execute(_LAST, [url, capture.portal]).fetchone() or ("", None)
    state = STATES.get(outcome)
    answer = _Answer(state=state or "not_asked", url=url, asked_at=asked_at if state else None)
    _add(connection, capture, number, answer)


def asked(connection: sqlite3.Connection, page: Page, outcome: str) -> None:
    """Enter what an address that names a number turned out to be."""
    capture, state = page.capture, STATES.get(outcome)
    if state is None or capture.status is None:
        return
    numbers = [
        ArticleNumber(row[0], row[1], str(row[2]))
        for row in connection.execute(_BY_URL, [capture.portal, capture.target_uri]).fetchall()
    ]
    if page.reading.asked is not None and page.reading.asked not in numbers:
        numbers.append(page.reading.asked)
    answer = _Answer(state=state, url=capture.target_uri, asked_at=utc_text(capture.fetched_at))
    for number in numbers:
        _add(connection, capture, number, answer)


def archived(connection: sqlite3.Connection, portal: str, number: ArticleNumber) -> None:
    """Take out a number whose article is archived now."""
    if _is_number(number.cms_id):
        connection.execute(_REMOVE, [portal, number.in_language, number.module, int(number.cms_id)])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answer:
    """What is known of a number."""

    state: str
    url: str
    asked_at: str | None  # UTC; None when it was never asked for


def _add(connection: sqlite3.Connection, capture: Capture, number: ArticleNumber, answer: _Answer) -> None:
    if _is_number(number.cms_id):
        key = article_key(capture.portal, *number)
        values = [capture.portal, number.in_language, number.module, int(number.cms_id)]
        said = [answer.state, answer.url, answer.asked_at, utc_text(capture.fetched_at)]
        connection.execute(_ADD, [*values, *said, key])


def _is_number(cms_id: str) -> bool:
    return cms_id.isascii() and cms_id.isdigit() and len(cms_id) <= _MAX_DIGITS and int(cms_id) > 0
