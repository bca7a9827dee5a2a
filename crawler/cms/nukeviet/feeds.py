"""From a sitemap or feed of a NukeViet site to the articles and addresses it names."""

import re
from datetime import datetime

from crawler.cms.feeds import Entry, Feed
from crawler.cms.nukeviet.urls import NEWS_MODULES, OTHER_MODULES, Shape, Target, base_of_feed, classify
from crawler.cms.web import absolute, as_secure_as, clean_url, is_own
from crawler.dates import normalise_date, rss_date
from crawler.items import Link, Listing, ListingItem, Witness
from crawler.text import one_line

# modules/news/funcs/rss.php: guid is the module's name and the article's number.
# date('c') in modules/news/funcs/sitemap.php.
_LASTMOD = re.compile(r"(?a)(?:199\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00\Z")
_GUID = re.compile(r"(?P<module>.+)_(?P<id>\d+)\Z")


def read_feed(
    feed: Feed, url: str, hosts: frozenset[str], captured_at: datetime
) -> tuple[Listing, tuple[Link, ...]]:
    """What a sitemap index, a sitemap or an RSS feed names, and where it leads to on the portal."""
    named = (guid["module"] for entry in feed.entries if (guid := _GUID.match(entry.guid or "")))
    base = base_of_feed(url, next(named, None))
    here = classify(url, Shape(base=base))
    news = NEWS_MODULES | ({here.module} if here.module and here.module not in OTHER_MODULES else set())
    shape = Shape(base=base, news=frozenset(news))
    items, links = [], []
    for entry in feed.entries:
        address = absolute(url, entry.url)
        if address is None:
            continue
        address = as_secure_as(clean_url(address), url)
        target = classify(address, shape)
        if feed.kind == "sitemap_index":
            links.append(Link(url=address, kind="feed"))
        elif target.kind == "article":
            witness = _witness(entry.date_text, feed.kind, captured_at)
            items.append(_item(entry, address, target, here, witness))
            links.append(Link(url=address, kind="article"))
        elif target.kind is not None:
            links.append(Link(url=address, kind="page" if target.kind == "feed" else target.kind))
    own = tuple(link for link in links if is_own(link.url, hosts))
    return Listing(url=url, kind=feed.kind, items=tuple(items)), own


def _item(entry: Entry, url: str, target: Target, here: Target, witness: Witness | None) -> ListingItem:
    guid = _GUID.match(entry.guid or "")
    return ListingItem(
        url=url,
        in_language=target.language or here.language,
        module=(guid["module"] if guid else None) or target.module or here.module,
        cms_id=target.cms_id,
        headline=one_line(entry.title) or None if entry.title else None,
        witness=witness,
    )


def _witness(text: str | None, kind: str, captured_at: datetime) -> Witness | None:
    if text is None:
        return None
    if kind != "rss" and (minute := _local_minute(text)):
        return Witness(source=kind, text=text, iso=minute)
    read = rss_date if kind == "rss" else normalise_date
    date = read(text, captured_at=captured_at)
    return Witness(source=kind, text=text, iso=date.iso if date else None)


def _local_minute(text: str) -> str | None:
    """The short way for the lastmod of a portal in its own zone; None when it is not that, or no date."""
    printed = _LASTMOD.match(text)
    try:
        return datetime.fromisoformat(text).isoformat(timespec="minutes") if printed else None
    except ValueError:
        return None
