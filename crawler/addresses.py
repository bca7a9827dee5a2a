"""Addresses as they are asked for: a browser's, and Scrapy's, way of writing spaces and accents in them."""

import re

from w3lib.url import safe_url_string

_PLAIN = re.compile(r"[\w:/.?=&%~+,;@!*'()$-]*\Z", re.ASCII)


def request_url(url: str) -> str:
    """An absolute address as it is sent, percent-encoded; captures name it so.

    >>> request_url("http://a.vn/uploads/Kế hoạch.pdf")
    'http://a.vn/uploads/K%E1%BA%BF%20ho%E1%BA%A1ch.pdf'
    """
    return url if _PLAIN.match(url) else safe_url_string(url)
