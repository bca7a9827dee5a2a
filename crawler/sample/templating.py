"""Page templates: HTML with {{slots}}, cut into pieces once, so that a page is one join."""

import re
from collections.abc import Mapping
from importlib.resources import files

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_FOLDER = files(__package__) / "templates"

# What NukeViet's nv_htmlspecialchars (includes/functions.php of 4.4) turns into entities when an editor saves a
# title, a lead, an author or a source; pages, lists and feeds print the text as it is stored.
_STORED = str.maketrans(
    {
        "&": "&amp;",
        "'": "&#039;",
        '"': "&quot;",
        "<": "&lt;",
        ">": "&gt;",
        "\\": "&#x005C;",
        "/": "&#x002F;",
        "(": "&#40;",
        ")": "&#41;",
        "*": "&#42;",
        "[": "&#91;",
        "]": "&#93;",
        "!": "&#33;",
        "=": "&#x3D;",
        "%": "&#x25;",
        "^": "&#x5E;",
        ":": "&#x3A;",
        "{": "&#x7B;",
        "}": "&#x7D;",
        "`": "&#x60;",
        "~": "&#x7E;",
    }
)


class Template:
    """A text with {{slots}}. A missing slot raises KeyError when it is filled."""

    def __init__(self, text: str) -> None:
        self._pieces = _SLOT.split(text)
        self._names = self._pieces[1::2]

    @classmethod
    def load(cls, name: str) -> "Template":
        """The template in templates/<name>.html, without its indentation, which is a fifth of the file."""
        lines = (_FOLDER / f"{name}.html").read_text(encoding="utf-8").splitlines()
        return cls("\n".join(line.strip() for line in lines) + "\n")

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with every slot filled; values are HTML already.

        >>> Template("<b>{{name}}</b>").fill({"name": "Trảng Sen"})
        '<b>Trảng Sen</b>'
        """
        pieces = self._pieces.copy()
        pieces[1::2] = [values[name] for name in self._names]
        return "".join(pieces)

    def partly(self, values: Mapping[str, str]) -> "Template":
        """The template with some slots filled for good, for what never changes from page to page.

        >>> Template("{{a}} {{b}}").partly({"a": "1"}).fill({"b": "2"})
        '1 2'
        """
        pieces = self._pieces.copy()
        pieces[1::2] = [values.get(name, "{{" + name + "}}") for name in self._names]
        return Template("".join(pieces))


def stored(text: str) -> str:
    """Text as NukeViet's database and pages hold it: special characters as named and numeric entities.

    >>> stored("Kế hoạch 05/KH: đợt 1 (50%)")
    'Kế hoạch 05&#x002F;KH&#x3A; đợt 1 &#40;50&#x25;&#41;'
    """
    return text.translate(_STORED)
