"""An article's category path, from the breadcrumb of its theme."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.cms.nukeviet.locate import Parts, near
from crawler.cms.nukeviet.urls import classify
from crawler.cms.web import absolute
from crawler.text import inline_text, one_line

# ul.temp-breadcrumbs: 4.x and 5 default, egov; ol.breadcrumb: bootstrap themes of their own;
# .breakcolumn: 3.4 default; div.breadcrumbs: 3.4 modern.
_CLASS, _CLASS_OF_34 = "breadcrumb", "breakcolumn"
_MAX_BREADCRUMBS, _MAX_LINKS = 10, 20
_TAGS = (("ul", "ol"), ("div", "nav", "h2", "h3", "p", "span"))


def section(root: etree._Element, parts: Parts, canonical: str) -> tuple[str, ...]:
    """Category titles from the top to the article's own; empty when unknown."""
    path = next(
        (
            path
            for links in islice(_breadcrumbs(root, parts), _MAX_BREADCRUMBS)
            if (path := _categories(links, parts))
        ),
        (),
    )
    leaf = parts.site.first("article:section")
    if path and leaf in (None, path[-1]):
        parts.places["article_section"] = "breadcrumb a"
        return path
    parts.places["article_section"] = "meta article:section" if leaf else "a of a menu"
    return (leaf,) if leaf else _from_menu(root, parts, canonical)


def _breadcrumbs(root: etree._Element, parts: Parts) -> Iterator[list[etree._Element]]:
    """The links of each breadcrumb outside the body; lists before other elements, which wrap them."""
    for tags in _TAGS:
        for element in root.iter(*tags):
            classes = element.get("class")
            if not classes or (_CLASS not in classes and _CLASS_OF_34 not in classes):
                continue
            if parts.index.body not in near(element):
                yield list(islice(element.iter("a"), _MAX_LINKS))


def _categories(links: list[etree._Element], parts: Parts) -> tuple[str, ...]:
    """The breadcrumb's titles without home, module and the article itself; each category once, by its alias."""
    titles: dict[str, str] = {}
    for link in links:
        url = absolute(parts.site.base_url, link.get("href"))
        target = classify(url, parts.site.shape) if url else None
        if target and target.kind == "listing" and target.category and (title := _title(link)):
            titles.setdefault(target.category, title)
    return tuple(titles.values())


def _title(link: etree._Element) -> str | None:
    return inline_text(link) or one_line(link.get("title") or "") or None


def _from_menu(root: etree._Element, parts: Parts, canonical: str) -> tuple[str, ...]:
    """Themes without a breadcrumb: the name that a menu gives to the category of the article's address."""
    wanted = urlsplit(canonical).path.rstrip("/").rpartition("/")[0]
    for link in root.iter("a") if wanted else ():
        if wanted in (link.get("href") or ""):
            url = absolute(parts.site.base_url, link.get("href"))
            if url and urlsplit(url).path.rstrip("/") == wanted and (title := _title(link)):
                return (title,)
    return ()
