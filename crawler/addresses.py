"""Addresses as they are asked for: a browser's, and Scrapy's, way of writing spaces and accents in them."""

import re
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

_PLAIN = re.compile(r"[\w:/.?=&%~+,;@!*'()$-]*\Z", re.ASCII)


def request_url(url: str) -> str:
    """An absolute address as it is sent, percent-encoded; captures name it so.

    >>> request_url("http://a.vn/uploads/Kế hoạch.pdf")
    'http://a.vn/uploads/K%E1%BA%BF%20ho%E1%BA%A1ch.pdf'
    """
    return url if _PLAIN.match(url) else safe_url_string(url)


def at_host(url: str, home: str) -> str:
    """The same path on the host, and by the scheme, of another address.

    >>> at_host("http://cu.vn/vi/news/tin/mot-tin-12.html?a=1", "https://moi.gov.vn/")
    'https://moi.gov.vn/vi/news/tin/mot-tin-12.html?a=1'
    """
    parts = urlsplit(home)
    return urlsplit(url)._replace(scheme=parts.scheme, netloc=parts.netloc).geturl()
