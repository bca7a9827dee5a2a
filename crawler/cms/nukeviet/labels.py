"""An article's author and source, by the labels that every theme prints before them."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.cms.nukeviet.locate import Parts, is_of_template
from crawler.cms.nukeviet.marks import Text
from crawler.cms.web import absolute, is_own
from crawler.text import inline_text, nfc, one_line

_LABEL = re.compile(
    r"\s*(?:(?P<author>Tác giả(?: bài viết)?|Author)|(?P<source>Nguồn(?: tin)?|Source))\s*:\s*", re.IGNORECASE
)
_FIRST_LETTERS = frozenset("TtAaNnSs")  # of the labels: most texts with a colon begin otherwise
_NEXT_LABEL = re.compile(
    r"\b(?:Tác giả(?: bài viết)?|Nguồn(?: tin)?|Người (?:đăng|gửi)|Ngày (?:đăng|gửi|tạo)|Đăng (?:lúc|ngày|bởi)|"
    r"Cập nhật(?: lúc)?|(?:Số )?lượt (?:xem|đọc)|Đã (?:xem|đọc)|Phản hồi|Bình luận|Chuyên mục)\s*:",
    re.IGNORECASE,
)
_LABEL_TAGS = frozenset(("strong", "b", "p", "span", "div", "li", "td", "label", "em"))
_BLOCK_TAGS = frozenset(("p", "div", "li", "td"))
_CELL_TAGS = frozenset(("div", "td"))
_MAX_CELL = 80  # characters; what is longer, or a label itself, is no cell of this label
_MAX_NODES = 20  # behind a label: a few names and their links
_NO_NAME = re.compile(
    r"[\W\d_]*|https?://\S+|\S+\.(?:png|jpe?g|gif|webp|svg|bmp)|(?:xem|đọc|link|đường dẫn|view|read)\b.*|"
    r"logo|icon|image|img|source|hình(?: ảnh)?|ảnh|nguồn(?: tin)?",
    re.IGNORECASE,
)
_LOGO_OF = re.compile(r"logo\s+(?:của\s+)?(?=\w)", re.IGNORECASE)


def labelled(parts: Parts) -> dict[str, str]:
    """What stands after "Tác giả:" and "Nguồn tin:" outside the body, under author and source."""
    values: dict[str, str] = {}
    for piece in parts.index.texts(lambda text: ":" in text and text.lstrip()[:1] in _FIRST_LETTERS):
        if piece.holder.tag in _LABEL_TAGS:
            label = _LABEL.match(nfc(piece.text))
            if (
                label
                and label.lastgroup not in values
                and is_of_template(piece.holder, parts)
                and not parts.others.hold(piece.holder)
                and (value := _value(piece, label, parts))
            ):
                values[str(label.lastgroup)] = value
                parts.places[str(label.lastgroup)] = f"{piece.holder.tag}: {one_line(label[0])}"
    return values


def _value(piece: Text, label: re.Match[str], parts: Parts) -> str | None:
    """What stands behind a label; of a source that is shown as a logo, the name that the page gives to it."""
    text = _after_label(piece, nfc(piece.text)[label.end() :])
    return next(_names(piece, parts), None) if text is None and label["source"] else text


def _names(piece: Text, parts: Parts) -> Iterator[str]:
    """Names of a source from its link's and its logo's titles, else the host that its logo links to.

    NukeViet's own logo has neither title nor link (config_source 2 in modules/news/funcs/detail.php), and then
    its page does not name the source; themes add them.
    """
    headline = inline_text(parts.headline) if parts.headline is not None else None
    inside, *behind = _holders(piece)
    holders = (
        [inside] if piece.holder.tag == "div" else [inside, *behind]
    )  # a div may be anything's neighbour
    nodes = [node for holder in holders for node in _up_to_a_label(holder)]
    for element in (element for node in nodes for element in node.iter("a", "img")):
        for text in (element.get("title"), element.get("alt")):
            name = _LOGO_OF.sub("", one_line(text or ""), count=1)
            if name != headline and not _NO_NAME.fullmatch(name):
                yield name
    for link in (link for node in nodes for link in node.iter("a")):
        url = absolute(parts.site.base_url, link.get("href"))
        host = urlsplit(url).hostname if url else None
        if url and host and not is_own(url, frozenset((urlsplit(parts.site.url).netloc,))):
            yield host.removeprefix("www.")


def _holders(piece: Text) -> Iterator[Iterable[etree._Element]]:
    """What may hold a label's value: the rest of its own element, else what follows that; a cell's next cell."""
    holder = piece.holder
    yield holder if piece.behind is None else piece.behind.itersiblings()
    if holder.tag not in _BLOCK_TAGS:
        yield holder.itersiblings()
    elif holder.tag in _CELL_TAGS:
        yield islice(holder.itersiblings(), 1)


def _up_to_a_label(nodes: Iterable[etree._Element]) -> Iterator[etree._Element]:
    for node in islice(nodes, _MAX_NODES):
        if _LABEL.match(nfc(node.text or "")):
            return
        yield node


def _after_label(piece: Text, rest: str) -> str | None:
    """The text behind a label: in the same element, else after it, up to the next label."""
    inside, *behind = _holders(piece)
    value = _joined(rest, inside)
    if value or not behind:
        return value
    if piece.holder.tag not in _CELL_TAGS:
        return _joined(piece.holder.tail, behind[0])
    value = _joined(None, behind[0])
    return value if value and len(value) <= _MAX_CELL and ":" not in value else None


def _joined(first: str | None, nodes: Iterable[etree._Element]) -> str | None:
    pieces = [first or ""]
    for node in _up_to_a_label(nodes):
        pieces += [inline_text(node) or "", node.tail or ""]
    value = one_line("".join(pieces))
    if following := _NEXT_LABEL.search(value):
        value = value[: following.start()]
    return value.strip(" ,;|–-") or None
