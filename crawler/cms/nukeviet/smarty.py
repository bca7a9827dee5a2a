"""What NukeViet 5 prints from Smarty templates, which mark an article's parts with data attributes.

These templates have neither microdata nor the class names of 3.4 to 4.6: themes/*/modules/news/detail.tpl.
"""

from collections.abc import Iterator

from lxml import etree

from crawler.cms.nukeviet.locate import SMARTY_BODY, Parts


def is_smarty(parts: Parts) -> bool:
    """Whether an article's page comes from such a template."""
    return parts.body_mark == "." + SMARTY_BODY


def lead(parts: Parts) -> etree._Element | None:
    """The element that holds the lead: text that readers may report errors in, and which is not the body."""
    return next((one for one in parts.index.before if one.get("data-toggle") == "error-report"), None)


def rating(parts: Parts) -> etree._Element | None:
    """The element that holds the sum of the points and the number of votes."""
    return next((one for one in parts.index.after if one.get("data-area") == "newsRatingString"), None)


def files(parts: Parts) -> Iterator[etree._Element]:
    """The links of the box "File đính kèm"."""
    return (one for one in parts.index.links_after if one.get("download") is not None)
