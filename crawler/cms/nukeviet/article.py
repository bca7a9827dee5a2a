"""From an article's page to an Article."""

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from lxml import etree

from crawler.cms.nukeviet import body as bodies
from crawler.cms.nukeviet import fields
from crawler.cms.nukeviet.breadcrumb import section
from crawler.cms.nukeviet.dateline import visible_date
from crawler.cms.nukeviet.locate import Parts, locate
from crawler.cms.nukeviet.marks import marks
from crawler.cms.nukeviet.site import Site
from crawler.cms.nukeviet.urls import Target, classify
from crawler.cms.web import clean_url
from crawler.dates import normalise_date
from crawler.items import Article, ParseError, Witness
from crawler.text import block_text
from crawler.witnesses import decide, modified

PARSER = "nukeviet/1"
MICRODATA_DATES = marks("@dateModified @datePublished")
_VIET_NAM = timezone(timedelta(hours=7))
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
# 4.x, 5 and egov print date('Y-m-dTH:i:s'), whose T is PHP's letter for the time zone (funcs/detail.php).
_META_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[+-]\d\d(?::?\d\d)?|[A-Z]{2,5})(\d\d:\d\d)(?::\d\d)?\Z")


def article_target(site: Site, url: str) -> tuple[Target, str]:
    """What a page's address leads to, and that address, clean: the canonical one where it is the same article's."""
    asked = clean_url(url)
    target = classify(asked, site.shape)
    if site.canonical:
        canonical = clean_url(site.canonical)
        named = classify(canonical, site.shape)
        if named.kind == "article" and (target.kind != "article" or target.cms_id == named.cms_id):
            return named, canonical
    return target, asked


class FoundArticle(NamedTuple):
    """An article, and what its links are taken from."""

    article: Article
    topic_url: str | None
    body: etree._Element


def read_article(root: etree._Element, site: Site, url: str, captured_at: datetime) -> FoundArticle:
    """The article of a page. Raises ParseError, naming the field, without id, headline or body marker."""
    if captured_at.tzinfo is None:
        raise ValueError("captured_at must say its time zone")
    target, canonical = article_target(site, url)
    if target.cms_id is None:
        raise ParseError(url, "cms_id", "no article number in its address")
    parts = locate(root, site)
    if parts is None:
        raise ParseError(url, "article_body")
    headline, headline_from = fields.headline(parts)
    if headline is None:
        raise ParseError(url, "headline")
    witnesses, date_from = _witnesses(parts, captured_at)
    decision = decide(witnesses, captured_at=captured_at)
    lead, lead_from = fields.lead(parts)
    keywords, keywords_from = fields.keywords(parts)
    path, section_from = section(root, parts, canonical)
    labelled = fields.labelled(parts)
    views, comments = fields.counts(parts)
    rating_value, rating_count = fields.rating(parts)
    topic, topic_url = fields.topic(parts)
    article = Article(
        cms_id=target.cms_id,
        module=target.module or site.module or "news",
        in_language=target.language or site.language or "vi",
        url=canonical,
        headline=headline,
        description=lead,
        article_body=block_text(parts.body),
        article_body_html=bodies.body_html(parts.body, site.base_url),
        article_section=path[-1] if path else None,
        section_path=path,
        author=labelled.get("author"),
        byline=bodies.byline(parts.body),
        source=labelled.get("source"),
        keywords=keywords,
        date_published=decision.date_published,
        date_published_text=next((one.text for one in witnesses if one.source == "visible"), None),
        date_source=decision.date_source,
        date_flags=decision.flags,
        date_modified=modified(witnesses, decision.date_published),
        witnesses=witnesses,
        view_count=views,
        comment_count=comments,
        rating_value=rating_value,
        rating_count=rating_count,
        topic=topic,
        images=bodies.images(parts),
        attachments=bodies.attachments(parts),
        videos=bodies.videos(parts),
        parser=PARSER,
        trace=_trace(
            headline=headline_from,
            description=lead_from,
            article_body=parts.body_mark,
            article_section=section_from,
            keywords=keywords_from if keywords else "",
            date_published_text=date_from,
            author="label" if "author" in labelled else "",
            source="label" if "source" in labelled else "",
        ),
    )
    return FoundArticle(article, topic_url, parts.body)


def _trace(**places: str) -> tuple[tuple[str, str], ...]:
    return tuple((field, place) for field, place in places.items() if place)


def _witnesses(parts: Parts, captured_at: datetime) -> tuple[tuple[Witness, ...], str]:
    """What the page itself says of its dates, and where its visible line was found."""
    witnesses = []
    text, place = visible_date(parts)
    if text is not None:
        date = normalise_date(text, captured_at=captured_at)
        witnesses.append(
            Witness(
                source="updated" if date and date.is_update else "visible",
                text=text,
                iso=date.iso if date else None,
                weekday_conflict=bool(date and date.weekday_conflict),
            )
        )
    if published := parts.site.first("article:published_time"):
        witnesses.append(Witness(source="meta", text=published, iso=stamp_iso(published)))
    for mark in MICRODATA_DATES:
        element = next(parts.index.all(mark), None)
        stamp = (
            None if element is None else (element.get("content") or element.get("datetime") or element.text)
        )
        if stamp and stamp.strip():
            witnesses.append(Witness(source="microdata", text=stamp.strip(), iso=stamp_iso(stamp.strip())))
            break
    return tuple(witnesses), place


def stamp_iso(text: str) -> str | None:
    """The local time of a machine's stamp, to the minute; None when unreadable.

    Microdata are in ISO 8601; article:published_time is malformed, but its date and local time are right.
    """
    malformed = _META_DATE.match(text)
    try:
        stamp = datetime.fromisoformat(f"{malformed[1]}T{malformed[2]}+07:00" if malformed else text)
        if stamp.tzinfo is None or not _FIRST_YEAR <= stamp.year <= _LAST_YEAR:
            return None
        return stamp.astimezone(_VIET_NAM).isoformat(timespec="minutes")
    except ValueError:
        return None
