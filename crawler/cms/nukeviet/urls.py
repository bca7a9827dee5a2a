"""NukeViet's addresses: six shapes of the same few pages, and the ones that are never to be followed.

An article is `[/index.php][/<language>][/<module>]/<category>/<alias>-<id>.html`, with a slash at the end in
3.4, or `index.php?language=vi&nv=<module>&op=<category>/<alias>-<id>.html`. The module is missing where it was
"dropped" (4.x, rewrite_op_mod), and the category is the leaf's alias alone.
"""

import posixpath
import re
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

NEWS_MODULES = frozenset(("news",))
OTHER_MODULES = frozenset(
    (
        "about", "albums", "contact", "dispatch", "download", "faq", "feeds", "forum", "freecontent", "laws",
        "law", "lay-y-kien", "menu", "nvform", "opinion", "organs", "page", "photo", "photos", "redday", "shops",
        "siteterms", "support", "video", "video-clip", "videoclips", "videos", "voting", "weblinks", "workforce",
    )
)  # fmt: skip
"""Modules of the stock packages and of eGov that hold no news articles."""

TRAP_MODULES = frozenset(
    (
        "admin", "banners", "comment", "comments", "data", "includes", "install", "rating", "search", "seek",
        "statistics", "two-step-verification", "users",
    )
)  # fmt: skip
TRAP_OPERATIONS = frozenset(
    (
        "author", "comment", "content", "groups", "instant-rss", "post-comment", "print", "rating", "report",
        "savefile", "savedcontent", "search", "seek", "sendmail", "tag", "viewpdf",
    )
)  # fmt: skip
TRAP_PARAMETERS = frozenset(
    ("checkss", "nv_redirect", "pdf", "q", "scaptcha", "second", "tag", "nvvithemever", "nventhemever")
)

PAGE_EXTENSIONS = frozenset(("html", "htm", "php", "aspx", "jsp"))
_MAX_EXTENSION = 5
_ARTICLE = re.compile(r"(?P<alias>.+)-(?P<id>[1-9]\d{0,9})(?P<ending>\.[A-Za-z]{1,6})?\Z")
_PAGE = re.compile(r"page-(\d+)\Z")
_VARIANT = re.compile(r"([/=]|%2F)(?:print|savefile)(?:/|%2F)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}\Z")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}\Z")
_SITEMAP = re.compile(r"sitemap(?:-([a-z]{2})(?:[.-](.+))?)?\.xml\Z", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How one site writes its addresses, as far as a page of it tells."""

    base: str = "/"  # path of the installation
    news: frozenset[str] = NEWS_MODULES  # names of its news modules
    dropped: bool | None = None  # is the module left out of the addresses? None: not known
    categories: frozenset[str] = field(default_factory=frozenset)  # aliases that the page's RSS links name


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What an address leads to."""

    kind: str | None  # article, listing, feed, page, file; None: never to be followed
    language: str | None = None
    module: str | None = None
    category: str | None = None
    cms_id: str | None = None
    page: int = 1  # of a listing


TRAP = Target(kind=None)
FILE = Target(kind="file")


@lru_cache(maxsize=8192)
def classify(url: str, shape: Shape) -> Target:
    """What an absolute address of a NukeViet site leads to.

    >>> classify("http://a.vn/vi/news/tin/mot-tin-12.html", Shape()).cms_id
    '12'
    >>> classify("http://a.vn/index.php?language=vi&nv=news&op=tin/mot_tin-12.html", Shape()).kind
    'article'
    >>> classify("http://a.vn/vi/news/print/tin/mot-tin-12.html", Shape()).kind is None
    True
    """
    address, _, query = url.partition("#")[0].partition("?")
    parameters = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
    if not TRAP_PARAMETERS.isdisjoint(parameters):
        return TRAP
    if "download" in parameters:
        return FILE
    path = _below(unquote("/" + address.partition("://")[2].partition("/")[2]), shape.base)
    if "nv" in parameters:
        operation = parameters.get("op", "")
        segments = [segment for segment in operation.split("/") if segment]
        language, segments = parameters.get("language"), [parameters["nv"], *segments]
    else:
        segments = [segment for segment in path.split("/") if segment]
        if segments and segments[0] == "index.php":
            del segments[0]
        language = parameters.get("language")
        if segments and _LANGUAGE.match(segments[0]):
            language = segments.pop(0)
    return _target(segments, language, shape)


def _below(path: str, base: str) -> str:
    """A path as seen from the installation's folder; whole where it lies outside."""
    folder = base.rstrip("/")
    return path[len(folder) :] if folder and (path + "/").startswith(folder + "/") else path


def base_of_feed(url: str, module: str | None) -> str:
    """The folder of the installation that a sitemap's or feed's address lies in; `module` is its own, when known.

    >>> base_of_feed("http://a.vn/cong/sitemap-vi.news.xml", None)
    '/cong/'
    >>> base_of_feed("http://a.vn/cong/vi/tin-tuc/rss/thong-bao/", "tin-tuc")
    '/cong/'
    """
    address, _, query = url.partition("?")
    segments = [part for part in unquote(address.partition("://")[2]).split("/")[1:] if part]
    if segments and _SITEMAP.match(segments[-1]):
        del segments[-1]
    elif "rss" in segments:
        segments = segments[: segments.index("rss")]
        if segments and segments[-1] in (module or segments[-1], *NEWS_MODULES):
            del segments[-1]
    elif "nv=" not in query:
        return "/"
    while segments and (segments[-1] == "index.php" or _LANGUAGE.match(segments[-1])):
        del segments[-1]
    return "/".join(("", *segments, ""))


def _target(segments: list[str], language: str | None, shape: Shape) -> Target:
    if not segments:
        return Target(kind="listing", language=language)
    first, last = segments[0], segments[-1]
    if _is_file(last):
        sitemap = _SITEMAP.match(last)
        return Target(kind="feed", language=sitemap[1] or language, module=sitemap[2]) if sitemap else FILE
    if first.lower() in TRAP_MODULES:
        return TRAP
    if first in shape.news:
        return _in_news(segments[1:], language, first)
    if first in OTHER_MODULES:
        return Target(kind="page", language=language, module=first)
    return _in_unnamed_module(segments, language, shape)


def _in_unnamed_module(segments: list[str], language: str | None, shape: Shape) -> Target:
    """The first part of the path is no module that is known: a category, if the module may be dropped."""
    if shape.dropped is not False:
        target = _in_news(segments, language, None)
        known = len(segments) > 1 or not shape.categories or segments[0] in shape.categories
        if target.kind != "page" and known:
            return target
        if shape.dropped:
            return Target(kind="page", language=language)
    return _in_unknown_module(segments, language)


def _in_news(operations: list[str], language: str | None, module: str | None) -> Target:
    """What a path below a news module (or below the root, where the module is dropped) leads to."""
    first = operations[0].lower() if operations else ""
    if first in TRAP_OPERATIONS:
        return TRAP
    kind, category, cms_id, page = "page", None, None, 1
    if operations and (number := _PAGE.match(operations[-1])):
        page = int(number[1])
        operations = operations[:-1]
    if first in ("rss", "sitemap"):
        kind = "feed"
    elif first == "topic" or not operations:
        kind = "listing"
    elif len(operations) == 1 and not _EXTENSION.search(operations[0]):
        kind, category = "listing", operations[0]
    elif len(operations) == 2 and page == 1 and (article := _ARTICLE.match(operations[1])):
        kind, category, cms_id = "article", operations[0], article["id"]
    return Target(kind=kind, language=language, module=module, category=category, cms_id=cms_id, page=page)


def _in_unknown_module(segments: list[str], language: str | None) -> Target:
    """A module whose name says nothing: its front page is worth one look, an article's shape is believed."""
    module, *operations = segments
    if any(part.lower() in TRAP_MODULES for part in operations[:2]):
        return TRAP  # of a portal in a folder: /cong/vi/users/login/
    inside = _in_news(operations, language, module)
    if not operations or (inside.kind in ("article", "feed") and len(operations) > 1):
        return inside
    return TRAP if inside.kind is None else Target(kind="page", language=language, module=module)


def _is_file(name: str) -> bool:
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or extension.lower() in PAGE_EXTENSIONS:
        return False
    return len(extension) <= _MAX_EXTENSION and extension.isascii() and extension.isalnum()


def article_of_variant(url: str, shape: Shape) -> str | None:
    """The address of the article whose print or download form an address is; None for any other address.

    >>> article_of_variant("http://a.vn/vi/news/savefile/tin/mot-tin-12.html", Shape())
    'http://a.vn/vi/news/tin/mot-tin-12.html'
    """
    article = _VARIANT.sub(r"\1", url, count=1)
    return article if article != url and classify(article, shape).kind == "article" else None


def file_name(url: str) -> str:
    """The last part of an address's path, as text.

    >>> file_name("http://a.vn/uploads/K%E1%BA%BF%20ho%E1%BA%A1ch.pdf?x=1")
    'Kế hoạch.pdf'
    """
    return posixpath.basename(unquote(urlsplit(url).path))
