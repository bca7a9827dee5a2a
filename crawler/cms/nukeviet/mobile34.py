"""The lead in 3.4's mobile theme, which has no element of its own: themes/mobile_nukeviet/modules/news/detail.tpl.

Headline, date and buttons end in a `div.clear`; then come the lead's picture (`div.fl`) or none, the lead as its
editor wrote it, text or HTML, its picture (`div.ac`) or none, and the body, `div.fiximg`.
"""

from copy import deepcopy
from itertools import islice, takewhile
from typing import NamedTuple

from lxml import etree

BODY_CLASS = "fiximg"
_DEPTH = 10  # elements that a lead leaves open, so that the body stands in them
_PICTURES = ("fl", "ac")


class BareLead(NamedTuple):
    """A lead between the theme's own elements."""

    elements: list[etree._Element]  # the editor's, without what they stand in
    holders: list[etree._Element]  # what holds them, and bare text of the lead
    copy: etree._Element  # all of it in one element, as a theme with an element for the lead prints it


def bare_lead(headline: etree._Element | None, body: etree._Element, frame: etree._Element) -> BareLead:
    """What stands between the clearing div and a body; the theme's own pictures are left out."""
    lead = BareLead([], [], etree.Element("div", {"class": "hometext"}))
    left_open = list(islice(takewhile(lambda node: node is not frame, body.iterancestors()), _DEPTH))
    outermost, *inner = (*reversed(left_open), body)
    clearing = None if headline is None else next(filter(_clears, headline.itersiblings("div")), None)
    if clearing is not None:
        start = clearing
        if start.getparent() is not frame:  # a </div> too many in the lead has ended what the theme opened
            _add(lead, clearing.getparent(), clearing, None)
            start = next(node for node in clearing.iterancestors() if node.getparent() is frame)
        _add(lead, frame, start, outermost)
    for node in inner:
        _add(lead, node.getparent(), None, node)
    return lead


def _clears(element: etree._Element) -> bool:
    return "clear" in (element.get("class") or "").split()


def _add(
    lead: BareLead,
    holder: etree._Element | None,
    start: etree._Element | None,
    end: etree._Element | None,
) -> None:
    """Add what a holder holds between two of its children, or from its beginning, or to its end."""
    if holder is None:
        return
    lead.holders.append(holder)
    _add_text(lead.copy, holder.text if start is None else start.tail)
    for element in takewhile(lambda node: node is not end, holder if start is None else start.itersiblings()):
        if element.get("class") in _PICTURES and next(element.iter("img"), None) is not None:
            _add_text(lead.copy, element.tail)
        else:
            lead.elements.append(element)
            lead.copy.append(deepcopy(element))


def _add_text(element: etree._Element, text: str | None) -> None:
    """Text behind all that an element holds already."""
    if text and len(element):
        element[-1].tail = (element[-1].tail or "") + text
    elif text:
        element.text = (element.text or "") + text
