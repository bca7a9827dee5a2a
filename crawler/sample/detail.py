"""An article's page, and its print view (theme egov 1.2 on a 4.4 core, modules/news/detail.tpl and print.tpl)."""

import unicodedata

from crawler.sample.articles import SampleArticle, SampleComment
from crawler.sample.catalogue import Card, Catalogue
from crawler.sample.chrome import BOTS_NOINDEX, Chrome, Page, Visit
from crawler.sample.frame import Site
from crawler.sample.slugs import slug
from crawler.sample.templating import Template, stored
from crawler.sample.wording import hits, iso_date, meta_date, printed, teaser, visible_date

_RELATED = 5  # in each of the two lists (NukeViet's st_links)
_NO_IMAGE = "/themes/egov/images/no_image.gif"


class ArticlePages:
    """Prints the pages of single articles."""

    def __init__(self, site: Site, catalogue: Catalogue, chrome: Chrome) -> None:
        self._site = site
        self._catalogue = catalogue
        self._chrome = chrome
        self._article = Template.load("article").partly({"site_name": stored(site.name)})
        self._comment = Template.load("comment")
        self._print = Template.load("print").partly({"site_name": stored(site.name)})

    def print(self, article: SampleArticle, views: int, visit: Visit) -> str:
        """The article's page; `views` is how often it was read before."""
        card = self._catalogue.card(article.id)
        title, image = card.title, _image(article, visit)
        content = self._article.fill(
            {
                "title": title,
                "schema_author": printed(article.author or article.account, nfd=article.nfd),
                "schema_date": iso_date(max(article.modified or article.published, article.published)),
                "schema_image": image,
                "url": visit.base + article.path,
                "base": visit.base,
                "date": visible_date(article.published),
                "hits": hits(views),
                "comment_count": str(article.comment_count),
                "tail": article.path.removeprefix("/vi/news/"),
                "thumb": _figure(article, title, thumb=True),
                "lead": card.lead,
                "picture": _figure(article, title, thumb=False),
                "has_attach": " has-attach" if article.files else "",
                "body": _body(article),
                "files": _files(article),
                "signature": _signature(article),
                "tags": _tags(article),
                "points": str(article.rating[0] if article.rating else 0),
                "votes": str(article.rating_count),
                "rating": _rating(article, title),
                "id": article.cms_id,
                "token": visit.token,
                "comments": self._comments(article, visit),
                "topic": self._topic(article),
                "related": self._related(article),
            }
        )
        return self._chrome.print(self._page(article, title, image, content), visit)

    def _page(self, article: SampleArticle, title: str, image: str, content: str) -> Page:
        section = stored(article.article_section)
        lead = teaser(article.description or "", 250, nfd=article.nfd)
        return Page(
            title=title,
            path=article.path,
            content=content,
            func="detail",
            description=lead or f"{title} - Detail - {self._site.module_title} - {stored(self._site.name)}",
            keywords=", ".join(stored(keyword.lower()) for keyword in article.keywords),
            properties=(
                ("og:image", image),
                ("article:published_time", meta_date(article.published)),
                (
                    "article:modified_time",
                    meta_date(max(article.modified or article.published, article.published)),
                ),
                ("article:section", section),
                *(("article:tag", stored(keyword)) for keyword in article.keywords),
            ),
            crumbs=category_crumbs(self._site, article.category),
        )

    def refusal(self, article: SampleArticle, visit: Visit) -> str:
        """What a members-only article answers to everybody else."""
        return refusal(self._site, self._chrome, article.path, visit)

    def print_view(self, article: SampleArticle, operation: str, visit: Visit) -> str:
        """The bare page of print, savefile and sendmail, which names itself as canonical since 4.4."""
        return self._print.fill(
            {
                "title": printed(article.headline, nfd=article.nfd),
                "func_title": operation,
                "base": visit.base,
                "self": article.path.replace("/vi/news/", f"/vi/news/{operation}/", 1),
                "date": visible_date(article.published),
                "lead": printed(article.description or "", nfd=article.nfd),
                "body": _body(article),
                "path": article.path,
            }
        )

    def _comments(self, article: SampleArticle, visit: Visit) -> str:
        if not article.comments:
            return ""
        rows = "".join(
            self._comment.fill(_comment_values(article, number, comment, visit))
            for number, comment in enumerate(article.comments, 1)
        )
        return f'<ul class="comment-list">\n{rows}</ul>\n<div class="text-center"></div>'

    def _topic(self, article: SampleArticle) -> str:
        if not article.topic:
            return ""
        topic = self._site.topics[article.topic]
        others = [card for card in self._catalogue.topic(topic.alias) if card.id != article.id]
        return (
            '<div class="news_column panel panel-default newsdetailbox">\n<div class="panel-body other-news">\n'
            '<div class="clearfix">\n<div class="box-icon-title box-icon-title-notop">Theo dòng sự kiện</div>\n'
            f'<div class="clearfix">\n{_list(others[:_RELATED])}\n</div>\n<p class="text-right">\n'
            f'<a class="more" title="{stored(topic.title)}" href="/vi/news/topic/{topic.alias}/">Xem tiếp...&nbsp;'
            '<i class="fa fa-caret-right" aria-hidden="true"></i></a>\n</p>\n</div>\n</div>\n</div>\n'
        )

    def _related(self, article: SampleArticle) -> str:
        newer, older = self._catalogue.neighbours(article, _RELATED)
        boxes = (("news-relatednew", "Những tin mới hơn", newer), ("news-related", "Những tin cũ hơn", older))
        tabs = "".join(
            f'<li><a href="#{name}" data-toggle="faqoptab">{label}</a></li>\n'
            for name, label, cards in boxes
            if cards
        )
        lists = "".join(
            f'<div class="clearfix" id="{name}">\n{_list(cards)}\n</div>\n'
            for name, _, cards in boxes
            if cards
        )
        if not lists:
            return ""
        return (
            '<div class="news_column panel panel-default newsdetailbox">\n'
            '<div class="panel-body other-news faqopinion">\n<div class="optabarea">\n'
            f'<div class="tptabtitle">\n<ul>\n{tabs}</ul>\n</div>\n'
            f'<div class="tptabcontent tabtrue">\n{lists}</div>\n</div>\n</div>\n</div>\n'
        )


def refusal(site: Site, chrome: Chrome, path: str, visit: Visit) -> str:
    """The page, with status 200, that stands for a members-only category or article."""
    content = '<div class="alert alert-info">\n\tBạn không được phép xem bài viết\n</div>'
    title = f"Detail - {site.module_title}"
    return chrome.print(
        Page(title=title, path=path, content=content, func="detail", robots=BOTS_NOINDEX), visit
    )


def category_crumbs(site: Site, alias: str) -> list[tuple[str, str]]:
    """(path, title) of the module and of the categories from the top to this one."""
    crumbs: list[tuple[str, str]] = []
    above: str | None = alias
    while above:
        category = site.categories[above]
        crumbs.insert(0, (f"/vi/news/{category.alias}/", stored(category.title)))
        above = category.parent
    return [("/vi/news/", site.module_title), *crumbs]


def _image(article: SampleArticle, visit: Visit) -> str:
    return visit.base + (article.lead_picture.path if article.lead_picture else _NO_IMAGE)


def _body(article: SampleArticle) -> str:
    return unicodedata.normalize("NFD", article.body_html) if article.nfd else article.body_html


def _figure(article: SampleArticle, title: str, *, thumb: bool) -> str:
    """The lead picture, small at the left or wide in the middle; "" where there is none of that kind."""
    picture = article.lead_picture
    if picture is None or picture.thumb != thumb:
        return ""
    note = stored(picture.caption or "")
    if not thumb:
        caption = f"<figcaption>{note}</figcaption>" if note else ""
        return (
            f'        <figure class="article center">\n            <img alt="{title}" src="{picture.path}" width="460" '
            f'class="img-thumbnail" />\n            {caption}\n        </figure>'
        )
    image = f'<img alt="{title}" src="{picture.path}" alt="{note}" class="img-thumbnail"/>'
    if not note:
        return (
            '        <figure class="article left noncaption pointer" style="width:300px;" '
            f'onclick="modalShowByObj(this);">\n<p class="text-center">{image}</p>\n</figure>'
        )
    return (
        '        <figure class="article left pointer" onclick="modalShowByObj(\'#imgpreview\');">\n'
        f'<div id="imgpreview" style="width:300px;">\n<p class="text-center">{image}</p>\n'
        f"<figcaption>{note}</figcaption>\n</div>\n</figure>"
    )


def _files(article: SampleArticle) -> str:
    if not article.files:
        return ""
    rows = "".join(
        _file(
            f"{article.path}?download=1&amp;id={number}",
            f"{article.path}?pdf=1&amp;id={number}",
            name,
            number,
        )
        for number, name in enumerate(article.files)
    )
    return (
        '        <div class="panel panel-default">\n<div class="panel-heading">\n'
        '<i class="fa fa-download fa-fw"></i><strong>File đính kèm</strong>\n</div>\n'
        f'<div class="list-group news-download-file">\n{rows}</div>\n</div>\n'
    )


def _file(path: str, viewer: str, name: str, number: int) -> str:
    badge = quick_view = ""
    if name.lower().endswith(".pdf"):
        badge = (
            f'<span class="badge"><a role="button" data-toggle="collapse" href="#pdf{number}" aria-expanded="false" '
            f'aria-controls="pdf{number}"><i class="fa fa-file-pdf-o" data-rel="tooltip" data-content="Xem trước"></i>'
            "</a></span>\n"
        )
        quick_view = (
            f'<div class="clearfix"></div>\n<div class="collapse" id="pdf{number}" data-src="{viewer}" '
            'data-toggle="collapsepdf">\n<div class="well margin-top"><iframe frameborder="0" height="600" '
            'scrolling="yes" src="" width="100%"></iframe></div>\n</div>\n'
        )
    return (
        f'<div class="list-group-item">\n{badge}<a href="{path}" title="Tập tin :{stored(name)}">Tập tin : '
        f"<strong>{stored(name)}</strong></a>\n{quick_view}</div>\n"
    )


def _signature(article: SampleArticle) -> str:
    lines = [("Tác giả bài viết", article.author), ("Nguồn tin", article.source)]
    rows = "".join(
        f'<p class="h5 text-right">\n<strong>{label}: </strong>{printed(text, nfd=article.nfd)}\n</p>\n'
        for label, text in lines
        if text
    )
    return f'        <div class="margin-bottom-lg">\n{rows}</div>\n' if rows else ""


def _tags(article: SampleArticle) -> str:
    if not article.keywords:
        return ""
    links = ", ".join(
        f'<a title="{stored(keyword)}" href="/vi/news/tag/{slug(keyword)}"><em>{stored(keyword)}</em></a>'
        for keyword in article.keywords
    )
    return (
        '<div class="news_column panel panel-default newsdetailbox">\n<div class="panel-body">\n<div class="h5">\n'
        f'<em class="fa fa-tags">&nbsp;</em><strong>Tags: </strong>{links}\n</div>\n</div>\n</div>'
    )


def _rating(article: SampleArticle, title: str) -> str:
    if not article.rating:
        return ""
    return (
        '                <span itemscope itemtype="https://schema.org/AggregateRating">\n'
        '<span class="hidden d-none hide" itemprop="itemReviewed" itemscope '
        'itemtype="https://schema.org/CreativeWorkSeries">'
        f'<span class="hidden d-none hide" itemprop="name">{title}</span></span>\nXếp hạng:\n'
        f'<span id="numberrating" itemprop="ratingValue">{article.rating_value:g}</span> -\n'
        f'<span id="click_rating" itemprop="ratingCount">{article.rating_count}</span> phiếu bầu\n'
        '<span class="hidden d-none hide" itemprop="bestRating">5</span>\n</span>'
    )


def _comment_values(
    article: SampleArticle, number: int, comment: SampleComment, visit: Visit
) -> dict[str, str]:
    return {
        "id": str(article.id * 10 + number),
        "name": stored(comment.name),
        "text": stored(comment.text),
        "time": f"{comment.time:%d/%m/%Y %H:%M}",
        "token": visit.token,
    }


def _list(cards: list[Card]) -> str:
    rows = "".join(
        f'<li>\n<em class="fa fa-angle-right">&nbsp;</em>\n<a href="{card.path}"  data-placement="bottom" '
        f'data-content="{card.teaser}" data-img="{card.picture or ""}" data-rel="tooltip" '
        f'title="{card.title}"><h4>{card.title}</h4></a>\n<em>({card.published:%d/%m/%Y})</em>\n</li>\n'
        for card in cards
    )
    return f'<ul class="related related-square">\n{rows}</ul>'
