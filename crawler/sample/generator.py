"""Articles made by number for load tests: the same number is the same article, in a portal of any size."""

import random
from datetime import datetime, timedelta

from crawler.sample.articles import SampleArticle, SamplePicture
from crawler.sample.frame import DATA, read_yaml, site
from crawler.sample.shapes import body_from_text
from crawler.sample.slugs import slug

_BANKS: dict[str, list[str]] = read_yaml(DATA / "sentences.yml")
_CATEGORIES = [
    category.alias
    for category in site().categories.values()
    if not category.members and category.alias not in {other.parent for other in site().categories.values()}
]
_FIRST_DAY = datetime(2012, 1, 9)  # noqa: DTZ001 - local, like every date of the sample
_DAYS = 4920  # to 30 June 2025, the districts' last day
_SHAPES = ("paragraphs", "paragraphs", "paragraphs", "word", "divs")


def _mixed(number: int, salt: int) -> int:
    """A number that looks random and is always the same (the finaliser of MurmurHash3, public domain)."""
    value = (number * 2_654_435_761 + salt * 40_503) & 0xFFFF_FFFF
    value = ((value ^ value >> 16) * 0x85EB_CA6B) & 0xFFFF_FFFF
    value = ((value ^ value >> 13) * 0xC2B2_AE35) & 0xFFFF_FFFF
    return value ^ value >> 16


def category(number: int) -> str:
    """Alias of the category that the article is in."""
    return _CATEGORIES[number % len(_CATEGORIES)]


def published(number: int) -> datetime:
    """Local time of publication: a day of 2012 to June 2025, between 06:30 and 19:00."""
    day, second = _mixed(number, 1) % _DAYS, _mixed(number, 2) % 45_000
    return _FIRST_DAY + timedelta(days=day, hours=6, minutes=30, seconds=second)


def headline_and_lead(number: int) -> tuple[str, str]:
    """Headline, and the lead ("" on one article in eight)."""
    values = _values(number)
    headline = _pick(number, 3, "headlines").format_map(values)
    headline = headline[0].upper() + headline[1:]
    lead = "" if number % 8 == 5 else _pick(number, 4, "leads").format_map(values)
    return headline, lead


def picture(number: int) -> str | None:
    """Path of the lead picture; None on two articles in three."""
    return f"/uploads/news/{published(number):%Y_%m}/anh-{number}.jpg" if number % 3 == 0 else None


def view_count(number: int) -> int:
    """How often it had been read."""
    return _mixed(number, 7) % 6000


def article(number: int) -> SampleArticle:
    """The whole article: a body of 2 to 6 kB, in one of the shapes that editors leave."""
    headline, lead = headline_and_lead(number)
    text = _text(number)
    path = picture(number)
    when = published(number)
    return SampleArticle(
        id=number,
        alias=slug(headline),
        category=category(number),
        headline=headline,
        description=lead or None,
        body_html=body_from_text(text, _SHAPES[number % len(_SHAPES)]),
        article_body=text,
        author=_pick(number, 5, "people") if number % 4 else None,
        keywords=(_pick(number, 6, "keywords"), _pick(number + 1, 6, "keywords").capitalize()),
        published=when,
        modified=when + timedelta(days=2, minutes=number % 500) if number % 10 == 7 else None,
        view_count=view_count(number),
        lead_picture=SamplePicture(path=path, caption=None, thumb=True) if path else None,
        account=site().account,
    )


def _pick(number: int, salt: int, bank: str) -> str:
    texts = _BANKS[bank]
    return texts[_mixed(number, salt) % len(texts)]


def _values(number: int) -> dict[str, str]:
    when = published(number)
    return {
        "ward": _pick(number, 8, "wards"),
        "other": _pick(number, 9, "wards"),
        "person": _pick(number, 10, "people"),
        "year": str(when.year),
        "day": f"{when - timedelta(days=1):%d/%m/%Y}",
        "few": str(2 + _mixed(number, 11) % 17),
        "some": str(20 + _mixed(number, 12) % 180),
        "many": str(215 + _mixed(number, 13) % 700),
        "share": f"{70 + _mixed(number, 14) % 30},{_mixed(number, 15) % 10}",
        "number": str(1 + _mixed(number, 16) % 240),
    }


def _text(number: int) -> str:
    """Paragraphs of two to four sentences, no sentence twice."""
    choice = random.Random(number)  # noqa: S311 - text, not secrets; the seed is the article
    values = _values(number)
    sentences = choice.sample(_BANKS["sentences"], choice.randint(11, 30))
    blocks = [_pick(number, 17, "openings")]
    while sentences:
        size = choice.randint(2, 4)
        blocks.append(" ".join(sentences[:size]))
        del sentences[:size]
    blocks.append(_pick(number, 18, "closings"))
    return "\n\n".join(blocks).format_map(values)
