"""Columns, modes and endings of crawls in Vietnamese, beside their names, which SQL, CSV and JSON have."""

from typing import Any

import pluggy

hookimpl = pluggy.HookimplMarker("datasette")  # datasette's own, with types

WORDS = {
    "archived": "Đã lưu",
    "article_key": "Mã bài",
    "article_section": "Chuyên mục",
    "articles": "Số bài",
    "author": "Tác giả",
    "change_seen": "Thấy bản mới lúc",
    "changed": "Bị sửa",
    "crawl": "Đợt",
    "crawls": "Số đợt",
    "date_flags": "Điểm đáng ngờ",
    "date_newest": "Bài mới nhất",
    "date_oldest": "Bài cũ nhất",
    "date_published": "Ngày đăng",
    "date_published_text": "Ngày đăng nguyên văn",
    "date_source": "Căn cứ",
    "description": "Đoạn mở đầu",
    "finished_at": "Kết thúc",
    "first_id": "Từ số hiệu",
    "former_headline": "Tiêu đề cũ",
    "former_province": "Tỉnh cũ",
    "former_seen": "Thấy bản cũ lúc",
    "gone": "Không còn",
    "gone_at": "Không còn từ",
    "headline": "Tiêu đề",
    "ids": "Tổng số hiệu",
    "in_language": "Ngôn ngữ",
    "last_crawl": "Đợt gần nhất",
    "last_crawl_at": "Thời điểm",
    "last_id": "Đến số hiệu",
    "members_only": "Chỉ thành viên",
    "message": "Ghi chú",
    "mode": "Kiểu",
    "module": "Mô-đun",
    "month": "Tháng",
    "name": "Tên",
    "new": "Mới",
    "not_asked": "Chưa truy cập",
    "not_public": "Không công khai",
    "not_seen": "Không có trong danh sách",
    "portal": "Cổng",
    "portals": "Số cổng",
    "problems": "Trục trặc",
    "published_month": "Tháng đăng",
    "published_year": "Năm đăng",
    "redirected": "Chuyển hướng",
    "run": "Tiếp đợt",
    "seen_at": "Thấy lúc",
    "started_at": "Bắt đầu",
    "state": "Tình trạng",
    "status": "Kết quả",
    "unchanged": "Không đổi",
    "unread": "Không đọc được",
    "url": "Địa chỉ gốc",
    "urls": "Số địa chỉ",
    "view_count": "Lượt xem",
    "views": "Lượt xem",
    "what": "Thay đổi",
    "withheld": "Không hiển thị",
}
"""What the columns of metadata.yml's queries, and those that the table of articles shows first, are called."""

VALUES = {
    "complete": "đầy đủ",
    "empty": "không có bài",
    "failed": "thất bại",
    "full": "tải lại tất cả",
    "partial": "một phần",
    "probe": "dò số hiệu bài",
    "running": "chưa kết thúc",
    "sweep": "rà mọi danh sách",
    "update": "cập nhật",
}
"""What the modes and statuses of crawls are called."""


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Give the templates both, as filters; what has no words stays as it is."""
    env.filters["column_words"] = lambda column: WORDS.get(column, column)
    env.filters["value_words"] = lambda value: VALUES.get(value, value)
