"""From what a person names to the stretches of bytes that hold records: files, folders, globs, WACZ."""

import glob
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.warcin.records import begins_record

SUFFIXES = (".warc", ".warc.gz", ".wacz", ".arc", ".arc.gz")
OPEN_SUFFIX = ".open"
"""What our own files end in while they are written."""

GZIP_MAGIC = b"\x1f\x8b\x08"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_LOCAL_HEADER = struct.Struct("<26xHH")  # of a ZIP entry (PKWARE APPNOTE 4.3.7): lengths of name and extra
_LOCAL_HEADER_BYTES = 30
_LOOK_BYTES = 16384


class UnreadableFileError(Exception):
    """A file that cannot be read as WARC, ARC or WACZ; the text says why and what to do next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A stretch of a file that holds records one after the other: all of it, or one entry of a WACZ."""

    path: Path
    start: int  # bytes
    end: int
    is_gzip: bool


def find_files(names: Iterable[str]) -> tuple[list[Path], list[str]]:
    """The files that names stand for, sorted and each once, and the names that stand for none.

    A name is a file, a folder (with all that is in it, by SUFFIXES) or a pattern such as `crawl-*.warc.gz`.
    """
    found: dict[Path, None] = {}
    missing = []
    for name in names:
        paths = sorted(_paths(name))
        if not paths:
            missing.append(name)
        found.update(dict.fromkeys(paths))
    return sorted(found), missing


def _paths(name: str) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        yield from (inner for inner in path.rglob("*") if is_named_like_one(inner) and inner.is_file())
    elif path.is_file():
        yield path
    else:
        yield from (Path(one) for one in glob.glob(name, recursive=True) if Path(one).is_file())  # noqa: PTH207 - absolute patterns too


def is_named_like_one(path: Path) -> bool:
    """Whether a file's name is that of a WARC, WACZ or ARC file, which a crawl may be writing."""
    return path.name.removesuffix(OPEN_SUFFIX).lower().endswith(SUFFIXES)


def segments(path: Path) -> list[Segment]:
    """The stretches of one file that hold records. Raises UnreadableFileError in plain words."""
    try:
        with path.open("rb") as file:
            if zipfile.is_zipfile(file):
                return _wacz_segments(path)
            file.seek(0)
            return [_segment(path, file.read(_LOOK_BYTES), 0, path.stat().st_size)]
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read ({error.strerror})") from error


def _segment(path: Path, first: bytes, start: int, end: int) -> Segment:
    if first.startswith(GZIP_MAGIC) or begins_record(first):
        return Segment(path=path, start=start, end=end, is_gzip=first.startswith(GZIP_MAGIC))
    if not first:
        raise UnreadableFileError(f"{path} is empty")
    if first.startswith(_ZSTD_MAGIC):
        raise UnreadableFileError(
            f"{path} is compressed with zstd: unpack it with `zstd -d`, then name the .warc"
        )
    raise UnreadableFileError(f"{path} is no WARC, ARC or WACZ file")


def _wacz_segments(path: Path) -> list[Segment]:
    """A WACZ is a ZIP that stores its WARC files uncompressed, so that their bytes can be found from outside."""
    found = []
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            for entry in archive.infolist():
                if not entry.filename.lower().endswith((".warc", ".warc.gz", ".arc", ".arc.gz")):
                    continue
                if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
                    raise UnreadableFileError(
                        f"{path} holds {entry.filename} compressed once more: unpack it with `unzip`, "
                        "then name the WARC files"
                    )
                file.seek(entry.header_offset)
                name_bytes, extra_bytes = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER_BYTES))
                start = entry.header_offset + _LOCAL_HEADER_BYTES + name_bytes + extra_bytes
                file.seek(start)
                first = file.read(min(_LOOK_BYTES, entry.file_size))
                if first:
                    found.append(_segment(path, first, start, start + entry.file_size))
    except (zipfile.BadZipFile, struct.error) as error:
        raise UnreadableFileError(f"{path} is a broken ZIP file ({error})") from error
    if not found:
        raise UnreadableFileError(f"{path} is a ZIP file without WARC files in it")
    return found


def stored_name(path: Path, warc_folder: Path) -> str:
    """How a capture names its file: its path inside the WARC folder, or its bare name outside of it.

    >>> stored_name(Path("warc/cc/a.warc.gz"), Path("warc")), stored_name(Path("/tmp/b.warc.gz.open"), Path("warc"))
    ('cc/a.warc.gz', 'b.warc.gz')
    """
    whole = path.resolve()
    folder = warc_folder.resolve()
    name = whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else whole.name
    return name.removesuffix(OPEN_SUFFIX)
