"""Builds the frozen NukeViet pages under tests/fixtures/nukeviet from hand-written parts.

`pages/*.yml` holds, for each fixture, what the portal's editors typed and, apart from it, the truth that a
reader of the page would write down; `templates/` holds the pages of each version and theme (class names and
nesting as in NukeViet's public templates themes/*/modules/news/*.tpl); `sites.yml` the portals, all invented.
Run `python -m tests.fixtures_build.build_fixtures` after a change and review the difference: the built files
are what the parsers are tested on.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import jinja2
import yaml

HERE = Path(__file__).parent
OUT = HERE.parent / "fixtures" / "nukeviet"

Spec = dict[str, Any]

ARTICLE_WITHOUT_ANYTHING: Spec = {
    "description": None,
    "article_body": None,
    "article_section": None,
    "section_path": [],
    "author": None,
    "byline": None,
    "source": None,
    "keywords": [],
    "date_published": None,
    "date_published_text": None,
    "date_source": "visible",
    "date_flags": [],
    "date_modified": None,
    "view_count": None,
    "comment_count": None,
    "rating_value": None,
    "rating_count": None,
    "topic": None,
    "images": [],
    "attachments": [],
    "videos": [],
}


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")


def _phpdate(iso: str) -> str:
    """What NukeViet's date format "Y-m-dTH:i:s" prints: PHP's T is the zone, so the hour has no T before it."""
    day, time = iso.split("T")
    return f"{day}+07{time}"


def environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=False,  # noqa: S701 -- the parts are HTML that we wrote
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["phpdate"] = _phpdate
    return environment


def site_of(key: str, sites: Spec) -> Spec:
    """One portal of sites.yml, with the address patterns that its templates call."""
    site: Spec = {**sites["common"], **sites[key]}
    site["base"] = site["base"].rstrip("/")
    site["host"] = urlsplit(site["base"]).netloc
    site["all_cats"] = [c for top in site["cats"] for c in (top, *top.get("children", ()))]
    site["titles"] = {cat["alias"]: cat["title"] for cat in site["all_cats"]}
    site["mod_url"] = lambda module: site["mod"].format(module).replace("&", "&amp;")
    site["cat_url"] = lambda alias: site["cat"].format(alias).replace("&", "&amp;")
    site["rss_url"] = lambda alias: site["rss_cat"].format(alias).replace("&", "&amp;")
    site["tag_url"] = lambda tag: site["tag"].format(_slug(tag)).replace("&", "&amp;")
    return site


def page_of(fixture: Spec, site: Spec) -> Spec:
    """A fixture's page as its template needs it, with what NukeViet derives by itself."""
    page: Spec = {"lead": "", "comments": None, "title": "", "body": "", **fixture.get("page", {})}
    if page.get("body_is_truth"):
        blocks = fixture["expected"]["article"]["article_body"].split("\n\n")
        page["body"] = "\n".join(f'<p style="text-align: justify;">{block}</p>' for block in blocks)
    if page.get("nfd"):
        for part in ("title", "lead", "body"):
            page[part] = unicodedata.normalize("NFD", page[part])
    path = fixture["url"]
    page["canonical"] = urljoin(site["base"], page.get("canonical", path)).replace("&", "&amp;")
    page.setdefault("head_title", page["title"])
    lead = re.sub(r"<[^>]+>", " ", page["lead"] or "").strip()
    description = lead or f"{page['title']} - Detail - {site['module_title']}"
    page.setdefault("meta_description", description.replace('"', "&quot;"))
    if "tags" in page:
        page.setdefault("meta_keywords", ", ".join(tag.lower() for tag in page["tags"]))
    crumbs = [
        {"title": site["titles"][alias], "href": site["cat_url"](alias)} for alias in page.get("path", ())
    ]
    if crumbs and not site.get("module_dropped"):
        crumbs.insert(0, {"title": site["module_title"], "href": site["news"]})
    page["breadcrumbs"] = crumbs
    if "published" in page:
        page.setdefault("edited", page["published"])
        page.setdefault("microdata", max(page["edited"], page["published"]))
    prefix: str = site["article_prefix"]
    page["variant_url"] = lambda kind: path.replace(prefix, f"{prefix}{kind}/", 1).replace("&", "&amp;")
    return page


def _absolute(value: Any, base: str) -> Any:
    """A truth's addresses, written from the root for short, as the absolute addresses that they stand for."""
    if isinstance(value, str):
        return urljoin(base, value) if value.startswith("/") else value
    if isinstance(value, list):
        return [_absolute(one, base) for one in value]
    if isinstance(value, dict):
        return {key: _absolute(one, base) if key == "url" else one for key, one in value.items()}
    return value


def _expected(fixture: Spec, site: Spec) -> Spec:
    expected: Spec = dict(fixture["expected"])
    base = site["base"]
    if "article" in expected:
        article = {"module": site["module"], "in_language": site["lang"], **ARTICLE_WITHOUT_ANYTHING}
        article.update(expected["article"])
        article.setdefault("url", fixture["url"])
        untested = article.pop("untested", [])
        for name in ("url", "images", "attachments", "videos"):
            article[name] = _absolute(article[name], base)
        expected["article"] = {name: value for name, value in article.items() if name not in untested}
    if "listing" in expected:
        listing = dict(expected["listing"])
        for name in ("urls", "also", "has_urls", "next_url"):
            if name in listing:
                listing[name] = _absolute(listing[name], base)
        expected["listing"] = listing
    if "links" in expected:
        expected["links"] = _absolute(expected["links"], base)
    return expected


def _metadata(fixture: Spec, site: Spec) -> Spec:
    default_absent = site["absent"] if "article" in fixture["expected"] else site["absent_links"]
    kept = [text for text in default_absent if text not in fixture.get("legitimate", ())]
    return {
        "url": urljoin(site["base"], fixture["url"]),
        "fetched_at": fixture.get("fetched_at", site["fetched_at"]),
        "status": fixture.get("status", 200),
        "media_type": fixture.get("media_type", "text/html"),
        "location": fixture.get("location"),
        "reproduces": " ".join(fixture["reproduces"].split()),
        "reviewed": fixture.get("reviewed", True),
        "expected": _expected(fixture, site),
        "absent": [*kept, *fixture.get("absent", [])],
    }


def build() -> Iterator[tuple[str, str]]:
    """(file name, text) of every fixture file, two for each fixture."""
    sites = yaml.safe_load((HERE / "sites.yml").read_text(encoding="utf-8"))
    templates = environment()
    for source in sorted((HERE / "pages").glob("*.yml")):
        for fixture in yaml.safe_load(source.read_text(encoding="utf-8")):
            site = site_of(fixture["site"], sites)
            template = templates.get_template(fixture["template"])
            text = template.render(site=site, page=page_of(fixture, site))
            ending = fixture.get("ending", "xml" if fixture["template"].endswith(".xml") else "html")
            yield f"{fixture['name']}.{ending}", text
            metadata = json.dumps(_metadata(fixture, site), ensure_ascii=False, indent=2)
            yield f"{fixture['name']}.json", metadata + "\n"


def main() -> None:
    """Write every fixture file; files of pages that are gone are left for git to show."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name, text in build():
        (OUT / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
