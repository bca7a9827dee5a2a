"""From a response's bytes to a tree, and from an address as printed to one that can be compared."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from lxml import etree
from parsel import Selector

from crawler.items import Fetched, ParseError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SPACE_IN_URL = re.compile(r"[\t\r\n]")
# Addresses that need no work; one character class each, so that no input can make them slow.
_PLAIN_PATH = re.compile(r"/[\w%~./-]*(?:\?[\w%&;=./~-]*)?\Z", re.ASCII)
_PLAIN_URL = re.compile(r"https?://[\w.-]+(?::\d{1,5})?/[\w%~./-]*(?:\?[\w%&;=./~-]*)?\Z", re.ASCII)
_PLAIN_HOST = re.compile(r"https?://([\w.-]+(?::\d+)?)/", re.ASCII)
_CLEAN = re.compile(r"https?://[a-z0-9.-]+(?::\d{4,5})?/[\w%./~-]*\Z", re.ASCII)
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|msclkid|zarsrc|igshid|mc_[ce]id|_ga|phpsessid|sid|nocache)\Z",
    re.IGNORECASE,
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_BEGINNING = re.compile(rb"<(html|urlset|sitemapindex|rss)\b", re.IGNORECASE)
# Browsers break a line there (HTML Standard, 13.2.6.4.7), libxml2 drops it and glues two words.
_CLOSED_BREAK = re.compile(rb"</br\s*>", re.IGNORECASE)
_DROPPED_BREAK = "Unexpected end tag : br"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def decoded(fetched: Fetched) -> str:
    """A response's text: UTF-8 where the bytes are UTF-8, whatever is declared, else as declared."""
    body = fetched.body
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    meta = _META_CHARSET.search(body[:2048])
    for charset in (fetched.charset, meta and meta[1].decode("ascii", "ignore")):
        if charset and charset.lower() not in ("utf-8", "utf8"):
            try:
                return body.decode(charset)
            except (LookupError, UnicodeDecodeError):
                continue
    return body.decode("utf-8", "replace")


def has_end(body: bytes) -> bool | None:
    """Whether a page, sitemap or feed ends as it begins, whatever its server announced; None for anything else.

    >>> has_end(b"<HTML><p>Text</HTML> "), has_end(b"<html><body><p>Text"), has_end(b"<p>Text")
    (True, False, None)
    """
    beginning = _BEGINNING.search(body, 0, 4096)
    if beginning is None:
        return None
    end = b"</" + beginning[1].lower()
    return end in body[-4096:].lower() or end in body.lower()


def parse_html(fetched: Fetched) -> Selector:
    """The page's tree. Raises ParseError when there is none, or when it is nested too deeply to be read.

    libxml2 stops at 2,048 levels and drops what follows: an article cut short in silence is worse than none.
    """
    source = fetched.body
    if b"\x00" in source or source.startswith(_OTHER_MARKS):
        source = _text_as_utf8(fetched)
    root, errors = _parsed(source, fetched.url)
    if any(error.type == etree.ErrorTypes.ERR_INVALID_ENCODING for error in errors):
        source = _text_as_utf8(fetched)
        root, errors = _parsed(source, fetched.url)
    if any(error.message == _DROPPED_BREAK for error in errors):
        root, errors = _parsed(_CLOSED_BREAK.sub(b"<br>", source), fetched.url)
    if any(error.level >= etree.ErrorLevels.FATAL for error in errors):
        raise ParseError(fetched.url, "html", "nested too deeply to be read whole")
    return Selector(root=root, type="html")


def _text_as_utf8(fetched: Fetched) -> bytes:
    """A response's text in UTF-8, without the NUL characters that some servers leave in it."""
    return decoded(fetched).replace("\x00", "").encode("utf-8", "replace")


def _parsed(source: bytes, url: str) -> tuple[etree._Element, etree._ListErrorLog]:
    parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True)
    try:
        root = etree.fromstring(source.strip() or b"<html/>", parser)
    except etree.XMLSyntaxError as error:
        raise ParseError(url, "html", "not a page at all") from error
    if root is None:  # nothing but a comment or a doctype
        root = etree.fromstring(b"<html/>", parser)
    return root, parser.error_log


@lru_cache(maxsize=256)
def _origin(base: str) -> str:
    """Scheme and host of an address; empty when it has none that can be asked."""
    try:
        parts = urlsplit(base)
        _ = parts.port
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in _DEFAULT_PORTS and parts.hostname else ""


def absolute(base: str, href: str | None) -> str | None:
    """A link's http(s) address, absolute and without fragment; None for every other kind of link.

    >>> absolute("http://a.vn/vi/news/", "../about/#top")
    'http://a.vn/vi/about/'
    >>> absolute("http://a.vn/", "javascript:void(0)") is None
    True
    """
    if not href:
        return None
    if "/." not in href and "//" not in href[8:]:
        if _PLAIN_URL.match(href):
            return href
        if _PLAIN_PATH.match(href) and not href.startswith("//") and (origin := _origin(base)):
            return origin + href
    try:
        url = urljoin(base, _SPACE_IN_URL.sub("", href.strip()))
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return None
        _ = parts.port
    except ValueError:
        return None
    return url.partition("#")[0]


def clean_url(url: str) -> str:
    """An absolute address without fragment, default port, session or tracking parameters.

    >>> clean_url("HTTP://A.vn:80/vi/Tin tức/?utm_source=x&page=2#top")
    'http://a.vn/vi/Tin%20t%E1%BB%A9c/?page=2'
    """
    if _CLEAN.match(url):
        return url
    scheme, netloc, path, query, _ = urlsplit(url)
    netloc = netloc.rpartition("@")[2].lower()
    host, _, port = netloc.rpartition(":")
    if port.isdigit() and _DEFAULT_PORTS.get(scheme) == int(port):
        netloc = host
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(name, value) for name, value in pairs if not _TRACKING.match(name)]
        if len(kept) < len(pairs):
            query = urlencode(kept)
        query = quote(query, safe=_PATH_SAFE + "?")
    return urlunsplit((scheme, netloc, quote(path, safe=_PATH_SAFE) or "/", query, ""))


@lru_cache(maxsize=1024)
def _is_one_of(netloc: str, hosts: frozenset[str]) -> bool:
    return _bare(netloc.rpartition("@")[2]) in map(_bare, hosts)


def _bare(netloc: str) -> str:
    return netloc.lower().removeprefix("www.").removesuffix(":80").removesuffix(":443")


def is_own(url: str, hosts: frozenset[str]) -> bool:
    """Whether an address is on one of the hosts (with or without "www.", http or https).

    >>> is_own("https://www.hoathanh.tayninh.gov.vn/vi/", frozenset({"hoathanh.tayninh.gov.vn"}))
    True
    >>> is_own("http://hoathanh.tayninh.gov.vn@evil.example/", frozenset({"hoathanh.tayninh.gov.vn"}))
    False
    """
    if plain := _PLAIN_HOST.match(url):
        return _is_one_of(plain[1], hosts)
    try:
        return _is_one_of(urlsplit(url).netloc, hosts)
    except ValueError:
        return False


def as_secure_as(url: str, page_url: str) -> str:
    """An address of a page's own host under the page's scheme, when that is https.

    Behind a server that adds TLS, NukeViet prints its feeds' and canonical addresses with http: no page is to be
    asked for twice for that.

    >>> as_secure_as("http://a.vn/vi/news/", "https://a.vn/vi/")
    'https://a.vn/vi/news/'
    """
    if not (url.startswith("http:") and page_url.startswith("https:")):
        return url
    return "https:" + url[5:] if urlsplit(url).netloc == urlsplit(page_url).netloc else url


def same_page(one: str, other: str) -> bool:
    """Whether two addresses of one portal name the same page: scheme and host do not count.

    >>> same_page("http://a.vn/vi/news/", "https://www.a.vn/vi/news/?utm_source=fb")
    True
    """
    return one == other or urlsplit(clean_url(one))[2:4] == urlsplit(clean_url(other))[2:4]
