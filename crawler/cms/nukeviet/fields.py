"""An article's smaller fields, each by the marks of the templates that print it."""

import re
from itertools import islice

from lxml import etree

from crawler.cms.nukeviet import smarty
from crawler.cms.nukeviet.locate import Parts, is_hidden, is_keyword_link, is_of_template
from crawler.cms.nukeviet.marks import Mark, brief, marks
from crawler.cms.nukeviet.pictures import PICTURE_BOX, note
from crawler.cms.nukeviet.urls import classify
from crawler.cms.web import absolute
from crawler.text import block_text, inline_text, one_line

# themes/*/modules/news/detail.tpl of the named versions; the rest are customised themes.
VIEW_ICON = marks("i.fa-eye em.fa-eye")  # egov
COMMENT_ICON = marks(
    "i.fa-comment-o em.fa-comment-o i.fa-comment .fa-comments .fa-comments-o"
)  # egov: .fa-comment-o
LEAD = marks("div.hometext #hometext @description")
KEYWORD_BOX = marks("div.keywords")  # 3.4 default, mobile_default
RATING = marks("#stringrating")

# What mobile_nukeviet prints in place of a dossier's title (modules/news/language/*.php, more).
_MORE = re.compile(r"(?:Xem (?:tiếp|thêm)|Chi tiết|(?:View |Read )?more)\W*", re.IGNORECASE)
_MAX_KEYWORDS = 100
_MAX_NODES = 20  # behind an icon
_COUNT = re.compile(r"(?::\s*)?(\d[\d.,]*)(?!\S)")
_COUNT_WORD = re.compile("[Xx]em|iew|đọc|hản hồi|ình luận|omment")
_VIEW_WORDS = r"(?:(?:Số )?(?:lượt|lần) (?:xem|đọc)|Đã (?:xem|đọc)|Viewed|Views?)"
_COMMENT_WORDS = r"(?:Phản hồi|Bình luận|Comments?)"
_VIEWS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_VIEW_WORDS}\s*:?\s*(\d[\d.,]*)",
        r"(\d[\d.,]*)\s*(?:lượt xem|lượt đọc|views?)\b",
        r"Xem\s*:\s*(\d[\d.,]*)\s*lượt\b",
        rf"{_VIEW_WORDS}\s*:?()\Z",
    )
)
_COMMENTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (rf"{_COMMENT_WORDS}\s*:?\s*(\d[\d.,]*)", rf"{_COMMENT_WORDS}\s*:?()\Z")
)
_RATING_NUMBER = re.compile(r"\d{1,9}")
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{3}){1,3}(?!\d)|\d{1,12}")


def number(text: str | None) -> int | None:
    """The first whole number of a text; dots and commas part thousands. None when there is none.

    >>> number("24.310"), number("Đã xem: 1,234"), number("–")
    (24310, 1234, None)
    """
    found = _NUMBER.search(text or "")
    return int(found[0].replace(".", "").replace(",", "")) if found else None


def headline(parts: Parts) -> str | None:
    """The headline; None when there is none."""
    if parts.headline is not None and (text := inline_text(parts.headline)):
        mark = "@headline" if parts.headline.get("itemprop") else ""
        parts.places["headline"] = parts.headline.tag + mark
        return text
    parts.places["headline"] = "meta og:title"
    return parts.site.first("og:title")


def lead(parts: Parts) -> str | None:
    """The lead in blocks, without its picture and caption; None when it is empty."""
    for element, mark in parts.index.each(LEAD):
        if is_hidden(element, parts.frame):
            continue
        if text := block_text(element, without=_pictures(element)):
            parts.places["description"] = str(mark)
            return text
    if smarty.is_smarty(parts):
        parts.places["description"] = "[data-toggle=error-report]"
        marked = smarty.lead(parts)
        return None if marked is None else block_text(marked)
    return _bare_lead(parts)


def _pictures(lead: etree._Element) -> set[etree._Element]:
    """The boxes of a lead that hold its picture and caption, and not text that an editor put a picture into."""
    is_textual = "hometext" in (lead.get("class") or "").split()  # 4.x and 5 print the picture beside it
    found = set()
    for box in lead:
        if box.tag not in ("div", "figure", "a") or next(box.iter("img"), None) is None:
            continue
        name = f"{box.get('class') or ''} {box.get('id') or ''}"
        is_named = box.tag != "div" or PICTURE_BOX.search(name) or not (is_textual or "h2" in name.split())
        if is_named or note(box):
            found.add(box)
    return found


def _bare_lead(parts: Parts) -> str | None:
    """3.4 mobile prints the lead between a clearing div and the body."""
    if parts.bare_lead is None:
        return None
    lead = parts.bare_lead.copy
    parts.places["description"] = "what stands before .fiximg"
    return block_text(lead, without=_pictures(lead))


def keywords(parts: Parts) -> tuple[str, ...]:
    """The tags under the article, else those of the head (4.x: article:tag, news_keywords), each once."""
    links = [link for box, _ in parts.index.each(KEYWORD_BOX) for link in box.iter("a")] or [
        link for link in parts.index.links_after if is_keyword_link(link)
    ]
    words = [inline_text(link) for link in islice(links, _MAX_KEYWORDS)]
    found = tuple(dict.fromkeys(word.lstrip("#").strip(" ,") for word in words if word))
    if found:
        parts.places["keywords"] = "a[href*=tag/]"
        return found
    if tags := parts.site.all("article:tag"):
        parts.places["keywords"] = "meta article:tag"
        return tuple(dict.fromkeys(tags))
    printed = (parts.site.first("news_keywords") or "").split(",")
    parts.places["keywords"] = "meta news_keywords"
    return tuple(dict.fromkeys(word.strip() for word in printed if word.strip()))


def counts(parts: Parts) -> tuple[int | None, int | None]:
    """Views and comments, where the page prints them beside the date (egov and customised themes)."""
    views = _beside_icon(parts, VIEW_ICON, "view_count")
    comments = _beside_icon(parts, COMMENT_ICON, "comment_count")
    if views is not None and comments is not None:
        return views, comments
    for _, holder, _ in parts.index.texts(_COUNT_WORD.search):
        seen = _printed_count(holder, _VIEWS) if views is None else None
        said = _printed_count(holder, _COMMENTS) if comments is None else None
        if (seen or said) and is_of_template(holder, parts) and not parts.others.hold(holder):
            if seen:
                views = number(seen)
                parts.places["view_count"] = f"text of {holder.tag}"
            if said:
                comments = number(said)
                parts.places["comment_count"] = f"text of {holder.tag}"
    return views, comments


def _printed_count(holder: etree._Element, patterns: tuple[re.Pattern[str], ...]) -> str | None:
    """The number in a line that says what it counts, or behind an element that says no more than that."""
    line = brief(holder) or ""
    for pattern in patterns:
        if found := pattern.search(line):
            return found[1] or (_behind(holder) if found.start() == 0 else None)
    return None


def _behind(holder: etree._Element) -> str | None:
    """The number that follows an element, in bare text or alone in the next element."""
    following = holder.getnext()
    text = one_line(holder.tail or "") or (None if following is None else brief(following))
    found = _COUNT.match(text) if text else None
    return found[1] if found else None


def _beside_icon(parts: Parts, icons: tuple[Mark, ...], name: str) -> int | None:
    for element, mark in parts.index.each(icons):
        if (count := count_beside(element)) is not None and not parts.others.hold(element):
            parts.places[name] = f"text behind {mark}"
            return count
    return None


def count_beside(icon: etree._Element) -> int | None:
    """The number that follows an icon, before the next icon, else the only one around it; None when there is none."""
    pieces = [icon.tail or ""]
    for node in islice(icon.itersiblings(), _MAX_NODES):
        if "fa-" in (node.get("class") or "") or next(node.iter("i", "em"), None) is not None:
            break
        pieces += [inline_text(node) or "", node.tail or ""]
    if (count := number(" ".join(pieces))) is not None:
        return count
    around = _NUMBER.findall(brief(icon.getparent()) or "")
    return number(around[0]) if len(around) == 1 else None


def rating(parts: Parts) -> tuple[float | None, int | None]:
    """Mean of the votes (1 to 5, two decimals) and their number; None where nothing is printed.

    The page prints the sum of the points and the number of votes (modules/news/language/*.php, stringrating).
    """
    boxes = [(element, str(mark)) for element, mark in parts.index.each(RATING)]
    if smarty.is_smarty(parts) and (marked := smarty.rating(parts)) is not None:
        boxes.append((marked, "[data-area=newsRatingString]"))
    for element, place in boxes:
        numbers = [int(digits) for digits in _RATING_NUMBER.findall(brief(element) or "")]
        if len(numbers) >= 2:
            points, votes = numbers[:2]
            parts.places["rating_value"] = parts.places["rating_count"] = place
            return (round(points / votes, 2) if votes else None), votes
    return None, None


def topic(parts: Parts) -> tuple[str | None, str | None]:
    """The dossier's title and address ("Theo dòng sự kiện"); None when the article is in none."""
    for element in parts.index.links_after:
        href = element.get("href")
        if href and "topic/" in href:
            url = absolute(parts.site.base_url, href)
            if url and classify(url, parts.site.shape).kind == "listing":
                title = one_line(element.get("title") or "") or inline_text(element)
                parts.places["topic"] = "a[href*=topic/]"
                return (None if title is None or _MORE.fullmatch(title) else title), url
    return None, None
