"""Crawling again: what is known is left alone, what is new is found, what is gone is noted, nothing is asked twice."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from crawler.sample import truth
from crawler.sample.answers import Answer, Request
from crawler.sample.portal import SamplePortal
from tests.conftest import ROOT, Folder
from tests.sampling import DAN_VAN as ARTICLE
from tests.test_crawl import rows
from tests.torture.faults import HTML
from tests.torture.portal import TestPortal, serving

LARGE = SamplePortal(150, count_views=False)
LEADS_HOME = next(article.path for article in truth(20) if article.path != ARTICLE)


class Site:
    """The sample portal with a log of what it was asked for, and answers that a test may exchange."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.instead: dict[str, tuple[int, bytes, tuple[str, str]]] = {}
        self.grown = False

    def answer(self, request: Request) -> Answer | None:
        self.asked[request.target] += 1
        if request.target in self.instead:
            status, body, header = self.instead[request.target]
            return Answer(status=HTTPStatus(status), headers=(header,), body=body)
        return LARGE.answer(request) if self.grown else None

    def articles_asked(self) -> Counter[str]:
        return Counter({path: n for path, n in self.asked.items() if path.endswith(".html")})


SITE = Site()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(TestPortal(20, answering=SITE.answer)) as portal:
        yield portal.url


@pytest.fixture
def site() -> Site:
    SITE.__init__()  # type: ignore[misc]  # the one that is being served, as new
    return SITE


@pytest.fixture(scope="module")
def first(url: str, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("first"))
    assert (crawl(folder, url)["mode"], crawl_row(folder)["is_finished"]) == ("sweep", 1)
    return folder


@pytest.fixture
def known(first: Folder, tmp_path: Path, site: Site) -> Folder:
    """A folder in which the small portal was crawled once."""
    shutil.copytree(first.path, tmp_path / "known")
    site.asked.clear()
    return Folder(tmp_path / "known")


def crawl_row(folder: Folder) -> dict[str, Any]:
    return rows(folder.db, "SELECT * FROM crawls ORDER BY id DESC LIMIT 1")[0]


def crawl(folder: Folder, url: str, *more: str) -> dict[str, Any]:
    ran = folder.scrapy("crawl", "sample", "-a", f"url={url}", *more)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return crawl_row(folder)


def age(folder: Folder, days: int) -> None:
    """Make everything in an archive so many days older."""
    columns = {
        "captures": ("fetched_at",),
        "crawls": ("started_at", "finished_at"),
        "articles": ("first_seen", "gone_at"),
        "revisions": ("first_seen",),
        "other_ids": ("first_seen", "asked_at"),
    }
    with sqlite3.connect(folder.db) as connection:
        connection.create_function("older", 1, lambda text: text and _older(text, days))
        for table, names in columns.items():
            for name in names:
                connection.execute(f"UPDATE {table} SET {name} = older({name})")  # noqa: S608 - our own names
    connection.close()


def _older(moment: str, days: int) -> str:
    return (datetime.fromisoformat(moment) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_repeat_crawl_asks_for_lists_and_no_known_article(known: Folder, url: str, site: Site) -> None:
    second = crawl(known, url)
    assert (second["mode"], second["articles_new"], second["articles_unchanged"]) == ("update", 0, 0)
    assert site.articles_asked() == Counter()


def test_new_articles_are_found_each_asked_once(known: Folder, url: str, site: Site) -> None:
    site.grown = True
    second = crawl(known, url)
    assert (second["mode"], second["articles_new"]) == ("update", 130)
    assert max(site.articles_asked().values()) == 1


def test_after_half_a_year_every_list_is_read_to_its_end_and_some_articles_again(
    folder: Folder, url: str, site: Site
) -> None:
    site.grown = True
    crawl(folder, url)
    pages = {path for path in site.asked if "/page-" in path}
    assert pages
    age(folder, days=1)
    site.asked.clear()
    assert crawl(folder, url)["mode"] == "update"
    assert not pages & set(site.asked)
    age(folder, days=200)
    site.asked.clear()
    third = crawl(folder, url)
    assert third["mode"] == "sweep"
    assert pages <= set(site.asked)
    assert 0 < third["articles_unchanged"] < 150


def test_article_is_gone_when_two_crawls_agree_and_comes_back(known: Folder, url: str, site: Site) -> None:
    site.instead[ARTICLE] = (404, b"<html>404</html>", HTML)
    site.instead[LEADS_HOME] = (301, b"", ("Location", "/vi/"))
    full = crawl(known, url, "-a", "full=1")
    assert (full["mode"], full["articles_unchanged"]) == ("full", 18)
    assert max(site.articles_asked().values()) == 1
    assert gone(known) == {}
    assert crawl(known, url)["mode"] == "update"
    first_miss = {
        row["target_uri"]: row["fetched_at"]
        for row in rows(
            known.db,
            "SELECT target_uri, min(fetched_at) AS fetched_at FROM captures "
            "WHERE outcome IN ('not_found', 'redirect_away') GROUP BY 1",
        )
    }
    assert gone(known).items() <= first_miss.items()
    assert len(gone(known)) == 2
    assert rows(known.db, "SELECT 1 FROM articles_full WHERE cms_id = '512' AND article_body IS NOT NULL")
    site.instead.clear()
    crawl(known, url, "-a", "full=1")
    assert gone(known) == {}


def gone(folder: Folder) -> dict[str, str]:
    found = rows(folder.db, "SELECT url, gone_at FROM articles WHERE gone_at IS NOT NULL")
    return {row["url"]: row["gone_at"] for row in found}


def test_list_that_names_nothing_any_more_makes_the_crawl_partial(
    known: Folder, url: str, site: Site
) -> None:
    path = "/vi/news/cong-tac-dan-van/"
    body = LARGE.answer(Request(target=path)).body
    emptied = re.sub(rb'href="[^"]*-\d+\.html"', b'href="#"', body)
    site.instead[path] = (200, emptied, HTML)
    ran = known.scrapy("crawl", "sample", "-a", f"url={url}")
    assert ran.returncode == 3
    assert "list_emptied" in ran.stdout


def test_every_number_is_accounted_for_in_the_ledger(folder: Folder, url: str, site: Site) -> None:
    site.grown = True
    crawl(folder, url)
    (highest,) = rows(folder.db, "SELECT max(cms_id) AS n FROM ledger")
    months = rows(folder.db, "SELECT * FROM ledger_months")
    assert sum(row["ids"] for row in months) == highest["n"]
    assert sum(row["archived"] for row in months) == 150
    states = rows(folder.db, "SELECT state, count(*) AS n FROM ledger GROUP BY 1")
    assert {row["state"] for row in states} >= {"archived", "members_only", "redirected"}
    for state in ("archived", "redirected", "not_public", "members_only", "unread", "not_asked"):
        assert sum(row[state] for row in months) == sum(r["n"] for r in states if r["state"] == state)


def test_killed_crawl_is_continued_without_asking_twice(folder: Folder, url: str, site: Site) -> None:
    site.grown = True
    for wait_for in (15, 60, 110):
        process = subprocess.Popen(
            folder.command("crawl", "sample", "-a", f"url={url}"),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None and site.asked.total() < wait_for:
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    last = crawl(folder, url)
    assert last["run"] == 1
    assert rows(folder.db, "SELECT count(*) AS n FROM articles") == [{"n": 150}]
    del site.asked["/robots.txt"]  # what it forbids is asked by each crawl
    in_flight = 3 * 16  # Scrapy's CONCURRENT_REQUESTS: sent, or answered and not yet written
    assert site.asked.total() - len(site.asked) <= in_flight
    assert rows(folder.db, "SELECT url FROM known_urls WHERE kind NOT IN ('page', 'file')") == []


def test_portal_that_stops_answering_is_left_alone_and_continued_later(
    folder: Folder, url: str, site: Site
) -> None:
    site.grown = True
    site.instead |= {article.path: (503, b"down", HTML) for article in truth(150)}
    ran = folder.scrapy("crawl", "sample", "-a", f"url={url}", "-s", "RETRY_ENABLED=False")
    assert ran.returncode == 3
    assert "stopped answering" in ran.stdout
    assert len(site.articles_asked()) < 100
    site.instead.clear()
    assert crawl(folder, url)["run"] == 1
    assert rows(folder.db, "SELECT count(*) AS n FROM articles") == [{"n": 150}]


def test_a_wrong_address_is_forgotten_by_the_next_crawl(known: Folder, url: str) -> None:
    down = known.scrapy("crawl", "sample", "-a", "url=http://127.0.0.1:9/", "-s", "RETRY_ENABLED=False")
    assert down.returncode == 1
    assert crawl(known, url)["status"] == "complete"
