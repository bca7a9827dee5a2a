"""Finds an article's parts on a page of any version and theme: headline, body, and what lies around them."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain, islice, takewhile

from lxml import etree

from crawler.cms.nukeviet.entries import Others
from crawler.cms.nukeviet.marks import Index, brief, marks, select
from crawler.cms.nukeviet.mobile34 import BODY_CLASS, BareLead, bare_lead
from crawler.cms.nukeviet.site import Site
from crawler.cms.nukeviet.unseen import has_hidden, hides, may_hide, take_out
from crawler.text import inline_text

# 4.x and 5 default, egov: #news-bodyhtml; 3.4 modern: #bodytext; 3.4 default: .bodytext in #news_detail.
# Looked up by identity, which costs nothing.
_BODY_BY_ID = etree.XPath("id('news-bodyhtml bodytext')")
_DETAIL_BY_ID = etree.XPath("id('news_detail')")
# 5 in Smarty templates: .news-bodyhtml, a name of NukeViet's own; mobile_default: .bodytext in .news_column;
# 3.4 mobile_nukeviet: .fiximg; themes of their own: articleBody.
SMARTY_BODY = "news-bodyhtml"
BODY_CLASSES = (SMARTY_BODY, "bodytext", BODY_CLASS)
BODY_PROPERTY = "articleBody"
CONTAINER_CLASS = "news_column"
ARTICLE_TYPE = "NewsArticle"
_BODY_TAGS = ("div", "article", "section", "td")
_CUSTOM_BODY = re.compile(
    r"(?:^|[-_ ])(?:content|body|entry|detail|chitiet|noidung)(?:$|[-_ ])", re.IGNORECASE
)
_KEYWORD_LINK = re.compile(r"(?:[/=]|%2[Ff])tag(?:/|%2[Ff])|[?&]q=")
_TEMPLATE_DEPTH = 40
_MAX_CANDIDATES = 20
_MAX_HEADLINE = 500  # characters: NukeViet's database holds 250
_HEADING_TAGS = ("h1", "h2", "h3")
# Other people's words: comments, and lists of other articles with their leads.
SKIPPED = frozenset(
    mark.key
    for mark in marks("#idcomment #fcomment .related .detail-related .comment-form .fb-comments .list-news")
)


_INSIDE = {
    "a": "a",
    "img": "img",
    **dict.fromkeys(("script", "style", "form", "input", "select", "textarea"), "unread"),
}
_INSIDE |= dict.fromkeys(("iframe", "embed", "video", "audio", "source", "object"), "player")


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """Where an article's parts are."""

    site: Site
    headline: etree._Element | None
    body: etree._Element  # as its readers see it: a copy, where something in it is hidden
    body_mark: str
    frame: etree._Element  # the article's box, else the smallest element around headline and body
    is_boxed: bool  # does the theme put the article, and nothing else, in a box of its own?
    index: Index  # of the article's surroundings, without its body
    others: Others  # of the index, what is printed of other articles
    inside: dict[str, list[etree._Element]]  # of the body, under the words of _INSIDE, and what was hidden
    html: str  # the body as markup
    bare_lead: BareLead | None  # 3.4 mobile
    places: dict[str, str] = field(default_factory=dict)  # by field, the selector that gave it


def locate(root: etree._Element, site: Site) -> Parts | None:
    """An article's parts; None where the page has no article."""
    found = _body_by_id(root) or _body_by_class(root, site) or _custom_body(root)
    if found is None:
        return None
    body, mark = found
    headline = _headline(body)
    is_smarty = mark == "." + SMARTY_BODY
    if not is_smarty and (headline is None or not _is_marked(headline, site)):
        titled = _titled(body, site)
        headline = titled if titled is not None else headline if _is_trusted(headline, body) else None
    frame = _frame(headline, body)
    boxes = [frame, *frame.itersiblings("div")] if is_smarty else _boxes(frame)
    shown, html, hidden = _without_hidden(body)
    index = Index(boxes or [frame], body=body, skip=SKIPPED)
    return Parts(
        site=site,
        headline=headline,
        body=shown,
        body_mark=mark,
        frame=boxes[0] if boxes else frame,
        is_boxed=bool(boxes),
        index=index,
        others=Others(index, body, site),
        inside={**_inside(shown), "hidden": hidden},
        html=html,
        bare_lead=bare_lead(headline, body, frame) if mark == f".{BODY_CLASS}" else None,
        places={"article_body": mark},
    )


def _inside(body: etree._Element) -> dict[str, list[etree._Element]]:
    """What is looked at one by one in a body, in its order."""
    found: dict[str, list[etree._Element]] = {}
    for element in body.iter(*_INSIDE):
        found.setdefault(_INSIDE[element.tag], []).append(element)
    return found


def _without_hidden(body: etree._Element) -> tuple[etree._Element, str, list[etree._Element]]:
    """A body as its readers see it, its markup, and the emptied elements that held what is hidden."""
    html = _markup(body)
    if not may_hide(html) or not has_hidden(body):
        return body, html, []
    shown = deepcopy(body)
    hidden = take_out(shown)
    return shown, _markup(shown), hidden


def _markup(body: etree._Element) -> str:
    return etree.tostring(body, encoding="unicode", method="html", with_tail=False)


def _body_by_id(root: etree._Element) -> tuple[etree._Element, str] | None:
    for element in select(_BODY_BY_ID, root):
        return _body_around(element) or (element, f"#{element.get('id')}")
    for detail in select(_DETAIL_BY_ID, root):
        for element in detail.iter("div"):
            if "bodytext" in (element.get("class") or "").split():
                return element, "#news_detail .bodytext"
    return None


def _body_around(element: etree._Element) -> tuple[etree._Element, str] | None:
    """The body that holds what seemed one: what is copied from a NukeViet page brings its id along."""
    found = None
    for node in islice(element.iterancestors(), _TEMPLATE_DEPTH):
        if classes := node.get("class"):
            names = classes.split()
            name = next(filter(names.__contains__, BODY_CLASSES), None)
            if name is not None and CONTAINER_CLASS not in names:
                found = node, f".{name}"
    return found


def _body_by_class(root: etree._Element, site: Site) -> tuple[etree._Element, str] | None:
    """A body that only its class marks; a footer may bear the same one, so what is around it must agree."""
    for element in root.iter(*_BODY_TAGS):
        classes = (element.get("class") or "").split()
        name = next((name for name in BODY_CLASSES if name in classes), None)
        if name is None and element.get("itemprop") != BODY_PROPERTY:
            continue
        if name == SMARTY_BODY or _is_in_container(element):
            return element, f".{name}" if name else f"@{BODY_PROPERTY}"
        headline = _headline(element)
        if (headline is not None and _is_titled(headline, site)) or _titled(element, site) is not None:
            return element, f".{name}" if name else f"@{BODY_PROPERTY}"
    return None


def _custom_body(root: etree._Element) -> tuple[etree._Element, str] | None:
    """In a theme of its own, the longest text in an element that is named content or body."""
    container = next(
        (item for item in root.iter(*_BODY_TAGS) if ARTICLE_TYPE in (item.get("itemtype") or "")), None
    )
    if container is None:
        return None
    named = (item for item in container.iter(*_BODY_TAGS) if _CUSTOM_BODY.search(item.get("class") or ""))
    bodies = [item for item in islice(named, _MAX_CANDIDATES) if not _holds_headline(item)]
    body = max(bodies, key=lambda item: sum(map(len, item.itertext())), default=None)
    return None if body is None else (body, f".{body.get('class')}")


def _holds_headline(element: etree._Element) -> bool:
    return any(heading.get("itemprop") == "headline" for heading in element.iter(*_HEADING_TAGS))


def near(element: etree._Element) -> Iterator[etree._Element]:
    """The element and its nearest ancestors: as far as templates nest, however deep a hostile page does."""
    return islice(ancestors(element), _TEMPLATE_DEPTH)


def ancestors(element: etree._Element) -> Iterator[etree._Element]:
    """The element itself, its parent, and so on to the root."""
    return chain((element,), element.iterancestors())


def _is_in_container(element: etree._Element) -> bool:
    return any(
        CONTAINER_CLASS in (node.get("class") or "").split() or ARTICLE_TYPE in (node.get("itemtype") or "")
        for node in ancestors(element)
    )


def _headline(body: etree._Element) -> etree._Element | None:
    """The nearest heading before the body that is an h1 or marked as headline."""
    for node in ancestors(body):
        for before in node.itersiblings(preceding=True):
            found = None
            for heading in before.iter(*_HEADING_TAGS):
                if heading.get("itemprop") == "headline" or (
                    heading.tag == "h1" and brief(heading, _MAX_HEADLINE)
                ):
                    found = heading
            if found is not None:
                return found
    return None


def _titled(body: etree._Element, site: Site) -> etree._Element | None:
    """In a theme of its own, the nearest heading before the body, however small, that is the page's whole title."""
    for node in near(body):
        for before in islice(node.itersiblings(preceding=True), _MAX_CANDIDATES):
            for heading in before.iter(*_HEADING_TAGS):
                text = brief(heading, _MAX_HEADLINE)
                if text and _says_whole(site.title, text):
                    return heading
    return None


def _says_whole(title: str, headline: str) -> bool:
    """Whether a page's title is a headline, or begins with it and goes on behind a dash or the like (3.4)."""
    return title.startswith(headline) and not title[len(headline) :].strip()[:1].isalnum()


def _is_marked(headline: etree._Element, site: Site) -> bool:
    return headline.get("itemprop") == "headline" or _is_titled(headline, site)


def _is_trusted(headline: etree._Element | None, body: etree._Element) -> bool:
    """Whether a heading is the article's: the nearest h1 may be the site's name in the page's header."""
    frame = _frame(headline, body)
    return frame.tag not in ("body", "html") and next(frame.iter("nav", "header"), None) is None


def _is_titled(headline: etree._Element, site: Site) -> bool:
    text = inline_text(headline)
    return text is not None and (site.title.startswith(text) or text == site.first("og:title"))


def _frame(headline: etree._Element | None, body: etree._Element) -> etree._Element:
    parent = body.getparent()
    if headline is None:
        return body if parent is None else parent
    around = set(ancestors(headline))
    return next(element for element in ancestors(body) if element in around)


def _boxes(frame: etree._Element) -> list[etree._Element]:
    """The article's box and those that follow it; none in themes that have no such box.

    In 4.x keywords, rating and topic have boxes of their own.
    """
    for element in near(frame):
        if CONTAINER_CLASS in (element.get("class") or "") or ARTICLE_TYPE in (element.get("itemtype") or ""):
            following = element.itersiblings("*")
            return [element, *(box for box in following if CONTAINER_CLASS in (box.get("class") or ""))]
    return []


def is_of_template(holder: etree._Element, parts: Parts) -> bool:
    """Whether what an element holds is shown and not of the editor's headline, lead or tags."""
    lead = parts.bare_lead
    if (lead is not None and holder in lead.holders) or is_hidden(holder, parts.frame):
        return False
    inside = takewhile(lambda node: node is not parts.frame, near(holder))
    return not any(_is_editors(node, parts) for node in inside)


def _is_editors(element: etree._Element, parts: Parts) -> bool:
    """Whether an element is a headline, a lead or a tag."""
    if (
        element is parts.headline
        or element.get("data-toggle") == "error-report"  # 5 in Smarty templates: the lead
        or (parts.bare_lead is not None and element in parts.bare_lead.elements)
    ):
        return True
    if element.tag == "a":
        return is_keyword_link(element)
    names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
    return "hometext" in names or element.get("itemprop") == "description"


def is_keyword_link(link: etree._Element) -> bool:
    """Whether a link leads to a keyword's articles: a tag (4.x, 5) or a search (3.4)."""
    href = link.get("href") or ""
    return ("tag" in href or "q=" in href) and _KEYWORD_LINK.search(href) is not None


def is_hidden(element: etree._Element, frame: etree._Element) -> bool:
    """Whether a template hides an element, or what it is in, from readers."""
    for node in near(element):
        if node is frame:
            return False
        if hides(node) or "modal" in (node.get("class") or "").split():
            return True
    return False
