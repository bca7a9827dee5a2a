"""What counts as an article's content: the digest that tells a change from a new counter value."""

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

from crawler.items import Article


def content_of(article: Article) -> dict[str, Any]:
    """The fields whose change makes a revision, as JSON-ready values; counts are not among them.

    Files on the article's own host are named by path, so that a portal's move to https, or to another
    host name, changes no article.
    """
    return {
        "headline": article.headline,
        "description": article.description,
        "article_body": article.article_body,
        "author": article.author,
        "source": article.source,
        "article_section": article.article_section,
        "keywords": list(article.keywords),
        "date_published": article.date_published,
        "date_modified": article.date_modified,
        "attachments": [attachment_content(file.name, file.url, article.url) for file in article.attachments],
    }


def attachment_content(name: str, url: str, article_url: str) -> dict[str, str]:
    """One file as content_of() has it, of the article at `article_url`."""
    return {"name": name, "url": _portable(url, urlsplit(article_url).netloc)}


def content_digest(content: dict[str, Any]) -> str:
    """The SHA-256 of content_of()'s values, 64 hexadecimal digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _portable(url: str, own: str) -> str:
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="").geturl() if parts.netloc == own else url
