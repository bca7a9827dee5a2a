"""`scrapy savefixture`: freeze one page for the tests, with a first draft of its truth."""

import argparse
import json
import re
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.cms import read_response
from crawler.cms.feeds import looks_like_feed
from crawler.items import Article, Fetched, Listing, Reading
from crawler.pagesource import FoundPage, PageCommand, PageError

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "nukeviet"

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SITE = re.compile(r"(?P<name>\w+) ?(?P<version>[\d.x]*) ?(?:\((?P<theme>[^)]*)\))?")
_MAX_SLUG = 70
# What has a test of its own or is no statement of the page's.
_NOT_EXPECTED = ("article_body_html", "parser", "trace", "witnesses")
_LISTED = {
    "urls": "url",
    "headlines": "headline",
    "cms_ids": "cms_id",
    "view_counts": "view_count",
    "comment_counts": "comment_count",
}
_SUFFIXES = {"application/pdf": "pdf", "text/plain": "txt"}

NEXT_STEPS = """
What to do next:
  1. Open the page beside its JSON. `expected` holds what the parsers say today: correct it to what the page says.
  2. In both, put made-up sentences and names of the same shape in the place of the portal's own.
  3. Complete `reproduces` (which fact of which version), and name in `absent` what no field may hold.
  4. Set `reviewed` to true, and run: .venv/bin/pytest tests/test_fixtures.py -k {slug}"""


class Command(PageCommand):
    """Save one page as a fixture."""

    def short_desc(self) -> str:
        """One line for the list of commands."""
        return "Save one page as a test fixture, with what it is expected to be read as"

    def long_desc(self) -> str:
        """What --help says first."""
        return (
            "Save one page and a JSON with what the parsers read in it now, for a person to correct: until "
            "`reviewed` is true, its tests fail. The page is an address (as the archive holds it, else asked of "
            "the portal with one request after its robots.txt), one of a WARC file (FILE.warc.gz --url URL), or "
            "a file. Nothing that exists is overwritten. Exit code: 0 saved, 1 not."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """The page's options, and where it is saved."""
        super().add_options(parser)
        parser.add_argument("--slug", help="the fixture's name (default: from version, theme and address)")
        parser.add_argument(
            "--to",
            metavar="FOLDER",
            type=Path,
            default=FOLDER,
            help="where (default: tests/fixtures/nukeviet)",
        )

    def look(self, page: FoundPage, opts: argparse.Namespace) -> None:
        """Save it, and say what to do next."""
        reading = _reading(page.fetched)
        slug = opts.slug or default_slug(page.fetched.url, reading)
        if not _SLUG.fullmatch(slug):
            raise PageError(f"--slug {slug}: a name is words of a-z and 0-9, joined by hyphens")
        path = save(page.fetched, reading, opts.to, slug)
        print(f"{path} and {path.with_suffix('.json').name}, read as {reading.outcome}; {page.origin}")
        print(NEXT_STEPS.format(slug=slug))


def _reading(fetched: Fetched) -> Reading:
    """What a page is, read as tests/test_fixtures.py reads it: its own host is the portal's only one."""
    return read_response(fetched, hosts=frozenset({urlsplit(fetched.url).netloc}))


def default_slug(url: str, reading: Reading) -> str:
    """A fixture's name: the version and theme that were recognised, and the end of the address."""
    site = _SITE.match(reading.site or "")
    version = re.sub(r"\D", "", site["version"])[:2] if site else ""
    end = next((part for part in reversed(unquote(urlsplit(url).path).split("/")) if part), "home")
    words = f"{version} {(site['theme'] if site else None) or ''} {end.removesuffix('.html')}"
    slug = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return slug[:_MAX_SLUG].strip("-") or "page"


def save(fetched: Fetched, reading: Reading, folder: Path, slug: str) -> Path:
    """Write the page and its JSON into `folder`; returns the page's path. Raises PageError."""
    if taken := sorted(folder.glob(f"{slug}.*")):
        raise PageError(f"{taken[0]} exists already: give another name with --slug")
    path = folder / f"{slug}.{_suffix(fetched)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in (
            (path, fetched.body),
            (
                path.with_suffix(".json"),
                json.dumps(truth(fetched, reading), ensure_ascii=False, indent=2).encode(),
            ),
        ):
            with file.open("xb") as target:
                target.write(content + b"\n" * (file.suffix == ".json"))
    except OSError as error:
        raise PageError(f"{folder} cannot be written ({error.strerror})") from error
    return path


def _suffix(fetched: Fetched) -> str:
    if looks_like_feed(fetched.body):
        return "xml"
    return _SUFFIXES.get(fetched.media_type or "", "html")


def truth(fetched: Fetched, reading: Reading) -> dict[str, Any]:
    """A fixture's JSON as tests/test_fixtures.py takes it, not reviewed: what is expected is what is read now."""
    expected: dict[str, Any] = {"outcome": reading.outcome}
    if reading.article is not None:
        expected["article"] = _article(reading.article)
        expected["witnesses"] = {witness.source: witness.iso for witness in reading.article.witnesses}
    if reading.listing is not None:
        expected["listing"] = _listing(reading.listing)
    followed = [link.url for link in reading.links if link.kind in {"article", "listing", "feed"}]
    if followed and reading.article is None:
        expected["links"] = followed
    return {
        "url": fetched.url,
        "fetched_at": fetched.fetched_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "status": fetched.status,
        "media_type": fetched.media_type,
        "location": fetched.location,
        "reproduces": f"{reading.site or 'No known software'}: describe the fact that this page reproduces.",
        "reviewed": False,
        "expected": expected,
        "absent": [],
    }


def _article(article: Article) -> dict[str, Any]:
    names = (field.name for field in fields(Article))
    return {name: _plain(getattr(article, name)) for name in names if name not in _NOT_EXPECTED}


def _listing(listing: Listing) -> dict[str, Any]:
    """What a list names; columns that are empty throughout are left out."""
    columns = {name: [getattr(item, field) for item in listing.items] for name, field in _LISTED.items()}
    columns["dates"] = [item.witness.iso if item.witness else None for item in listing.items]
    named = {name: values for name, values in columns.items() if any(one is not None for one in values)}
    return {"kind": listing.kind, "urls": [], **named, "next_url": listing.next_url}


def _plain(value: Any) -> Any:
    """A field as JSON holds it."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
