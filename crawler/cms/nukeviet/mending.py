"""Mends pages whose body an editor left with tags amiss, before they are parsed again.

Of a `</div>` too many a parser must close the body's element, and let the body take in the rest of the page where a
`<div>` or `<table>` is never closed. What the template prints next tells where the body really ends, and how many
`</div>` stand before it. A `</p>` that closes nothing parts two paragraphs in browsers, and in libxml2 does not.
"""

import re
from itertools import islice
from typing import NamedTuple

_CREDITS = r"<strong>(?:Tác giả|Nguồn tin|Author|Source)"


class _Template(NamedTuple):
    """Where a body begins, and what themes/*/modules/news/detail.tpl prints behind it, without the "<" of each."""

    start: bytes
    siblings: tuple[str, ...]  # behind the body's own end
    aunts: tuple[str, ...] = ("(?!)",)  # once the element around the body has ended as well
    great_aunts: tuple[str, ...] = ("(?!)",)  # and the one around that


_TEMPLATES = (
    _Template(  # 4.x, egov
        b'id="news-bodyhtml"',
        (
            r'div class="(?:clear )?margin-bottom-lg">\s*<p class="h5 text-right">',
            r'div class="alert alert-',
            r'div class="panel panel-default">\s*<div class="panel-heading">\s*<(?:i|em) class="fa fa-download',
        ),
        great_aunts=('div class="news_column',),
    ),
    _Template(  # 5 in Smarty templates
        b" news-bodyhtml ",
        (
            r'div class="card">\s*<div class="card-header[^"]{0,80}"><i class="fa-solid fa-download',
            rf'div class="text-end">\s*<p class="mb-1">{_CREDITS}',
            r'div class="border-top pt-3 vstack',
        ),
    ),
    _Template(  # 3.4 default; mobile_default
        b'class="bodytext"',
        (
            rf'p (?:style="text-align: ?right;?"|class="text-right")>\s*{_CREDITS}',
            r'p class="copyright">|h3 class="newh3">|hr />\s*<div class="socialicon',
        ),
        (
            r'form id="form3B"|div class="keywords">|div id="idcomment">',
            r'p>\s*<strong>[^<]{1,40}</strong>\s*</p>\s*<ul class="related">',
        ),
    ),
    _Template(  # 3.4 modern
        b'id="bodytext"',
        (r'div class="clear">\s*</div>\s*<div class="(?:aright source|copyright|box clearfix|other-news)',),
    ),
    _Template(  # 3.4 mobile
        b'class="fiximg"', (r'p class="ar">', r'div class="hr">', r'iframe [^>]{0,200}id ?= ?"fcomment"')
    ),
)
_ENDS = tuple(
    (
        template.start,
        re.compile("<(?:{})".format("|".join(f"({'|'.join(marks)})" for marks in template[1:])).encode()),
    )
    for template in _TEMPLATES
)
_TAG = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)|<(/?)(div|table)\b[^>]*>?", re.IGNORECASE | re.DOTALL
)
_BLOCKS = (
    "p|address|blockquote|caption|center|d[dlt]|dir|div|fieldset|form|h[1-6r]|li|menu|[ou]l|pre|"
    "table|tbody|t[dhr]|tfoot|thead"
)
_BLOCK = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)|<(/?)({_BLOCKS})\b[^>]*>?".encode(),
    re.IGNORECASE | re.DOTALL,
)
_BEFORE_INLINE = re.compile(rf"</[pP]\s*>\s*(?:[^<\s]|<(?![/!]|(?i:{_BLOCKS})\b))".encode())
_CLOSINGS = re.compile(rb"(?:\s|<!--[^>]*-->|</div>)*\Z")
_MAX_ENDS = 8
_MAX_PAGE = 5_000_000  # bytes


class _Tag(NamedTuple):
    """One tag of a <div> or <table>, outside of comments and scripts."""

    start: int
    end: int
    name: bytes
    closes: bool


def mended(page: bytes) -> bytes | None:
    """The page with its body's tags in order; None where they are so already, or where the body's place is unknown."""
    at, ends = next(((at, ends) for mark, ends in _ENDS if (at := page.find(mark)) >= 0), (-1, None))
    start = page.find(b">", at) + 1
    if ends is None or not start or len(page) > _MAX_PAGE:
        return None
    first = ends.search(page, start)
    is_closed = first is None or _is_closed_at(first, page, start) or _is_even(page.lower())
    balanced = None if is_closed else _rebalanced(page, start, ends)
    source = balanced or page
    end = first if balanced is None else ends.search(source, start)
    return _parted(source, start, end.start() if end else len(source)) or balanced


def _rebalanced(page: bytes, start: int, ends: re.Pattern[bytes]) -> bytes | None:
    """The page with its body balanced; None where what is wrong is not plain to see.

    Plain means: between the body's beginning and what the template prints behind it, as many tags are missing or
    too many as in the page as a whole.
    """
    amiss = _balance(_tags(page))
    found = list(islice(ends.finditer(page, start), _MAX_ENDS))
    boxes = [end for end in found if end.lastindex == 3]
    if boxes and _balance(_tags(page[start : boxes[-1].start()])[:-3]) != amiss:
        return None  # what is amiss stands elsewhere, and an editor's own box looks like the template's
    before = [_before(page, start, end) for end in found]
    agrees = [_balance(own) == amiss for _, own, _ in before]
    if amiss > (0, 0) and not boxes and not (len(found) > 1 and agrees[-1]):
        return None  # the theme may be what is amiss, and the end an editor's own: rather too much than too little
    agreed = next(
        (
            place
            for place, (end, _, stop) in enumerate(before)
            if agrees[place] and _CLOSINGS.match(page[stop : end.start()])
        ),
        None,
    )
    if agreed is None:
        return None
    _, own, stop = before[agreed]
    balanced = _balanced(page[start:stop], own)
    return page[:start] + balanced + page[stop:] if balanced != page[start:stop] else None


def _before(page: bytes, start: int, end: re.Match[bytes]) -> tuple[re.Match[bytes], list[_Tag], int]:
    """A possible end, the tags of the body before it, and where that body stops: before what closes around it."""
    tags = _tags(page[start : end.start()])
    own = tags[: -int(end.lastindex or 0)]
    return end, own, start + tags[len(own)].start if len(own) < len(tags) else start


def _parted(page: bytes, start: int, stop: int) -> bytes | None:
    """The page with an empty paragraph for each </p> of the body that closes none, as browsers read it.

    A list or table closes the paragraph it stands in; libxml2 drops the </p> behind it, and glues two words.
    """
    if not _BEFORE_INLINE.search(page, start, stop):
        return None
    body = page[start:stop]
    pieces, at, is_open = [], 0, False
    for tag in _BLOCK.finditer(body):
        if not tag[3]:
            continue
        is_paragraph = tag[3].lower() == b"p"
        if is_paragraph and tag[2] and not is_open:
            pieces += [body[at : tag.start()], b"<p>"]
            at = tag.start()
        is_open = is_paragraph and not tag[2]
    return b"".join([page[:start], *pieces, body[at:], page[stop:]]) if pieces else None


def _is_closed_at(end: re.Match[bytes], page: bytes, start: int) -> bool:
    """Whether a body is closed as it should be before what is printed behind it."""
    return _is_even(page[start : end.start()].lower(), int(end.lastindex or 0))


def _is_even(source: bytes, closed: int = 0) -> bool:
    """Whether as many tags are opened as closed, but for some that `closed` closes; comments are counted as well."""
    divisions = source.count(b"<div") - source.count(b"</div") + closed
    return divisions == 0 and source.count(b"<table") <= source.count(b"</table")


def _tags(source: bytes) -> list[_Tag]:
    return [
        _Tag(found.start(), found.end(), found[3].lower(), bool(found[2]))
        for found in _TAG.finditer(source)
        if found[3]
    ]


def _balance(tags: list[_Tag]) -> tuple[int, int]:
    """How many <div>, and how many <table>, are opened more often than closed."""
    counts = [sum(-1 if tag.closes else 1 for tag in tags if tag.name == name) for name in (b"div", b"table")]
    return counts[0], max(counts[1], 0)


def _balanced(body: bytes, tags: list[_Tag]) -> bytes:
    """A body's source without the tags that close nothing of its own, and with those that were forgotten at its end."""
    pieces, at, tables = [], 0, 0
    is_open: list[bytes] = []
    for tag in tags:
        if not tag.closes:
            is_open.append(tag.name)
            tables += tag.name == b"table"
        elif tag.name == b"table" and tables:
            tables -= 1
            while is_open.pop() != b"table":  # a cell's end closes what was opened in it
                pass
        elif is_open and is_open[-1] == tag.name:
            is_open.pop()
        else:
            pieces.append(body[at : tag.start])
            at = tag.end
    forgotten = b"".join(b"</" + name + b">" for name in reversed(is_open))
    return b"".join([*pieces, body[at:], forgotten])
