"""The page that shows what changed between two states of an article."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from parsel import Selector

from crawler.archive import Archive
from tests.archives import BEN_SONG, BODY, DAN_VAN, STARTED, page_of, portal_row
from tests.datasette_fixtures import Site, archive_folder, configure, site
from tests.test_article_page import PAGE, hrefs, texts

__all__ = ["archive_folder", "site"]

KEY = f"{BEN_SONG}/vi/news/12"
EDITED = replace(
    DAN_VAN,
    headline="Kết quả <b>dân vận</b>",
    description=None,
    article_body=BODY.replace("9 mô hình", "<script>alert(1)</script>"),
    author="Lê Văn Tư",
    keywords=(),
    attachments=(),
)
ENDLESS = replace(EDITED, article_body="a" * 11_000_000)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An article in three states: as it was, edited in every field, and longer than Datasette hands out."""
    folder = configure(tmp_path_factory.mktemp("edited"))
    with Archive(folder / "archive.db") as archive:
        archive.register(portal_row(BEN_SONG))
        for place, article in enumerate((DAN_VAN, EDITED, ENDLESS)):
            archive.save([page_of(place, BEN_SONG, article, STARTED + timedelta(days=place))])
    opened = Site(folder)
    yield opened
    opened.close()


def state(place: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{0:06d}{place:06d}"


def test_article_page_leads_to_what_changed(site: Site) -> None:
    links = [link for link in hrefs(site.html(PAGE)) if link.startswith("/changes/")]
    assert links[-1] == f"/changes/{KEY}"
    for link in links:
        page = site.html(link)
        assert texts(page, "//ins")[1:] == ["Đã bổ sung số liệu."]
        assert texts(page, "//del")[1:] == []
        assert texts(page, "//details/summary") == ["82 chữ không đổi unchanged"]
        assert texts(page, "//option[@selected]") == [
            "06/05/2025 01:02:04 UTC",
            "05/06/2025 01:02:04 UTC (hiện tại)",
        ]


def test_every_field_that_changed_is_shown_and_nothing_is_markup(edited: Site) -> None:
    page = edited.html(f"/changes/{KEY}", **{"from": state(0), "to": state(1)})
    assert texts(page, "//section/h2") == ["Tiêu đề headline", "Đoạn mở đầu lead", "Nội dung text"]
    assert "<script>alert(1)</script>" in texts(page, "//ins")
    assert not Selector(page).xpath("//section[@class='content']//script | //main//b")
    fields = texts(page, "//table[@class='fields']/tbody/tr/th")
    assert fields == ["Tác giả author", "Từ khóa tags", "Tệp đính kèm attachments"]
    assert texts(page, "//table[@class='fields']//ins") == ["Lê Văn Tư"]
    assert texts(page, "//table[@class='fields']//del")[2].startswith("bao-cao-2020.pdf (/vi/news/")


def test_states_may_be_compared_backwards_and_with_themselves(edited: Site) -> None:
    page = edited.html(f"/changes/{KEY}", **{"from": state(1), "to": state(0)})
    assert "<script>alert(1)</script>" in texts(page, "//del")
    assert "giống nhau" in edited.html(f"/changes/{KEY}", **{"from": state(1), "to": state(1)})


def test_a_state_that_is_too_long_is_said_to_be(edited: Site) -> None:
    assert "quá dài để so sánh ở đây" in edited.html(f"/changes/{KEY}")
    assert "quá dài để hiện ở đây" in edited.html(PAGE)


def test_an_article_with_one_state_has_no_changes(site: Site) -> None:
    assert "Kho mới có một phiên bản" in site.html(f"/changes/{BEN_SONG}/vi/news/13")


@pytest.mark.parametrize(
    "path", ["nobody/vi/news/1", "%3Cscript%3E", f"{KEY}?from=x&to=y", f"{KEY}?from={state(0)}&to=%00"]
)
def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    answer = site.request("GET", f"/changes/{path}", follow_redirects=True)
    assert answer.status_code == 404
    assert "<script>" not in answer.text.partition('<section class="content">')[2].partition("</section>")[0]


def test_changes_without_an_archive_are_not_found(tmp_path: Path) -> None:
    opened = Site(configure(tmp_path))
    try:
        assert opened.get(f"/changes/{KEY}").status_code == 404
    finally:
        opened.close()
