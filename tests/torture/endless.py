"""Portals that always have one address more."""

import re

from crawler.sample.answers import Answer, Request, html
from crawler.sample.faults import Fault
from tests.torture import faults as hostile
from tests.torture.answers import paths
from tests.torture.crawls import Bench
from tests.torture.portal import TestPortal, at, sample, serving
from tests.torture.scenario import scenario

LIST = "/vi/news/tin-trong-thi-xa/"
ARTICLES = 30
ENOUGH = 400
"""A portal of 30 articles needs no more requests than this, whatever it does."""
UNBOUNDED = "the spider follows a list's next page, and a redirect, without a bound"


def ends_by_itself(bench: Bench, portal: TestPortal) -> str:
    """A crawl brings every article and ends, though the portal never does."""
    process = bench.start(portal)
    if process.wait_until(lambda: len(portal.asked) > ENOUGH):
        bench.kill(process)
        raise AssertionError(f"more than {ENOUGH} requests to a portal of {ARTICLES} articles")
    ended = process.wait()
    assert ended.code in {0, 3}, ended.said
    bench.assert_sound()
    return f"{len(portal.asked)} requests, exit code {ended.code}"


def endless_list(request: Request, *, empty: bool) -> Answer | None:
    """A list with one page more behind every page; those repeat its articles or name none."""
    if not request.path.startswith(LIST) or request.path.endswith(".html"):
        return None
    found = re.search(r"/page-(\d+)/", request.path)
    number = int(found[1]) if found else 1
    page = sample(ARTICLES).answer(Request(target=LIST, host=request.host)).body.decode()
    if empty and number > 1:
        page = re.sub(r'href="[^"]*-\d+\.html', 'href="#', page)
    page = re.sub(r'<link rel="next"[^>]*>', "", page)
    following = f'<link rel="next" href="http://{request.host}{LIST}page-{number + 1}/">'
    return html(page.replace("</head>", f"{following}</head>", 1))


@scenario("a list that repeats itself on ever new pages", broken=UNBOUNDED)
def repeating_list(bench: Bench) -> str:
    with serving(
        TestPortal(ARTICLES, answering=lambda request: endless_list(request, empty=False))
    ) as portal:
        happened = ends_by_itself(bench, portal)
    bench.assert_articles(ARTICLES)
    return happened


@scenario("a list of ever new empty pages", broken=UNBOUNDED)
def empty_list(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES, answering=lambda request: endless_list(request, empty=True))) as portal:
        happened = ends_by_itself(bench, portal)
    bench.assert_articles(ARTICLES)
    return happened


def _chain(request: Request) -> Fault | None:
    found = re.fullmatch(r"/vi/news/chain-(\d+)/", request.path)
    if found:
        return hostile.moved(f"/vi/news/chain-{int(found[1]) + 1}/")
    return hostile.moved("/vi/news/chain-1/") if request.path in paths(1, ARTICLES) else None


@scenario("a chain of redirects without an end", broken=UNBOUNDED)
def endless_chain(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES, faults=_chain)) as portal:
        return ends_by_itself(bench, portal)


@scenario("redirects in circles")
def circles(bench: Bench) -> str:
    circle = paths(4, ARTICLES)
    targets = [*circle[1:3], circle[0], circle[3]]
    plan: dict[str, Fault] = dict(zip(circle, map(hostile.moved, targets), strict=True))
    with serving(TestPortal(ARTICLES, faults=at(plan))) as portal:
        happened = ends_by_itself(bench, portal)
    (kept,) = bench.rows("SELECT count(*) AS n FROM articles")
    assert kept["n"] == ARTICLES - len(circle)
    return happened
