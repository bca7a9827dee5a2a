"""Vietnamese text: one spelling (NFC), clean whitespace, HTML to paragraphs, folding for search."""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass, field

from lxml import etree

# Zero-width and directional marks, soft hyphens and control characters carry no text. A zero-width joiner
# stays where it holds an emoji together.
_EMOJI = "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff"
_ODD_CLASS = r"\x00-\x08\x0e-\x1b\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff"
_ODD = re.compile(f"[{_ODD_CLASS}]")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x9f\xad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff]"
    rf"|(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
)
# C1 controls are what Windows-1252 punctuation becomes when its bytes are taken for code points; browsers
# show the punctuation (HTML Standard, 13.2.5.80).
_WINDOWS_1252 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}

_OTHER_SPACES = re.compile(
    r"[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)  # all of str.isspace but the space itself

_RARE_CLASS = r"\x0b\x0c\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RARE_SPACES = re.compile(f"[{_RARE_CLASS}]")
_ODD_OR_RARE = re.compile(f"[{_ODD_CLASS}{_RARE_CLASS}]")
# Marks between the pieces of a text while it is collected. White space to Python and of no use in HTML:
# a page that holds one gains a line break.
_BLOCK, _BREAK, _LINE, _CELL = "\x1c", "\x1d", "\x1e", "\x1f"

# fmt: off
UNREAD_TAGS = frozenset((
    "script", "style", "noscript", "template", "head", "title", "iframe", "video", "audio", "svg", "select",
    "textarea", "xml",
))
"""Elements whose content is no text of a page."""
_BLOCK_TAGS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "section", "summary", "ul",
))
# fmt: on
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)\b", re.IGNORECASE)
_LIST_TAGS = frozenset(("ul", "ol", "dl", "dir", "menu"))
_CELL_TAGS = frozenset(("td", "th"))
_TABLE_TAGS = _CELL_TAGS | {"table", "caption", "tr"}
_MARKING_TAGS = _BLOCK_TAGS | _TABLE_TAGS | {"br", "pre"}


def nfc(text: str) -> str:
    """Text in Unicode normal form C, with U+00D0 (Eth, a frequent typing slip) as Đ.

    >>> nfc("Ðảng bộ") == "Đảng bộ"
    True
    """
    return unicodedata.normalize("NFC", text).replace("\u00d0", "Đ")


def _visible(text: str) -> str:
    """NFC text without the characters that nobody sees."""
    return nfc(_without_odd(text) if _ODD.search(text) else text)


def _without_odd(text: str) -> str:
    return _INVISIBLE.sub("", text.translate(_WINDOWS_1252))


def one_line(text: str) -> str:
    r"""NFC text on one line: a run of white space becomes one space, zero-width characters go.

    >>> one_line("  Thứ hai \n\t 09/11/2020\u200b ")
    'Thứ hai 09/11/2020'
    >>> one_line("Hòa Th\u200bành")
    'Hòa Thành'
    """
    return _even(_visible(text))


def _even(text: str) -> str:
    """Text with single spaces for white space; most text is so already, and looking is cheaper than cutting."""
    is_uneven = "  " in text or _OTHER_SPACES.search(text)
    return " ".join(text.split()) if is_uneven else text.strip()


def fold(text: str) -> str:
    """Text as the search index holds it: đ as d, other marks left to the index's tokenizer.

    Each letter keeps its place, so that a snippet can be cut from the original text.

    >>> fold("Đảng bộ")
    'Dảng bộ'
    """
    return text.replace("đ", "d").replace("Đ", "D")  # str.translate looks up each letter


def inline_text(element: etree._Element) -> str | None:
    """An element's text on one line, without scripts; None when there is none.

    >>> inline_text(etree.HTML("<p>Tác giả:<br>Nguyễn <b>T</b>hu</p>"))
    'Tác giả: Nguyễn Thu'
    """
    text = _collected(element, ()) if len(element) else element.text
    return one_line(text) or None if text else None


def block_text(element: etree._Element, *, without: Container[etree._Element] = ()) -> str | None:
    r"""An element's text in blocks that are joined by a blank line; None when there is none.

    Paragraphs, headings and captions are a block each; a list is one block with an item a line; a table is
    one block with a row a line and its cells separated by a tab; <br> breaks a line. A table of a single cell
    is layout and gives no line of its own. Scripts, comments and the elements in `without` are left out.
    Inline markup never splits a word.

    >>> block_text(etree.HTML("<p>Phường <b>Lo</b>ng Hoa<ul><li>một<li>hai</ul>"))
    'Phường Long Hoa\n\nmột\nhai'
    >>> block_text(etree.HTML("<table><tr><td>Xã<td>Hộ<tr><td>Trường Tây<td>12</table>"))
    'Xã\tHộ\nTrường Tây\t12'
    """
    parts = _spaced(_collected(element, without)).split(_BLOCK)
    return "\n\n".join(text for part in parts if (text := _block(part))) or None


def _spaced(text: str) -> str:
    """Collected text in NFC, with nothing that nobody sees, and no white space but spaces and our marks."""
    if _ODD_OR_RARE.search(text):
        text = _RARE_SPACES.sub(" ", _without_odd(text))
    for frequent in "\n\xa0\t\r":
        text = text.replace(frequent, " ")
    return nfc(text)


def _single(text: str) -> str:
    """Spaced text without marks: single spaces, none at its ends."""
    return " ".join(text.split()) if "  " in text else text.strip()


def _block(block: str) -> str:
    """One block's lines; two <br> in a row leave an empty line between them, as a reader sees it."""
    if not (_BREAK in block or _LINE in block or _CELL in block):
        return _single(block)
    lines: list[str] = []
    for part in block.split(_BREAK):
        rows = [row for line in part.split(_LINE) if (row := _row(line))]
        if rows:
            lines.extend(rows)
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).rstrip("\n")


def _row(line: str) -> str:
    """One line; a table's row keeps its empty cells, so that the columns stay in place."""
    if _CELL not in line:
        return _single(line)
    cells = [_single(cell) for cell in line.split(_CELL)]
    return "\t".join(cells).rstrip("\t") if any(cells) else ""


def _collected(root: etree._Element, without: Container[etree._Element]) -> str:
    """All visible text below an element with marks between its parts, in document order.

    No recursion: editors and attackers nest thousands of levels.
    """
    pieces: list[str] = []
    state = _State()
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        tag = node.tag
        if event == "start":
            if tag in UNREAD_TAGS or (without and node in without):
                walk.skip_subtree()
                continue
            if tag in _MARKING_TAGS or _is_shown_as_block(node):
                pieces.append(state.opened(node))
            if text := node.text:
                pieces.append(text.replace("\n", state.line_break()) if state.preformatted else text)
            continue
        is_ended = event == "end" and not (without and node in without)
        if is_ended and (tag in _MARKING_TAGS or _is_shown_as_block(node)):
            pieces.append(state.closed(tag))
        if (tail := node.tail) and node is not root:
            pieces.append(tail.replace("\n", state.line_break()) if state.preformatted else tail)
    return "".join(pieces)


def _is_shown_as_block(element: etree._Element) -> bool:
    """Whether an element's own style parts it from the text around it, as pasted pages have their spans."""
    style = element.get("style")
    return style is not None and "display" in style and _BLOCK_STYLE.search(style) is not None


@dataclass(slots=True)
class _State:
    """Where a walk stands: what a break means depends on the lists and tables around it."""

    lists: int = 0
    cells: int = 0
    preformatted: int = 0
    layout: list[bool] = field(default_factory=list)  # for each open table: does it only place its content?
    first_cell: bool = True

    def line_break(self) -> str:
        """What <br> means here."""
        if self.cells:
            return " "
        return _LINE if self.lists else _BREAK

    def _boundary(self) -> str:
        """What the edge of a paragraph means here."""
        if self.cells:
            return " "
        return _LINE if self.lists else _BLOCK

    def opened(self, node: etree._Element) -> str:
        """The mark before an element's text."""
        tag = node.tag
        if tag == "br":
            return self.line_break()
        boundary = self._boundary()
        if tag in _LIST_TAGS:
            self.lists += 1
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "table":
            self.layout.append(_has_one_cell(node))
        elif tag in _TABLE_TAGS and self.layout and not self.layout[-1]:
            return self._cell_opened() if tag in _CELL_TAGS else self._row_edge()
        return boundary

    def closed(self, tag: str) -> str:
        """The mark after an element; a list's or table's last edge is that of what surrounds it."""
        if tag == "br":
            return ""
        if tag in _LIST_TAGS:
            self.lists -= 1
        elif tag == "pre":
            self.preformatted -= 1
        elif tag == "table":
            self.layout.pop()
        elif tag in _TABLE_TAGS and self.layout and not self.layout[-1]:
            if tag not in _CELL_TAGS:
                return self._row_edge()
            self.cells -= 1
            return ""
        return self._boundary()

    def _row_edge(self) -> str:
        if self.cells:
            return " "
        self.first_cell = True
        return _LINE

    def _cell_opened(self) -> str:
        self.cells += 1
        if self.cells > 1:
            return " "
        first, self.first_cell = self.first_cell, False
        return "" if first else _CELL


def _has_one_cell(table: etree._Element) -> bool:
    """Whether a table's own rows hold a single cell, as tables that only place their content do."""
    cells = 0
    for part in table:
        for row in (part,) if part.tag == "tr" else part:
            if row.tag != "tr":
                continue
            for cell in row:
                cells += cell.tag in _CELL_TAGS
                if cells > 1:
                    return False
    return cells == 1


def counted(number: int, thing: str) -> str:
    """A number of things, in English.

    >>> counted(1, "problem"), counted(1200, "problem")
    ('1 problem', '1,200 problems')
    """
    return f"{number:,} {thing}{'s' * (number != 1)}"
