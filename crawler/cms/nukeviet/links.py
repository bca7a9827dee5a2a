"""Where a NukeViet page leads to on its own portal: never a trap, never another site."""

from collections.abc import Iterable, Iterator

from lxml import etree

from crawler.cms.nukeviet.article import FoundArticle
from crawler.cms.nukeviet.site import Site
from crawler.cms.nukeviet.urls import Target, classify
from crawler.cms.web import absolute, as_secure_as, clean_url, is_own
from crawler.items import Link, Listing


def unique(links: Iterable[Link]) -> tuple[Link, ...]:
    """Each address once, where and under the kind that it was first seen."""
    found: dict[str, Link] = {}
    for link in links:
        found.setdefault(link.url, link)
    return tuple(found.values())


def own_link(url: str | None, site: Site, hosts: frozenset[str]) -> tuple[Link, Target] | None:
    """A link of the portal itself that may be followed, with what it leads to; else None."""
    if url is None or not is_own(url, hosts):
        return None
    url = as_secure_as(clean_url(url), site.url)
    target = classify(url, site.shape)
    return None if target.kind is None else (Link(url=url, kind=target.kind), target)


def listing_links(
    root: etree._Element, site: Site, listing: Listing, hosts: frozenset[str]
) -> tuple[Link, ...]:
    """From a list page: its articles, its next page, and everything else on the portal that it names."""
    links = [Link(url=item.url, kind="article") for item in listing.items if is_own(item.url, hosts)]
    if listing.next_url and is_own(listing.next_url, hosts):
        links.append(Link(url=listing.next_url, kind="listing"))
    for feed in (*site.feeds, *_sitemap_in_folder(site, listing)):
        if found := own_link(absolute(site.base_url, feed), site, hosts):
            links.append(found[0])
            links.extend(_category_of_feed(found[0], found[1]))
    for href in _hrefs(root):
        if not href.startswith("#") and (found := own_link(absolute(site.base_url, href), site, hosts)):
            link, target = found
            if target.page == 1:  # other pages of a list are reached by its next links
                links.append(link)
    return unique(links)


def _hrefs(root: etree._Element) -> Iterable[str]:
    """Where a page's links lead to as printed, each once: its menus and blocks repeat themselves."""
    return dict.fromkeys(href for element in root.iter("a", "area") if (href := element.get("href")))


def _sitemap_in_folder(site: Site, listing: Listing) -> tuple[str, ...]:
    """The sitemap of a portal that lies in a folder of its host: the host's robots.txt is not its own."""
    if site.shape.base.strip("/") == "" or listing.kind != "home":
        return ()
    name = "Sitemap.xml" if (site.version or "").startswith("3") else "sitemap.xml"
    return (site.shape.base.rstrip("/") + "/" + name,)


def page_links(root: etree._Element, site: Site, hosts: frozenset[str]) -> tuple[Link, ...]:
    """From a page of another module: everything on the portal that it names."""
    addresses = (absolute(site.base_url, href) for href in _hrefs(root))
    return unique(linked[0] for url in addresses if (linked := own_link(url, site, hosts)))


def _category_of_feed(feed: Link, target: Target) -> Iterator[Link]:
    """The list page of a feed: /vi/news/rss/tin/ is fed from /vi/news/tin/."""
    if target.kind != "feed":
        return
    for old, new in (("/rss/", "/"), ("op=rss/", "op=")):
        if old in feed.url:
            yield Link(url=feed.url.replace(old, new, 1), kind="listing")
            return


def _category_of(article_url: str) -> Link:
    """The list that an article's address names, where no menu may: /vi/news/tin/mot-bai-12.html is of /vi/news/tin/."""
    category = article_url.rstrip("/").rpartition("/")[0]
    return Link(url=category if "?" in category else f"{category}/", kind="listing")


def article_links(found: FoundArticle, site: Site, hosts: frozenset[str]) -> tuple[Link, ...]:
    """From an article: its category, its dossier, the files and pictures it names, and what its body links to."""
    article = found.article
    links = [_category_of(article.url)] if is_own(article.url, hosts) else []
    if topic := own_link(found.topic_url, site, hosts):
        links.append(topic[0])
    files = (
        *(attachment.url for attachment in article.attachments),
        *(image.url for image in article.images),
        *article.videos,
    )
    links.extend(Link(url=url, kind="file") for url in files if is_own(url, hosts))
    addresses = (absolute(site.base_url, element.get("href")) for element in found.links)
    links.extend(linked[0] for url in addresses if (linked := own_link(url, site, hosts)))
    return unique(links)
