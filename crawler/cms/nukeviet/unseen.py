"""Takes out of a body what its own markup hides: Word's hidden runs, spam of break-ins, a pasted page's microdata."""

import re

from lxml import etree

from crawler.cms.nukeviet.marks import select

HIDDEN_CLASSES = frozenset(("hidden", "hide", "d-none"))  # of Bootstrap, in the themes of 4.x and 5
_MAYBE = etree.XPath(
    "descendant::*[@hidden or contains(@style,'none') or contains(@style,'hid') or contains(@style,'NONE')"
    " or contains(@style,':-') or contains(@style,': -') or contains(@class,'hid') or contains(@class,'d-none')]"
)
_SHOWN_AGAIN = re.compile(r"\bd-(?:sm|md|lg|xl|xxl)-(?!none)")  # Bootstrap 4 and 5, on wider screens
_FAR = re.compile(r":\s*-\d{4}")
_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*(?:all|screen)|"
    r"(?<![\w-])(?:left|top|text-indent)\s*:\s*-\d{4,}",  # far beside the page
    re.IGNORECASE,
)


def hides(element: etree._Element) -> bool:
    """Whether an element's own classes or style hide it."""
    classes, style = element.get("class"), element.get("style")
    if classes and not HIDDEN_CLASSES.isdisjoint(classes.split()) and not _SHOWN_AGAIN.search(classes):
        return True
    return (style is not None and _STYLE.search(style) is not None) or element.get("hidden") is not None


def may_hide(html: str) -> bool:
    """Whether some markup could hide something, which most bodies' markup does not."""
    if any(sign in html for sign in ("none", "hid", "NONE", "HID")):
        return True
    return (":-" in html or ": -" in html) and _FAR.search(html) is not None


def has_hidden(body: etree._Element) -> bool:
    """Whether a body holds an element that its own markup hides."""
    return any(map(hides, select(_MAYBE, body)))


def take_out(body: etree._Element) -> list[etree._Element]:
    """Empty the hidden elements of a body; what follows them stays where it is. The emptied elements."""
    found = list(filter(hides, select(_MAYBE, body)))
    for element in found:
        element.text = None
        element.attrib.clear()
        del element[:]
    return found
