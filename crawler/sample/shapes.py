"""Ways in which editors leave the same text as HTML: plain paragraphs, <div>s, bare lines, pasted from Word."""

from collections.abc import Callable
from html import escape

_FONT = "font-size:14.0pt;line-height:115%;font-family:&quot;Times New Roman&quot;,serif"


def body_from_text(text: str, shape: str, byline: str | None = None) -> str:
    """The HTML of a text whose blocks stand apart by a blank line, and lines in a block by a line break.

    A byline, which is the text's last block, is set bold at the right. Raises KeyError for an unknown shape.
    """
    if byline is None:
        return _SHAPES[shape](text)
    body = _SHAPES[shape](text.removesuffix(byline).rstrip("\n"))
    return f'{body}\n<p>&nbsp;</p>\n<p style="text-align: right;"><strong>{_html(byline)}</strong></p>'


def _html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br />\n")


def _paragraphs(text: str) -> str:
    return "\n\n".join(f'<p style="text-align: justify;">{_html(block)}</p>' for block in text.split("\n\n"))


def _indented(text: str) -> str:
    """Paragraphs that are pushed in with no-break spaces, and typed with two spaces after a full stop."""
    return "\n".join(
        f'<p style="text-align: justify;">&nbsp; &nbsp; &nbsp; &nbsp;&nbsp;{_html(block).replace(". ", ". &nbsp;")}</p>'
        for block in text.split("\n\n")
    )


def _divs(text: str) -> str:
    return "\n".join(
        f'<div style="text-align: justify;">{_html(block)}</div>\n<div>&nbsp;</div>'
        for block in text.split("\n\n")
    )


def _word(text: str) -> str:
    return "\n".join(_word_paragraph(block) for block in text.split("\n\n"))


def _word_paragraph(block: str) -> str:
    """A paragraph as Word leaves it: one span cut in the middle of a word, another one holding a lone space."""
    middle = len(block) // 2
    while middle < len(block) and not (block[middle - 1].isalnum() and block[middle].isalnum()):
        middle += 1
    second, space, third = block[middle:].partition(" ")
    tail = (
        f'<span style="{_FONT}">&nbsp;</span><span lang="VI" style="{_FONT}">{_html(third)}</span>'
        if space
        else ""
    )
    return (
        '<p class="MsoNormal" style="margin:6.0pt 0in;text-align:justify;text-indent:.5in">'
        f'<span style="{_FONT}">{_html(block[:middle])}</span>'
        f'<span style="{_FONT};letter-spacing:-.1pt">{_html(second)}</span>{tail}<o:p></o:p></p>\n'
        '<p class="MsoNormal" style="margin:0in"><o:p>&nbsp;</o:p></p>'
    )


_SHAPES: dict[str, Callable[[str], str]] = {
    "paragraphs": _paragraphs,
    "indented": _indented,
    "divs": _divs,
    "bare": _html,
    "word": _word,
}
