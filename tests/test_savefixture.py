"""`scrapy savefixture`: what it saves is a fixture that holds, but for a person's review."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.cms import read_response
from crawler.commands.savefixture import default_slug, save
from crawler.items import Fetched, Reading
from crawler.pagesource import PageError
from crawler.sample import RunningPortal, serve
from tests import test_fixtures
from tests.conftest import Folder
from tests.sampling import DAN_VAN, article
from tests.test_fixtures import SLUGS, page_of, truth_of

NAME = "ban-nhap"
URL = "https://a.example.vn/vi/news/Thong-bao/lich-cup-dien-518.html"


def fetched_of(slug: str) -> Fetched:
    truth = truth_of(slug)
    return Fetched(
        url=truth["url"],
        status=truth["status"],
        media_type=truth["media_type"],
        location=truth["location"],
        body=page_of(slug).read_bytes(),
        fetched_at=datetime.fromisoformat(truth["fetched_at"]),
    )


def read(fetched: Fetched) -> Reading:
    return read_response(fetched, hosts=frozenset({urlsplit(fetched.url).netloc}))


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder with one fixture's page saved anew, which the fixtures' tests take for theirs."""
    fetched = fetched_of(request.param)
    save(fetched, read(fetched), tmp_path, NAME)
    monkeypatch.setattr(test_fixtures, "FIXTURES", tmp_path)
    yield tmp_path
    test_fixtures.truth_of.cache_clear()
    test_fixtures.reading_of.cache_clear()


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("saved", SLUGS, indirect=True)
def test_what_is_saved_passes_the_tests_of_fixtures_but_for_the_review() -> None:
    expected = test_fixtures.truth_of(NAME)["expected"]
    test_fixtures.test_outcome(NAME)
    test_fixtures.test_absent(NAME)
    for name in expected.get("article", ()):
        test_fixtures.test_article(NAME, name)
    for name in expected.get("listing", ()):
        test_fixtures.test_listing(NAME, name)
    if "witnesses" in expected:
        test_fixtures.test_witnesses(NAME)
    if "links" in expected:
        test_fixtures.test_links(NAME)
    with pytest.raises(AssertionError):
        test_fixtures.test_reviewed(NAME)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_draft_has_the_shape_of_the_reviewed_truth(slug: str, tmp_path: Path) -> None:
    fetched, reviewed = fetched_of(slug), truth_of(slug)
    path = save(fetched, read(fetched), tmp_path, slug)
    draft = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert list(draft) == list(reviewed)
    assert path.name == page_of(slug).name
    assert path.read_bytes() == fetched.body
    about = ("url", "fetched_at", "status", "media_type", "location")
    assert {name: draft[name] for name in about} == {name: reviewed[name] for name in about}
    expected = reviewed["expected"]
    assert draft["expected"]["outcome"] == expected["outcome"]
    fields = expected.get("article", {})
    assert {name: draft["expected"]["article"][name] for name in fields} == fields


def test_the_draft_asks_for_its_reason(tmp_path: Path) -> None:
    fetched = fetched_of("44-egov-dan-van-byline")
    path = save(fetched, read(fetched), tmp_path, NAME)
    draft = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert draft["reproduces"] == "NukeViet 4.x (egov): describe the fact that this page reproduces."
    assert (draft["reviewed"], draft["absent"]) == (False, [])


@pytest.mark.parametrize("ending", ["html", "json", "xml"])
def test_what_exists_is_never_overwritten(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.{ending}").write_text("mine", encoding="utf-8")
    fetched = fetched_of("44-egov-dan-van-byline")
    with pytest.raises(PageError, match=r"exists already: give another name with --slug"):
        save(fetched, read(fetched), tmp_path, NAME)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    fetched = fetched_of("44-egov-dan-van-byline")
    with pytest.raises(PageError, match="cannot be written"):
        save(fetched, read(fetched), tmp_path / "file", NAME)


@pytest.mark.parametrize(
    ("url", "site", "slug"),
    [
        (URL, "NukeViet 4.4.08 (egov)", "44-egov-lich-cup-dien-518"),
        (URL, "NukeViet 3.x (modern)", "3-modern-lich-cup-dien-518"),
        (URL, "NukeViet", "lich-cup-dien-518"),
        (URL, None, "lich-cup-dien-518"),
        ("https://a.example.vn/vi/", "NukeViet 4.x (egov)", "4-egov-vi"),
        ("https://a.example.vn/", None, "home"),
        ("https://a.example.vn/robots.txt", None, "robots-txt"),
        ("https://a.example.vn/%E4%B8%AD/", None, "page"),
        (f"https://a.example.vn/{'bai-viet-' * 20}7.html", None, ("bai-viet-" * 20)[:70].strip("-")),
    ],
)
def test_the_name_comes_from_version_theme_and_address(url: str, site: str | None, slug: str) -> None:
    assert default_slug(url, Reading(outcome="article", site=site)) == slug


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(count_views=False) as running:
        yield running


def test_a_page_of_a_portal_is_saved_once(portal: RunningPortal, folder: Folder) -> None:
    command = ("savefixture", f"{portal.url.rstrip('/')}{DAN_VAN}", "--slug", NAME, "--to", str(folder.path))
    ran = folder.scrapy(*command)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"{NAME}.html and {NAME}.json, read as article; asked just now;" in ran.stdout
    assert f"pytest tests/test_fixtures.py -k {NAME}" in ran.stdout
    assert sorted(path.name for path in folder.path.iterdir()) == [f"{NAME}.html", f"{NAME}.json"]
    draft = json.loads((folder.path / f"{NAME}.json").read_text(encoding="utf-8"))
    assert draft["expected"]["article"]["article_body"] == article(512).article_body
    assert draft["media_type"] == "text/html"
    again = folder.scrapy(*command)
    assert (again.returncode, again.stderr) == (1, "")
    assert again.stdout == f"Error: {folder.path / NAME}.html exists already: give another name with --slug\n"


def test_a_name_stays_within_its_folder(folder: Folder) -> None:
    page = page_of("44-egov-dan-van-byline")
    ran = folder.scrapy("savefixture", str(page), "--slug", "../out", "--to", str(folder.path / "in"))
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("Error: --slug ../out: a name is words of a-z and 0-9")
    assert list(folder.path.iterdir()) == []
