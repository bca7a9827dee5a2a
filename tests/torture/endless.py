"""Portals that always have one address more."""

import re

from crawler.sample.answers import Answer, Request, html
from crawler.sample.faults import Fault, nothing
from tests.torture import faults as hostile
from tests.torture.answers import paths
from tests.torture.crawls import Bench
from tests.torture.portal import TestPortal, at, sample, serving
from tests.torture.scenario import scenario

REPEATING = "/vi/news/tin-trong-thi-xa/"
EMPTYING = "/vi/news/Thong-bao/"
ARTICLES = 30
ENOUGH = 250
"""A portal of 30 articles needs no more requests than this, whatever it does."""


def endless_list(request: Request) -> Answer | None:
    """Lists with one page more behind every page; those repeat the list's articles, or name none."""
    base = next((base for base in (REPEATING, EMPTYING) if request.path.startswith(base)), None)
    if base is None or request.path.endswith(".html"):
        return None
    found = re.search(r"/page-(\d+)/", request.path)
    number = int(found[1]) if found else 1
    page = sample(ARTICLES).answer(Request(target=base, host=request.host)).body.decode()
    if base == EMPTYING and number > 1:
        page = re.sub(r'href="[^"]*-\d+\.html', 'href="#', page)
    page = re.sub(r'<link rel="next"[^>]*>', "", page)
    following = f'<link rel="next" href="http://{request.host}{base}page-{number + 1}/">'
    return html(page.replace("</head>", f"{following}</head>", 1))


def endless_chain(request: Request) -> Fault | None:
    """A redirect to a redirect to a redirect, and so on, in place of the first article."""
    found = re.fullmatch(r"/vi/news/chain-(\d+)/", request.path)
    if found:
        return hostile.moved(f"/vi/news/chain-{int(found[1]) + 1}/")
    return hostile.moved("/vi/news/chain-1/") if request.path == paths(5, ARTICLES)[0] else None


@scenario(
    "lists that repeat themselves or name nothing on ever new pages, redirects without an end and in circles",
    says="not followed",
)
def endless(bench: Bench) -> str:
    circle = paths(5, ARTICLES)[1:]
    targets = [*circle[1:3], circle[0], circle[3]]
    circles = at(dict(zip(circle, map(hostile.moved, targets), strict=True)) | {"/robots.txt": nothing})
    portal = TestPortal(
        ARTICLES, answering=endless_list, faults=lambda request: endless_chain(request) or circles(request)
    )
    with serving(portal):
        process = bench.start(portal)
        if process.wait_until(lambda: len(portal.asked) > ENOUGH):
            bench.kill(process)
            raise AssertionError(f"more than {ENOUGH} requests to a portal of {ARTICLES} articles")
        ended = process.wait()
    assert ended.code == 3, ended.said
    assert "Traceback" not in ended.log
    assert ended.log.count("the list names nothing new there, not followed") == 2, ended.log
    assert ended.log.count("redirect_endless: 11 redirects in a row, not followed") == 1, ended.log
    assert ended.log.count("redirect_endless: it leads in a circle, not followed") == 2, ended.log
    assert bench.outcomes("/chain-11/") == ["redirect_endless"]
    outcomes = [outcome for place in circle for outcome in bench.outcomes(place)]
    assert sorted(outcomes) == ["redirect", "redirect", "redirect_endless", "redirect_endless"]
    assert portal.times()["/robots.txt"] == 1, "an empty robots.txt is a whole one"
    bench.assert_sound()
    (kept,) = bench.rows("SELECT count(*) AS n FROM articles")
    assert kept["n"] == ARTICLES - len(circle) - 1
    return f"{len(portal.asked)} requests; told, and the rest is kept"
