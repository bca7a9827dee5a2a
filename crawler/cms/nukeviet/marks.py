"""Looks elements up by the marks that templates give them, after one pass over a part of a page."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from lxml import etree

from crawler.text import inline_text

_MARK = re.compile(r"(\w+)?([#.@][\w-]+)\Z")
_KNOWN: set[str] = set()  # the keys of every mark; most elements of a page have none of them
LONG_CLASS = 200  # characters of a class attribute that no template writes
_MAX_NODES = 100
_UNSEEN = frozenset(("script", "style", etree.Comment, etree.PI))


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
    """Marks that are written as words; to be called at import, since an index notes the marks known by then.

    >>> marks("span.h5 #hometext")
    (Mark(tag='span', key='.h5'), Mark(tag=None, key='#hometext'))
    """
    found = [_MARK.match(word) for word in text.split()]
    made = tuple(Mark(match[1], match[2]) for match in found if match)
    _KNOWN.update(mark.key for mark in made)
    return made


def _keys(classes: str) -> tuple[str, ...]:
    return tuple(key for name in classes.split() if (key := "." + name) in _KNOWN)


_remembered_keys = lru_cache(maxsize=4096)(_keys)  # templates repeat themselves from page to page


class Index:
    """The elements of some trees by their marks, in the page's order; some subtrees are left out."""

    def __init__(
        self, roots: Iterable[etree._Element], *, body: etree._Element, skip: frozenset[str] = frozenset()
    ) -> None:
        """`skip` names marks (`#id`, `.class`) whose elements are left out; so is `body`, a divider."""
        self.body = body
        self.before: list[etree._Element] = []  # what stands before the body
        self.after: list[etree._Element] = []
        self._marked: dict[str, list[etree._Element]] = {}
        self._pieces: list[tuple[str, etree._Element, bool]] = []  # text, its element, whether behind that
        self._divider = 0  # how many of them stand before the body
        self._elements = self.before
        for root in roots:
            self._add(root, skip)
        self.links_after = [element for element in self.after if element.tag == "a"]

    def _add(self, root: etree._Element, skip: frozenset[str]) -> None:
        elements, pieces, marked, body = self._elements, self._pieces, self._marked, self.body
        resume_at: etree._Element | None = None  # where a subtree that is left out ends
        for element in root.iter():
            if resume_at is not None:
                if element is not resume_at:
                    continue
                resume_at = None
            if (tail := element.tail) and element is not root and not tail.isspace():
                pieces.append((tail, element, True))
            keys = _keys_of(element)
            if element is body or (keys and not skip.isdisjoint(keys)):
                if element is body:
                    elements = self._elements = self.after
                    self._divider = len(pieces)
                resume_at = _next_outside(element, root)
                if resume_at is None:
                    break
                continue
            elements.append(element)
            if (text := element.text) and not text.isspace() and element.tag not in _UNSEEN:
                pieces.append((text, element, False))
            for key in keys:
                marked.setdefault(key, []).append(element)

    def texts(self, is_wanted: Callable[[str], object]) -> Iterator[Text]:
        """The pieces of visible text that are wanted; what is after the body comes first.

        What a template prints of an article stands after its body in most themes.
        """
        for text, element, is_behind in (*self._pieces[self._divider :], *self._pieces[: self._divider]):
            if is_wanted(text):
                holder = element.getparent() if is_behind else element
                if holder is not None:
                    yield Text(text, holder, element if is_behind else None)

    def each(self, wanted: tuple[Mark, ...]) -> Iterator[tuple[etree._Element, Mark]]:
        """The elements of the first mark, then those of the second, and so on, each with its mark."""
        marked = self._marked
        for mark in wanted:
            for element in marked.get(mark.key, ()):
                if mark.tag is None or element.tag == mark.tag:
                    yield element, mark


def _keys_of(element: etree._Element) -> tuple[str, ...]:
    """The known marks that an element bears."""
    keys: tuple[str, ...] = ()
    if classes := element.get("class"):
        keys = _remembered_keys(classes) if len(classes) < LONG_CLASS else _keys(classes)
    if (identity := element.get("id")) and (key := "#" + identity) in _KNOWN:
        keys += (key,)
    if (prop := element.get("itemprop")) and (key := "@" + prop) in _KNOWN:
        keys += (key,)
    return keys


def select(path: etree.XPath, node: etree._Element) -> list[etree._Element]:
    """The elements that a compiled XPath finds."""
    found: list[etree._Element] = path(node)  # type: ignore[assignment]  # the stubs know no element-only paths
    return found


def brief(element: etree._Element | None, limit: int = 120) -> str | None:
    """An element's text on one line; None when there is none, or more than `limit` characters of it.

    Nor does a line hold more than a hundred elements: no page makes us walk through all of it again and again.
    """
    if element is None or next(islice(element.iter(), _MAX_NODES, None), None) is not None:
        return None
    length = 0
    for text in element.itertext():
        length += len(text) if not text.isspace() else 0
        if length > 2 * limit:
            return None
    line = inline_text(element)
    return line if line and len(line) <= limit else None


def _next_outside(element: etree._Element, scope: etree._Element) -> etree._Element | None:
    """The next node in the page's order that is not below this one; None at the end of the scope."""
    node: etree._Element | None = element
    while node is not None and node is not scope:
        following = node.getnext()
        if following is not None:
            return following
        node = node.getparent()
    return None
