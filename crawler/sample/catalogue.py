"""Which articles a sample portal of a given size has, and in what order its lists name them.

Only ids and dates are held; what a generated article says is made when a page asks for it.
"""

import bisect
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from crawler.sample import generator
from crawler.sample.articles import FED, LISTED, SampleArticle, article_path, written_articles
from crawler.sample.frame import site
from crawler.sample.slugs import slug
from crawler.sample.wording import printed, teaser

_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - local times all through; only their order matters
_ID_BITS = 24
_ID_MASK = (1 << _ID_BITS) - 1
_TEASER = 100  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What lists, feeds and "related" boxes print of an article; texts are HTML already."""

    id: int
    path: str
    title: str
    lead: str  # "" when there is none
    teaser: str  # the lead as a tooltip
    published: datetime
    picture: str | None  # path
    comment_count: int = 0
    external: bool = False  # the article's page redirects to another site


class Catalogue:
    """The articles of one portal: the written ones and, above their number, generated ones.

    `public` is how many public articles there are; the written articles that are not public (hidden, future,
    expired, external, members only) come on top. None stands for just the written ones.
    """

    def __init__(self, public: int | None = None) -> None:
        readable = [article.id for article in written_articles() if article.status == "public"]
        self._public_written = readable if public is None else readable[:public]
        self.public_count = len(readable) if public is None else public
        first = max(article.id for article in written_articles()) + 1
        self._generated = range(first, first + self.public_count - len(self._public_written))
        kept = set(self._public_written)
        self._written = {a.id: a for a in written_articles() if a.id in kept or a.status != "public"}
        self._lists: dict[str, array[int]] = {alias: array("q") for alias in site().categories}
        self._fed = array("q")
        self._fill()
        # Neighbouring pages ask for the same cards again and again.
        self.article = lru_cache(maxsize=256)(self._article)
        self.card = lru_cache(maxsize=2048)(self._card)

    def _fill(self) -> None:
        for article in self._written.values():
            key = _sort_key(article.published, article.id)
            if article.status in LISTED:
                for alias in (article.category, *article.also_in):
                    self._lists[alias].append(key)
            if article.status in FED:
                self._fed.append(key)
        for number in self._generated:
            key = _sort_key(generator.published(number), number)
            self._lists[generator.category(number)].append(key)
            self._fed.append(key)
        for alias, keys in self._lists.items():
            self._lists[alias] = array("q", sorted(keys))
        self._fed = array("q", sorted(self._fed))

    def public_ids(self) -> Iterator[int]:
        """Ids of all public articles: the written ones in the order of their files, then the generated ones."""
        yield from self._public_written
        yield from self._generated

    def written(self) -> Iterator[SampleArticle]:
        """The written articles of this portal, of every status."""
        yield from self._written.values()

    def view_count(self, number: int) -> int:
        """How often an article had been read before the portal was started."""
        article = self._written.get(number)
        return article.view_count if article else generator.view_count(number)

    def count(self, category: str) -> int:
        """How many articles a category lists."""
        return len(self._lists[category])

    def page(self, category: str, start: int, size: int) -> list[Card]:
        """A slice of a category's list, newest first."""
        return [self.card(number) for number in _newest(self._lists[category], start, size)]

    def newest(self, size: int, category: str | None = None) -> list[Card]:
        """The newest articles that feeds name, of one category or of all."""
        if category is None:
            return [self.card(number) for number in _newest(self._fed, 0, size)]
        if site().categories[category].members:
            return self._cards_where(lambda article: article.category == category)[:size]
        return self.page(category, 0, size)

    def neighbours(self, article: SampleArticle, size: int) -> tuple[list[Card], list[Card]]:
        """The nearest newer and the nearest older articles in an article's category, each nearest first."""
        keys = self._lists[article.category]
        key = _sort_key(article.published, article.id)
        left, right = bisect.bisect_left(keys, key), bisect.bisect_right(keys, key)
        newer = [self.card(number & _ID_MASK) for number in keys[right : right + size]]
        older = [self.card(number & _ID_MASK) for number in reversed(keys[max(0, left - size) : left])]
        return newer, older

    def topic(self, alias: str) -> list[Card]:
        """The articles of a dossier, newest first."""
        return self._cards_where(lambda article: article.topic == alias and article.status in LISTED)

    def tagged(self, tag: str) -> list[Card]:
        """The written articles that carry a tag, newest first (generated ones are in no index)."""
        return self._cards_where(
            lambda article: (
                article.status in LISTED and tag in {slug(keyword) for keyword in article.keywords}
            )
        )

    def _cards_where(self, wanted: Callable[[SampleArticle], bool]) -> list[Card]:
        found = [article for article in self._written.values() if wanted(article)]
        found.sort(key=lambda article: article.published, reverse=True)
        return [self.card(article.id) for article in found]

    def _article(self, number: int) -> SampleArticle | None:
        if number in self._generated:
            return generator.article(number)
        return self._written.get(number)

    def _card(self, number: int) -> Card:
        article = self._written.get(number)
        if article is None:
            return _generated_card(number)
        lead = article.description or ""
        return Card(
            id=article.id,
            path=article.path,
            title=printed(article.headline, nfd=article.nfd),
            lead=printed(lead, nfd=article.nfd),
            teaser=teaser(lead, _TEASER, nfd=article.nfd),
            published=article.published,
            picture=article.lead_picture.path if article.lead_picture else None,
            comment_count=article.comment_count,
            external=article.status == "external",
        )


def _sort_key(published: datetime, number: int) -> int:
    """Date and id in one integer: arrays of them sort by date, and hold 20,000 articles in 160 kB."""
    return ((published - _EPOCH) // timedelta(seconds=1)) << _ID_BITS | number


def _newest(keys: "array[int]", start: int, size: int) -> list[int]:
    end = len(keys) - start
    return [key & _ID_MASK for key in reversed(keys[max(0, end - size) : max(0, end)])]


def _generated_card(number: int) -> Card:
    headline, lead = generator.headline_and_lead(number)
    return Card(
        id=number,
        path=article_path(generator.category(number), slug(headline), number),
        title=printed(headline, nfd=False),
        lead=printed(lead, nfd=False),
        teaser=teaser(lead, _TEASER, nfd=False),
        published=generator.published(number),
        picture=generator.picture(number),
    )


def truth(articles: int | None = None) -> Iterator[SampleArticle]:
    """What a complete crawl must find: the public articles of a portal of this size, written ones first."""
    catalogue = Catalogue(articles)
    for number in catalogue.public_ids():
        article = catalogue.article(number)
        if article is not None:
            yield article
