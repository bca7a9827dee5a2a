"""Portals that answer wrongly: each answer ends in its outcome, and nothing wrong is read as an article."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from warcio.archiveiterator import ArchiveIterator

from crawler.sample import faults, truth
from crawler.sample.answers import Request
from crawler.sample.faults import Fault
from tests.torture import faults as hostile
from tests.torture.crawls import Bench
from tests.torture.portal import TestPortal, at, serving
from tests.torture.scenario import scenario

ROBOTS = "/robots.txt"
ONCE_MORE = ("-s", "RETRY_TIMES=1")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A fault and what must come of it."""

    fault: Fault
    outcomes: str  # of the captures at that address, oldest first
    truncated: str | None = None  # the records' WARC-Truncated


BREAKING = {
    "500": Expected(fault=faults.server_error, outcomes="retried http_error"),
    "502": Expected(fault=faults.bad_gateway, outcomes="retried http_error"),
    "reset in the body": Expected(
        fault=faults.reset, outcomes="retried retried no_response", truncated="disconnect"
    ),
    "hung up": Expected(fault=faults.hang_up, outcomes="no_response"),
    "body cut short": Expected(
        fault=faults.cut_short, outcomes="retried retried no_response", truncated="disconnect"
    ),
    "packed body cut short": Expected(
        fault=faults.cut_short_packed, outcomes="retried retried no_response", truncated="disconnect"
    ),
    "Content-Length too short": Expected(fault=faults.short_length, outcomes="retried retried no_response"),
    "Content-Length too long": Expected(
        fault=hostile.long_length, outcomes="article_new", truncated="disconnect"
    ),
    "two Content-Lengths": Expected(fault=hostile.two_lengths, outcomes="no_response"),
    "empty body": Expected(fault=faults.nothing, outcomes="retried retried no_response"),
    "UTF-8 called ISO-8859-1": Expected(fault=hostile.utf8_called_latin1, outcomes="article_new"),
    "meta charset wrong": Expected(fault=hostile.utf8_called_1258_in_meta, outcomes="article_new"),
    "charset unknown": Expected(fault=hostile.utf8_called_nothing_known, outcomes="article_new"),
    "UTF-16 called UTF-8": Expected(fault=hostile.utf16, outcomes="article_new"),
    "gzip that is none": Expected(fault=hostile.false_gzip, outcomes="article_new"),
    "zstd that is none": Expected(fault=hostile.false_zstd, outcomes="article_new"),
    "1,000 cookies": Expected(fault=hostile.many_cookies, outcomes="article_new"),
    "1,000 headers, 1 MB": Expected(fault=hostile.many_headers, outcomes="article_new"),
    "one header of 1 MB": Expected(fault=hostile.long_header, outcomes="no_response"),
    "odd bytes in a header": Expected(fault=hostile.odd_headers, outcomes="article_new"),
    "no HTTP": Expected(fault=hostile.no_http, outcomes="no_response"),
    "no status": Expected(fault=hostile.no_status, outcomes="no_response"),
    "status 999": Expected(fault=hostile.odd_status, outcomes="http_error"),
    "page without a body": Expected(fault=hostile.bodiless, outcomes="parse_error"),
    "redirect without a target": Expected(fault=hostile.redirect_to_nowhere, outcomes="http_error"),
}

SLOW = {
    "dripping": Expected(fault=hostile.drip, outcomes="retried retried no_response", truncated="time"),
    "stalled body": Expected(fault=faults.stall, outcomes="retried retried no_response", truncated="time"),
    "stalled body of no length": Expected(
        fault=hostile.stall_unannounced, outcomes="retried retried no_response", truncated="time"
    ),
    "silence": Expected(fault=faults.silence, outcomes="no_response"),
}

LARGE = {
    "300 MB announced": Expected(fault=hostile.announced_300_mb, outcomes="parse_error", truncated="length"),
    "300 MB unannounced": Expected(
        fault=hostile.unannounced_300_mb, outcomes="parse_error", truncated="length"
    ),
    "endless headers": Expected(fault=hostile.endless_headers, outcomes="no_response"),
    "gzip bomb": Expected(fault=hostile.gzip_bomb, outcomes="parse_error"),
    "zstd bomb": Expected(fault=hostile.zstd_bomb, outcomes="parse_error"),
    "nested bomb": Expected(fault=hostile.nested_bomb, outcomes="parse_error"),
}


KEPT = """
SELECT target_uri, record_id, outcome FROM captures WHERE outcome LIKE 'article_%' OR outcome = 'media' ORDER BY 1, 2
"""


def paths(count: int, articles: int) -> list[str]:
    """Addresses of articles that end in an article of their own."""
    return [article.path for article in truth(articles)][-count:]


def assert_expected(bench: Bench, wanted: Mapping[str, Expected], places: list[str]) -> None:
    """Each fault ended in its outcome and is marked in the WARC; the articles among them read as they should."""
    marks = _truncated(bench)
    for (name, expected), place in zip(wanted.items(), places, strict=True):
        assert " ".join(bench.outcomes(place)) == expected.outcomes, name
        assert {mark for url, mark in marks if url.endswith(place)} <= {expected.truncated}, name
        if expected.truncated:
            assert any(url.endswith(place) and mark for url, mark in marks), f"{name} is not marked"


def _truncated(bench: Bench) -> list[tuple[str, str | None]]:
    found = []
    for path in bench.warc.glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type == "response":
                    headers = record.rec_headers
                    found.append(
                        (headers.get_header("WARC-Target-URI"), headers.get_header("WARC-Truncated"))
                    )
    return found


@scenario(
    f"{len(BREAKING)} answers that break off, lie or are no HTTP", says="could not be read; crawl again"
)
def broken_answers(bench: Bench) -> str:
    articles = 50
    places = paths(len(BREAKING), articles)
    wrong = dict(zip(places, (one.fault for one in BREAKING.values()), strict=True))
    wrong[ROBOTS] = faults.cut_short
    file = next(article.attachments[0].path for article in truth(articles) if article.attachments)
    wrong[file] = faults.cut_short
    with serving(TestPortal(articles, faults=at(wrong))) as portal:
        first = bench.crawl(portal, *ONCE_MORE)
        assert first.code == 3, first.said
        assert first.said.startswith("partial: ")
        named = bench.rows("SELECT problem_list FROM crawls")[0]["problem_list"]
        assert places[0] in named
        assert "article_body" in named
        assert "Traceback" not in first.log
        assert_expected(bench, BREAKING, places)
        assert bench.outcomes(ROBOTS) == ["retried", "robots"], "half a robots.txt is better than none"
        assert bench.outcomes(file) == ["retried", "retried", "no_response"], "half a file is no file"
        portal.faults = None
        second = bench.crawl(portal)
        assert second.code == 0, second.said
        unread = [place for place in places if "parse_error" in bench.outcomes(place)]
        (kept,) = bench.rows("SELECT count(*) AS n FROM articles")
        assert kept["n"] == articles - len(unread), "what had no answer was not asked for again"
        third = bench.crawl(portal, "-a", "full=1")  # what had one, and could not be read, only so soon
    assert third.code == 0, third.said
    assert bench.outcomes(file)[-1] == "media"
    bench.assert_sound()
    bench.assert_articles(articles)
    live = bench.rows(KEPT)
    for path in bench.folder.glob("archive.db*"):
        path.unlink()
    bench.ingest()
    assert bench.rows(KEPT) == live, "the WARC files read otherwise than the crawl"
    return "partial, each in its outcome; whole once the portal answers; the WARC files read the same"


@scenario(f"{', '.join(LARGE)}, robots.txt of 10 MB", says="its body is larger than")
def large_answers(bench: Bench) -> str:
    articles = 20
    places = paths(len(LARGE), articles)
    wrong = dict(zip(places, (one.fault for one in LARGE.values()), strict=True))
    wrong[ROBOTS] = hostile.large_robots
    with serving(TestPortal(articles, faults=at(wrong))) as portal:
        ended = bench.crawl(portal)
    assert ended.code == 3, ended.said
    assert "its body is larger than 64 MB" in ended.log
    assert ended.peak_mb < 250, f"{ended.peak_mb} MB"
    assert_expected(bench, LARGE, places)
    bench.assert_sound()
    (kept,) = bench.rows("SELECT count(*) AS n FROM articles")
    assert kept["n"] == articles - len(LARGE)
    return f"partial, {ended.peak_mb} MB of memory at most"


@scenario(
    "a dripping body, a stalled one, and silence",
    says="could not be read; crawl again",
)
def slow_answers(bench: Bench) -> str:
    places = paths(len(SLOW), 5)
    wrong = dict(zip(places, (one.fault for one in SLOW.values()), strict=True))
    with serving(TestPortal(5, faults=at(wrong))) as portal:
        ended = bench.crawl(portal, *ONCE_MORE, "-s", "DOWNLOAD_TIMEOUT=2.5")  # headers take 1 s at times
    assert ended.code == 3, ended.said
    assert "Traceback" not in ended.log
    assert_expected(bench, SLOW, places)
    bench.assert_sound()
    return "partial, each in its outcome"


@scenario(
    "silence, then 500, in place of robots.txt; then one that is there", says="its robots.txt cannot be had"
)
def robots_that_cannot_be_had(bench: Bench) -> str:
    with serving(TestPortal(5)) as portal:
        for fault, why, patience in (
            (faults.silence, "timed out", 0.5),
            (faults.server_error, "HTTP 500", 60),
        ):
            portal.faults = at({ROBOTS: fault})
            ended = bench.crawl(portal, *ONCE_MORE, "-s", f"DOWNLOAD_TIMEOUT={patience}")
            assert ended.code == 1, ended.said
            assert f"was not asked for (its robots.txt cannot be had: {why})" in ended.said
            assert "Traceback" not in ended.log
        assert set(portal.asked) == {ROBOTS}
        assert bench.outcomes("/") == ["robots_unreachable"] * 2
        assert bench.outcomes(ROBOTS) == ["no_response", "retried", "robots"]
        portal.faults = None
        after = bench.crawl(portal)
    assert after.code == 0, after.said
    bench.assert_sound()
    return "failed in one line, and nothing else was asked; the next crawl completes"


def flaky(bench: Bench, articles: int, seed: int, most: int = 1) -> str:
    """Crawl a portal of which every fifth answer goes wrong as often as a schedule would, until it is whole."""
    crawls = 0
    with serving(TestPortal(articles, faults=faults.random_faults(20, seed))) as portal:
        while crawls < most:
            crawls += 1
            ended = bench.crawl(portal)
            assert ended.code in {0, 1, 3}, ended.said
            assert "Traceback" not in ended.log
            if bench.rows("SELECT count(*) AS n FROM articles") == [{"n": articles}]:
                break
    bench.assert_sound()
    bench.assert_articles(articles)
    assert bench.rows("SELECT 1 FROM articles WHERE headline LIKE 'Hãy đợi%'") == []
    return f"all {articles} articles after {crawls} crawls"


@scenario("20 % of the answers go wrong at random", says="could not be read; crawl again")
def fifth_goes_wrong(bench: Bench) -> str:
    return flaky(bench, 40, seed=1)


@scenario(
    "the same with 96 articles and three other seeds", says="could not be read; crawl again", full_only=True
)
def fifth_goes_wrong_at_length(bench: Bench) -> str:
    seeds = random.Random(0).sample(range(1000), 3)
    return "; ".join(flaky(bench.fresh(f"seed-{seed}"), 96, seed, most=3) for seed in seeds)


@scenario("the page that says to wait, at every third request", says="could not be read; crawl again")
def flood_blocker(bench: Bench) -> str:
    asked = 0

    def plan(request: Request) -> Fault | None:
        nonlocal asked
        asked += "/news/" in request.target
        return faults.flood if "/news/" in request.target and asked % 3 == 0 else None

    with serving(TestPortal(10, faults=plan)) as portal:
        ended = bench.crawl(portal)
    assert ended.code in {0, 3}, ended.said
    assert bench.rows("SELECT 1 FROM articles WHERE headline LIKE '%đợi%'") == []
    found = {row["outcome"] for row in bench.rows("SELECT outcome FROM captures")}
    assert "blocked" in found or "retried" in found
    return f"never an article; exit code {ended.code}"
