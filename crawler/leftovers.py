"""What a page prints that is in no field of its article: so that a person sees whether something was lost."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from crawler.items import Article
from crawler.text import one_line

# fmt: off
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "big", "br", "cite", "code", "del", "em", "font", "i", "ins", "label", "mark",
    "q", "s", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
))
_UNSEEN = frozenset((
    "script", "style", "noscript", "template", "head", "title", "iframe", "select", "textarea", "button",
))
# fmt: on
_HIDING_CLASSES = frozenset(("hidden", "hide", "d-none", "modal"))
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*")
_MAX_LABELLED = 300
_MAX_LABELS = 30
_MOST = 0.9


class Block(NamedTuple):
    """An element that prints text of its own, and that text; <br> and other blocks break its lines."""

    element: etree._Element
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftover:
    """A part of a page of which nothing is in a field."""

    element: etree._Element  # the largest such element
    text: str  # all that it prints, on one line
    hidden: bool  # a template hides it from readers


def leftovers(root: etree._Element, article: Article) -> list[Leftover]:
    """The parts of an article's page that no field has, the nearest to the article first, hidden ones last."""
    values = _Values(article)
    blocks = list(_blocks(root))
    kept = {block for block, text in blocks if values.hold(text)}
    body = _common(
        [one for one in blocks if values.in_body(one[1])] or [one for one in blocks if one[0] in kept]
    )
    if body is not None:
        # A cell's paragraphs are one text in article_body, so what is inside the body need only be part of it.
        kept |= {
            block for block, text in blocks if values.part_of_body(text) and body in set(_upwards(block))
        }
    holding = {ancestor for block in kept for ancestor in _upwards(block)}
    parts: dict[etree._Element, list[str]] = {}
    for block, text in blocks:
        if block not in kept:
            parts.setdefault(_largest_without(block, holding), []).append(text)
    near = set() if body is None else set(_upwards(body))
    found = [
        Leftover(element=part, text=one_line(" ".join(texts)), hidden=_is_hidden(part))
        for part, texts in parts.items()
    ]
    return sorted(found, key=lambda one: (one.hidden, -sum(node in near for node in _upwards(one.element))))


def place(element: etree._Element, width: int) -> str:
    """Where an element is: its tag, id and classes, after as many of its ancestors as fit into `width`.

    >>> place(etree.HTML('<div id="a"><p class="b c d">x')[0][0][0], 30)
    'body > div#a > p.b.c'
    """
    path = ""
    for node in _upwards(element):
        identity, classes = node.get("id"), (node.get("class") or "").split()[:2]
        step = "".join([str(node.tag), f"#{identity}" if identity else "", *(f".{name}" for name in classes)])
        longer = f"{step} > {path}" if path else step
        if node.tag == "html" or (path and len(longer) > width):
            break
        path = longer
    return path if len(path) <= width else path[: width - 1] + "…"


class _Values:
    """What an article's fields say, to be found again on its page."""

    def __init__(self, article: Article) -> None:
        self._body = _lines([article.article_body])
        self._flat_body = one_line(article.article_body or "")
        self._fields = _lines(
            [
                *(article.headline, article.description, article.date_published_text, *article.keywords),
                *(article.author, article.source, article.topic),
                *(witness.text for witness in article.witnesses),
                *(image.caption for image in article.images),
                *(file.name for file in article.attachments),
            ]
        )
        self._longest_first = sorted(self._fields - {""}, key=len, reverse=True)
        self._counts = {str(count) for count in (article.view_count, article.comment_count)}

    def in_body(self, text: str) -> bool:
        """Whether a block's lines are all in article_body."""
        return self._body.issuperset(text.split("\n"))

    def part_of_body(self, text: str) -> bool:
        """Whether a block's text is somewhere in article_body."""
        return one_line(text) in self._flat_body

    def hold(self, text: str) -> bool:
        """Whether a block's text is a field's: its lines are, or its values are with no more than labels."""
        if all(line in self._body or line in self._fields for line in text.split("\n")):
            return True
        if len(text) > _MAX_LABELLED:
            return False
        rest = one_line(text)
        for value in self._longest_first:
            rest = rest.replace(value, "")
        rest = _NUMBER.sub(lambda found: "" if _digits(found[0]) in self._counts else found[0], rest)
        return len(rest) <= _MAX_LABELS and rest != one_line(text)


def _digits(number: str) -> str:
    return number.replace(".", "").replace(",", "")


def _lines(texts: Iterable[str | None]) -> set[str]:
    cells = (cell for text in texts if text for line in text.split("\n") for cell in line.split("\t"))
    return {one_line(cell) for cell in cells}


def _blocks(root: etree._Element) -> Iterator[Block]:
    """Each element that prints text of its own, and that text: inline markup belongs to what it is in."""
    pieces: dict[etree._Element, list[str]] = {}
    owners: list[etree._Element] = []
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            is_inline = bool(owners) and _is_inline(node)
            if owners and not is_inline:
                pieces.setdefault(owners[-1], []).append("\n")
            owners.append(owners[-1] if is_inline else node)
            text = "\n" if node.tag == "br" else _SPACES.sub(" ", node.text or "")
            if node.tag in _UNSEEN:
                walk.skip_subtree()
                text = ""
        else:
            if event == "end":
                owners.pop()
            text = _SPACES.sub(" ", node.tail or "")
        if text and owners:
            pieces.setdefault(owners[-1], []).append(text)
    for owner, texts in pieces.items():
        if text := "\n".join(filter(None, map(one_line, "".join(texts).split("\n")))):
            yield Block(owner, text)


def _common(blocks: list[Block]) -> etree._Element | None:
    """The smallest element that holds nearly all of some blocks' text; None when there are none."""
    weights: Counter[etree._Element] = Counter()
    for block, text in blocks:
        weights.update(dict.fromkeys(_upwards(block), len(text)))
    enough = _MOST * sum(len(text) for _, text in blocks)
    holders = [element for element, weight in weights.items() if weight >= enough]
    return max(holders, key=lambda element: sum(1 for _ in _upwards(element)), default=None)


def _largest_without(block: etree._Element, holding: set[etree._Element]) -> etree._Element:
    """The block, or the largest element around it that is not in `holding`."""
    largest = block
    for node in _upwards(block):
        if node in holding:
            break
        largest = node
    return largest


def _upwards(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    yield from element.iterancestors()


def _is_inline(element: etree._Element) -> bool:
    return (element.tag in _INLINE or ":" in str(element.tag)) and not _hides(element)


def _is_hidden(element: etree._Element) -> bool:
    return any(_hides(node) for node in _upwards(element))


def _hides(element: etree._Element) -> bool:
    hiding = not _HIDING_CLASSES.isdisjoint((element.get("class") or "").split())
    return hiding or "display:none" in (element.get("style") or "").replace(" ", "")
