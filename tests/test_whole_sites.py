"""Portals of every version, theme and URL shape, crawled whole over HTTP in one round."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from crawler.sample.server import SampleServer
from tests.conftest import Folder
from tests.proofs import rows
from tests.whole_site_kinds import KINDS, TRAPS
from tests.whole_sites import WholeSite

FOUND = """
SELECT cms_id, headline, description, article_body, article_section, author, date_published, url
FROM articles_full WHERE portal = ?
"""

Crawled = tuple[Folder, dict[str, WholeSite]]


@contextmanager
def serving(site: WholeSite) -> Iterator[None]:
    with SampleServer(0, site.answer, lambda _request: None) as server:
        site.base = server.url.rstrip("/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = Folder(tmp_path_factory.mktemp("whole"))
    sites = {f"mau_{kind.name}": WholeSite(kind) for kind in KINDS}
    with ExitStack() as stack:
        lines = []
        for key, site in sites.items():
            stack.enter_context(serving(site))
            url = site.base + site.site["root"]
            lines.append(f"{key}:\n  name: Huyện {key}\n  province: Mẫu\n  url: {url}\n")
        registry = folder.path / "portals.yml"
        registry.write_text("".join(lines), encoding="utf-8")
        folder.scrapy("crawlall", "-s", f"ARCHIVE_PORTALS={registry}")
    return folder, sites


EACH = pytest.mark.parametrize("key", [f"mau_{kind.name}" for kind in KINDS])


@EACH
def test_crawl_is_complete(crawled: Crawled, key: str) -> None:
    found = rows(crawled[0].db, "SELECT status, message FROM crawls WHERE portal = ?", key)
    assert found == [{"status": "complete", "message": None}]


@EACH
def test_every_public_article_is_kept_once_and_no_other(crawled: Crawled, key: str) -> None:
    folder, sites = crawled
    site = sites[key]
    truth: list[dict[str, Any]] = [
        {
            "cms_id": str(one.number),
            "headline": one.title,
            "description": one.lead,
            "article_body": one.body,
            "article_section": site.sections[one.category],
            "author": one.author,
            "date_published": f"{one.published:%Y-%m-%dT%H:%M}+07:00",
            "url": site.base + site.article_url(one),
        }
        for one in site.articles
        if one.state == "public"
    ]
    found = rows(folder.db, f"{FOUND} ORDER BY CAST(cms_id AS INTEGER) DESC", key)
    assert found == truth


@EACH
def test_no_trap_is_asked_for_and_nothing_twice(crawled: Crawled, key: str) -> None:
    asked = Counter(crawled[1][key].asked)
    assert [target for target in asked if TRAPS.search(target)] == []
    assert [target for target, times in asked.items() if times > 1] == []


@EACH
def test_the_ledger_counts_the_numbers_of_one_module(crawled: Crawled, key: str) -> None:
    folder, sites = crawled
    newest = max(one.number for one in sites[key].articles)
    found = rows(folder.db, "SELECT module, top FROM ledger_tops WHERE portal = ?", key)
    assert found == [{"module": sites[key].site["module"], "top": newest}]
