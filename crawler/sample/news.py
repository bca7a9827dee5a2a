"""The addresses of the news module, and what NukeViet 4.4 answers to each: pages, redirects, 404."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from crawler.sample import feeds, files
from crawler.sample.answers import Answer, Request, file, html, redirect, xml
from crawler.sample.articles import SampleArticle
from crawler.sample.catalogue import Catalogue
from crawler.sample.chrome import Chrome, Visit
from crawler.sample.detail import ArticlePages
from crawler.sample.frame import Site
from crawler.sample.lists import ListPages
from crawler.sample.slugs import slug

HOME = "/vi/news/"
_ARTICLE = re.compile(r"[A-Za-z0-9-]+?-(\d{1,9})(\.html)?")
_PAGE = re.compile(r"page-(\d{1,6})")
_GONE = frozenset({"hidden", "future", "expired"})
_VIEWS = frozenset({"print", "savefile", "sendmail"})


class NewsModule:
    """Answers requests below /vi/news/.

    With `count_views` a request without a session cookie adds one to an article's views, after it was printed.
    """

    def __init__(self, site: Site, catalogue: Catalogue, chrome: Chrome, *, count_views: bool) -> None:
        self._site = site
        self._catalogue = catalogue
        self._count_views = count_views
        self._extra_views: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._articles = ArticlePages(site, catalogue, chrome)
        self.lists = ListPages(site, catalogue, chrome, self.views)
        self._operations: dict[str, Callable[[list[str], Request, Visit], Answer | None]] = {
            "rss": self._rss,
            "tag": self._tag,
            "topic": self._topic,
            "search": self._search,
        }

    def views(self, number: int) -> int:
        """How often an article was read so far."""
        return self._catalogue.view_count(number) + self._extra_views[number]

    def answer(self, path: str, request: Request, visit: Visit) -> Answer | None:
        """The answer for a path below /vi/news; None for a page that does not exist (404)."""
        parts = path.split("/")[3:]
        if not parts:
            return redirect(HOME)
        if parts == [""]:
            return html(self.lists.home(HOME, visit))
        if parts[0] in self._operations:
            return self._operations[parts[0]](parts[1:], request, visit)
        if parts[0] in _VIEWS and len(parts) == 3:
            return self._view(parts, visit)
        if parts[0] in self._site.categories:
            return self._in_category(parts, request, visit)
        return self._astray(parts)

    def _in_category(self, parts: list[str], request: Request, visit: Visit) -> Answer | None:
        category, rest = parts[0], parts[1:]
        base = f"{HOME}{category}/"
        if not rest:
            return redirect(base)
        if rest == [""]:
            return self._list(category, 1, visit)
        if page := _PAGE.fullmatch(rest[0]):
            if len(rest) == 1:
                return redirect(f"{base}{rest[0]}/")
            number = int(page[1])
            return self._list(category, number, visit) if rest[1:] == [""] and number > 1 else redirect(base)
        return self._named_article(category, rest, request, visit)

    def _list(self, category: str, number: int, visit: Visit) -> Answer:
        page = self.lists.category(category, number, visit)
        return redirect(f"{HOME}{category}/") if page is None else html(page)

    def _named_article(self, category: str, rest: list[str], request: Request, visit: Visit) -> Answer | None:
        """An article under a category that exists: its own, a further one of its, or a wrong one (404)."""
        article = self._find(rest[0])
        if article is None or len(rest) > 2 or category not in (article.category, *article.also_in):
            return None
        path = "/".join([HOME.rstrip("/"), category, *rest])
        if path == article.path:
            return self._show(article, request, visit)
        if len(rest) == 1 and not rest[0].endswith(".html"):
            return redirect(f"{path}/")
        return redirect(article.path)

    def _astray(self, parts: list[str]) -> Answer | None:
        """Under no category: a real article's number leads to it; else NukeViet sends back to the module."""
        lowered = {alias.lower(): alias for alias in self._site.categories}
        name = parts[0].removesuffix(".html")
        if parts == [name + ".html"] and name in self._site.categories:
            return redirect(f"{HOME}{name}/")
        if parts[0].lower() in lowered:
            return None
        if len(parts) in (2, 3) and _ARTICLE.fullmatch(parts[1]):
            article = self._find(parts[1])
            return redirect(article.path) if article else None
        return redirect(HOME)

    def _find(self, name: str) -> SampleArticle | None:
        match = _ARTICLE.fullmatch(name)
        article = self._catalogue.article(int(match[1])) if match else None
        return article if article and article.status not in _GONE else None

    def _show(self, article: SampleArticle, request: Request, visit: Visit) -> Answer:
        query = request.query
        if article.status == "members":
            return html(self._articles.refusal(article, visit))
        if "download" in query or "pdf" in query:
            return self._file(article, query)
        views = self.views(article.id)
        if self._count_views and not request.has_session:
            with self._lock:
                self._extra_views[article.id] += 1
        if article.external_url:
            return redirect(article.external_url)
        return html(self._articles.print(article, views, visit))

    def _file(self, article: SampleArticle, query: dict[str, str]) -> Answer:
        """An attachment, or its viewer; a missing one leads to the module's home page."""
        number = query.get("id", "")
        if not number.isdecimal() or int(number) >= len(article.files):
            return redirect(HOME)
        attachment = article.attachments[int(number)]
        if "pdf" in query:
            return html(
                f'<!DOCTYPE html><html><body><iframe src="{article.path}?download=1"></iframe></body></html>'
            )
        return file(files.content(attachment.name), attachment.media_type, download_as=attachment.name)

    def _view(self, parts: list[str], visit: Visit) -> Answer | None:
        operation, category, name = parts
        article = self._find(name)
        if article is None or article.status != "public" or article.category != category:
            return None
        page = self._articles.print_view(article, operation, visit)
        if operation == "savefile":
            return html(
                page, HTTPStatus.OK, ("Content-Disposition", f'attachment; filename="{article.alias}.html"')
            )
        return html(page)

    def _rss(self, parts: list[str], _request: Request, visit: Visit) -> Answer | None:
        category = self._site.categories.get(parts[0]) if parts and parts[0] else None
        if parts in ([], [category.alias] if category else []):
            return redirect("/".join([f"{HOME}rss", *parts, ""]))
        if category is None and parts != [""]:
            return redirect(f"{HOME}rss/")
        return xml(feeds.rss(self._site, self._catalogue, category, visit))

    def _tag(self, parts: list[str], _request: Request, visit: Visit) -> Answer | None:
        if len(parts) == 2 and not parts[1]:
            return redirect(f"{HOME}tag/{slug(parts[0])}")
        page = self.lists.tag(parts[0], visit) if len(parts) == 1 else None
        return html(page) if page else None

    def _topic(self, parts: list[str], _request: Request, visit: Visit) -> Answer | None:
        topic = self._site.topics.get(parts[0]) if parts else None
        if topic is None:
            return redirect(HOME)
        return (
            html(self.lists.topic(topic, visit))
            if parts[1:] == [""]
            else redirect(f"{HOME}topic/{topic.alias}/")
        )

    def _search(self, _parts: list[str], _request: Request, visit: Visit) -> Answer:
        return html(self.lists.search(f"{HOME}search/", visit))
