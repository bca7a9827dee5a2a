"""Recognises NukeViet, and reads what every page says about its site: version, theme, language, module."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from crawler.cms.nukeviet.urls import NEWS_MODULES, OTHER_MODULES, Shape, classify
from crawler.cms.web import absolute
from crawler.text import one_line

GENERATOR = re.compile(r"NukeViet\s*(?:CMS\s*)?v?\s*([\d.]+(?:x\b)?)?", re.IGNORECASE)
THEME = re.compile(r"/themes/([\w-]+)/")
# nv_html_site_js in includes/core/theme_functions.php (4.x, 5); themes/*/theme.php (3.4).
SCRIPT_VARIABLE = re.compile(
    r"(nv_(?:base_siteurl|siteroot|lang_data|sitelang|module_name|func_name))"
    r"\s*=\s*[\"']([^\"']*)[\"']"
)
STOCK_THEMES = frozenset(("default", "modern", "egov", "mobile_default", "mobile_nukeviet"))
_FEED = re.compile(r"(?:/|[?&]op=)rss(?:/|$)")
_ORIGIN = re.compile(r"\Ahttps?://[^/]*")
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:-([A-Za-z]{2}))?\Z")
_HEAD_TAGS = ("base", "meta", "link", "title")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What a page's head says."""

    recognised: bool = False  # is there any sign of NukeViet?
    version: str | None = None  # as the generator says, "4.4"; "3.x" or "4.x" from the scripts; else None
    theme: str | None = None
    language: str | None = None
    module: str | None = None  # of this page
    function: str | None = None  # of this page: main, viewcat, detail, topic…; 3.4 does not say
    title: str = ""
    canonical: str | None = None  # absolute
    next_url: str | None = None  # absolute
    url: str = ""  # of this page
    base_url: str = ""  # what relative links refer to
    feeds: tuple[str, ...] = ()  # RSS, as printed
    meta: dict[str, list[str]] = field(default_factory=dict)  # by name or property, as printed
    shape: Shape = field(default_factory=Shape)

    @property
    def label(self) -> str | None:
        """The software in a few words, "NukeViet 4.x (egov)"; None when it is not NukeViet."""
        if not self.recognised:
            return None
        theme = f" ({self.theme})" if self.theme else ""
        return f"NukeViet {self.version}{theme}" if self.version else f"NukeViet{theme}"

    def all(self, name: str) -> tuple[str, ...]:
        """What the meta elements of that name or property say, without the empty ones."""
        return tuple(filter(None, map(one_line, self.meta.get(name, ()))))

    def first(self, name: str) -> str | None:
        """What the first meta element of that name or property says; None when there is none."""
        return next(iter(self.all(name)), None)


def read_site(root: etree._Element, url: str) -> Site:
    """What a page's head and inline scripts say about the site and about the page itself."""
    head = _Head(url)
    head.read(root)
    generator = GENERATOR.search(" ".join(head.meta.get("generator", ())))
    variables = head.variables
    module = variables.get("nv_module_name") or None
    canonical = absolute(head.base_url, head.canonical)
    return Site(
        recognised=bool(generator) or module is not None,
        version=_version(generator, variables),
        theme=head.theme,
        language=_language(root, variables, url),
        module=module,
        function=variables.get("nv_func_name") or None,
        title=one_line(head.title),
        canonical=canonical,
        next_url=absolute(head.base_url, head.next_url),
        url=url,
        base_url=head.base_url,
        feeds=tuple(head.feeds),
        meta=head.meta,
        shape=_shape(variables, module, head.feeds, canonical),
    )


class _Head:
    """What stands in a head; broken pages have half of it in their body."""

    def __init__(self, url: str) -> None:
        self.base_url = url
        self.meta: dict[str, list[str]] = {}
        self.variables: dict[str, str] = {}
        self.feeds: list[str] = []
        self.title = ""
        self.theme: str | None = None
        self.canonical: str | None = None
        self.next_url: str | None = None

    def read(self, root: etree._Element) -> None:
        """Base, metas, title, links, and the inline script with the page's variables."""
        head = root.find("head")
        self._add_all(root.iter(*_HEAD_TAGS) if head is None else head.iterchildren(*_HEAD_TAGS))
        if head is not None and not self.meta.get("generator"):
            # A stray text ends the head for the parser; the rest of it stands in the body then.
            self._add_all(element for element in root.iter(*_HEAD_TAGS) if element.getparent() is not head)
        for element in root.iter("script"):
            if (text := element.text) and "nv_module_name" in text:
                self.variables.update(SCRIPT_VARIABLE.findall(text))

    def _add_all(self, elements: Iterable[etree._Element]) -> None:
        meta = self.meta
        for element in elements:
            tag = element.tag
            if tag == "meta":
                if name := element.get("name") or element.get("property"):
                    meta.setdefault(name.lower(), []).append(element.get("content") or "")
            elif tag == "link":
                relation = (element.get("rel") or "").lower()
                is_known = relation == "stylesheet" and self.theme is not None
                if not is_known and (href := element.get("href")):
                    self._add_link(relation, href, element)
            elif tag == "title":
                self.title = self.title or element.text or ""
            elif tag == "base":
                self.base_url = absolute(self.base_url, element.get("href")) or self.base_url

    def _add_link(self, relation: str, href: str, element: etree._Element) -> None:
        if relation == "alternate":
            if "rss" in (element.get("type") or ""):
                self.feeds.append(href)
        elif relation == "canonical":
            self.canonical = self.canonical or href
        elif relation == "next":
            self.next_url = self.next_url or href
        elif self.theme is None and (theme := THEME.search(href)):
            self.theme = theme[1]


def _version(generator: re.Match[str] | None, variables: dict[str, str]) -> str | None:
    if generator and generator[1]:
        return generator[1].strip(".")
    if "nv_base_siteurl" in variables:
        return "4.x"
    return "3.x" if "nv_siteroot" in variables else None


def _language(root: etree._Element, variables: dict[str, str], url: str) -> str | None:
    """The page's language (BCP 47): from the scripts, the html element, or the address."""
    for text in (
        variables.get("nv_lang_data"),
        variables.get("nv_sitelang"),
        root.get("lang"),
        root.get(_XML_LANG),
    ):
        if text and (language := _LANGUAGE.match(text.strip())):
            return language[1].lower()
    return classify(url, Shape()).language


def _shape(variables: dict[str, str], module: str | None, feeds: list[str], canonical: str | None) -> Shape:
    """How the site writes its addresses; the feeds in a head are those of the page's own module."""
    base = variables.get("nv_base_siteurl") or variables.get("nv_siteroot") or "/"
    base = base if base.startswith("/") else "/"
    news = NEWS_MODULES if module is None or module in OTHER_MODULES else NEWS_MODULES | {module}
    categories = frozenset(href.partition("rss/")[2].strip("/") for href in feeds) - {""}
    dropped = None
    if feeds:
        # /vi/news/rss/… names the module; /vi/rss/… and /rss/… do not.
        before = _ORIGIN.sub("", _FEED.split(feeds[0], 1)[0]).removeprefix(base.rstrip("/"))
        parts = before.partition("?")[0].split("/")
        named = [part for part in parts if part and part != "index.php" and not _LANGUAGE.match(part)]
        dropped = not named and "nv=" not in before
    elif canonical and module and module not in OTHER_MODULES:
        target = classify(canonical, Shape(base=base, news=news))
        dropped = target.module is None if target.category is not None else None
    return _one(Shape(base=base, news=news, dropped=dropped, categories=categories))


@lru_cache(maxsize=256)
def _one(shape: Shape) -> Shape:
    """The same object for equal shapes: what is remembered by a shape is found without comparing them."""
    return shape
