"""What stands around every page of the sample portal: head, menu, blocks, counter, footer (theme egov)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.sample.catalogue import Card, Catalogue
from crawler.sample.frame import Category, Site
from crawler.sample.templating import Template, stored

BOTS_INDEX = "index, archive, follow, noodp"
BOTS_NOINDEX = "noindex, nofollow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One request: what of a page depends on it, without clock or chance."""

    number: int  # 0 for the first request that the server answers
    base: str  # scheme and host as asked for, "http://127.0.0.1:8001"

    @property
    def token(self) -> str:
        """The checkss value that forms carry: another one on every request."""
        return hashlib.md5(f"trang-sen-{self.number}".encode(), usedforsecurity=False).hexdigest()

    def counters(self) -> dict[str, str]:
        """The numbers of the block "Thống kê truy cập"."""
        guests, bots = 4 + self.number * 7 % 23, 2 + self.number * 5 % 9
        return {
            "online": str(guests + bots),
            "bots": str(bots),
            "guests": str(guests),
            "today": f"{3130 + self.number:,}",
            "month": f"{11788 + self.number:,}",
            "total": f"{884681 + self.number:,}",
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The parts of a page that differ from page to page; texts are HTML already."""

    title: str
    path: str  # the canonical address, without scheme and host
    content: str
    module: str = "news"
    func: str = "main"
    description: str = ""
    keywords: str = ""
    robots: str = BOTS_INDEX
    properties: Sequence[tuple[str, str]] = ()  # Open Graph and article: properties
    crumbs: Sequence[tuple[str, str]] = ()  # (path, title) below the home page
    previous: str | None = None  # path of the list's page before
    following: str | None = None  # path of the list's next page


class Chrome:
    """Prints pages; whatever is the same on all of them is put together once."""

    def __init__(self, site: Site, catalogue: Catalogue) -> None:
        self._site = site
        self._layout = Template.load("layout").partly(
            {
                "site_name": stored(site.name),
                "site_description": stored(site.description),
                "menu": _menu(list(site.categories.values())),
                "blocks": _blocks(site, catalogue),
                "question": stored(site.poll[0]),
                "options": _options(site.poll[1]),
                "address": stored(site.address),
                "phone": site.phone,
                "email": site.email,
            }
        )
        self._rss = "\n".join(
            f'\t\t<link rel="alternate" href="{path}" title="{title}" type="application/rss+xml">'
            for path, title in rss_addresses(site)
        )

    def print(self, page: Page, visit: Visit) -> str:
        """The whole page as HTML."""
        token = visit.token
        return self._layout.fill(
            {
                "title": page.title,
                "metas": self._metas(page, visit),
                "links": self._links(page, visit),
                "module": page.module,
                "func": page.func,
                "base": visit.base,
                "self": page.path,
                "breadcrumbs": "".join(_crumb(*crumb) for crumb in enumerate(page.crumbs, 2)),
                "content": page.content,
                "token": token,
                "pixel": token[:8],
                **visit.counters(),
            }
        )

    def _metas(self, page: Page, visit: Visit) -> str:
        site = self._site
        named = [
            ("description", page.description or f"{page.title} - {site.module_title} - {stored(site.name)}"),
            ("author", stored(site.name)),
            ("copyright", f"{stored(site.name)} &#91;{site.email}&#93;"),
            ("robots", page.robots),
        ]
        if page.keywords:
            named += [("keywords", page.keywords), ("news_keywords", page.keywords)]
        lines = [f'\t\t<meta name="{name}" content="{content}">' for name, content in named]
        lines.append('\t\t<meta http-equiv="Content-Type" content="text/html; charset=utf-8">')
        graph = [
            ("og:title", page.title),
            ("og:type", "article" if page.func == "detail" else "website"),
            ("og:description", page.description),
            ("og:site_name", stored(site.name)),
            ("og:url", visit.base + page.path),
            *page.properties,
        ]
        lines += [f'\t\t<meta property="{name}" content="{content}">' for name, content in graph if content]
        return "\n".join(lines)

    def _links(self, page: Page, visit: Visit) -> str:
        lines = [f'\t\t<link rel="canonical" href="{visit.base}{page.path}">']
        if page.previous:
            lines.append(f'\t\t<link rel="prev" href="{visit.base}{page.previous}">')
        if page.following:
            lines.append(f'\t\t<link rel="next" href="{visit.base}{page.following}">')
        return "\n".join([*lines, self._rss])


def rss_addresses(site: Site) -> list[tuple[str, str]]:
    """(path, title) of every RSS feed: the module's, and one for each category, in the menu or not."""
    feeds = [("/vi/news/rss/", site.module_title)]
    feeds += [
        (f"/vi/news/rss/{category.alias}/", f"{site.module_title} - {stored(category.title)}")
        for category in site.categories.values()
    ]
    return feeds


def _crumb(position: int, crumb: tuple[str, str]) -> str:
    path, title = crumb
    return (
        '<li itemprop="itemListElement" itemscope itemtype="https://schema.org/ListItem">'
        f'<a href="{path}" itemprop="item" title="{title}"><span class="txt" itemprop="name">{title}</span></a>'
        f'<i class="hidden" itemprop="position" content="{position}"></i></li>'
    )


def _menu(categories: list[Category]) -> str:
    links = "".join(_menu_item(category, categories) for category in categories if not category.parent)
    return (
        '<ul class="slimmenu">\n<li class="home"><a title="Trang nhất" href="/vi/">Trang nhất</a></li>\n'
        '<li><a title="Giới thiệu" href="/vi/about/">Giới thiệu</a></li>\n'
        f'<li><a title="Tin Tức" href="/vi/news/">Tin Tức</a></li>\n{links}'
        '<li><a title="Văn bản" href="/vi/laws/">Văn bản</a></li>\n'
        '<li><a title="Thống kê" href="/vi/statistics/">Thống kê</a></li>\n'
        '<li><a title="Thăm dò ý kiến" href="/vi/voting/">Thăm dò ý kiến</a></li>\n'
        '<li><a title="Tìm kiếm" href="/vi/news/search/">Tìm kiếm</a></li>\n'
        '<li><a title="Thành viên" href="/vi/users/">Thành viên</a></li>\n'
        '<li><a title="Liên hệ" href="/vi/contact/">Liên hệ</a></li>\n</ul>'
    )


def _menu_item(category: Category, categories: list[Category]) -> str:
    if not category.menu:
        return ""
    below = "".join(_menu_item(other, categories) for other in categories if other.parent == category.alias)
    title = stored(category.title)
    nested = f"<ul>\n{below}</ul>" if below else ""
    return f'<li><a title="{title}" href="/vi/news/{category.alias}/">{title}</a>{nested}</li>\n'


def _options(answers: Iterable[str]) -> str:
    return "\n".join(
        '<div class="radio"><label> <input type="radio" name="option" '
        f'value="{number}"> {stored(answer)} </label></div>'
        for number, answer in enumerate(answers, 1)
    )


def _blocks(site: Site, catalogue: Catalogue) -> str:
    banners = "\n".join(
        f'<a rel="nofollow" href="/vi/banners/click/?id={number}" target="_blank" title="{alt}">'
        f'<img alt="{alt}" src="/uploads/banners/{file}" width="240"></a>'
        for number, (alt, file) in enumerate(site.banners, 1)
    )
    laws = "\n".join(
        f'<li><a href="/vi/laws/detail/{law["alias"]}-{law["id"]}/" title="{stored(law["title"])}">'
        f"{stored(law['number'])}</a><p>{stored(law['title'])}</p></li>"
        for law in site.laws
    )
    return (
        f'<div class="nv-block-banners">{banners}</div>\n'
        f'{_box("Văn bản mới", f"""<ul class="list-law">{laws}</ul>""")}'
        f"{_box('Tin xem nhiều', _most_read(catalogue))}"
        + _box(
            "Liên kết website",
            '<select class="form-control" onchange="window.open(this.value)"><option value="#">-- Chọn liên kết --'
            '</option><option value="https://tayninh.example/">Cổng thông tin điện tử tỉnh</option>'
            '<option value="https://dichvucong.example/">Cổng dịch vụ công</option></select>',
        )
    )


def _most_read(catalogue: Catalogue) -> str:
    """The block of the most read articles (theme egov, block_tophits.tpl), as read before the first visit."""
    readable = [article for article in catalogue.written() if article.status == "public"]
    readable.sort(key=lambda article: (-article.view_count, article.id))
    return (
        '<ul class="block_tophits list-none list-items">'
        + "".join(_most_read_item(catalogue.card(article.id)) for article in readable[:3])
        + "</ul>"
    )


def _most_read_item(card: Card) -> str:
    return (
        f'<li class="clearfix"><a class="show" href="{card.path}" data-content="{card.teaser}" data-img="" '
        f'data-rel="block_news_tooltip" title="{card.title}">{card.title}</a></li>'
    )


def _box(title: str, content: str) -> str:
    return (
        f'<div class="panel panel-default">\n<div class="panel-heading">\n{title}\n</div>\n'
        f'<div class="panel-body">\n{content}\n</div>\n</div>\n'
    )
