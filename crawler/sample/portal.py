"""The sample portal as one function from a request to an answer, after NukeViet 4.4 and its eGov edition."""

import hashlib
import itertools
import re
from http import HTTPStatus

from crawler.sample import feeds, files
from crawler.sample.answers import COOKIE_PREFIX, Answer, Request, file, html, redirect, xml
from crawler.sample.catalogue import Catalogue
from crawler.sample.chrome import Chrome, Visit
from crawler.sample.frame import site
from crawler.sample.modules import ModulePages
from crawler.sample.news import HOME, NewsModule
from crawler.sample.templating import Template, stored

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?")


class SamplePortal:
    """A portal of so many public articles (None: the written ones). Its answers may be asked for from any thread."""

    def __init__(self, articles: int | None = None, *, count_views: bool = True) -> None:
        frame = site()
        self.catalogue = Catalogue(articles)
        chrome = Chrome(frame, self.catalogue)
        self._news = NewsModule(frame, self.catalogue, chrome, count_views=count_views)
        self._modules = ModulePages(frame, chrome)
        self._not_found = Template.load("not_found").partly({"site_name": stored(frame.name)})
        self._numbers = itertools.count()

    def answer(self, request: Request) -> Answer:
        """The answer to a request; only counters, tokens and view counts tell two answers to the same one apart."""
        path = request.path
        if path.startswith(("/uploads/", "/themes/", "/assets/")) or path == "/favicon.ico":
            return _static(path)
        host = request.host if _HOST.fullmatch(request.host) else "127.0.0.1"
        visit = Visit(number=next(self._numbers), base=f"http://{host}")
        found = self._robots_or_sitemap(path, request, visit)
        if found is None:
            found = self._page(path, request, visit) or self._missing(path)
            if not request.has_session:
                found = _with_cookies(found, visit)
        return found

    def _page(self, path: str, request: Request, visit: Visit) -> Answer | None:
        if path == "/index.php":
            return self._query_form(request, visit)
        if path in {"/", "/vi"}:
            return redirect("/vi/")
        if path == "/vi/":
            return html(self._news.lists.home("/vi/", visit))
        if path == "/vi/news" or path.startswith(HOME):
            return self._news.answer(path, request, visit)
        if path.startswith("/vi/seek/"):
            return html(self._news.lists.search("/vi/seek/", visit))
        return self._other_module(path, request, visit)

    def _other_module(self, path: str, request: Request, visit: Visit) -> Answer | None:
        page = self._modules.print(path, visit)
        if page is None:
            return redirect(f"{path}/") if self._modules.print(f"{path}/", visit) else None
        if "download" in request.query:
            return file(files.content(f"{path}.pdf"), "application/pdf", download_as="van-ban.pdf")
        return html(page)

    def _query_form(self, request: Request, visit: Visit) -> Answer | None:
        """index.php?language=vi&nv=news&op=…: the same page as the rewritten address, which it names as canonical."""
        query = request.query
        if "second" in query or "scaptcha" in query:
            return file(files.PNG_PIXEL, "image/png")
        if "nv" not in query:
            return redirect("/vi/")
        operation = query.get("op", "")
        ending = "" if operation.endswith((".html", "/")) or not operation else "/"
        path = f"/vi/{query['nv']}/{operation}{ending}"
        return self._page(path, request, visit) if query.get("language") == "vi" else redirect(path)

    def _robots_or_sitemap(self, path: str, request: Request, visit: Visit) -> Answer | None:
        if path == "/robots.txt":
            return _robots(request, visit)
        if path == "/sitemap.xml":
            return xml(feeds.sitemap_index(visit))
        if path == "/sitemap-vi.news.xml":
            return xml(feeds.news_sitemap(self.catalogue, visit))
        if path in {"/sitemap-vi.about.xml", "/sitemap-vi.laws.xml"}:
            return xml(feeds.module_sitemap(self._modules.paths(path.split(".")[1]), visit))
        return None

    def _missing(self, path: str) -> Answer:
        home = HOME if path.startswith(HOME) else "/vi/"
        page = self._not_found.fill({"home": home})
        return html(page, HTTPStatus.NOT_FOUND, ("X-Robots-Tag", "noindex, nofollow"))


def _robots(request: Request, visit: Visit) -> Answer:
    body = feeds.robots(visit).encode()
    tag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    headers = (("Content-Type", "text/plain;charset=utf-8"), ("ETag", tag))
    if request.if_none_match == tag:
        return Answer(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Answer(status=HTTPStatus.OK, headers=headers, body=body)


def _static(path: str) -> Answer:
    media_type = files.media_type(path)
    if media_type is None:
        body = b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n"
        return Answer(
            status=HTTPStatus.NOT_FOUND,
            headers=(("Content-Type", "text/html; charset=iso-8859-1"),),
            body=body,
        )
    return file(files.content(path), media_type)


def _with_cookies(answer: Answer, visit: Visit) -> Answer:
    """The cookies of a first visit: five headers of one name."""
    values = {
        "sess": visit.token,
        "ctr": visit.token[:12],
        "u_lang": "vi",
        "statistic_vi": visit.token[:10],
        "nvvithemever": "d",
    }
    cookies = tuple(
        ("Set-Cookie", f"{COOKIE_PREFIX}_{name}={value}; path=/; HttpOnly") for name, value in values.items()
    )
    return Answer(status=answer.status, headers=(*answer.headers, *cookies), body=answer.body)
