"""Portals that misbehave: each ends in a correct status, in plain words, and nothing that was kept is lost."""

from pathlib import Path

import pytest

from crawler.sample.answers import Answer, Request
from crawler.sample.faults import Fault, random_faults
from tests.conftest import ROOT, Folder
from tests.sampling import DAN_VAN
from tests.torture import faults as hostile
from tests.torture.crawls import Bench, Ended
from tests.torture.every import SCENARIOS
from tests.torture.portal import TestPortal, at, sample, serving
from tests.torture.scenario import Scenario
from tests.torturing import quick

OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("one", quick("answers", "endless", "places"))
def test_scenario(one: Scenario, tmp_path: Path) -> None:
    one.run(Bench(tmp_path))


@pytest.mark.parametrize("says", sorted({one.says for one in SCENARIOS if one.says}))
def test_what_a_person_is_told_is_explained(says: str) -> None:
    messages = OPERATING.partition("## Messages")[2].partition("\n## ")[0]
    assert any(says in line for line in messages.splitlines() if line.startswith("|")), says


def test_faults_are_as_many_as_asked_for_and_the_same_for_the_same_seed() -> None:
    targets = [Request(target=f"/{number % 500}") for number in range(2000)]
    once, again, other = (list(map(random_faults(20, seed), targets)) for seed in (7, 7, 8))
    assert once == again != other
    assert 300 < len(once) - once.count(None) < 500


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def crawl_home(bench: Bench, path: str, fault: Fault) -> Ended:
    with serving(TestPortal(20, faults=at({path: fault}))) as portal:
        ended = bench.crawl(portal)
    assert "Traceback" not in ended.log
    return ended


def test_portal_that_is_down_fails_in_one_line(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "portal", "-a", "url=http://127.0.0.1:9/")
    assert ran.returncode == 1
    assert ran.stdout == (
        "Error: http://127.0.0.1:9/ was not asked for (its robots.txt cannot be had: connection refused). "
        "Is the address right, and is the portal still up?\n"
    )
    assert "Traceback" not in ran.stderr


def test_unknown_portal_fails_in_one_line(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "no_such_portal")
    assert (ran.returncode, ran.stderr) == (2, "")
    assert (
        ran.stdout == "Error: there is no portal no_such_portal; `scrapy list` prints the registered ones\n"
    )


def test_half_a_name_gets_a_hint(folder: Folder) -> None:
    assert "did you mean tay_ninh_hoa_thanh?" in folder.scrapy("crawl", "hoa_thanh").stdout


def test_real_portal_needs_a_contact(folder: Folder) -> None:
    ran = folder.scrapy("crawl", "tay_ninh_hoa_thanh")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "ARCHIVE_CONTACT" in ran.stdout


def test_site_that_is_not_nukeviet_says_so_and_is_kept(bench: Bench) -> None:
    page = b"<!doctype html><title>x</title><meta name=generator content='WordPress 6'><h1>Hello</h1><p>Text"
    ended = crawl_home(bench, "/", hostile.always(page, hostile.HTML))
    assert ended.code == 1
    assert "is not a NukeViet site" in ended.said
    assert ended.said.count("\n") == 1
    assert len(list(bench.warc.glob("*.warc.gz"))) == 1


def test_home_page_that_leads_to_another_site_is_not_followed(bench: Bench) -> None:
    ended = crawl_home(bench, "/", hostile.moved("http://127.0.0.2:1/elsewhere"))
    assert ended.code == 1
    assert "leads to another site (http://127.0.0.2:1/elsewhere)" in ended.said


def test_home_page_that_fails_is_asked_again_and_then_named(bench: Bench) -> None:
    ended = crawl_home(bench, "/", hostile.always(b"down", status=503))
    assert ended.code == 1
    assert "answers with HTTP 503. Try again later." in ended.said
    assert sorted(bench.outcomes("/")) == ["http_error", *["retried"] * 4]


def test_robots_txt_is_obeyed_where_it_leads_to_another(bench: Bench) -> None:
    robots = hostile.always(b"User-agent: *\nDisallow: /\n", ("Content-Type", "text/plain"))
    moved = hostile.moved("/robots.txt?rules")
    with serving(TestPortal(20, faults=at({"/robots.txt": moved, "/robots.txt?rules": robots}))) as portal:
        ended = bench.crawl(portal)
    assert ended.code == 1
    assert "robots.txt forbids it" in ended.said
    assert bench.outcomes("/") == ["robots_denied"]


def test_portal_without_articles_is_empty(bench: Bench) -> None:
    gone = hostile.always(b"<html>404</html>", hostile.HTML, status=404)
    portal = TestPortal(
        20, faults=lambda request: None if request.target in {"/", "/vi/", "/robots.txt"} else gone
    )
    with serving(portal):
        ended = bench.crawl(portal)
    assert ended.code == 4
    assert bench.status() == "empty"
    assert ended.said.startswith("empty: ")


def test_article_that_changed_leaves_a_revision_and_the_portal_sees_whom_to_reach(bench: Bench) -> None:
    def edited(request: Request) -> Answer | None:
        if request.target != DAN_VAN:
            return None
        answer = sample(20).answer(request)
        body = answer.body.replace("Năm 2020, thị xã".encode(), "Trong năm 2020, thị xã".encode())
        return Answer(status=answer.status, headers=answer.headers, body=body)

    with serving(TestPortal(20)) as portal:
        assert bench.crawl(portal, "-s", "ARCHIVE_CONTACT=you@example.org").code == 0
        assert portal.visitors == {
            "district-portal-archive/0.1 (archive of Viet Nam's district portals; you@example.org)"
        }
        portal.answering = edited
        ended = bench.crawl(portal, "-a", "full=1")
    assert ended.said.startswith("complete: 20 articles (0 new, 1 changed, 19 looked at again)")
    found = bench.rows(
        "SELECT article_body FROM revisions_full WHERE article_key LIKE '%/512' ORDER BY first_seen"
    )
    assert [row["article_body"].split(",")[0] for row in found] == ["Năm 2020", "Trong năm 2020"]
    (one,) = bench.rows("SELECT count(*) AS n FROM revisions")
    assert one["n"] == 21
