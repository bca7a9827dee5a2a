"""What an article's body holds: sanitised HTML, players, and the name that ends it."""

import re
from collections import Counter
from functools import lru_cache
from html import escape

import nh3
from lxml import etree

from crawler.cms.nukeviet.files import shown_document
from crawler.cms.nukeviet.locate import Parts, near
from crawler.cms.nukeviet.marks import brief
from crawler.cms.web import absolute
from crawler.text import UNREAD_TAGS, block_text, one_line

# nh3 holds a tree of its own, and its time grows with the square of the character references.
_MAX_HTML, _MAX_REFERENCES = 20_000_000, 50_000
_URL_ATTRIBUTES = frozenset(("href", "src"))
_NOT_A_PLAYER = re.compile(
    r"//(?:maps\.|www\.google\.[a-z.]+/maps|docs\.google\.|drive\.google\.|view\.officeapps)|\.pdf\b"
)
_TAGS = (nh3.ALLOWED_TAGS | {"figure", "figcaption"}) - {
    "article",
    "aside",
    "footer",
    "header",
    "hgroup",
    "nav",
    "map",
    "area",
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_RIGHT = re.compile(r"text-align\s*:\s*(?:right|end)")
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)")
_BLOCKS = frozenset(("p", "div", "td", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "center"))
_MAX_NAME = 60  # characters


def body_html(parts: Parts) -> str | None:
    """The body's inner HTML, sanitised: text markup only, links and pictures absolute. None when empty.

    What no editor writes, many megabytes of it, comes back as plain paragraphs.
    """
    body, source = parts.body, parts.html
    if len(source) > _MAX_HTML or source.count("&") > _MAX_REFERENCES:
        blocks = (block_text(body) or "").split("\n\n")
        return "\n".join(f"<p>{escape(block, quote=False)}</p>" for block in blocks if block) or None
    folder = parts.site.base_url.partition("?")[0].rpartition("/")[0] + "/"
    clean = _cleaner(folder).clean(source)
    # The body's own tag goes, whether it is allowed (a div, without attributes) or not.
    return clean.removeprefix(f"<{body.tag}>").removesuffix(f"</{body.tag}>").strip() or None


@lru_cache(maxsize=256)
def _cleaner(folder: str) -> nh3.Cleaner:
    """What sanitises the pages of one folder; to make it costs as much as to use it."""

    def resolved(_tag: str, name: str, value: str) -> str | None:
        if name not in _URL_ATTRIBUTES:
            return value
        return None if value.startswith(("?", "#")) else absolute(folder, value)

    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=resolved,
        clean_content_tags=set(UNREAD_TAGS),
        url_schemes={"http", "https"},
        link_rel="noopener nofollow",
    )


def videos(parts: Parts) -> tuple[str, ...]:
    """Absolute addresses of the body's embedded players and video files, each once."""
    found = []
    for element in parts.inside.get("player", ()):
        if url := _played(element, parts):
            found.append(url)
            parts.places.setdefault("videos", f"{element.tag} in the body")
    return tuple(dict.fromkeys(found))


def _played(player: etree._Element, parts: Parts) -> str | None:
    source = player.get("src") or player.get("data-src") or player.get("data")
    url = absolute(parts.site.base_url, source)
    if url is None or _NOT_A_PLAYER.search(url) or shown_document(player, parts):
        return None
    return url


def left_out(parts: Parts) -> tuple[str, ...]:
    """What the body holds that is neither text nor a picture, file or player, each kind with its number."""
    if not any(map(parts.inside.get, ("unread", "hidden", "player"))):
        return ()
    names = Counter(element.tag for element in parts.inside.get("unread", ()))
    names.update(f"hidden {element.tag}" for element in parts.inside.get("hidden", ()))
    for player in parts.inside.get("player", ()):
        source = player.get("src") or player.get("data")
        if source and _played(player, parts) is None and shown_document(player, parts) is None:
            names[f"{player.tag} {source[:_MAX_NAME]}"] += 1
    return tuple(f"{number} {name}" for name, number in names.items())


def byline(parts: Parts) -> str | None:
    """The right-aligned bold name that ends a body; None when it ends otherwise."""
    body = parts.body
    last = _last_holder(body)
    block = next((node for node in near(last) if node.tag in _BLOCKS), None) if last is not None else None
    if block is None or block is body or not _is_right_aligned(block, body):
        return None
    name = brief(block, _MAX_NAME)
    if name is None or any(character.isdigit() for character in name):
        return None
    parts.places["byline"] = f"{block.tag}, right, bold, last"
    return name if all(_is_bold(holder, block) for holder in _text_holders(block)) else None


def _last_holder(body: etree._Element) -> etree._Element | None:
    """The element that directly holds the body's last visible text: a walk from the end, without recursion."""
    node: etree._Element | None = body
    entering = True
    while node is not None:
        if entering:
            if node is not body and node.tail and one_line(node.tail):
                return node.getparent()
            if len(node):
                node = node[-1]
                continue
        if isinstance(node.tag, str) and node.text and one_line(node.text):
            return node
        previous = None if node is body else node.getprevious()
        entering = previous is not None
        node = previous if previous is not None or node is body else node.getparent()
    return None


def _is_right_aligned(block: etree._Element, body: etree._Element) -> bool:
    for node in near(block):
        right = node.get("align") == "right" or "text-right" in (node.get("class") or "").split()
        if right or _RIGHT.search(node.get("style") or ""):
            return True
        if node is body:
            break
    return False


def _text_holders(element: etree._Element) -> list[etree._Element]:
    """For each piece of visible text below an element, in order, the element that directly holds it."""
    holders = []
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start" and node.text and one_line(node.text):
            holders.append(node)
        elif event != "start" and node.tail and one_line(node.tail):
            parent = node.getparent()
            if parent is not None and node is not element:
                holders.append(parent)
    return holders


def _is_bold(element: etree._Element, block: etree._Element) -> bool:
    for node in near(element):
        if node.tag in ("strong", "b") or _BOLD.search(node.get("style") or ""):
            return True
        if node is block:
            break
    return False
