"""NukeViet 3.4 to 5 and its government edition, in the stock themes and in ones of their own."""

from dataclasses import replace
from datetime import datetime

from lxml import etree
from parsel import Selector

from crawler.cms.feeds import Feed
from crawler.cms.nukeviet import feeds, pages
from crawler.cms.nukeviet.article import article_target, read_article
from crawler.cms.nukeviet.links import article_links, listing_links, page_links
from crawler.cms.nukeviet.listing import read_listing
from crawler.cms.nukeviet.mending import mended
from crawler.cms.nukeviet.site import Site, read_site
from crawler.cms.nukeviet.urls import NEWS_MODULES, OTHER_MODULES, Target, article_of_variant, classify
from crawler.cms.web import as_secure_as, clean_url, is_own, parse_html, same_page
from crawler.items import Article, Fetched, Link, Listing, ParseError, Reading

name = "nukeviet"
version = "1"
ARTICLE_FUNCTION = "detail"
LIST_FUNCTIONS = frozenset(("main", "viewcat", "topic", "groups"))


def recognise(page: Selector, url: str) -> str | None:
    """The software in a few words, "NukeViet 4.x (egov)"; None when the page shows no sign of NukeViet."""
    return read_site(page.root, url).label


def parse_listing(page: Selector, url: str) -> Listing:
    """What a list page (home, category, topic) names: its articles, each once, and its next page."""
    return read_listing(page.root, read_site(page.root, url), url)


def parse_article(page: Selector, url: str, captured_at: datetime) -> Article:
    """The article of a page; dates are local time +07:00, and relative ones are read at `captured_at` (aware).

    Raises ParseError, naming the field, where there is no number, headline or body marker.
    """
    return read_article(page.root, read_site(page.root, url), url, captured_at).article


def read(page: Selector, fetched: Fetched, *, hosts: frozenset[str]) -> Reading | None:
    """What a page is and holds; None when it is not NukeViet's.

    Raises ParseError for a page that should be an article's and cannot be read as one.
    """
    root, url = page.root, fetched.url
    site = read_site(root, url)
    if site.canonical and not is_own(site.canonical, hosts):
        site = replace(site, canonical=None)
    if pages.is_soft_not_found(root, fetched.body):
        return Reading(outcome="soft_not_found", site=site.label or "NukeViet")
    if not site.recognised:
        return None
    if article := article_of_variant(url, site.shape):
        return Reading(
            outcome="duplicate", links=(Link(url=clean_url(article), kind="article"),), site=site.label
        )
    named = article_target(site, url)
    if named[0].kind == "article" and site.function in (ARTICLE_FUNCTION, None):
        if (balanced := mended(fetched.body)) is not None:
            root = parse_html(replace(fetched, body=balanced)).root
        return _read_article_page(root, site, fetched, hosts, named)
    return _read_list_page(root, site, fetched, hosts)


def read_feed(feed: Feed, fetched: Fetched, *, hosts: frozenset[str]) -> Reading:
    """What a sitemap or RSS feed names."""
    listing, links = feeds.read_feed(feed, fetched.url, hosts, fetched.fetched_at)
    return Reading(outcome="feed", listing=listing, links=links)


def _read_article_page(
    root: etree._Element, site: Site, fetched: Fetched, hosts: frozenset[str], named: tuple[Target, str]
) -> Reading:
    """The article of a page; a duplicate, where the page names another address of the portal as its article's own."""
    if not same_page(named[1], fetched.url):
        link = Link(url=as_secure_as(named[1], fetched.url), kind="article")
        return Reading(outcome="duplicate", links=(link,), site=site.label)
    try:
        found = read_article(root, site, fetched.url, fetched.fetched_at, named)
    except ParseError:
        if pages.is_members_only(root, site):
            return Reading(outcome="members_only", site=site.label)
        listing = read_listing(root, site, fetched.url, captured_at=fetched.fetched_at)
        if site.function is None and listing.items:
            # 3.4 answers an article's address with its home page when a parameter is added.
            return _list_reading(root, site, listing, hosts)
        if site.module not in NEWS_MODULES and site.first("article:published_time") is None:
            return _of_another_module(root, site, hosts)
        raise
    links = article_links(found, site, hosts)
    return Reading(outcome="article", article=found.article, links=links, site=site.label)


def _read_list_page(root: etree._Element, site: Site, fetched: Fetched, hosts: frozenset[str]) -> Reading:
    """A list, a page for members, or a page of another module."""
    here = classify(fetched.url, site.shape)
    is_home = here.kind == "listing" and here.module is None and here.category is None
    listing = read_listing(root, site, fetched.url, captured_at=fetched.fetched_at)
    if not listing.items and pages.is_members_only(root, site):
        return Reading(outcome="members_only", site=site.label)
    if is_home or _is_news_list(site, here, listing):
        return _list_reading(root, site, listing, hosts)
    return _of_another_module(root, site, hosts)


def _is_news_list(site: Site, here: Target, listing: Listing) -> bool:
    """Whether a page lists news: by its function, and by its module's name or the articles it lists."""
    if site.module in OTHER_MODULES:
        return False
    if site.function not in LIST_FUNCTIONS and not (site.function is None and here.kind == "listing"):
        return False
    own = any(item.module == site.module for item in listing.items)
    return own or site.module in NEWS_MODULES or site.function in ("viewcat", "topic")


def _of_another_module(root: etree._Element, site: Site, hosts: frozenset[str]) -> Reading:
    message = f"a page of the module {site.module}" if site.module else None
    links = page_links(root, site, hosts)
    return Reading(outcome="kept_unparsed", links=links, message=message, site=site.label)


def _list_reading(root: etree._Element, site: Site, listing: Listing, hosts: frozenset[str]) -> Reading:
    links = listing_links(root, site, listing, hosts)
    message = None if listing.items else "the list names no articles"
    return Reading(outcome="listing", listing=listing, links=links, message=message, site=site.label)
