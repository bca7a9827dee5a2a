"""Addresses out of Vietnamese text, as NukeViet's change_alias makes them."""

import re
import unicodedata

# The plain letter of every Latin letter that has one; đ has no decomposition.
_PLAIN = {ord("đ"): "d", ord("Đ"): "d"} | {
    code: unicodedata.normalize("NFD", chr(code))[0].lower()
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.normalize("NFD", chr(code))[0].isascii()
}
_REST = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """NFC text in lower-case ASCII with hyphens.

    >>> slug("Đại hội Đảng bộ thị xã – 2020")
    'dai-hoi-dang-bo-thi-xa-2020'
    """
    return _REST.sub("-", text.translate(_PLAIN).lower()).strip("-")
