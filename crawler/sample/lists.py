"""Lists of articles: categories, the module's and the site's home page, dossiers, tags, search."""

from collections.abc import Callable

from crawler.sample.catalogue import Card, Catalogue
from crawler.sample.chrome import BOTS_NOINDEX, Chrome, Page, Visit
from crawler.sample.detail import category_crumbs, refusal
from crawler.sample.frame import Site, Topic
from crawler.sample.templating import Template, stored
from crawler.sample.wording import hits, list_date

PER_PAGE = 20  # NukeViet's default
_OTHERS = 10  # older articles that are named again under a list ("Các tin khác")


class ListPages:
    """Prints lists. `views` says how often an article was read so far."""

    def __init__(self, site: Site, catalogue: Catalogue, chrome: Chrome, views: Callable[[int], int]) -> None:
        self._site = site
        self._catalogue = catalogue
        self._chrome = chrome
        self._views = views
        self._card = Template.load("card")

    def category(self, alias: str, number: int, visit: Visit) -> str | None:
        """Page `number` of a category, without what is in its sub-categories; None when there is no such page."""
        category = self._site.categories[alias]
        base = f"/vi/news/{alias}/"
        if category.members:
            return refusal(self._site, self._chrome, base, visit)
        count = self._catalogue.count(alias)
        pages = max(1, -(-count // PER_PAGE))
        if number > pages:
            return None
        cards = self._catalogue.page(alias, (number - 1) * PER_PAGE, PER_PAGE)
        others = self._catalogue.page(alias, number * PER_PAGE, _OTHERS)
        title = stored(category.title)
        content = (
            f'<div class="box-icon-title box-icon-title-notop">\n    <h2>{title}</h2>\n</div>\n'
            + "".join(self._print_card(card, featured=position == 0) for position, card in enumerate(cards))
            + _pages(base, number, pages)
            + _others(others)
        )
        return self._chrome.print(
            Page(
                title=f"{title} - Trang {number}" if number > 1 else title,
                path=_page_path(base, number),
                content=content,
                func="viewcat",
                crumbs=category_crumbs(self._site, alias),
                previous=_page_path(base, number - 1) if number > 1 else None,
                following=_page_path(base, number + 1) if number < pages else None,
            ),
            visit,
        )

    def home(self, path: str, visit: Visit) -> str:
        """The site's or the module's home page: the top articles of each category that has any (two columns)."""
        boxes = "".join(
            _two_column(stored(category.title), category.alias, cards)
            for category in self._site.categories.values()
            if not category.members and (cards := self._catalogue.page(category.alias, 0, 5))
        )
        newest = self._catalogue.newest(6)
        content = f'<div class="news_column">\n{_newest(newest)}\n</div>\n<div class="row">\n{boxes}</div>'
        title = stored(self._site.name) if path == "/vi/" else self._site.module_title
        crumbs = () if path == "/vi/" else (("/vi/news/", self._site.module_title),)
        return self._chrome.print(Page(title=title, path=path, content=content, crumbs=crumbs), visit)

    def topic(self, topic: Topic, visit: Visit) -> str:
        """A dossier's page, with the time before the date."""
        rows = "".join(
            '<div class="news_column panel panel-default">\n<div class="panel-body">\n'
            f'<h3><a href="{card.path}" title="{card.title}">{card.title}</a></h3>\n<p>\n'
            f'<em class="fa fa-clock-o">&nbsp;</em><em>{card.published:%H:%M %d/%m/%Y}</em>\n</p>\n'
            f'<div class="text-justify">\n{card.lead}\n</div>\n</div>\n</div>\n'
            for card in self._catalogue.topic(topic.alias)
        )
        about = (
            '<div class="news_column"><div class="alert alert-info clearfix">'
            f'<h3>{stored(topic.title)}</h3><p class="text-justify">{stored(topic.description)}</p></div></div>\n'
        )
        path = f"/vi/news/topic/{topic.alias}/"
        crumbs = (("/vi/news/", self._site.module_title), (path, stored(topic.title)))
        return self._chrome.print(
            Page(title=stored(topic.title), path=path, content=about + rows, func="topic", crumbs=crumbs),
            visit,
        )

    def tag(self, tag: str, visit: Visit) -> str | None:
        """A tag's page; None when no article carries it."""
        cards = self._catalogue.tagged(tag)
        if not cards:
            return None
        content = "".join(self._print_card(card, featured=False) for card in cards[:PER_PAGE])
        page = Page(title=f"Tags: {tag}", path=f"/vi/news/tag/{tag}", content=content, func="tag")
        return self._chrome.print(page, visit)

    def search(self, path: str, visit: Visit) -> str:
        """The search form, whatever is asked."""
        content = (
            f'<form action="{path}" name="fsea" method="get" id="fsea" class="form-horizontal">'
            '<h3 class="text-center"><em class="fa fa-search">&nbsp;</em>Tìm kiếm thông tin theo yêu cầu</h3>'
            '<input type="text" name="q" value="" class="form-control" id="key"/>'
            '<input type="submit" class="btn btn-primary" value="Tìm kiếm"/></form>'
        )
        page = Page(title="Tìm kiếm", path=path, content=content, func="search", robots=BOTS_NOINDEX)
        return self._chrome.print(page, visit)

    def _print_card(self, card: Card, *, featured: bool) -> str:
        picture = ""
        if card.picture:
            picture = (
                f'\t\t\t<a href="{card.path}" title="{card.title}"><img  alt="{card.title}" '
                f'src="{card.picture}" width="100" class="img-thumbnail pull-left imghome" /></a>\n'
            )
        return self._card.fill(
            {
                "featured": " featured" if featured else "",
                "heading": "h2" if featured else "h3",
                "picture": picture,
                "path": card.path,
                "target": 'target="_blank"' if card.external else "",
                "title": card.title,
                "date": list_date(card.published),
                "hits": hits(self._views(card.id)),
                "comment_count": str(card.comment_count),
                "lead": card.lead,
            }
        )


def _page_path(base: str, number: int) -> str:
    return f"{base}page-{number}/" if number > 1 else base


def _pages(base: str, number: int, pages: int) -> str:
    """The page links of nv_generate_page (includes/functions.php of 4.4): beyond ten pages the middle is left out."""
    if pages < 2:
        return ""
    shown: list[int | None] = list(range(1, pages + 1))
    if pages > 10:
        near = {*range(1, 4), *range(number - 1, number + 2), *range(pages - 2, pages + 1)} & set(
            range(1, pages + 1)
        )
        shown = []
        for page in sorted(near):
            if shown and page - 1 not in near:
                shown.append(None)
            shown.append(page)
    rows = "".join(_page_link(base, page, number) for page in shown)
    before = (
        f'<li><a href="{_page_path(base, number - 1)}" title="Trang trước">&laquo;</a></li>'
        if number > 1
        else '<li class="disabled"><a href="#">&laquo;</a></li>'
    )
    after = (
        f'<li><a href="{_page_path(base, number + 1)}" title="Trang sau">&raquo;</a></li>'
        if number < pages
        else '<li class="disabled"><a href="#">&raquo;</a></li>'
    )
    return (
        '<div class="clearfix"></div>\n<div class="text-right genpage_nobottom genpage_cute">\n\t'
        f'<ul class="pagination">{before}{rows}{after}</ul>\n</div>\n'
    )


def _page_link(base: str, page: int | None, number: int) -> str:
    if page is None:
        return '<li class="disabled"><span>...</span></li>'
    if page == number:
        return f'<li class="active"><a href="#">{page}</a></li>'
    return f'<li><a href="{_page_path(base, page)}">{page}</a></li>'


def _others(cards: list[Card]) -> str:
    if not cards:
        return ""
    rows = "".join(
        f'<li>\n<em class="fa fa-angle-right">&nbsp;</em><a href="{card.path}" title="{card.title}" >'
        f"{card.title} <em>({card.published:%d/%m/%Y}) </em></a>\n</li>\n"
        for card in cards
    )
    return (
        '<hr/>\n<div class="box-icon-title box-icon-title-notop">\n    <h4 class="h2">Các tin khác</h4>\n</div>\n'
        f'<ul class="related related-square">\n{rows}</ul>\n'
    )


def _newest(cards: list[Card]) -> str:
    return "".join(
        '<div class="panel panel-default clearfix"><div class="panel-body">\n'
        f'<h3>\n<a href="{card.path}" title="{card.title}">{card.title}</a>\n</h3>\n<div class="text-muted">\n'
        '<ul class="list-unstyled list-inline">\n<li><em class="fa fa-clock-o">&nbsp;</em> '
        f"{card.published:%d/%m/%Y %H:%M}</li>\n</ul>\n</div>\n"
        f'<div class="text-justify">{card.lead}</div>\n</div></div>\n'
        for card in cards
    )


def _two_column(title: str, alias: str, cards: list[Card]) -> str:
    first, rest = cards[0], cards[1:]
    rows = "".join(
        f'<li class="icon_list"><a class="show h4" href="{card.path}" title="{card.title}">{card.title}</a></li>\n'
        for card in rest
    )
    return (
        '<div class="news_column two_column col-md-12">\n<div class="clearfix">\n'
        f'<div class="news-catbox-single clearfix"><h2><a title="{title}" href="/vi/news/{alias}/"><span>{title}</span>'
        '</a></h2></div>\n<div class="panel-body panel-body-left">\n<div class="height-hometext">\n'
        f'<h3><a href="{first.path}" title="{first.title}">{first.title}</a></h3>\n<p>{first.lead}</p>\n</div>\n'
        f'<ul class="related">\n{rows}</ul>\n</div>\n</div>\n</div>\n'
    )
