"""What the sample portal answers to which address, over real HTTP: pages, redirects, refusals."""

from collections.abc import Iterator

import pytest

from crawler.sample import RunningPortal, serve
from tests.sampling import DAN_VAN, NOTICE, TREES, article, fetch


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with serve(count_views=False) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (DAN_VAN, 200),
        (f"{DAN_VAN}?utm_source=x", 200),
        ("/vi/", 200),
        ("/vi/news/", 200),
        ("/vi/news/tin-trong-thi-xa/", 200),
        ("/vi/news/tin-trong-thi-xa/page-2/", 200),
        ("/vi/news/kinh-te-xa-hoi/", 200),
        ("/vi/news/topic/phong-chong-dich-covid-19/", 200),
        ("/vi/news/tag/nong-thon-moi", 200),
        ("/vi/news/rss/", 200),
        ("/vi/news/rss/lich-cong-tac/", 200),
        ("/vi/about/", 200),
        ("/vi/about/gioi-thieu-chung.html", 200),
        ("/vi/laws/detail/05-ct-ubnd-21/", 200),
        ("/vi/users/login/", 200),
        ("/vi/seek/?q=x", 200),
        ("/robots.txt", 200),
        ("/sitemap.xml", 200),
        ("/index.php?second=cronjobs&p=1", 200),
        ("/index.php?language=vi&nv=news&op=" + DAN_VAN.removeprefix("/vi/news/"), 200),
        ("/vi/news/print" + DAN_VAN.removeprefix("/vi/news"), 200),
        ("/uploads/news/2021_02/trong-cay-1.jpg", 200),
        ("/vi/news/tin-trong-thi-xa/khong-co-bai-nay-99999.html", 404),
        ("/vi/news/tin-trong-thi-xa/bai-da-an-571.html", 404),
        ("/vi/news/tin-trong-thi-xa/bai-dang-hen-gio-570.html", 404),
        ("/vi/news/Thong-bao/gia-han-thoi-gian-nop-ho-so-du-tuyen-572.html", 404),
        (DAN_VAN.replace("cong-tac-dan-van", "nong-nghiep", 1), 404),
        (DAN_VAN.upper(), 404),
        ("/vi/news/Tin-Trong-Thi-Xa/", 404),
        ("/vi/khong-co/", 404),
        ("/uploads/khong-co.exe", 404),
    ],
)
def test_status(portal: RunningPortal, path: str, status: int) -> None:
    assert fetch(portal, path).status == status


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "/vi/"),
        ("/vi/news", "/vi/news/"),
        (DAN_VAN.replace("ket-qua", "sai-ten"), DAN_VAN),
        (DAN_VAN.replace("cong-tac-dan-van", "chuyen-muc-cu", 1), DAN_VAN),
        (DAN_VAN.removesuffix(".html") + "/", DAN_VAN),
        (DAN_VAN.removesuffix(".html"), DAN_VAN.removesuffix(".html") + "/"),
        (TREES.replace("tin-tu-co-so", "tin-trong-thi-xa"), TREES),
        ("/index.php?nv=news&op=" + DAN_VAN.removeprefix("/vi/news/"), DAN_VAN),
        ("/vi/news/tin-trong-thi-xa", "/vi/news/tin-trong-thi-xa/"),
        ("/vi/news/tin-trong-thi-xa.html", "/vi/news/tin-trong-thi-xa/"),
        ("/vi/news/tin-trong-thi-xa/page-1/", "/vi/news/tin-trong-thi-xa/"),
        ("/vi/news/tin-trong-thi-xa/page-999/", "/vi/news/tin-trong-thi-xa/"),
        ("/vi/news/tin-trong-thi-xa/page-2", "/vi/news/tin-trong-thi-xa/page-2/"),
        ("/vi/news/khong-co-chuyen-muc/", "/vi/news/"),
        (
            "/vi/news/chi-dao-dieu-hanh/cong-bao-tinh-so-dac-biet-573.html",
            "https://congbao.tayninh.example/so-dac-biet/",
        ),
        (NOTICE + "?download=1&id=0", "/vi/news/"),
    ],
)
def test_redirect(portal: RunningPortal, path: str, location: str) -> None:
    got = fetch(portal, path)
    assert (got.status, got.headers["Location"]) == (301, location)


def test_members_only_answers_200_with_a_refusal(portal: RunningPortal) -> None:
    for path in ("/vi/news/noi-bo/", article(574).path):
        got = fetch(portal, path)
        assert (got.status, "Bạn không được phép xem bài viết" in got.text) == (200, True)
        assert "lưu hành nội bộ" not in got.text


def test_not_found_page_says_so(portal: RunningPortal) -> None:
    got = fetch(portal, "/vi/news/tin-trong-thi-xa/khong-co-99999.html")
    assert "Lỗi truy cập 404" in got.text
    assert got.headers["X-Robots-Tag"].startswith("noindex")
