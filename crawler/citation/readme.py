"""What the bundle says of itself, in Vietnamese and in English."""

from collections.abc import Mapping
from typing import Any

_TEXT = """\
BẰNG CHỨNG CHO MỘT BÀI VIẾT
===========================

{headline}
{url}
Mã bài: {article_key}
Ngày đăng (giờ Việt Nam): {date}
Bản ghi WARC đầu tiên có phiên bản này: {record_id}
Số lần lưu phiên bản này: {captures}

Trong bộ này có gì
  records.warc.gz  những gì cổng thông tin đã gửi về, nguyên vẹn từng byte (WARC 1.1, ISO 28500): mỗi lần lưu có
                   phản hồi (response) và yêu cầu (request); warcinfo cho biết đợt thu thập; bản ghi revisit (giống
                   lần trước) đi kèm phản hồi mà nó dẫn chiếu
  article.json     bài viết như kho lưu trữ đọc được: mọi cột, các lần lưu, các phiên bản, căn cứ về ngày đăng
  crawl.json       cổng thông tin và đợt thu thập
  verify.py        chương trình kiểm tra toàn bộ, chỉ cần Python 3.8 trở lên, không cần mạng
  SHA256SUMS       mã SHA-256 của các tệp trên (sha256sum -c SHA256SUMS)

Cách kiểm tra
  Giải nén vào một thư mục, rồi gõ: python3 -I verify.py
  Chương trình kiểm tra: không tệp nào bị thay đổi; mọi bản ghi WARC còn nguyên vẹn và đúng mã băm; article.json khớp
  với các bản ghi; tiêu đề và từng đoạn của bài có đủ, theo đúng thứ tự, trong HTML mà cổng đã gửi.

Điều bộ này không tự chứng minh được
  Bộ này cho thấy các tệp khớp với nhau, không cho thấy ai đã làm ra chúng. Hãy so mã SHA-256 của tệp WARC gốc
  (warc_file_sha256 trong article.json) với danh sách SHA256SUMS mà kho lưu trữ giữ hoặc đã công bố.
  Mở trang HTML lạ bằng trình duyệt có thể khiến mã trong đó chạy: hãy xem bằng trình soạn thảo văn bản.


EVIDENCE FOR ONE ARTICLE
========================

{headline}
{url}
Key: {article_key}
Published (Viet Nam's time): {date}
First capture that shows this state of it: {record_id}
Captures of this state: {captures}

What is in it
  records.warc.gz  what the portal answered, byte for byte (WARC 1.1, ISO 28500): for each capture the response and
                   the request; warcinfo says which crawl; a revisit record (the same as before) stands beside the
                   response that it refers to
  article.json     the article as the archive reads it: every column, its captures, revisions, witnesses of its date
  crawl.json       the portal and the crawl
  verify.py        checks all of it; needs Python 3.8 or later, and no network
  SHA256SUMS       the SHA-256 of these files (sha256sum -c SHA256SUMS)

How to check it
  Unpack it into a folder and type: python3 -I verify.py
  It checks that no file has changed; that every WARC record is whole and its digests are true; that article.json says
  what the records say; and that the headline and each paragraph occur, in this order, in the HTML the portal sent.

What it cannot prove by itself
  It shows that the files agree with each other, not who made them. Compare the SHA-256 of the original WARC file
  (warc_file_sha256 in article.json) with the list SHA256SUMS that the archive keeps or has published.
  A foreign HTML page opened in a browser may run its code: look at it in a text editor.
"""


def readme(article: Mapping[str, Any], captures: int) -> str:
    """README.txt for an article, as article.json has it, and so many captures of its current state."""
    shown = {
        name: " ".join(str(article[name]).split()) for name in ("headline", "url", "article_key", "record_id")
    }
    date = article["date_published"] or "không rõ / not known"
    return _TEXT.format(**shown, date=date, captures=captures)
