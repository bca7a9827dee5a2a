"""What people see: a real `datasette serve` in a headless Chromium, at the width of a desk and of a phone."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.archives import DAN_VAN
from tests.browser_setup import HOW, browser_is_required, find_chromium
from tests.datasette_fixtures import ROOT, archive_folder

__all__ = ["archive_folder"]

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",  # root, as in a container, has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS_TO_START = 60.0
SECONDS_TO_SHOW = 30
DESK, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="module")
def server(archive_folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "datasette", "serve", ".", "--host", "127.0.0.1", "--port", str(port)]
    log = archive_folder.with_suffix(".log")
    with log.open("w") as output:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}  # the plugins of this checkout, wherever it lies
        process = subprocess.Popen(command, cwd=archive_folder, env=environment, stdout=output, stderr=output)
        try:
            _wait_for(f"{address}/-/versions.json", process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - loopback
                return
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail("datasette did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        reason = f"no Chromium was found: {HOW}"
        if browser_is_required():
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=SECONDS_TO_SHOW * 1000)  # Playwright's own 5 s are short on a busy machine
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(browser: Browser, server: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A page at one width; whatever it complains of, or asks of another server, fails the test."""
    width, height = request.param
    complaints: list[str] = []
    opened = browser.new_page(base_url=server, viewport={"width": width, "height": height})
    opened.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(server) else None
    )
    yield opened
    opened.wait_for_load_state()  # until then its style sheets may be missing
    overflow = opened.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    opened.screenshot(path=tmp_path / "page.png")
    opened.close()
    assert complaints == []
    assert overflow <= 0, "the page is wider than the screen"


def is_phone(page: Page) -> bool:
    return page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}


def test_from_the_home_page_to_the_article(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill("dan van")
    page.get_by_role("button", name="Tìm").click()
    expect(page).to_have_url(re.compile(r"/archive/search\?words=dan\+van"))
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_role("link", name=DAN_VAN.headline).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(DAN_VAN.headline)
    expect(page.locator(".body p").first).to_contain_text("Năm qua, công tác dân vận")
    expect(page.locator(".body p").last).to_have_text("Đã bổ sung số liệu.")
    expect(page.locator(".facts")).to_contain_text("09/11/2020 09:00")
    expect(page.get_by_role("link", name=DAN_VAN.url)).to_be_visible()


def test_search_box_of_the_table(page: Page) -> None:
    page.goto("/archive/articles")
    page.get_by_role("searchbox").fill("Đảng bộ thị xã")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("td.col-headline")).to_have_text([DAN_VAN.headline])
    page.get_by_role("link", name="Xem trích đoạn").click()
    expect(page.locator("mark").first).to_be_visible()


def test_found_articles_can_be_narrowed(page: Page) -> None:
    page.goto("/archive/search?words=van+dan")
    page.get_by_role("link", name="Lọc theo cổng, năm, chuyên mục").click()
    expect(page.locator("td.col-headline")).to_have_text([DAN_VAN.headline])
    page.get_by_role("link", name="Chỉ tìm nguyên cụm").click()
    expect(page.locator(".zero-results")).to_contain_text("Không có bài nào")


def test_nonsense_finds_nothing(page: Page) -> None:
    page.goto("/archive/search?words=xyzzyq")
    expect(page.locator(".found .quiet").first).to_contain_text("Không tìm thấy bài nào")


def test_facet_narrows_the_table(page: Page) -> None:
    page.goto("/archive/articles")
    facet = page.locator(".facet-info").get_by_role("link", name="Dân vận")
    expect(facet).to_be_visible(
        visible=not is_phone(page)
    )  # there they would push the articles off the screen
    if is_phone(page):
        page.get_by_text("Lọc theo").click()
    facet.click()
    expect(page.locator("td.col-headline")).to_have_text([DAN_VAN.headline])


def test_nothing_is_cut_off_and_no_cell_is_an_empty_line(page: Page) -> None:
    page.goto("/archive/articles")
    wrapper = page.locator(".table-wrapper")
    assert wrapper.evaluate("element => element.scrollWidth <= element.clientWidth")
    if is_phone(page):
        assert page.locator("td.type-none").evaluate_all("cells => cells.every(cell => !cell.offsetHeight)")
        assert page.locator("td.type-none").count()


def test_ready_made_question_is_asked(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Bài được xem nhiều nhất trong năm").click()
    page.get_by_label("year").fill("2020")
    page.get_by_role("button", name="Xem").click()
    expect(page.locator("td.col-headline")).to_have_text([DAN_VAN.headline])


def test_what_changed_in_an_article(page: Page) -> None:
    page.goto("/archive/articles/1")
    page.get_by_role("link", name="những chỗ đã sửa").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".diff ins")).to_have_text("Đã bổ sung số liệu.")
    expect(page.locator(".diff ins")).to_have_css("text-decoration-line", "underline")
    page.get_by_text("chữ không đổi").click()
    expect(page.locator(".diff details p").first).to_contain_text("Năm qua, công tác dân vận")
    page.get_by_label("Từ phiên bản").select_option(index=0)
    page.get_by_role("button", name="So sánh").click()
    expect(page.locator(".flag")).to_contain_text("Hai phiên bản này giống nhau")


def test_completeness_of_a_portal_is_a_picture_and_a_table(page: Page) -> None:
    page.goto("/archive/completeness")
    page.get_by_label("Cổng").select_option("Thị xã Bến Song")
    page.get_by_role("button", name="Xem").click()
    expect(page.get_by_role("img", name="Biểu đồ theo tháng")).to_be_visible()
    expect(page.locator("td.col-month")).to_have_text(["2022-06", "2021-05", "2021-03", "2020-11"])
    page.get_by_role("link", name="Từng số hiệu bài chưa có trong kho").click()
    expect(page.locator("td.col-state")).to_have_text(["not_public", "not_seen"])


def test_article_with_hostile_text_runs_nothing(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto("/archive/articles/4")
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>alert(1)</script>")


@pytest.mark.parametrize(
    "path",
    [
        "/archive",
        "/archive/articles?_all=1",
        "/archive/captures",
        "/archive/portals/mau_ben_song",
        "/archive/lately",
        "/archive/doubtful_dates?flag=no_date",
    ],
)
def test_other_pages_open_without_complaint(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.ok
