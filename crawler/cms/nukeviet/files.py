"""The files that an article offers: the box "File đính kèm", and documents that it links to or shows."""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import parse_qsl, urlsplit

from lxml import etree

from crawler.cms.nukeviet import smarty
from crawler.cms.nukeviet.locate import Parts
from crawler.cms.nukeviet.marks import marks
from crawler.cms.nukeviet.urls import file_name
from crawler.cms.web import absolute, clean_url
from crawler.items import Attachment
from crawler.text import inline_text, one_line

ATTACHMENT_BOX = marks(".news-download-file")  # 4.3 to 4.6, egov, mobile_default
# What NukeViet calls a file that lies elsewhere (modules/news/language/*.php, click_to_download).
_NAMELESS = re.compile(
    r"(?:nhấn|bấm|click|kích)\b.*|(?:xin |vui lòng )?(?:xem|tải)\b(?: (?:về|chi tiết|file|tập tin|văn bản|toàn văn))*"
    r"(?: tại)?(?: đây| đây)?\.?|tại đây\.?|(?:ở )?đây\.?|download|file(?: đính kèm)?|here\.?",
    re.IGNORECASE,
)
_FILE_PREFIX = re.compile(r"(?:Tập tin|File)(?:\s*\d+)?\s*:\s*", re.IGNORECASE)
_VIEWED = frozenset(("url", "src", "file"))  # Google's, Microsoft's and pdf.js's viewers
_MAX_NAME = 60  # characters
_MAX_BOXES = 5

MEDIA_TYPES = {
    "7z": "application/x-7z-compressed",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pdf": "application/pdf",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "rar": "application/vnd.rar",
    "rtf": "application/rtf",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
"""Media types of documents and archives, by the extension of a name."""
_ENDINGS = tuple(f".{name}" for extension in MEDIA_TYPES for name in (extension, extension.upper()))
_DOWNLOAD = "download=1"  # of an article's own files: `?download=1&id=0` (modules/news/funcs/detail.php)
_PICTURE_TYPES = {"gif": "image/gif", "jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png"}
_ALL_TYPES = MEDIA_TYPES | _PICTURE_TYPES


def attachments(parts: Parts) -> tuple[Attachment, ...]:
    """The files of the box, and the documents that the body and what is around it link to or show, each once."""
    found: dict[str, Attachment] = {}
    for link, place in _offered(parts):
        href = link.get("href") or ""
        url = None if href.startswith("#") else absolute(parts.site.base_url, href)
        if url:
            name = _FILE_PREFIX.sub("", inline_text(link) or "")
            found.setdefault(url, _attachment(url, name))
            parts.places.setdefault("attachments", place)
    for link in parts.inside.get("a", ()):
        url = absolute(parts.site.base_url, link.get("href"))
        if url and _is_document(url):
            found.setdefault(url, _attachment(url, inline_text(link) or ""))
            parts.places.setdefault("attachments", "a[href] in the body")
    for player in parts.inside.get("player", ()):
        if url := shown_document(player, parts):
            found.setdefault(url, _attachment(url, ""))
            parts.places.setdefault("attachments", f"{player.tag} in the body")
    return tuple(attachment for attachment in found.values() if attachment.name)


def shown_document(player: etree._Element, parts: Parts) -> str | None:
    """The document that a frame or plug-in of a body shows, by itself or in a viewer; None when it shows none."""
    source = player.get("src") or player.get("data-src") or player.get("data") or ""
    url = absolute(parts.site.base_url, source)
    if url is None or _is_document(url):
        return url
    for value in (value for name, value in parse_qsl(urlsplit(url).query) if name in _VIEWED):
        shown = absolute(parts.site.base_url, value)
        if shown and _is_document(shown):
            return shown
    return None


def _is_document(url: str) -> bool:
    return _extension(file_name(url)) in MEDIA_TYPES


def _offered(parts: Parts) -> Iterator[tuple[etree._Element, str]]:
    """The links of the box, and where they stand."""
    for box, mark in islice(parts.index.each(ATTACHMENT_BOX), _MAX_BOXES):
        for link in box.iter("a"):
            yield link, f"{mark} a"
    if parts.is_boxed:
        # A box of a theme's own has any name: a document's address is what tells.
        for link in parts.index.links_after:
            href = link.get("href") or ""
            if (href.endswith(_ENDINGS) or _DOWNLOAD in href) and not parts.others.hold(link):
                yield link, "a[href] in the box"
    if smarty.is_smarty(parts):
        for link in smarty.files(parts):
            yield link, "a[download]"


def _attachment(url: str, name: str) -> Attachment:
    own_name = one_line(file_name(url))
    if not name or (len(name) <= _MAX_NAME and _NAMELESS.fullmatch(name) and _DOWNLOAD not in url):
        name = own_name or name
    media_type = _ALL_TYPES.get(_extension(name)) or _ALL_TYPES.get(_extension(file_name(url)))
    return Attachment(name=name, url=clean_url(url), media_type=media_type)


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""
