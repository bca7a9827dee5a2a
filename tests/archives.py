"""A small archive of two made-up portals, built through the archive's own writer; the same at every build."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive import Archive, CrawlTotals, End
from crawler.items import Article, ArticleNumber, Attachment, Capture, Image, Link, Page, Reading, Witness

STARTED = datetime(2025, 5, 6, 1, 2, 3, 456789, tzinfo=UTC)
BEN_SONG, CAU_TRE = "mau_ben_song", "mau_cau_tre"
NAMES = {BEN_SONG: "Thị xã Bến Song", CAU_TRE: "Huyện Cầu Tre"}
NOTICES = 60
"""Short notices beside the written articles; twenty share one minute, and twenty more have no date."""

BODY = """Năm qua, công tác dân vận của thị xã được các cấp ủy quan tâm; nhiều mô hình "Dân vận khéo" ra đời.

Kết quả các phong trào:

Phường An Thạnh\t12 mô hình\t340 hộ
Xã Thới Hòa\t9 mô hình\t<b>chưa rõ</b>

Ban tổ chức trao thưởng
Mười tập thể được khen
Hai mươi cá nhân được khen

Trong thời gian tới, Đảng bộ thị xã tiếp tục đổi mới phương thức vận động quần chúng. & < > "nháy"

Trần Minh"""

DAN_VAN = Article(
    cms_id="12",
    module="news",
    in_language="vi",
    url="http://bensong.example.vn/vi/news/dan-van/ket-qua-cong-tac-dan-van-12.html",
    headline="Kết quả công tác Dân vận của Đảng bộ thị xã Bến Song năm 2020",
    description="Hội nghị tổng kết công tác dân vận diễn ra sáng nay tại trung tâm thị xã.",
    article_body=BODY,
    article_body_html="<p>Năm qua…</p>",
    article_section="Dân vận",
    section_path=("Tin tức", "Xây dựng Đảng", "Dân vận"),
    author="Trần Minh",
    byline="Trần Minh",
    source="Ban Dân vận Thị ủy",
    keywords=("dân vận", "Đảng bộ"),
    date_published="2020-11-09T09:00+07:00",
    date_published_text="Thứ hai - 09/11/2020 09:00",
    date_source="visible",
    date_modified="2020-11-10T15:30+07:00",
    witnesses=(
        Witness(source="visible", text="Thứ hai - 09/11/2020 09:00", iso="2020-11-09T09:00+07:00"),
        Witness(source="meta", text="2020-11-09+0709:00:12", iso="2020-11-09T09:00+07:00"),
    ),
    view_count=679,
    comment_count=0,
    rating_value=4.5,
    rating_count=8,
    topic="Học tập và làm theo Bác",
    images=(
        Image(url="http://bensong.example.vn/uploads/hoi-nghi.jpg", caption="Quang cảnh hội nghị"),
        Image(url="http://bensong.example.vn/uploads/trao-thuong.jpg"),
    ),
    attachments=(
        Attachment(
            name="bao-cao-2020.pdf",
            url="http://bensong.example.vn/vi/news/dan-van/ket-qua-cong-tac-dan-van-12.html?download=1&id=0",
            media_type="application/pdf",
        ),
    ),
    videos=("https://video.example.vn/embed/abc",),
    parser="nukeviet/1",
)


BASE = Article(
    cms_id="0",
    module="news",
    in_language="vi",
    url="http://portal.example.vn/vi/news/tin/bai-0.html",
    headline="Bài",
    date_source="visible",
    comment_count=0,
    parser="nukeviet/1",
)


def written_articles() -> dict[str, list[Article]]:
    """The articles that the tests ask about, by portal."""
    return {
        BEN_SONG: [
            DAN_VAN,
            _article(
                "13",
                headline="Đường Nguyễn Huệ thông xe",
                article_body="Con đường dài 3 km đã thông xe.",
                article_section="Hạ tầng",
                date_published="2021-03-14T08:00+07:00",
                view_count=4521,
            ),
            _article(
                "14",
                headline="Lịch tiếp công dân tháng 6",
                article_section="Thông báo",
                date_published="2022-06-01",
                date_flags=("no_time",),
            ),
            _article(
                "15",
                headline="Phòng, chống dịch Covid-19 <script>alert(1)</script>",
                article_body="Khai báo y tế.",
                date_published="2021-05-20T14:05+07:00",
                view_count=7,
                url="javascript:alert(document.domain)",
                attachments=(Attachment(name="<img src=x>", url="javascript:alert(2)"),),
            ),
        ],
        CAU_TRE: [
            _article(
                "12",
                headline="Hội nghị về nông thôn mới",
                article_body="Mười xã đạt chuẩn nông thôn mới.",
                article_section="Nông nghiệp",
                date_published="2019-08-02T16:45+07:00",
                view_count=310,
            ),
            _article("16", headline="Tin không rõ ngày", date_source=None, date_flags=("no_date",)),
        ],
    }


def notices() -> Iterator[Article]:
    """Short notices of one portal, many with the same date, or with none."""
    dates = (None, "2018-03-05T07:30+07:00")
    for number in range(NOTICES):
        date = dates[number % 3] if number % 3 < 2 else f"2018-04-{number % 28 + 1:02d}T08:00+07:00"
        yield _article(
            str(100 + number),
            headline=f"Thông báo số {number}",
            article_body="Mời họp tổ dân phố.",
            article_section="Thông báo",
            date_published=date,
            date_source="visible" if date else None,
            date_flags=() if date else ("no_date",),
            view_count=number,
        )


def _article(cms_id: str, **fields: Any) -> Article:
    url = f"http://portal.example.vn/vi/news/tin/bai-{cms_id}.html"
    return replace(BASE, **{"cms_id": cms_id, "url": url} | fields)


def build_archive(path: Path) -> Path:
    """Write the archive to a new file and return its path: two crawls, the second with one edited article."""
    with Archive(path) as archive:
        for key in (BEN_SONG, CAU_TRE):
            archive.register(portal_row(key))
        articles = written_articles()
        articles[CAU_TRE].extend(notices())
        for portal, found in articles.items():
            _crawl(archive, portal, found, STARTED)
        edited = replace(DAN_VAN, article_body=f"{BODY}\n\nĐã bổ sung số liệu.", view_count=702)
        _crawl(archive, BEN_SONG, [edited], STARTED + timedelta(days=30))
        for days in (60, 61):
            _crawl(archive, BEN_SONG, [], STARTED + timedelta(days=days), missed=("13", "11"))
        archive.optimise()
    return path


def portal_row(key: str) -> dict[str, object]:
    """The row of a portal as Archive.register takes it."""
    return {
        "key": key,
        "name": NAMES[key],
        "kind": NAMES[key].rpartition(" ")[0].lower(),
        "url": f"http://{key}.example.vn/",
        "hosts": [f"{key}.example.vn"],
        "unit_code": None,
        "former_province": "Tỉnh Mẫu",
        "province": "Tỉnh Mẫu",
        "fate": None,
        "verified": True,
    }


def _crawl(
    archive: Archive, portal: str, articles: list[Article], started: datetime, *, missed: Sequence[str] = ()
) -> None:
    crawl = archive.begin_crawl(portal, started).crawl
    pages = [
        page_of(place, portal, article, started, crawl=crawl) for place, article in enumerate(articles, 1)
    ]
    for place, cms_id in enumerate(missed, len(pages) + 1):
        page = page_of(place, portal, _article(cms_id), started, crawl=crawl)
        number = ArticleNumber("vi", "news", cms_id)
        pages.append(replace(page, reading=Reading(outcome="not_found", asked=number)))
    archive.save(pages, crawl, CrawlTotals())
    end = End(finished_at=started + timedelta(minutes=5), status="complete", message=None, is_finished=True)
    archive.finish_crawl(crawl, end)


def page_of(
    place: int, portal: str, article: Article, started: datetime, *, crawl: int | None = None
) -> Page:
    """The capture of an article's page, the place-th of its crawl, one a second."""
    link = Link(url=f"http://{portal}.example.vn/about/", kind="page")
    return Page(
        capture=Capture(
            record_id=f"urn:uuid:00000000-0000-4000-8000-{crawl or 0:06d}{place:06d}",
            crawl=crawl,
            portal=portal,
            target_uri=article.url,
            fetched_at=started + timedelta(seconds=place),
            status=200,
            media_type="text/html",
            payload_digest="sha1:AAAA",
            warc_file=f"{portal}-20250506T010203Z-{crawl or 0}-00000.warc.gz",
            warc_offset=1000 * place,
        ),
        reading=Reading(outcome="article", article=article, links=(link,)),
    )
