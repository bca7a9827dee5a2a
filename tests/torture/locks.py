"""Other programs that use archive.db while it is crawled into."""

import sqlite3
from contextlib import closing

from crawler.archive import Archive
from tests.torture.crawls import Bench
from tests.torture.disks import assert_failed_in_one_line
from tests.torture.portal import TestPortal, serving
from tests.torture.scenario import scenario

ARTICLES = 20
IMPATIENT = ("-s", "ARCHIVE_LOCK_TIMEOUT=0.5")


@scenario("a reader that holds archive.db all the time")
def reader(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES)) as portal:
        Archive(bench.db).close()
        with closing(sqlite3.connect(bench.db)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM articles").fetchone()
            ended = bench.crawl(portal, *IMPATIENT)
    assert ended.code == 0, ended.said
    bench.assert_sound()
    bench.assert_articles(ARTICLES)
    return "complete"


@scenario(
    "a writer that holds archive.db, before the crawl and from its middle on",
    says="is locked by another program",
)
def writer(bench: Bench) -> str:
    with serving(TestPortal(ARTICLES)) as portal:
        Archive(bench.db).close()
        with closing(sqlite3.connect(bench.db, check_same_thread=False)) as other:
            other.execute("BEGIN EXCLUSIVE")
            before = bench.crawl(portal, *IMPATIENT)
            assert_failed_in_one_line(before)
            assert "is locked by another program" in before.said
            other.rollback()

            def seize(number: int) -> None:
                if number == 10:
                    other.execute("BEGIN IMMEDIATE")

            portal.on_request = seize
            amid = bench.crawl(portal, *IMPATIENT)
            assert_failed_in_one_line(amid)
            assert "is locked by another program" in amid.said
            portal.on_request = None
        after = bench.crawl(portal)
    assert after.code == 0, after.said
    bench.assert_sound()
    bench.assert_articles(ARTICLES)
    return "failed in one line, twice; the next crawl completes"
