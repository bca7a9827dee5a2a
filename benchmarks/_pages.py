"""Article pages whose truth is known, and how near a tool comes to it."""

import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from crawler.dates import VIET_NAM
from crawler.items import Fetched
from crawler.sample import truth
from crawler.sample.answers import Request
from crawler.sample.portal import SamplePortal

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "nukeviet"
SAMPLE_HOST = "hoathanh.tayninh.example"
WIDGET_TEXTS = (
    "Bạn đã không sử dụng Site", "Các tin khác", "Click để đánh giá bài viết", "Đang truy cập", "Khách viếng thăm",
    "Máy chủ tìm kiếm", "Những tin cũ hơn", "Những tin mới hơn", "Tháng hiện tại", "Thăm dò ý kiến",
    "Tổng lượt truy cập", "Trình duyệt của bạn đã tắt chức năng hỗ trợ JavaScript", "Ý kiến bạn đọc",
)  # fmt: skip
"""What NukeViet's widgets print on article pages; counts on pages whose article does not say it itself."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"\A/|\w=")  # what must be absent from links says nothing about texts
_BETWEEN_NAMES = re.compile(r"[,;]")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Result = dict[str, str | None]
"""What a tool makes of a page: `text`, and where it gives them `date` and `author`."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """An article's page and what is true of it."""

    fetched: Fetched
    body: str  # as compared; empty when the page has none
    lead_and_body: str
    absent: tuple[str, ...]  # what stands elsewhere on the page, or may do so
    date: str | None  # +07:00, as precise as printed
    authors: frozenset[str]

    @property
    def hosts(self) -> frozenset[str]:
        """The portal's own."""
        return frozenset({urlsplit(self.fetched.url).netloc})


def _plain(text: str | None) -> str:
    """A text as it is compared: NFC, Đ for Eth, single spaces, no invisible characters."""
    return " ".join(
        _INVISIBLE.sub("", unicodedata.normalize("NFC", text or "").replace("\u00d0", "Đ")).split()
    )


def _names(text: str | None) -> frozenset[str]:
    return frozenset(filter(None, map(_plain, _BETWEEN_NAMES.split(text or ""))))


def _absent(texts: Iterable[str], said: str) -> tuple[str, ...]:
    found = {_plain(text) for text in (*texts, *WIDGET_TEXTS) if not _ADDRESS.search(text)}
    return tuple(sorted(text for text in found if text not in said))


def fixture_pages() -> list[Page]:
    """The fixtures whose expected outcome is `article`, by name."""
    pages = []
    for path in sorted(FIXTURES.glob("*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts["expected"]["outcome"] != "article":
            continue
        article = facts["expected"]["article"]
        body, lead = _plain(article["article_body"]), _plain(article["description"])
        fetched = Fetched(
            url=facts["url"],
            status=facts["status"],
            media_type=facts["media_type"],
            body=path.with_suffix(".html").read_bytes(),
            fetched_at=datetime.fromisoformat(facts["fetched_at"]),
        )
        pages.append(
            Page(
                fetched=fetched,
                body=body,
                lead_and_body=f"{lead} {body}",
                absent=_absent(facts["absent"], f"{article['headline']} {lead} {body}"),
                date=article["date_published"],
                authors=_names(article["author"]),
            )
        )
    return pages


def sample_pages(count: int) -> list[Page]:
    """The first articles of a sample portal of so many."""
    portal = SamplePortal(count)
    pages = []
    for article in islice(truth(count), count):
        answer = portal.answer(Request(target=article.path, host=SAMPLE_HOST))
        body, lead = _plain(article.article_body), _plain(article.description)
        fetched = Fetched(
            url=f"http://{SAMPLE_HOST}{article.path}",
            status=200,
            media_type="text/html",
            body=answer.body,
            fetched_at=datetime(2026, 11, 20, tzinfo=UTC),
        )
        pages.append(
            Page(
                fetched=fetched,
                body=body,
                lead_and_body=f"{lead} {body}",
                absent=_absent((comment.text for comment in article.comments), f"{lead} {body}"),
                date=article.date_published,
                authors=_names(article.author),
            )
        )
    return pages


def summary(pages: Sequence[Page]) -> str:
    """What the percentages are of."""
    kilobytes = statistics.mean(len(page.fetched.body) for page in pages) / 1000
    words = statistics.median(len(page.body.split()) for page in pages)
    counts = {
        "a date": sum(page.date is not None for page in pages),
        "a time": sum("T" in (page.date or "") for page in pages),
        "an author line": sum(bool(page.authors) for page in pages),
        "no body": sum(not page.body for page in pages),
    }
    listed = ", ".join(f"{number} with {what}" for what, number in counts.items())
    return (
        f"{len(pages)} article pages, {kilobytes:.0f} kB on average, median body {words:.0f} words; {listed}"
    )


def scores(results: Sequence[Result], pages: Sequence[Page], *, gives_dates: bool) -> list[str]:
    """A tool's cells: body F1, exact, leaked, day, minute, author."""
    told = [(page, _plain(result["text"])) for page, result in zip(pages, results, strict=True)]
    cells = [
        f"{statistics.mean(_body_f1(page, text) for page, text in told):.3f}",
        _share(_is_exact(page, text) for page, text in told),
        _share(any(absent in text for absent in page.absent) for page, text in told),
    ]
    if not gives_dates:
        return [*cells, "–", "–", "–"]
    dates = [(page.date or "", _local(result["date"])) for page, result in zip(pages, results, strict=True)]
    authors = [(page.authors, _names(result["author"])) for page, result in zip(pages, results, strict=True)]
    return [
        *cells,
        _share(true[:10] == date[:10] for true, date in dates),
        _share(true[:16] == date for true, date in dates if "T" in true),
        _share(true == given for true, given in authors if true),
    ]


def _share(hits: Iterable[bool]) -> str:
    listed = list(hits)
    return f"{100 * statistics.mean(listed):.1f} %" if listed else "–"


def _body_f1(page: Page, text: str) -> float:
    """The better one of the two F1 of words, since tools differ in where an article begins."""
    return max(_f1(text, page.body), _f1(text, page.lead_and_body))


def _f1(one: str, other: str) -> float:
    words, others = (Counter(_WORD.findall(text.casefold())) for text in (one, other))
    total = words.total() + others.total()
    return 2 * (words & others).total() / total if total else 1.0


def _is_exact(page: Page, text: str) -> bool:
    return text.replace(" ", "") in (page.body.replace(" ", ""), page.lead_and_body.replace(" ", ""))


def _local(text: str | None) -> str:
    """A date as local time to the minute, or as the day where only that can be read; empty when there is none."""
    try:
        stamp = datetime.fromisoformat(text or "")
    except ValueError:
        day = _ISO_DAY.match(text or "")
        return day[0] if day else ""
    local = stamp.astimezone(VIET_NAM) if stamp.tzinfo else stamp
    return local.isoformat(timespec="minutes")[:16]
