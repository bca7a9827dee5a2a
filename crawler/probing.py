"""Asking for article numbers that no list shows.

NukeViet 4.4 and later answer an address with a right number under a category that does not exist by a redirect to
the article, and with 404 where there is no public article of that number (modules/news/funcs/detail.php). 4.3 and 3.4
answer 404 to both. So the portal is tried first with a number that is known and with one that no portal has.
"""

import re
from collections import deque
from collections.abc import Iterable

from crawler.archive.frontier import RETRYABLE
from crawler.archive.ledger import Gap
from crawler.items import Link, Page

NOWHERE = "khong-co-chuyen-muc-nay"
NO_NUMBER = "99999999999"
"""Longer than any number that is taken for an article's, so that it enters no ledger."""

_ARTICLE = re.compile(
    r"(?P<before>[/=]|%2F)[^/=?&%]+(?P<slash>/|%2F)[^/=?&%]*-\d+(?P<after>\.html?)\Z", re.IGNORECASE
)


def probe_url(article_url: str, cms_id: str) -> str | None:
    """The address under which a number is asked for, after that of a known article of the same module.

    None where addresses do not end in .html: NukeViet 3.4 answers 200 to everything.

    >>> probe_url("http://a.vn/vi/news/tin/mot-tin-12.html", "13")
    'http://a.vn/vi/news/khong-co-chuyen-muc-nay/so-13.html'
    >>> probe_url("http://a.vn/vi/news/tin/mot-tin-12/", "13") is None
    True
    """
    found = _ARTICLE.search(article_url)
    if found is None:
        return None
    return (
        f"{article_url[: found.start()]}{found['before']}{NOWHERE}{found['slash']}so-{cms_id}{found['after']}"
    )


class Probes:
    """What a probe asks for, in the place of a crawl's worklist: the two trials of each module, then its gaps."""

    def __init__(self, gaps: Iterable[Gap], budget: int) -> None:
        """`gaps` come in the order in which they are asked for; `budget` is how many numbers may be asked for."""
        self._budget = budget
        self._gaps = {(gap.in_language, gap.module): gap for gap in gaps}
        self._links: deque[Link] = deque()
        self._asking: dict[str, Link] = {}
        self._trials: dict[str, tuple[str, str]] = {}
        self._sound: dict[tuple[str, str], set[str]] = {}
        self.refused: set[str] = set()  # modules that answer falsely
        self.asked = 0
        self.left = sum(gap.size for gap in self._gaps.values())
        for module, gap in self._gaps.items():
            urls = [probe_url(gap.known_url, number) for number in (gap.known_id, NO_NUMBER)]
            for url in urls:
                if url is None:
                    self.refused.add(gap.module)
                else:
                    self._trials[url] = module
                    self._links.append(Link(url=url, kind="article"))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to ask for."""
        return not self._links

    @property
    def remark(self) -> str | None:
        """Why a portal was not probed whole, in plain words; None when it was."""
        if not self.refused:
            return None
        return (
            f"not probed: this portal answers falsely for numbers of {', '.join(sorted(self.refused))} "
            "(NukeViet before 4.4 does), so nothing can be learned of its gaps"
        )

    @property
    def waiting(self) -> int:
        """How many URLs wait."""
        return len(self._links)

    def begin(self, url: str, hosts: frozenset[str]) -> None:
        """Nothing: a probe does not begin at the home page."""

    def next(self) -> Link | None:
        """The next URL; None while nothing is at hand."""
        if not self._links:
            return None
        link = self._links.popleft()
        self._asking[link.url] = link
        return link

    def asked_as(self, url: str) -> str | None:
        """As what kind a URL is being asked for; None when it is not."""
        return "article" if url in self._asking else None

    def judged(self, page: Page) -> Page:
        """A page as it is: where one of a probe leads, no further redirect is followed."""
        return page

    def admit(self, page: Page) -> tuple[Link, ...]:
        """Follow where a number leads; returns that, to be saved as owed."""
        url = page.capture.target_uri
        if url in self._trials or page.reading.outcome != "redirect":
            return ()
        links = tuple(link for link in page.reading.links if link.kind == "article")
        self._links.extendleft(links)
        return links

    def settled(self, page: Page) -> None:
        """Take an answer; after both trials of a module its numbers are asked for, or none of them."""
        url = page.capture.target_uri
        self._asking.pop(url, None)
        module = self._trials.get(url)
        if module is not None and page.reading.outcome not in RETRYABLE:
            self._judge(module, page)

    def _judge(self, module: tuple[str, str], page: Page) -> None:
        gap = self._gaps[module]
        is_known = page.capture.target_uri == probe_url(gap.known_url, gap.known_id)
        leads_to_article = any(link.kind == "article" for link in page.reading.links)
        if is_known != (page.reading.outcome == "redirect" and leads_to_article):
            self.refused.add(gap.module)
            return
        sound = self._sound.setdefault(module, set())
        sound.add(page.capture.target_uri)
        if len(sound) == 2:
            self._ask(gap)

    def _ask(self, gap: Gap) -> None:
        for number in gap.numbers(self._budget - self.asked):
            url = probe_url(gap.known_url, number.cms_id)
            if url is not None:
                self._links.append(Link(url=url, kind="article", number=number))
                self.asked += 1
                self.left -= 1

    def saved(self) -> None:
        """Nothing: a probe is short enough to be held in memory."""

    def refill(self) -> None:
        """Nothing, for the same reason."""
