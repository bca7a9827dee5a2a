"""Pages that are no content: the flood page, a not-found page that answers 200, a page for members."""

import re

from lxml import etree

from crawler.cms.nukeviet.marks import select
from crawler.cms.nukeviet.site import Site
from crawler.text import inline_text

MAX_NOT_FOUND_BYTES = 8_000
MAX_NOTICE_BYTES = 20_000
"""The flood and not-found pages have no menus and are far below this (1.5 to 2 kB in every version)."""

# includes/language/*/global.php: flood_page_title, flood_info1, flood_info2; banned addresses: mainfile.php.
_FLOOD = re.compile(
    r"Hệ thống đang từ chối truy cập|<title>\s*Hãy đợi|Hi and Good-bye!!!|"
    r"The system (?:is )?(?:refus|den)\w+ your access",
    re.IGNORECASE,
)
_FLOOD_SECONDS = re.compile(
    r"id=[\"']?secField[\"']?[^>]*>\s*(\d{1,9})\b|Hãy đợi\s+(\d{1,9})\s+giây", re.IGNORECASE
)
# includes/language/*/global.php: error_404_title, error_404_content.
_NOT_FOUND = re.compile(r"Lỗi truy cập 404|Lỗi 404\s*:|(?:Error|Access error) 404", re.IGNORECASE)
# modules/news/language/*.php: no_permission, of 4.x, 4.6 and 3.4; and English.
_MEMBERS = re.compile(
    r"Bạn không được phép xem bài viết|bạn chưa được cấp quyền xem bài viết|Chỉ thành viên mới có quyền xem|"
    r"You do not have permission to view articles|Only members? (?:can|may) view",
    re.IGNORECASE,
)
_NOTICE = etree.XPath("//*[@id='no_permission'] | //*[contains(@class,'alert')] | //p[@class='ac']")


def may_be_notice(body: bytes) -> bool:
    """Whether a body is as small as the flood page's, and without the script of a normal page."""
    return len(body) <= MAX_NOTICE_BYTES and b"nv_module_name" not in body


def blocked_for(text: str) -> str | None:
    """A message when a page is NukeViet's flood page or its ban page, whatever its status; else None."""
    if not _FLOOD.search(text):
        return None
    seconds = seconds_to_wait(text)
    return f"asks to wait {seconds} seconds" if seconds is not None else "refuses this address"


def seconds_to_wait(text: str) -> int | None:
    """The seconds that a flood page asks to wait; None when it does not say."""
    seconds = _FLOOD_SECONDS.search(text)
    return int(seconds[1] or seconds[2]) if seconds else None


def is_soft_not_found(root: etree._Element, body: bytes) -> bool:
    """Whether a page that answers 200 is NukeViet's not-found page (3.4: themes/*/system/info_die.tpl)."""
    if len(body) > MAX_NOT_FOUND_BYTES or b"nv_module_name" in body:
        return False
    return bool(_NOT_FOUND.search(inline_text(root) or ""))


def is_members_only(root: etree._Element, site: Site) -> bool:
    """Whether a page only says that members may read it; to be asked of pages without an article."""
    texts = (inline_text(notice) or "" for notice in select(_NOTICE, root))
    return any(_MEMBERS.search(text) for text in texts) and site.recognised
