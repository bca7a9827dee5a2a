"""By what an address is recognised as that of a withheld article, without keeping the address.

An address tells much of an article: NukeViet makes it of the headline, and a file of the persons it is about.
So archive.db keeps of a withheld article's addresses only digests: of the whole (to know the capture again), and
of the names that its other forms share (http and https, with and without www., categories, print versions).
"""

import hashlib
import re
from urllib.parse import urlsplit

MASK = "withheld:"
_SHORTEST_NAME = 8


def masked_address(url: str) -> str:
    """What `captures` shows in place of an address: the same for the same address, and nothing of it.

    >>> masked_address("http://x.vn/a")
    'withheld:d01bdbd460ec179514d6e652060cef5b'
    """
    return MASK + _digest(url)


def name_digests(portal: str, url: str) -> frozenset[str]:
    """The digests of all names that an address of a portal contains."""
    return frozenset(_digest(f"{portal} {name}") for name in names(url))


def file_digest(portal: str, url: str) -> str:
    """The digest of one file's whole name; another file in the same folder has another."""
    return _digest(f"{portal} {path_of(url)}")


def names(url: str) -> frozenset[str]:
    """The path with its query, and each last part of them that is an article's own name, as NukeViet makes it.

    >>> sorted(names("http://x.vn/vi/news/tin/dan-van-12.html"))
    ['/vi/news/tin/dan-van-12.html', 'dan-van-12']
    >>> sorted(names("http://x.vn/index.php?nv=news&op=tin/dan-van-12"))
    ['/index.php?nv=news&op=tin/dan-van-12', 'dan-van-12']
    """
    path = path_of(url)
    parts = (part.rstrip("/").rpartition("/")[2] for part in re.split(r"[?&=]", path))
    stems = {re.sub(r"\.\w{2,5}$", "", part) for part in parts}
    own = {stem for stem in stems if len(stem) >= _SHORTEST_NAME and "-" in stem}
    return frozenset(own | ({path} if path != "/" else set()))


def path_of(url: str) -> str:
    """An address without its host, so that all hosts of a portal are one.

    >>> path_of("http://x.vn/uploads/a.pdf?v=1")
    '/uploads/a.pdf?v=1'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
