"""From a list page (home, category, topic) to its articles and its next page."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from lxml import etree

from crawler.cms.nukeviet import listdates
from crawler.cms.nukeviet.fields import count_beside, number
from crawler.cms.nukeviet.locate import near
from crawler.cms.nukeviet.marks import LONG_CLASS
from crawler.cms.nukeviet.site import STOCK_THEMES, Site
from crawler.cms.nukeviet.urls import Target, classify
from crawler.cms.web import absolute, as_secure_as, clean_url
from crawler.items import Listing, ListingItem
from crawler.text import inline_text, one_line

# What holds the entries of a list: viewcat_*.tpl and topic.tpl in themes/*/modules/news.
LIST_CLASSES = frozenset(
    (
        "news_column", "listpage", "news_grid", "list-group", "thumbnail",  # 4.x, 5, egov; 3.4 default
        "table-list-news",  # 3.4, as a list
        "listz-news", "box-border-shadow", "t-news", "cat-news", "other-news",  # 3.4 modern
        "related", "detail-related",
    )
)  # fmt: skip
# Blocks of a theme's margins show the same few articles on every page: themes/*/modules/news/block_*.tpl.
BLOCK_CLASSES = re.compile(
    r"(?:^|\s)(?:block[_-]\w|other_blocknews|nv-block|newstab|sidebar|footer|menu|navbar|slide|carousel)",
    re.IGNORECASE,
)
BLOCK_IDS = frozenset(("hot-news", "footer", "header", "menusite", "topnews"))
BLOCK_TAGS = frozenset(("nav", "aside", "footer"))
PAGES_CLASSES = frozenset(("pagination", "generate_page"))  # 4.x, 5, egov; 3.4
_PAGE_NUMBER = re.compile(r"/page-\d+/?\Z")
_VIEWS = re.compile(r"(?:Đã xem|Lượt xem|Viewed)\s*:\s*(\d[\d.,]*)", re.IGNORECASE)
_COMMENTS = re.compile(r"(?:Phản hồi|Bình luận|Feedback)\s*:\s*(\d[\d.,]*)", re.IGNORECASE)
_MAX_LINKS = 10  # to one article
ENTRY_TAGS = frozenset(("li", "article", "tr"))
_HEADINGS = ("h1", "h2", "h3", "h4", "h5")


def read_listing(
    root: etree._Element, site: Site, url: str, *, captured_at: datetime | None = None
) -> Listing:
    """A list page's articles in its order, each once, and its next page; `captured_at` bounds their dates."""
    kind = _kind(site, url)
    return Listing(
        url=url,
        kind=kind,
        items=tuple(_items(root, site, is_by_date=kind != "home", captured_at=captured_at)),
        next_url=_next_url(root, site, url),
    )


def _kind(site: Site, url: str) -> str:
    path = urlsplit(url).path + "?" + urlsplit(url).query
    if site.function == "topic" or "/topic/" in path or "op=topic" in path:
        return "topic"
    page = classify(clean_url(site.canonical or url), site.shape)
    is_category = page.kind == "listing" and page.category is not None
    return "category" if is_category or site.function == "viewcat" else "home"


class _Links:
    """The links of a page to articles, and which elements speak of one article alone."""

    def __init__(self, root: etree._Element, site: Site) -> None:
        self.targets: dict[str, Target] = {}
        self.links: dict[str, list[etree._Element]] = {}
        self.subject: dict[etree._Element, str | None] = {}  # None: of more than one article
        self._places: dict[etree._Element, bool | None] = {}
        articles: dict[str, tuple[str, Target] | None] = {}  # by the address as printed
        for link in root.iter("a"):
            href = link.get("href") or ""
            if href not in articles:
                articles[href] = _article(href, site)
            if article := articles[href]:
                self._add(*article, link)

    def _add(self, url: str, target: Target, link: etree._Element) -> None:
        self.targets.setdefault(url, target)
        links = self.links.setdefault(url, [])
        if len(links) == _MAX_LINKS:
            return
        links.append(link)
        for node in near(link):
            subject = self.subject.setdefault(node, url)
            if subject is None:
                break
            if subject != url:
                self.subject[node] = None

    def entry(self, link: etree._Element) -> etree._Element:
        """The largest element around a link, at most a list's box, that speaks of no other article."""
        entry = link
        for node in near(link):
            if self.subject[node] is None or node.tag in ("body", "html"):
                break
            entry = node
            if node.tag in ENTRY_TAGS or _names_a_list(node):
                break
        return entry

    def is_in_list(self, link: etree._Element) -> bool | None:
        """Whether a link stands in a list; None in a block of the margins."""
        places = self._places
        in_list = False
        for node in near(link):
            if node not in places:
                places[node] = _place(node)
            if (place := places[node]) is None:
                return None
            in_list = in_list or place
        return in_list


def _article(href: str, site: Site) -> tuple[str, Target] | None:
    """The address of the article that a link leads to, and what it says; None when it leads to none."""
    url = absolute(site.base_url, href)
    target = classify(url, site.shape) if url else None
    if url is None or target is None or target.kind != "article":
        return None
    return as_secure_as(clean_url(url), site.url), target


def _place(element: etree._Element) -> bool | None:
    """Whether an element holds the entries of a list; None when it is a block of the margins."""
    if element.tag in BLOCK_TAGS or element.get("id") in BLOCK_IDS:
        return None
    classes = element.get("class")
    if not classes:
        return False
    return _remembered_place(classes) if len(classes) < LONG_CLASS else _place_named(classes)


def _place_named(classes: str) -> bool | None:
    return None if BLOCK_CLASSES.search(classes) else not LIST_CLASSES.isdisjoint(classes.split())


_remembered_place = lru_cache(maxsize=4096)(_place_named)  # templates repeat themselves from page to page


def _names_a_list(element: etree._Element) -> bool:
    return not LIST_CLASSES.isdisjoint((element.get("class") or "").split())


def _items(
    root: etree._Element, site: Site, *, is_by_date: bool, captured_at: datetime | None
) -> Iterator[ListingItem]:
    found = _Links(root, site)
    printed = []
    for url, links in _listed(root, site, found).items():
        link = next(filter(_is_heading, links), links[0])
        entry = found.entry(link)
        printed.append((url, link, entry, listdates.date_text(entry)))
    dates = [date for *_, date in printed if date]
    month_first = listdates.is_month_first(dates, site, is_by_date=is_by_date, captured_at=captured_at)
    for url, link, entry, date in printed:
        witness = listdates.witness(date, month_first=month_first)
        yield replace(_item(url, found.targets[url], link, entry, site), witness=witness)


def _listed(root: etree._Element, site: Site, found: _Links) -> dict[str, list[etree._Element]]:
    """The articles that a page lists, by their addresses, each with its links in the list."""
    listed: dict[str, list[etree._Element]] = {}
    loose: dict[str, list[etree._Element]] = {}
    for url, links in found.links.items():
        for link in links:
            in_list = found.is_in_list(link)
            if in_list is not None:
                (listed if in_list else loose).setdefault(url, []).append(link)
    is_stock = site.theme in STOCK_THEMES
    if (site.version or "").startswith("5") or (is_stock and not listed):
        entries = {url: links for url, links in (listed | loose).items() if any(map(_is_smarty_entry, links))}
        listed = entries or listed
    if site.theme == "mobile_nukeviet":
        # Its lists have no box of their own (3.4, viewcat_page.tpl and viewcat_list.tpl).
        listed |= _where(_is_headed, loose)
    elif not is_stock:
        entries = _beside_pages(root, found, loose) or _where(_is_heading, loose)
        entries = (entries or ({} if listed else _where(_is_headed, loose))) | listed
        listed = {url: entries[url] for url in found.links if url in entries}
    return listed


def _where(
    test: Callable[[etree._Element], bool], found: dict[str, list[etree._Element]]
) -> dict[str, list[etree._Element]]:
    return {url: links for url, links in found.items() if any(map(test, links))}


def _beside_pages(
    root: etree._Element, found: _Links, loose: dict[str, list[etree._Element]]
) -> dict[str, list[etree._Element]]:
    """In a theme of its own: the links in the column that the links to further pages end."""
    for pages in root.iter("ul", "div"):
        if PAGES_CLASSES.isdisjoint((pages.get("class") or "").split()):
            continue
        column = next((node for node in near(pages) if node in found.subject), None)
        if column is not None and column.tag not in ("body", "html"):
            inside = set(column.iter("a"))
            return _where(inside.__contains__, loose)
    return {}


def _is_smarty_entry(link: etree._Element) -> bool:
    """Whether NukeViet 5's Smarty templates would list an article so: an entry, or a further title below them."""
    return any(
        node.tag == "article" or (node.tag == "ul" and "vstack" in (node.get("class") or ""))
        for node in near(link)
    )


def _is_heading(link: etree._Element) -> bool:
    parent = link.getparent()
    return (parent is not None and parent.tag in _HEADINGS) or next(link.iter(*_HEADINGS), None) is not None


def _is_headed(link: etree._Element) -> bool:
    """Whether a link is a headline or an item of a bare list."""
    parent = link.getparent()
    return _is_heading(link) or (parent is not None and parent.tag == "li")


def _item(url: str, target: Target, link: etree._Element, entry: etree._Element, site: Site) -> ListingItem:
    text = inline_text(entry) or ""
    views, comments = _VIEWS.search(text), _COMMENTS.search(text)
    return ListingItem(
        url=url,
        in_language=target.language or site.language,
        module=target.module or site.module,
        cms_id=target.cms_id,
        headline=_headline(link),
        view_count=number(views[1]) if views else _beside_icon(entry, "fa-eye"),
        comment_count=number(comments[1]) if comments else _beside_icon(entry, "fa-comment-o"),
    )


def _headline(link: etree._Element) -> str | None:
    """The title attribute, since a link's text may hold a number or a date as well; else the text."""
    title = one_line(link.get("title") or "")
    return inline_text(link) if not title or title.startswith(("/", "http")) else title


def _beside_icon(entry: etree._Element, icon: str) -> int | None:
    for element in entry.iter("em", "i"):
        if icon in (element.get("class") or "").split():
            return count_beside(element)
    return None


def _next_url(root: etree._Element, site: Site, url: str) -> str | None:
    """The next page of the list: as the head says (4.4 and later), else as the pagination links it."""
    address = site.next_url or _paginated(root, site, url)
    address = as_secure_as(clean_url(address), url) if address else None
    return address if address != clean_url(url) else None


def _paginated(root: etree._Element, site: Site, url: str) -> str | None:
    """The link to the same list's page after this one; long ranges leave numbers out, never the next one."""
    here = classify(url, site.shape)
    lists = {_list_of(address) for address in (url, site.canonical) if address}
    for link in root.iter("a"):
        href = link.get("href")
        address = absolute(site.base_url, href) if href and "page-" in href else None
        if address and _list_of(address) in lists:
            target = classify(address, site.shape)
            if target.kind == "listing" and target.page == here.page + 1:
                return address
    return None


def _list_of(url: str) -> str:
    """What the addresses of all pages of one list have in common."""
    return _PAGE_NUMBER.sub("", clean_url(url)).rstrip("/")
