"""One request to a running sample portal, and the articles that tests of it name."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.sample import RunningPortal, SampleArticle
from crawler.sample.articles import written_articles

DAN_VAN = "/vi/news/cong-tac-dan-van/ket-qua-thuc-hien-cong-tac-dan-van-nam-2020-512.html"
TREES = "/vi/news/tin-tu-co-so/ra-quan-trong-cay-dau-nam-540.html"
NOTICE = "/vi/news/Thong-bao/thong-bao-lich-cup-dien-ngay-15-11-2020-518.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def fetch(portal: RunningPortal, path: str, method: str = "GET", **headers: str) -> Got:
    connection = http.client.HTTPConnection(urlsplit(portal.url).netloc, timeout=10)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return Got(status=answer.status, headers=answer.headers, body=answer.read())
    finally:
        connection.close()


def article(cms_id: int) -> SampleArticle:
    return next(article for article in written_articles() if article.id == cms_id)
