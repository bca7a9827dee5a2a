"""robots.txt, sitemaps and RSS feeds, with their faults (NukeViet 4.4)."""

from crawler.sample.catalogue import Card, Catalogue
from crawler.sample.chrome import Visit
from crawler.sample.frame import Category, Site
from crawler.sample.templating import stored
from crawler.sample.wording import iso_date, rss_date

_SITEMAP_SIZE = 1000  # the newest; older articles are in no sitemap
_RSS_SIZE = 30
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_DISALLOWED = (
    "/admin/",
    "/composer.json",
    "/data/",
    "/includes/",
    "/install/",
    "/modules/",
    "/robots.php",
    "/web.config",
    "/users/",
    "/statistics/",
)


def robots(visit: Visit) -> str:
    """robots.txt as NukeViet generates it."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in _DISALLOWED),
        f"Sitemap: {visit.base}/sitemap.xml",
    ]
    return "\n".join(lines) + "\n"


def sitemap_index(visit: Visit) -> str:
    """The sitemap that names one sitemap for each module."""
    rows = "".join(
        f"<sitemap><loc>{visit.base}/sitemap-vi.{module}.xml</loc></sitemap>"
        for module in ("about", "laws", "news")
    )
    return f'{_XML}<sitemapindex xmlns="{_NAMESPACE}">{rows}</sitemapindex>'


def news_sitemap(catalogue: Catalogue, visit: Visit) -> str:
    """The newest 1,000 articles, each with the time of its publication (not of its last edit)."""
    rows = "".join(
        f"<url><loc>{visit.base}{card.path}</loc><lastmod>{iso_date(card.published)}</lastmod>"
        "<changefreq>daily</changefreq><priority>0.8</priority></url>"
        for card in catalogue.newest(_SITEMAP_SIZE)
    )
    return _urlset(rows)


def module_sitemap(paths: list[str], visit: Visit) -> str:
    """The sitemap of another module's pages."""
    return _urlset(
        "".join(
            f"<url><loc>{visit.base}{path}</loc><changefreq>daily</changefreq><priority>0.8</priority></url>"
            for path in paths
        )
    )


def _urlset(rows: str) -> str:
    return (
        f'{_XML}<?xml-stylesheet type="text/xsl" href="/assets/css/sitemap.xsl"?>'
        f'<urlset xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="{_NAMESPACE}">{rows}</urlset>'
    )


def rss(site: Site, catalogue: Catalogue, category: Category | None, visit: Visit) -> str:
    """The newest 30 articles of a category (None: of the module): headline, lead, and a date with a false minute."""
    path = f"/vi/news/{category.alias}/" if category else "/vi/news/"
    feed = f"/vi/news/rss/{category.alias}/" if category else "/vi/news/rss/"
    title = f"{site.module_title} - {stored(category.title)}" if category else site.module_title
    items = "".join(
        _rss_item(card, visit) for card in catalogue.newest(_RSS_SIZE, category.alias if category else None)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<?xml-stylesheet type="text/xsl" href="/assets/css/rss.xsl" media="screen"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f'<atom:link href="{visit.base}{feed}" rel="self" type="application/rss+xml" />\n<title>{title}</title>\n'
        f"<link>{visit.base}{path}</link>\n<description>\n<![CDATA[{site.description}]]>\n</description>\n"
        f"<language>vi</language>\n<copyright>\n<![CDATA[{site.name}]]>\n</copyright>\n"
        f"<docs>{visit.base}/vi/feeds/</docs>\n<generator>\n<![CDATA[NukeViet v4.0]]>\n</generator>\n"
        f"{items}</channel>\n</rss>\n"
    )


def _rss_item(card: Card, visit: Visit) -> str:
    picture = (
        f'<img src="{visit.base}{card.picture}" width="100" align="left" border="0">' if card.picture else ""
    )
    return (
        f"<item>\n<title>{card.title}</title>\n<link>{visit.base}{card.path}</link>\n"
        f'<guid isPermaLink="false">\n<![CDATA[news_{card.id}]]>\n</guid>\n'
        f"<pubDate>{rss_date(card.published)}</pubDate>\n"
        f"<description>\n<![CDATA[{picture}{card.lead.replace('<br />', ' ')}]]>\n</description>\n</item>\n"
    )
