"""Pages of any size, nesting or brokenness end in an article or in a named outcome, within bounds."""

import resource
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cms import read_response
from crawler.items import OUTCOMES, Fetched, Reading
from crawler.sample.answers import Request
from crawler.sample.portal import SamplePortal

PATH = "/vi/news/cong-tac-dan-van/ket-qua-thuc-hien-cong-tac-dan-van-nam-2020-512.html"
PAGE = SamplePortal(20, count_views=False).answer(Request(target=PATH, host="h")).body
START = PAGE.index(b">", PAGE.index(b'id="news-bodyhtml"')) + 1
END = PAGE.index(b"</div>", START)
OUTCOMES_OF_READING = {*OUTCOMES, "article"}


def read(page: bytes) -> Reading:
    fetched = Fetched(
        url=f"http://h{PATH}",
        status=200,
        media_type="text/html",
        charset="utf-8",
        body=page,
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return read_response(fetched, hosts=frozenset({"h"}))


def with_body(body: bytes) -> bytes:
    return PAGE[:START] + body + PAGE[END:]


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 100_000 + b"x" + b"</div>" * 100_000,
        b"<span>" * 100_000 + b"x",
        b"<ul><li>" * 50_000 + b"x",
        b"<table><tr><td>" * 40_000 + b"x",
        b"<b><i><p>" * 30_000 + b"x",
    ],
    ids=["div", "span", "list", "table", "crossed"],
)
def test_nesting_of_any_depth_ends_in_an_article_or_a_parse_error(body: bytes) -> None:
    assert read(with_body(body)).outcome in {"article", "parse_error"}


@pytest.mark.parametrize(
    "body",
    [
        "<p>" + "chữ " * 4_000_000 + "</p>",
        "<p>đoạn văn</p>" * 1_000_000,
        "a<br>" * 4_000_000,
        "&#x41;" * 3_000_000,
    ],
    ids=["one paragraph", "paragraphs", "line breaks", "entities"],
)
def test_page_of_20_megabytes_is_read_within_bounds(body: str) -> None:
    """In a process of its own that may use 2 GB and 60 s of processor time, no more."""
    code = (
        "import sys; from tests.test_hostile_pages import read; print(read(sys.stdin.buffer.read()).outcome)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=with_body(body.encode()),
        capture_output=True,
        check=False,
        preexec_fn=_bounded,
    )
    assert ran.stdout.decode().strip() in {"article", "parse_error"}, ran.stderr.decode()[-500:]


@settings(max_examples=150)
@given(st.integers(0, len(PAGE)), st.integers(0, len(PAGE)), st.binary(max_size=30))
def test_page_broken_anywhere_ends_in_an_outcome(start: int, end: int, junk: bytes) -> None:
    first, last = sorted((start, end))
    assert read(PAGE[:first] + junk + PAGE[last:]).outcome in OUTCOMES_OF_READING


@settings(max_examples=150)
@given(st.text(st.sampled_from("<>/=\"'&;!-abdiprstuv \n\x00é\u0300"), max_size=400))
def test_body_of_any_markup_leaves_the_other_fields_alone(markup: str) -> None:
    reading = read(with_body(markup.encode("utf-8", "replace")))
    assert reading.outcome in OUTCOMES_OF_READING
    if reading.article is not None:
        assert reading.article.headline == "Kết quả thực hiện công tác Dân vận năm 2020"
        assert reading.article.date_published == "2020-11-09T09:00+07:00"


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<!",
        b"<!-- x -->",
        b"<?xml?>",
        b"\x00" * 1000,
        bytes(range(256)) * 100,
        b"<",
        b"\xff\xfe<\x00h\x00",
        PAGE[:15_000],
    ],
)
def test_what_is_no_page_ends_in_an_outcome(page: bytes) -> None:
    assert read(page).outcome in OUTCOMES_OF_READING
