"""Looks elements up by the marks that templates give them, after one pass over a part of a page."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from crawler.text import inline_text

_MARK = re.compile(r"(\w+)?([#.@][\w-]+)\Z")


class Mark(NamedTuple):
    """One named selector: a tag (None: any), and `#id`, `.class` or `@itemprop`."""

    tag: str | None
    key: str

    def __str__(self) -> str:
        return (self.tag or "") + self.key


class Text(NamedTuple):
    """One piece of text."""

    text: str
    holder: etree._Element  # what directly holds it
    behind: etree._Element | None  # the child that it follows; None at the holder's beginning


def marks(text: str) -> tuple[Mark, ...]:
    """Marks that are written as words.

    >>> marks("span.h5 #hometext")
    (Mark(tag='span', key='.h5'), Mark(tag=None, key='#hometext'))
    """
    found = [_MARK.match(word) for word in text.split()]
    return tuple(Mark(match[1], match[2]) for match in found if match)


class Index:
    """The elements of some trees by their marks, in the page's order; some subtrees are left out."""

    def __init__(
        self, roots: Iterable[etree._Element], *, body: etree._Element, skip: frozenset[str] = frozenset()
    ) -> None:
        """`skip` names marks (`#id`, `.class`) whose elements are left out; so is `body`, a divider."""
        self.before: list[etree._Element] = []  # what stands before the body
        self.after: list[etree._Element] = []
        self._marked: dict[str, list[etree._Element]] = {}
        elements = self.before
        for root in roots:
            resume_at: etree._Element | None = None  # where a subtree that is left out ends
            for element in root.iter("*"):
                if resume_at is not None:
                    if element is not resume_at:
                        continue
                    resume_at = None
                classes = element.get("class")
                keys = ["." + name for name in classes.split()] if classes else []
                if identity := element.get("id"):
                    keys.append("#" + identity)
                if prop := element.get("itemprop"):
                    keys.append("@" + prop)
                if element is body or not skip.isdisjoint(keys):
                    elements = self.after if element is body else elements
                    resume_at = _next_outside(element, root)
                    if resume_at is None:
                        break
                    continue
                elements.append(element)
                for key in keys:
                    self._marked.setdefault(key, []).append(element)

    @cached_property
    def texts(self) -> list[Text]:
        """The pieces of visible text, each with where it stands; what is after the body comes first.

        What a template prints of an article stands after its body in most themes.
        """
        pieces = []
        for element in (*self.after, *self.before):
            text = element.text
            if text and not text.isspace() and element.tag not in ("script", "style"):
                pieces.append(Text(text, element, None))
            for child in element:
                tail = child.tail
                if tail and not tail.isspace():
                    pieces.append(Text(tail, element, child))
        return pieces

    def all(self, mark: Mark) -> Iterator[etree._Element]:
        """The elements with a mark."""
        for element in self._marked.get(mark.key, ()):
            if mark.tag is None or element.tag == mark.tag:
                yield element

    def each(self, wanted: tuple[Mark, ...]) -> Iterator[tuple[etree._Element, Mark]]:
        """The elements of the first mark, then those of the second, and so on, each with its mark."""
        for mark in wanted:
            for element in self.all(mark):
                yield element, mark


def select(path: etree.XPath, node: etree._Element) -> list[etree._Element]:
    """The elements that a compiled XPath finds."""
    found: list[etree._Element] = path(node)  # type: ignore[assignment]  # the stubs know no element-only paths
    return found


def brief(element: etree._Element | None, limit: int = 120) -> str | None:
    """An element's text on one line; None when there is none, or more than `limit` characters of it."""
    if element is None:
        return None
    length = 0
    for count, text in enumerate(element.itertext()):
        length += len(text) if not text.isspace() else 0
        if length > 2 * limit or count > 2 * limit:
            return None
    line = inline_text(element)
    return line if line and len(line) <= limit else None


def _next_outside(element: etree._Element, scope: etree._Element) -> etree._Element | None:
    """The next element in the page's order that is not below this one; None at the end of the scope."""
    node: etree._Element | None = element
    while node is not None and node is not scope:
        following = next(node.itersiblings("*"), None)
        if following is not None:
            return following
        node = node.getparent()
    return None
