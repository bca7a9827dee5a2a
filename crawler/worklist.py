"""What a crawl asks for next. The archive holds it; here is only as much as is needed for the next few minutes.

Links of a saved page are written as owed in the page's own transaction. So a crawl that was killed leaves behind
what it had not asked for, and the next crawl of its run goes on with that.
"""

from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from urllib.parse import urlsplit

from crawler.addresses import at_host, request_url
from crawler.archive import Run
from crawler.archive.frontier import ASKED_KINDS, RETRYABLE, Frontier, Visits
from crawler.circles import Circles
from crawler.following import Scope, leads, number_of
from crawler.items import Link, ListingItem, Page
from crawler.revisits import is_answer_old, is_due

HELD = 100
"""Articles that wait in memory; more of them wait in the archive. A process may run several hundred crawls."""

HELD_BACK = frozenset(("article", "module_page", "media"))
KEPT_ONCE = frozenset(("module_page", "media"))
_REMEMBERED = 300
MODULE_PAGES = 5000
"""Pages of other modules that one crawl asks for, with `scope: site`: their addresses may be endless."""

_URGENCY = {kind: urgency for urgency, kind in enumerate(ASKED_KINDS)}


class Worklist:
    """The URLs that one crawl has still to ask for."""

    def __init__(self, frontier: Frontier, run: Run, now: datetime, scope: Scope) -> None:
        self._scope = scope
        self._frontier = frontier
        self._run = run
        self._now = now
        self._heap: list[tuple[int, int, Link]] = []
        self._order = count()
        self._circles = Circles()
        self._asking: dict[str, Link] = {}  # handed out, not settled yet
        self._unsaved: set[str] = set()  # admitted or settled since the last save
        self._recent: dict[str, None] = {}  # a few that need no second look-up
        self._module_pages = 0
        self._home, self._hosts = "", frozenset[str]()
        self.remark: str | None = None  # why not everything is asked for, in plain words
        self._has_stored = True  # may the archive hold more that is owed?
        self._last_visited: int | None = 0  # local id up to which articles were looked through; None: all

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left, but for what is being asked."""
        return not self._heap and not self._has_stored and self._last_visited is None

    @property
    def waiting(self) -> int:
        """How many URLs are known to wait; more may wait in the archive."""
        return len(self._heap)

    def begin(self, url: str, hosts: frozenset[str]) -> None:
        """Begin at the home page of a portal of those hosts, unless this run has read it before."""
        self._home, self._hosts = url, hosts
        if not self._is_done(request_url(url)):
            self._push(Link(url=request_url(url), kind="home"))

    def judged(self, page: Page) -> Page:
        """A page as what it is in the light of those before it: a redirect may lead nowhere."""
        why = self._circles.why_endless(page)
        if why is None:
            return page
        reading = replace(page.reading, outcome="redirect_endless", links=(), message=why)
        return replace(page, reading=reading)

    def admit(self, page: Page) -> tuple[Link, ...]:
        """Take up what a page leads to and this run has not asked for; returns that, to be saved as owed."""
        admitted = []
        is_end = self._run.mode == "update" and not self._has_news(page)
        for link in leads(page.reading, page.asked_as, self._scope):
            if (link.kind == "next" and is_end) or self._circles.is_endless(page, link):
                continue
            if (
                link.url not in self._unsaved
                and link.url not in self._recent
                and link.url not in self._asking
            ):
                self._remember(link.url)
                link = replace(link, url=request_url(link.url))  # noqa: PLW2901 - as it will be known from now on
                if link.url not in self._unsaved and link.url not in self._asking and self._is_wanted(link):
                    self._module_pages += link.kind == "module_page"
                    self._unsaved.add(link.url)
                    admitted.append(link)
                    self._push(link)
        return tuple(admitted)

    def next(self) -> Link | None:
        """The next URL; None when none is at hand: `refill` after a save may bring more."""
        if not self._heap or any(link.kind == "home" for link in self._asking.values()):
            return None  # whether this is a portal at all is seen first
        link = heappop(self._heap)[2]
        self._asking[link.url] = link
        return link

    def asked_as(self, url: str) -> str | None:
        """As what kind a URL is being asked for; None when it is not."""
        link = self._asking.get(url)
        return link.kind if link else self._frontier.kind_of(url)

    def settled(self, page: Page) -> None:
        """A URL has its answer, or has none."""
        url = page.capture.target_uri
        self._asking.pop(url, None)
        if page.reading.outcome not in RETRYABLE:
            self._unsaved.add(url)

    def saved(self) -> None:
        """Everything admitted or settled so far is in the archive."""
        self._unsaved.clear()

    def refill(self) -> None:
        """Take more from the archive: what is owed, then the articles that are due. To be called after a save."""
        if self._has_stored:
            most = HELD + len(self._asking) + 1
            found = [link for link in self._frontier.owed(self._run.crawl, most) if self._is_idle(link.url)]
            for link in found[:HELD]:
                self._push(link)
            self._has_stored = len(found) > HELD
        while not self._heap and self._last_visited is not None:
            visits = self._frontier.visits(self._last_visited, HELD)
            for url in filter(None, map(self._visited_at, visits)):
                self._push(Link(url=url, kind="article"))
            self._last_visited = visits[-1].article if visits else None

    def _visited_at(self, one: Visits) -> str | None:
        """Where an article is looked at now; None when it is not. One at a host that its portal has left moves too."""
        url = request_url(one.url)
        if urlsplit(url).netloc.lower() in self._hosts:
            due = is_due(one, self._now)
        else:
            url = at_host(url, self._home)
            due = is_answer_old(self._frontier.answers(url), self._now)
        return url if self._is_mode_full_or(due) and self._may_be_asked(url) else None

    def _is_mode_full_or(self, due: bool) -> bool:
        return due or self._run.mode == "full"

    def _may_be_asked(self, url: str) -> bool:
        return self._is_idle(url) and not self._is_done(url) and not self._frontier.is_owed(url)

    def _is_idle(self, url: str) -> bool:
        return url not in self._asking and url not in self._unsaved

    def _has_news(self, page: Page) -> bool:
        """Whether a list names an article that was not known when this run began."""
        listing = page.reading.listing
        return listing is not None and not all(map(self._was_known, listing.items))

    def _was_known(self, item: ListingItem) -> bool:
        since = self._frontier.article_since(number_of(item))
        if since is None:
            since = self._frontier.answers(item.url).first
        return since is not None and since < self._run.since

    def _is_done(self, url: str) -> bool:
        return self._frontier.is_answered_in(url, self._run.run)

    def _is_wanted(self, link: Link) -> bool:
        if self._frontier.is_owed(link.url):
            return False
        if link.kind == "article":
            return self._is_article_wanted(link)
        if link.kind == "module_page" and self._module_pages == MODULE_PAGES:
            self.remark = (
                f"more than {MODULE_PAGES} pages of other modules: the rest of them was not asked for"
            )
            return False
        if link.kind in KEPT_ONCE and self._run.mode != "full":
            return self._frontier.answers(link.url).first is None
        return not self._is_done(link.url)

    def _is_article_wanted(self, link: Link) -> bool:
        if self._frontier.article_since(link.number) is not None:
            return False  # looked at when it is due
        answers = self._frontier.answers(link.url)
        if answers.first is None:
            return True
        if answers.is_article or self._is_done(link.url):
            return False
        return self._is_mode_full_or(is_answer_old(answers, self._now))

    def _push(self, link: Link) -> None:
        if link.kind in HELD_BACK and len(self._heap) >= HELD:
            self._has_stored = True  # it is written as owed with the page that names it
            return
        heappush(self._heap, (_URGENCY[link.kind], next(self._order), link))

    def _remember(self, url: str) -> None:
        self._recent[url] = None
        if len(self._recent) > _REMEMBERED:
            del self._recent[next(iter(self._recent))]
