"""SHA256SUMS: every finished WARC file has its line, and several crawls at once lose none."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler import checksums, warc
from crawler.checksums import CHECKSUMS, add, read, sha256
from tests.test_warc import exchange, writer


def test_finished_file_has_its_line_as_sha256sum_checks_it(tmp_path: Path) -> None:
    out = writer(tmp_path)
    for number in range(3):
        out.write(exchange(f"http://127.0.0.1/{number}"))
    out.close()
    (path,) = tmp_path.glob("*.warc.gz")
    assert read(tmp_path).digests == {path.name: sha256(path)}
    ran = subprocess.run(
        ["sha256sum", "--strict", "-c", CHECKSUMS], cwd=tmp_path, capture_output=True, check=True
    )
    assert ran.stdout.decode() == f"{path.name}: OK\n"


def test_crash_between_line_and_name_ends_in_the_same_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = writer(tmp_path)
    out.write(exchange())
    with monkeypatch.context() as crash:
        crash.setattr(Path, "rename", lambda *_: os.close(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            out.close()
    out._file.close()
    (left,) = tmp_path.glob("*.open")
    before = (tmp_path / CHECKSUMS).read_bytes()
    warc.finish(left)
    assert (tmp_path / CHECKSUMS).read_bytes() == before
    assert read(tmp_path).digests.keys() == {left.name.removesuffix(".open")}


def test_lines_of_many_at_once_are_all_there(tmp_path: Path) -> None:
    names = [f"{number:03}.warc.gz" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: add(tmp_path, {name: "0" * 64}), names))
    assert list(read(tmp_path).digests) == names
    assert sorted(path.name for path in tmp_path.iterdir()) == [CHECKSUMS]


def test_faulty_lines_are_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / CHECKSUMS).write_text(f"{'0' * 64}  a\nnonsense\n{'0' * 64}  a\n\n")
    assert read(tmp_path).faulty_lines == (2, 3, 4)
    checksums.add(tmp_path, {"b": "1" * 64})
    assert b"nonsense\n" in (tmp_path / CHECKSUMS).read_bytes()
    assert read(tmp_path).digests == {"a": "0" * 64, "b": "1" * 64}
