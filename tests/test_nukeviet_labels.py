"""Author and source, as every theme labels them."""

import pytest

from tests.test_nukeviet_article import article


@pytest.mark.parametrize(
    ("after", "author", "source"),
    [
        ("<p><strong>Tác giả bài viết: </strong>Nguyễn Thu</p>", "Nguyễn Thu", None),
        ('<p><strong>Tác giả: </strong><a href="/a">Thu</a>, <a href="/b">Hà</a></p>', "Thu, Hà", None),
        ("<p><strong>Nguồn tin: </strong>Báo Tây Ninh</p>", None, "Báo Tây Ninh"),
        ('<p><strong>Nguồn tin: </strong><img src="/logo.png"></p>', None, None),
        ("<div><strong>Tác giả: </strong>Thu<br><strong>Nguồn: </strong>Đài</div>", "Thu", "Đài"),
        ('<p><strong>Nguồn: </strong><img src="/a.png" alt="Logo Báo Tây Ninh"></p>', None, "Báo Tây Ninh"),
        ('<p><b>Nguồn: </b><a href="/vi/" title="TTXVN"><img alt="logo.png"></a></p>', None, "TTXVN"),
        (
            '<p>Nguồn: <a href="https://www.bao.example/a/1.html" title="Xem bài gốc"><img></a></p>',
            None,
            "bao.example",
        ),
        ('<p><b>Nguồn: </b><a href="/vi/about/"><img alt="Logo" title="Một tin"></a></p>', None, None),
        ('<p>Nguồn tin: <img alt="TTXVN"> Báo Nhân Dân</p>', None, "Báo Nhân Dân"),
        ("<p>Tác giả: </p><p>Nguồn tin: </p><p>Lượt xem 5</p>", None, None),
        ("<ul><li>Nguồn tin: </li><li><a href=/vi/about/>Giới thiệu</a></li></ul>", None, None),
        ('<div>Nguồn tin: </div><div><a title="Chia sẻ Facebook"><img alt="f"></a></div>', None, None),
        ("<div>Tác giả:</div><div>Thu</div><div>Nguồn:</div><div>Lượt xem: 5</div>", "Thu", None),
        ("<table><tr><td>Tác giả:<td>Thu<tr><td>Nguồn:<td><img alt=TTXVN></table>", "Thu", "TTXVN"),
        ('<ul><li><i class="icon"></i> Tác giả: Thu</li></ul>', "Thu", None),
        ("<p>Tác giả: <strong>Thu</strong></p>", "Thu", None),
        ("<p><strong>Author: </strong>Thu</p><p><strong>Source: </strong>VNA</p>", "Thu", "VNA"),
        ("<p><strong>Tác giả bài viết: </strong></p>", None, None),
        ("<div id=idcomment><p>Tác giả: Bạn đọc</p></div>", None, None),
        ("<ul class=related><li>Nguồn: khác</li></ul>", None, None),
    ],
)
def test_author_and_source(after: str, author: str | None, source: str | None) -> None:
    found = article(after=after)
    assert (found.author, found.source) == (author, source)


def test_an_account_name_is_no_author_and_a_label_in_the_body_no_label() -> None:
    microdata = '<div class="hidden hide d-none" itemprop="author"><span itemprop="name">admin</span></div>'
    found = article("<p><strong>Tác giả: </strong>một nhà thơ</p>", before=microdata)
    assert found.author is None
