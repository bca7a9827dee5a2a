"""Asking for the numbers that no list shows, and only where the answers are true."""

import pytest

from crawler.archive.ledger import Gap
from crawler.items import Link, Page, Reading
from crawler.probing import NO_NUMBER, NOWHERE, Probes, probe_url
from crawler.sample import truth
from tests.conftest import Folder
from tests.test_again import Site, crawl_row, first, known, site, url
from tests.test_archive import capture
from tests.test_crawl import rows
from tests.torture.faults import HTML

__all__ = ["first", "known", "site", "url"]

KNOWN = "http://a.vn/vi/news/tin/mot-tin-12.html"
GAP = Gap(in_language="vi", module="news", known_id="12", known_url=KNOWN, runs=((7, 7), (3, 5)))


def answer(link: Link, outcome: str, target: str | None = None) -> Page:
    links = (Link(url=target, kind="article"),) if target else ()
    return Page(capture=capture(1, url=link.url), reading=Reading(outcome=outcome, links=links))


def asked(probes: Probes, *answers: tuple[str, str | None]) -> list[str]:
    """Answer what is asked for, in turn; returns what is asked for after that."""
    for outcome, target in answers:
        link = probes.next()
        assert link is not None
        page = answer(link, outcome, target)
        probes.settled(page)
        probes.admit(page)
    found = []
    while link := probes.next():
        found.append(link.url.rpartition("-")[2])
    return found


TRUE = (("redirect", KNOWN), ("not_found", None))


def test_numbers_are_asked_for_after_two_trials() -> None:
    assert asked(Probes([GAP], 10), *TRUE) == ["7.html", "5.html", "4.html", "3.html"]


def test_budget_is_kept_and_the_rest_is_told() -> None:
    probes = Probes([GAP], 2)
    assert asked(probes, *TRUE) == ["7.html", "5.html"]
    assert (probes.asked, probes.left, probes.remark) == (2, 2, None)


@pytest.mark.parametrize(
    "answers",
    [
        (("not_found", None), ("not_found", None)),  # 4.3
        (("soft_not_found", None), ("soft_not_found", None)),  # 3.4
        (("redirect", KNOWN), ("redirect", KNOWN)),
        (("redirect_away", None), ("redirect_away", None)),
    ],
)
def test_portal_that_answers_falsely_is_not_probed(answers: tuple[tuple[str, str | None], ...]) -> None:
    probes = Probes([GAP], 10)
    assert asked(probes, *answers) == []
    assert "answers falsely" in str(probes.remark)


@pytest.mark.parametrize(
    ("article", "probe"),
    [
        ("http://a.vn/tin/mot-tin-12.html", f"http://a.vn/{NOWHERE}/so-9.html"),
        ("http://a.vn/sub/vi/tin-tuc/tin/mot-12.html", f"http://a.vn/sub/vi/tin-tuc/{NOWHERE}/so-9.html"),
        (
            "http://a.vn/index.php?language=vi&nv=news&op=tin/mot-tin-12.html",
            f"http://a.vn/index.php?language=vi&nv=news&op={NOWHERE}/so-9.html",
        ),
        ("http://a.vn/vi/news/tin/mot-tin-12/", None),
    ],
)
def test_address_under_a_category_that_does_not_exist(article: str, probe: str | None) -> None:
    assert probe_url(article, "9") == probe


def test_what_no_list_shows_is_found_and_the_rest_is_known_as_not_public(
    known: Folder, url: str, site: Site
) -> None:
    site.grown = True
    ran = known.scrapy("probe", "sample", "-a", f"url={url}", "--budget", "60")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("complete: 60 numbers asked for, ")
    assert crawl_row(known)["mode"] == "probe"
    written = {article.cms_id for article in truth(150)}
    kept = {row["cms_id"] for row in rows(known.db, "SELECT cms_id FROM articles")}
    hidden = {
        str(row["cms_id"]) for row in rows(known.db, "SELECT cms_id FROM ledger WHERE state = 'not_public'")
    }
    assert len(kept) > 20
    assert kept <= written
    assert not hidden & written
    assert rows(known.db, "SELECT 1 FROM ledger WHERE cms_id > 1000000") == []
    assert f"{NOWHERE}/so-{NO_NUMBER}.html" in " ".join(site.asked)


def test_probe_of_a_portal_that_answers_falsely_says_so(known: Folder, url: str, site: Site) -> None:
    newest = max(int(row["cms_id"]) for row in rows(known.db, "SELECT cms_id FROM articles"))
    site.instead[f"/vi/news/{NOWHERE}/so-{newest}.html"] = (404, b"<html>404</html>", HTML)
    ran = known.scrapy("probe", "sample", "-a", f"url={url}")
    assert ran.returncode == 1
    assert ran.stdout.startswith("not probed: ")
    assert site.articles_asked().total() == 2
