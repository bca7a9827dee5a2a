"""What of a portal is asked for beside its articles."""

from pathlib import Path

from crawler.following import Scope, leads
from crawler.items import Article, Link, Reading
from tests.conftest import Folder
from tests.test_again import first, known, site, url
from tests.test_crawl import rows

__all__ = ["first", "known", "site", "url"]

FILES = tuple(
    Link(url=f"http://a.vn/uploads/{name}", kind="file") for name in ("a.pdf", "b.jpg", "c.mp4", "d.MP3")
)
PAGES = tuple(
    Link(url=f"http://a.vn/{path}", kind="page")
    for path in ("vi/about/", "vi/laws/?thang=5", "index.php?language=vi&nv=laws")
)


def kinds(reading: Reading, scope: Scope) -> list[tuple[str, str]]:
    return [(link.url.removeprefix("http://a.vn/"), link.kind) for link in leads(reading, "article", scope)]


def test_files_of_articles_are_media_but_for_video_and_sound() -> None:
    article = Article(
        cms_id="1", module="news", in_language="vi", url="http://a.vn/", headline="x", parser="x"
    )
    reading = Reading(outcome="article", article=article, links=FILES)
    assert kinds(reading, Scope()) == [("uploads/a.pdf", "media"), ("uploads/b.jpg", "media")]
    assert kinds(reading, Scope(media=False)) == []
    assert kinds(Reading(outcome="listing", links=FILES), Scope()) == []


def test_other_modules_are_asked_for_only_when_told_and_without_filters() -> None:
    reading = Reading(outcome="listing", links=PAGES)
    assert kinds(reading, Scope()) == []
    assert [url for url, _ in kinds(reading, Scope(site=True))] == [
        "vi/about/",
        "index.php?language=vi&nv=laws",
    ]


def test_whole_site_is_kept_when_the_registry_says_so(folder: Folder, url: str, tmp_path: Path) -> None:
    registry = tmp_path / "portals.yml"
    registry.write_text(f"mau_site:\n  name: Huyện Mẫu\n  url: {url}\n  scope: site\n", encoding="utf-8")
    ran = folder.scrapy("crawl", "mau_site", "-s", f"ARCHIVE_PORTALS={registry}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    kept = rows(folder.db, "SELECT target_uri FROM captures WHERE outcome = 'kept_unparsed'")
    assert {row["target_uri"].split("/")[4] for row in kept} >= {"about", "laws"}
    assert rows(folder.db, "SELECT url FROM known_urls WHERE kind = 'page'") == []
