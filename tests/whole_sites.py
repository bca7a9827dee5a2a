"""Whole portals of every version, theme and URL shape, made of the fixtures' templates and served over HTTP.

Each has some twenty articles in seven categories, and answers as NukeViet of its version does: lists of two with a link
to the next page, categories that only the head or the sitemap names, articles that are hidden, have expired, are for
members or lead off the site, second addresses of articles, prints and other traps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from crawler.sample.answers import Answer, Request, html, redirect, xml
from tests.fixtures_build.build_fixtures import Spec, environment, page_of, site_of
from tests.whole_site_kinds import (
    NEWEST,
    SHAPES,
    SITES,
    UNNAMED,
    Kind,
    Written,
    date_format,
    page_links,
    plain,
    printed,
    written,
)

ROWS_A_PAGE = 2
NAMED_IN_SITEMAP = 8  # of NukeViet's 1,000
ENVIRONMENT = environment()
NOT_FOUND = "Lỗi 404: Trang web mà bạn đã cố gắng truy cập không tồn tại trên máy chủ của website."


@dataclass
class WholeSite:
    """A portal, once it is told its address; `asked` are the targets in the order they were asked for."""

    kind: Kind
    base: str = ""
    asked: list[str] = field(default_factory=list)

    @cached_property
    def site(self) -> Spec:
        """Its entry of sites.yml, with one more category that no menu names."""
        shape = SHAPES.get(self.kind.shape or "", {})
        entry = {**SITES[self.kind.site], **shape, "base": self.base}
        site = site_of(self.kind.site, {**SITES, self.kind.site: entry})
        site["all_cats"] = [*site["all_cats"], {"title": "Văn bản", "alias": "van-ban"}]
        site["titles"] |= {cat["alias"]: cat["title"] for cat in (*site["all_cats"], UNNAMED)}
        return {**site, "newer": [], "older": [], "tophits": []}

    @cached_property
    def articles(self) -> list[Written]:
        """All its articles, newest first."""
        return list(written([*(cat["alias"] for cat in self.site["all_cats"]), UNNAMED["alias"]]))[::-1]

    @property
    def sections(self) -> dict[str, str]:
        """The title of each category."""
        titles: dict[str, str] = self.site["titles"]
        return titles

    @cached_property
    def answers(self) -> dict[str, Callable[[], Answer]]:
        """What it answers at each address it has."""
        site = self.site
        root = site["root"]
        capital = "S" if self.kind.is_old else "s"
        found = {
            plain(site["home"]): self.home,
            plain(site["news"]): self.home,
            root: self.home if site["home"] == root else lambda: redirect(plain(site["home"])),
            "/robots.txt": lambda: self.robots(f"{root}{capital}itemap.xml"),
            f"{root}{capital}itemap.xml": lambda: self.sitemap_index(f"{root}{capital}itemap-vi.news.xml"),
            f"{root}{capital}itemap-vi.news.xml": self.sitemap,
            plain(site["rss"]): lambda: self.feed(self.listed(None)),
        }
        for cat in [*site["all_cats"], UNNAMED, {"title": "Nội bộ", "alias": "noi-bo"}]:
            alias = cat["alias"]
            rows = self.listed(alias)
            pages = [rows[at : at + ROWS_A_PAGE] for at in range(0, len(rows), ROWS_A_PAGE)] or [[]]
            for number in range(1, len(pages) + 1):
                found[self.list_url(alias, number)] = partial(self.listing, cat, number, pages)
            found[plain(site["rss_url"](alias))] = partial(self.feed, rows)
        for one in self.articles:
            found[self.article_url(one)] = partial(self.article, one)
            if one.second_category:
                found[self.article_url(one, one.second_category)] = partial(self.second, one)
        return found

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        self.asked.append(request.target)
        answer = self.answers.get(unquote(request.target))
        return answer() if answer else self.not_found()

    def list_url(self, alias: str, number: int) -> str:
        """The address of one page of a category."""
        address = plain(self.site["cat_url"](alias))
        return (
            address
            if number == 1
            else f"{address.removesuffix('/')}/page-{number}{'/' * address.endswith('/')}"
        )

    def article_url(self, one: Written, category: str | None = None) -> str:
        """An article's address, from the root."""
        alias = f"{category or one.category}/{one.alias}-{one.number}"
        address = plain(self.site["cat_url"](alias)).removesuffix("/")
        if self.kind.is_old:
            return address if "?" in address else f"{address}/"
        return f"{address}.html"

    def listed(self, alias: str | None) -> list[Written]:
        """What a category's list shows, newest first; of all when None. Expired ones stay."""
        return [
            one
            for one in self.articles
            if one.state != "hidden"
            and (
                alias in (one.category, one.second_category)
                or (alias is None and one.category != UNNAMED["alias"])
            )
        ]

    def _render(self, template: str, url: str, status: HTTPStatus = HTTPStatus.OK, /, **page: Any) -> Answer:
        fixture = {"url": url, "page": {"func": "viewcat", **page}}
        return html(
            ENVIRONMENT.get_template(template).render(site=self.site, page=page_of(fixture, self.site)),
            status,
        )

    def home(self) -> Answer:
        """The home page of the site and of the module: menus, and the newest articles of some categories."""
        boxes = []
        for cat in self.site["cats"]:
            rows = self.listed(cat["alias"])
            top = [self.row(one, cat["alias"], "%d/%m/%Y %H:%M") for one in rows[:2]]
            href = self.site["cat_url"](cat["alias"])
            boxes.append({"title": cat["title"], "href": href, "top": top[0], "others": top[1:]})
        shown: Spec = {"boxes": boxes} if self.kind.main else {"rows": []}
        main = self.kind.main or f"{self.kind.theme}_page.html"
        return self._render(main, self.site["home"], func="main", title=self.site["name"], **shown)

    def row(self, one: Written, alias: str, date: str) -> Spec:
        """An article as a list shows it, with its address in that category."""
        return {
            "title": one.title,
            "href": self.article_url(one, alias).replace("&", "&amp;"),
            "date": f"{one.published:{date}}",
            "hits": 57,
            "comments": 0,
            "lead": one.lead,
        }

    def listing(self, cat: Spec, number: int, pages: list[list[Written]]) -> Answer:
        """One page of a category."""
        alias, path = cat["alias"], self.list_url(cat["alias"], number)
        if alias == "noi-bo":
            return self.members_only(path)
        addresses = {n: self.list_url(alias, n).replace("&", "&amp;") for n in range(1, len(pages) + 1)}
        links: Spec = {"pages": page_links(number, addresses, is_old=self.kind.is_old)}
        if not self.kind.is_old and self.site["version"] >= "4.4" and number < len(pages):
            links["next_link"] = f"{self.base}{addresses[number + 1]}"
        return self._render(
            f"{self.kind.theme}_{self.kind.listing}.html",
            path,
            title=cat["title"],
            cat_title=cat["title"],
            cat_href=addresses[1],
            rows=[self.row(one, alias, date_format(self.kind)) for one in pages[number - 1]],
            **links,
        )

    def article(self, one: Written) -> Answer:
        """An article, or what its version answers where there is none to be seen."""
        path = self.article_url(one)
        if one.state in ("hidden", "expired"):
            return self.not_found()
        if one.state == "members":
            return self.members_only(path)
        if one.state == "external":
            return redirect("https://tinh.example/tin/")
        return self._detail(one, path)

    def _detail(self, one: Written, path: str, **more: Any) -> Answer:
        return self._render(
            f"{self.kind.theme}_detail.html",
            path,
            func="detail",
            path=[one.category],
            title=one.title,
            date=printed(self.kind, one.published),
            published=f"{one.published:%Y-%m-%dT%H:%M:%S}",
            author=one.author,
            author_plain=one.author,
            tags=["Huyện"],
            lead=one.lead,
            body=f"<p>{one.body}</p>",
            **more,
        )

    def second(self, one: Written) -> Answer:
        """An article at its second category's address: a duplicate in 3.4, else a redirect."""
        if self.kind.is_old:
            return self._detail(
                one, self.article_url(one, one.second_category), canonical=self.article_url(one)
            )
        return redirect(f"{self.base}{self.article_url(one)}")

    def not_found(self) -> Answer:
        """3.4 says so with status 200."""
        template, status = (
            ("info34.html", HTTPStatus.OK) if self.kind.is_old else ("info.html", HTTPStatus.NOT_FOUND)
        )
        return self._render(template, "/x", status, head_title="Lỗi truy cập 404", message=NOT_FOUND)

    def members_only(self, path: str) -> Answer:
        """A list or an article that only members may read: status 200."""
        chrome = {"default4": "default4.html", "smarty5": "smarty5.html"}.get(
            self.kind.theme, f"{self.kind.theme}.html"
        )
        message = (
            "Chỉ thành viên mới có quyền xem mục này!"
            if self.kind.is_old
            else "Bạn không được phép xem bài viết"
        )
        page = {"chrome": chrome, "title": "Detail", "head_title": "Detail - Tin Tức", "message": message}
        return self._render("noperm.html", path, noindex=True, **page)

    def robots(self, sitemap: str) -> Answer:
        """As every version generates it."""
        lines = [
            "User-agent: *",
            "Disallow: /admin/",
            "Disallow: /users/",
            f"Sitemap: {self.base}{sitemap}",
            "",
        ]
        return Answer(
            status=HTTPStatus.OK, headers=(("Content-Type", "text/plain"),), body="\n".join(lines).encode()
        )

    def sitemap_index(self, news: str) -> Answer:
        """The list of the modules' sitemaps."""
        rows = [{"loc": f"{self.base}{news}", "lastmod": f"{NEWEST:%Y-%m-%dT%H:%M:%S}+07:00"}]
        return self._xml("sitemap.xml", index=True, rows=rows)

    def sitemap(self) -> Answer:
        """The newest articles, the hidden ones left out."""
        shown = [one for one in self.articles if one.state != "hidden"][:NAMED_IN_SITEMAP]
        rows = [
            {
                "loc": f"{self.base}{self.article_url(one)}".replace("&", "&amp;"),
                "lastmod": f"{one.published:%Y-%m-%dT%H:%M:%S}+07:00",
            }
            for one in shown
        ]
        return self._xml("sitemap.xml", rows=rows)

    def feed(self, shown: list[Written]) -> Answer:
        """The two newest articles of a category or of all, with the month in the place of the minutes."""
        rows = [
            {
                "title": one.title,
                "link": f"{self.base}{self.article_url(one)}".replace("&", "&amp;"),
                "guid": f"{self.site['module']}_{one.number}",
                "date": f"{one.published - timedelta(hours=7):%a, %d %b %Y %H:%m:%S GMT}",
                "lead": "",
            }
            for one in shown[:2]
        ]
        return self._xml(
            "rss.xml", rows=rows, self=self.base, channel="Tin", channel_link=self.base, channel_date=""
        )

    def _xml(self, template: str, /, **page: Any) -> Answer:
        return xml(ENVIRONMENT.get_template(template).render(site=self.site, page=page))
