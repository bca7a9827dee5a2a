"""Tells what an article's page prints of the article itself from what it prints of others, in lists and cards."""

import re
from itertools import chain, islice, takewhile

from lxml import etree

from crawler.cms.nukeviet.marks import Index
from crawler.cms.nukeviet.site import Site
from crawler.cms.nukeviet.urls import classify
from crawler.cms.web import absolute

_MAY_BE_ARTICLE = re.compile(r"-\d")  # every article's address ends in its number
_ITEM_TAGS = frozenset(("li", "tr", "article"))
_MAX_NODES = 100  # before a card's link: a picture and what frames it
_DEPTH = 5  # levels of a card, from what it prints of its article to its own element


class Others:
    """The lists' items and cards around a body that lead to other articles than the page's own."""

    def __init__(self, index: Index, body: etree._Element, site: Site) -> None:
        self._index, self._body, self._site = index, body, site
        self._below: dict[etree._Element, dict[etree._Element, str]] | None = None

    def _look(self) -> dict[etree._Element, dict[etree._Element, str]]:
        """What holds links to other articles: those links, and the numbers of the articles."""
        site = self._site
        own = None
        below: dict[etree._Element, dict[etree._Element, str]] = {}
        before = (element for element in self._index.before if element.tag == "a")
        for link in chain(before, self._index.links_after):
            href = link.get("href") or "#"
            may_be_article = href[0] not in "#j" and _MAY_BE_ARTICLE.search(href)
            url = absolute(site.base_url, href) if may_be_article else None
            target = classify(url, site.shape) if url else None
            if target is None or target.kind != "article" or not target.cms_id:
                continue
            own = own or {classify(url, site.shape).cms_id for url in (site.url, site.canonical) if url}
            if target.cms_id not in own:
                for node in islice(chain((link,), link.iterancestors()), 2 * _DEPTH):
                    below.setdefault(node, {})[link] = target.cms_id
        for node in chain((self._body,), self._body.iterancestors()):
            below.pop(node, None)
        return below

    def hold(self, element: etree._Element) -> bool:
        """Whether an element stands in an item, or in a card, that leads to another article.

        A card leads to one other article only, and links to it before it prints anything of it.
        """
        if self._below is None:
            self._below = self._look()
        if not self._below:
            return False
        for node in islice(chain((element,), element.iterancestors()), _DEPTH):
            if links := self._below.get(node):
                return node.tag in _ITEM_TAGS or _is_card(node, element, links)
        return False


def _is_card(node: etree._Element, element: etree._Element, links: dict[etree._Element, str]) -> bool:
    link = next(iter(links))
    below = islice(node.iter(), _MAX_NODES)
    first = next((one for one in below if one is link or one is element), None)
    inside = takewhile(lambda one: one is not node, chain((link,), link.iterancestors()))
    is_of_one = len(set(links.values())) == 1
    return is_of_one and first is link and not any(one.tag in _ITEM_TAGS for one in inside)
