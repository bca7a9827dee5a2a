"""The master copies: what is written can be read again, byte for byte, even after a crash."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker
from warcio.recordloader import ArcWarcRecord

from crawler import warc
from crawler.warc import Exchange, WarcError, WarcWriter, left_open, read_responses, repair

STARTED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
URL = "http://127.0.0.1:8001/vi/news/?q=d%C3%A2n+v%E1%BA%ADn&page=2"
BODY = gzip.compress("Thứ hai - 09/11/2020 09:00".encode(), mtime=0)
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Set-Cookie", "nv4_sess=1"),
    ("Set-Cookie", "nv4_ctr=2"),
    ("Content-Encoding", "gzip"),
    ("Content-Length", str(len(BODY))),
]


def writer(folder: Path, crawl: int = 7) -> WarcWriter:
    return WarcWriter(
        folder, portal="tay_ninh_x", crawl=crawl, started_at=STARTED, info={"crawl": str(crawl)}
    )


def exchange(url: str = URL, body: bytes = BODY, headers: Sequence[tuple[str, str]] = HEADERS) -> Exchange:
    return Exchange(
        url=url,
        method="GET",
        request_headers=[("User-Agent", "a test"), ("Accept", "text/html")],
        status=200,
        protocol="HTTP/1.1",
        response_headers=headers,
        body=body,
        fetched_at=STARTED,
        ip_address="127.0.0.1",
    )


def closed(folder: Path, *exchanges: Exchange) -> Path:
    out = writer(folder)
    for one in exchanges or (exchange(),):
        out.write(one)
    out.close()
    (path,) = folder.glob("*.warc.gz")
    return path


def records(path: Path) -> list[tuple[ArcWarcRecord, bytes]]:
    with path.open("rb") as file:
        return [(record, record.raw_stream.read()) for record in ArchiveIterator(file)]


def test_name_says_portal_time_crawl_and_serial(tmp_path: Path) -> None:
    assert closed(tmp_path).name == "tay_ninh_x-20260102T030405Z-7-00000.warc.gz"


def test_warcinfo_response_and_request_in_this_order(tmp_path: Path) -> None:
    assert [record.rec_type for record, _ in records(closed(tmp_path))] == ["warcinfo", "response", "request"]


def test_repeated_headers_stay_repeated(tmp_path: Path) -> None:
    record, _ = records(closed(tmp_path))[1]
    assert record.http_headers.headers == HEADERS


def test_body_stays_as_it_came(tmp_path: Path) -> None:
    _, body = records(closed(tmp_path))[1]
    assert body == BODY


def test_request_line_keeps_the_query(tmp_path: Path) -> None:
    record, _ = records(closed(tmp_path))[2]
    line = f"{record.http_headers.protocol} {record.http_headers.statusline}"
    assert line == "GET /vi/news/?q=d%C3%A2n+v%E1%BA%ADn&page=2 HTTP/1.1"


def test_request_names_its_response(tmp_path: Path) -> None:
    (_, (response, _), (request, _)) = records(closed(tmp_path))
    assert request.rec_headers.get_header("WARC-Concurrent-To") == response.rec_headers.get_header(
        "WARC-Record-ID"
    )


def test_date_has_microseconds(tmp_path: Path) -> None:
    record, _ = records(closed(tmp_path))[1]
    assert record.rec_headers.get_header("WARC-Date") == "2026-01-02T03:04:05.678901Z"


def test_digests_and_lengths_are_true(tmp_path: Path) -> None:
    checker = Checker(type("Options", (), {"inputs": [str(closed(tmp_path))], "verbose": False}))
    checker.process_all()
    assert checker.exit_value == 0


def test_offsets_lead_to_their_records(tmp_path: Path) -> None:
    out = writer(tmp_path)
    written = [out.write(exchange(url)) for url in ("http://127.0.0.1/a", "http://127.0.0.1/b")]
    out.close()
    (path,) = tmp_path.glob("*.warc.gz")
    found = [(record.record_id, record.offset) for record in read_responses(path)]
    assert found == [(one.record_id, one.warc_offset) for one in written]


def test_reading_decodes_the_body(tmp_path: Path) -> None:
    (record,) = read_responses(closed(tmp_path))
    assert record.body.decode() == "Thứ hai - 09/11/2020 09:00"


def test_reading_after_an_offset_skips_what_is_known(tmp_path: Path) -> None:
    path = closed(tmp_path, exchange("http://127.0.0.1/a"), exchange("http://127.0.0.1/b"))
    first, second = read_responses(path)
    assert [record.record_id for record in read_responses(path, after=first.offset)] == [second.record_id]


def test_full_file_rolls_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc, "ROLLOVER_BYTES", 1)
    out = writer(tmp_path)
    out.write(exchange())
    out.write(exchange())
    out.close()
    assert [path.name[-13:] for path in sorted(tmp_path.glob("*.warc.gz"))] == [
        "00000.warc.gz",
        "00001.warc.gz",
        "00002.warc.gz",
    ]


@pytest.mark.parametrize("lost", [1, 20, 200])
def test_torn_last_record_is_cut_and_the_others_stay(tmp_path: Path, lost: int) -> None:
    path = closed(tmp_path, exchange("http://127.0.0.1/a"), exchange("http://127.0.0.1/b"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])
    assert repair(path) > 0
    assert [record.url for record in read_responses(path)] == ["http://127.0.0.1/a", "http://127.0.0.1/b"]
    assert whole.startswith(path.read_bytes())


def test_repairing_a_whole_file_changes_nothing(tmp_path: Path) -> None:
    path = closed(tmp_path)
    before = path.read_bytes()
    assert repair(path) == 0
    assert path.read_bytes() == before


def test_file_being_written_is_not_taken_for_a_crash(tmp_path: Path) -> None:
    out = writer(tmp_path)
    with pytest.raises(WarcError, match="being crawled by another process"):
        left_open(tmp_path, "tay_ninh_x")
    out.close()


def test_other_portals_files_are_left_alone(tmp_path: Path) -> None:
    out = writer(tmp_path)
    assert left_open(tmp_path, "tay_ninh") == []
    out.close()


def test_unwritable_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "warc").write_text("a file where the folder should be")
    with pytest.raises(WarcError, match="ARCHIVE_WARC_DIR"):
        writer(tmp_path / "warc")


def test_full_file_stays_open_until_every_answer_in_it_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc, "ROLLOVER_BYTES", 1)
    out = writer(tmp_path)
    first = out.write(exchange()).warc_file
    out.write(exchange())
    out.release({first})
    assert (tmp_path / f"{first}.open").exists()
    out.release(())
    assert (tmp_path / first).exists()
    out.close()
    assert list(tmp_path.glob("*.open")) == []
