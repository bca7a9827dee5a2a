"""An article's pictures and their captions."""

import re
from collections.abc import Iterator
from itertools import islice

from lxml import etree

from crawler.cms.nukeviet.locate import Parts, is_hidden, is_of_template, near
from crawler.cms.nukeviet.marks import brief
from crawler.cms.web import absolute, clean_url, same_page
from crawler.items import Image
from crawler.text import inline_text

_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp)(?:\?|\Z)", re.IGNORECASE)
_LINK_DEPTH = 4
PICTURE_BOX = re.compile("im(?:g|age)|thumb|photo|anh", re.IGNORECASE)
_MAX_NOTE = 500  # characters
_IMAGE_SOURCES = ("data-src", "data-original", "src")
# The theme's icons, the editor's smileys, the logo of a source, and the picture of an article without one.
_NOT_A_PICTURE = re.compile(r"/themes/|/smiley/|/uploads/[\w-]+/source/|no-image\.jpg\Z|[?&]second=")


def images(parts: Parts) -> tuple[Image, ...]:
    """The lead picture and the body's, absolute, each once; captions as printed under them."""
    found: dict[str, Image] = {}
    captions: dict[etree._Element, str | None] = {}
    for picture, place in _pictures(parts):
        source = next((value for name in _IMAGE_SOURCES if (value := picture.get(name))), None)
        url = absolute(parts.site.base_url, source)
        if url and url not in found and not _NOT_A_PICTURE.search(url):
            box = _captioned(picture, parts)
            if box is not None and box not in captions:  # a box may hold thousands of pictures
                captions[box] = _caption(box)
            found[url] = Image(url=clean_url(url), caption=None if box is None else captions[box])
            parts.places.setdefault("images", place)
    return tuple(found.values())


def _pictures(parts: Parts) -> Iterator[tuple[etree._Element, str]]:
    below_headline = parts.is_boxed or parts.headline is None
    for element in parts.index.before:
        below_headline = below_headline or element is parts.headline
        if element.tag == "img" and below_headline and _is_the_articles(element, parts):
            yield element, "img before the body"
    for element in parts.inside.get("img", ()):
        yield element, "img in the body"


def _is_the_articles(picture: etree._Element, parts: Parts) -> bool:
    """Whether a picture before the body is shown and is no button, banner or other article's."""
    if is_hidden(picture, parts.frame) or parts.others.hold(picture):
        return False
    if not is_of_template(picture, parts):
        return True  # an editor put it into the lead
    link = next((node for node in islice(near(picture), _LINK_DEPTH) if node.tag == "a"), None)
    url = None if link is None else absolute(parts.site.base_url, link.get("href"))
    if url is None or url == absolute(parts.site.base_url, picture.get("src")):
        return True
    return _PICTURE_FILE.search(url) is not None or same_page(url, parts.site.url)


def _captioned(picture: etree._Element, parts: Parts) -> etree._Element | None:
    """What holds a picture and its caption: a figure; for a lead picture of 3.4 or mobile, its box."""
    box = None
    for node in near(picture):
        if node.tag == "figure":
            return node
        if node is parts.body:
            return None
        if node is parts.frame or "hometext" in (node.get("id") or ""):
            break
        box = node if box is None and node.tag == "div" else box
    return box


def _caption(box: etree._Element) -> str | None:
    if box.tag != "figure":
        return note(box)
    caption = next(box.iter("figcaption"), None)
    return None if caption is None else inline_text(caption)


def note(box: etree._Element) -> str | None:
    """The emphasised line in a picture's box; of a box without a picture's name, where that is all its text."""
    line = next(box.iter("em"), None)
    text = None if line is None else brief(line, _MAX_NOTE)
    is_named = PICTURE_BOX.search(f"{box.get('class') or ''} {box.get('id') or ''}")
    return text if text and (is_named or text == brief(box, _MAX_NOTE)) else None
