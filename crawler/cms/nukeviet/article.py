"""From an article's page to an Article."""

import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from lxml import etree

from crawler.cms.nukeviet import body as bodies
from crawler.cms.nukeviet import fields, labels, pictures
from crawler.cms.nukeviet.breadcrumb import section
from crawler.cms.nukeviet.dateline import visible_date
from crawler.cms.nukeviet.files import attachments
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
    links: list[etree._Element]  # of the body


def read_article(
    root: etree._Element, site: Site, url: str, captured_at: datetime, named: tuple[Target, str] | None = None
) -> FoundArticle:
    """The article of a page; `named` is its `article_target`, where that is known already.

    Raises ParseError, naming the field, without id, headline or body marker.
    """
    if captured_at.tzinfo is None:
        raise ValueError("captured_at must say its time zone")
    target, address = named or article_target(site, url)
    if target.cms_id is None:
        raise ParseError(url, "cms_id", "no article number in its address")
    parts = locate(root, site)
    if parts is None:
        raise ParseError(url, "article_body")
    headline = fields.headline(parts)
    if headline is None:
        raise ParseError(url, "headline")
    witnesses = _witnesses(parts, captured_at)
    decision = decide(witnesses, captured_at=captured_at)
    path = section(root, parts, address)
    labelled = labels.labelled(parts)
    views, comments = fields.counts(parts)
    rating_value, rating_count = fields.rating(parts)
    topic, topic_url = fields.topic(parts)
    article = Article(
        cms_id=target.cms_id,
        module=target.module or site.module or "news",
        in_language=target.language or site.language or "vi",
        url=address,
        headline=headline,
        description=fields.lead(parts),
        article_body=block_text(parts.body),
        article_body_html=bodies.body_html(parts),
        article_section=path[-1] if path else None,
        section_path=path,
        author=labelled.get("author"),
        byline=bodies.byline(parts),
        source=labelled.get("source"),
        keywords=fields.keywords(parts),
        date_published=decision.date_published,
        date_published_text=decision.text,
        date_source=decision.date_source,
        date_flags=decision.flags,
        date_modified=modified(witnesses, decision.date_published),
        witnesses=witnesses,
        view_count=views,
        comment_count=comments,
        rating_value=rating_value,
        rating_count=rating_count,
        topic=topic,
        images=pictures.images(parts),
        attachments=attachments(parts),
        videos=bodies.videos(parts),
        parser=PARSER,
        trace=_trace(parts, target, address),
    )
    return FoundArticle(article, topic_url, parts.inside.get("a", []))


def _trace(parts: Parts, target: Target, address: str) -> tuple[tuple[str, str], ...]:
    """For each field the selector that gave it; under `left_out` what the body holds that is in no field."""
    site, places = parts.site, parts.places
    given = (
        "link[rel=canonical]"
        if site.canonical and clean_url(site.canonical) == address
        else "address asked for"
    )
    places["url"] = places["cms_id"] = given
    places["module"] = given if target.module else "nv_module_name" if site.module else "the stock name"
    places["in_language"] = (
        given if target.language else "nv_lang_data, html[lang]" if site.language else "the usual one"
    )
    if left_out := bodies.left_out(parts):
        places["left_out"] = "; ".join(left_out)
    return tuple(places.items())


def _witnesses(parts: Parts, captured_at: datetime) -> tuple[Witness, ...]:
    """What the page itself says of its dates."""
    witnesses = []
    text, place = visible_date(parts)
    if text is not None:
        parts.places["date_published_text"] = place
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
    if edited := _edited(parts, witnesses):
        witnesses.append(edited)
    return tuple(witnesses)


def _edited(parts: Parts, witnesses: list[Witness]) -> Witness | None:
    """When the article was edited: microdata, the later of edit and publication; in 5, which has none, the head."""
    for element, _ in parts.index.each(MICRODATA_DATES):
        stamp = element.get("content") or element.get("datetime") or element.text
        if stamp and stamp.strip():
            return Witness(source="microdata", text=stamp.strip(), iso=stamp_iso(stamp.strip()))
    stamp = parts.site.first("article:modified_time")
    iso = stamp_iso(stamp) if stamp else None
    if stamp is None or iso is None or any(one.iso and iso < one.iso for one in witnesses):
        return None  # an article may be written long before its publication
    return Witness(source="updated", text=stamp, iso=iso)


def stamp_iso(text: str) -> str | None:
    """The local time of a machine's stamp, to the minute; None when unreadable.

    Microdata are in ISO 8601; article:published_time is malformed, but its date and local time are right.
    """
    printed = _META_DATE.match(text)
    try:
        stamp = datetime.fromisoformat(f"{printed[1]}T{printed[2]}+07:00" if printed else text)
        if stamp.tzinfo is None or not _FIRST_YEAR <= stamp.year <= _LAST_YEAR:
            return None
        return stamp.astimezone(_VIET_NAM).isoformat(timespec="minutes")
    except ValueError:
        return None
