"""The sample portal's articles: the truth that tests compare against, read from data/articles-*.yml.

Every expected text is written out in those files (or, for `text:`, is the very text that the page is made from),
so that nothing of the truth ever passes through a parser of this project.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from crawler.sample.frame import DATA, read_yaml, site
from crawler.sample.shapes import body_from_text

STATUSES = ("public", "hidden", "future", "expired", "external", "members")
LISTED = frozenset({"public", "expired", "external"})  # what category lists name
FED = LISTED | {"members"}  # what sitemaps, RSS and the blocks of the home page name

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "rar": "application/vnd.rar",
    "zip": "application/zip",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplePicture:
    """A picture of an article; the lead picture stands above the body."""

    path: str
    caption: str | None = None
    thumb: bool = False  # of the lead picture: small at the left, instead of wide in the middle


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleFile:
    """A file that an article offers."""

    name: str  # as the page prints it
    path: str  # with the query: of attached files the article's own, with ?download=1&id=N
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleComment:
    """A reader's comment, which is no part of the article."""

    name: str
    time: datetime  # local
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleArticle:
    """An article as its editor stored it, and what a crawler should make of it.

    Texts that a crawler should find are NFC; what is printed is NFD where `nfd` says so.
    """

    id: int
    alias: str  # free text in NukeViet, not the headline's slug
    category: str  # alias of the main category
    also_in: tuple[str, ...] = ()  # aliases of further categories
    headline: str
    description: str | None = None  # the lead; line breaks as "\n"
    body_html: str = ""
    article_body: str | None = None
    author: str | None = None
    byline: str | None = None  # the right-aligned name at the body's end, which stays in article_body
    source: str | None = None
    keywords: tuple[str, ...] = ()
    published: datetime  # local, to the second
    modified: datetime | None = None  # local; None when never edited
    view_count: int = 0  # before the first visit
    comment_count: int = 0
    rating: tuple[int, int] | None = None  # sum of the votes, number of votes
    topic: str | None = None  # alias
    lead_picture: SamplePicture | None = None
    pictures: tuple[SamplePicture, ...] = ()  # inside the body
    files: tuple[str, ...] = ()  # names of the attached files
    linked_files: tuple[str, ...] = ()  # paths of files of the portal that the body links to
    comments: tuple[SampleComment, ...] = ()  # the first page of them
    videos: tuple[str, ...] = ()  # absolute URLs of players embedded in the body
    account: str  # who posted it: what microdata says where there is no author
    status: str = "public"
    external_url: str | None = None
    nfd: bool = False

    @property
    def cms_id(self) -> str:
        """NukeViet's number of the article, as text."""
        return str(self.id)

    @property
    def path(self) -> str:
        """The canonical address without scheme and host."""
        return article_path(self.category, self.alias, self.id)

    @property
    def article_section(self) -> str:
        """Title of the main category."""
        return self.section_path[-1]

    @property
    def section_path(self) -> tuple[str, ...]:
        """Titles of the categories from the top to the main one."""
        return site().categories[self.category].path

    @property
    def date_published(self) -> str:
        """When it was published, to the minute: "2020-11-09T09:00+07:00"."""
        return self.published.strftime("%Y-%m-%dT%H:%M+07:00")

    @property
    def date_modified(self) -> str | None:
        """When it was last edited, to the minute; None when never, or in the minute of its publication."""
        if self.modified is None or self.modified <= self.published:
            return None
        text = self.modified.strftime("%Y-%m-%dT%H:%M+07:00")
        return text if text != self.date_published else None

    @property
    def rating_value(self) -> float | None:
        """Mean of the votes to one decimal place, as the page prints it; None without votes."""
        return round(self.rating[0] / self.rating[1], 1) if self.rating else None

    @property
    def rating_count(self) -> int:
        """Number of votes, which the page prints in any case."""
        return self.rating[1] if self.rating else 0

    @property
    def topic_title(self) -> str | None:
        """Title of the dossier; None when it belongs to none."""
        return site().topics[self.topic].title if self.topic else None

    @property
    def images(self) -> tuple[SamplePicture, ...]:
        """All pictures in the page's order: the lead picture, then those in the body."""
        return (self.lead_picture, *self.pictures) if self.lead_picture else self.pictures

    @property
    def attachments(self) -> tuple[SampleFile, ...]:
        """The files that the article offers: the attached ones in the page's order, then those its body links to."""
        attached = [(name, f"{self.path}?download=1&id={number}") for number, name in enumerate(self.files)]
        linked = [(path.rpartition("/")[2], path) for path in self.linked_files]
        return tuple(
            SampleFile(name=name, path=path, media_type=_MEDIA_TYPES[name.rpartition(".")[2].lower()])
            for name, path in attached + linked
        )


def article_path(category: str, alias: str, cms_id: int) -> str:
    """The canonical address of an article, without scheme and host (rewrite on, several languages)."""
    return f"/vi/news/{category}/{alias}-{cms_id}.html"


@cache
def written_articles() -> tuple[SampleArticle, ...]:
    """The written articles of every status, in the order of the data files. Raises ValueError when one is unsound."""
    articles = tuple(
        _article(row)
        for path in sorted(DATA.iterdir(), key=lambda path: path.name)
        if path.name.startswith("articles-")
        for row in read_yaml(path) or ()
    )
    if len({article.id for article in articles}) != len(articles):
        raise ValueError("two sample articles have the same id")
    return articles


def _article(row: dict[str, Any]) -> SampleArticle:
    try:
        return _read(dict(row))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"sample article {row.get('id')}: {error}") from error


def _read(row: dict[str, Any]) -> SampleArticle:
    text, shape = row.pop("text", None), row.pop("shape", "paragraphs")
    if text is not None:
        row["article_body"] = text.strip("\n")
        row["body_html"] = body_from_text(row["article_body"], shape, row.get("byline"))
    for name in ("article_body", "body_html", "description"):
        if row.get(name) is not None:
            row[name] = row[name].strip("\n")
    for name in ("also_in", "keywords", "files", "linked_files", "videos"):
        row[name] = tuple(row.get(name, ()))
    if "rating" in row:
        row["rating"] = tuple(row["rating"])
    if "lead_picture" in row:
        row["lead_picture"] = SamplePicture(**row["lead_picture"])
    row["pictures"] = tuple(SamplePicture(**picture) for picture in row.get("pictures", ()))
    row["comments"] = tuple(SampleComment(**comment) for comment in row.get("comments", ()))
    row.setdefault("account", site().account)
    article = SampleArticle(**row)
    _check(article)
    return article


def _check(article: SampleArticle) -> None:
    known = site().categories
    if article.status not in STATUSES:
        raise ValueError(f"unknown status {article.status!r}")
    for alias in (article.category, *article.also_in):
        if alias not in known:
            raise ValueError(f"unknown category {alias!r}")
    if not re.fullmatch(r"[A-Za-z0-9-]+", article.alias):
        raise ValueError(f"an alias NukeViet does not make: {article.alias!r}")
    if (article.status == "members") != known[article.category].members:
        raise ValueError("members-only articles are in the members-only category, and no others")
    texts = (article.headline, article.description, article.article_body, article.author, article.source)
    if any(text and not unicodedata.is_normalized("NFC", text) for text in texts):
        raise ValueError("the truth is NFC; set nfd: true to have it printed in NFD")
