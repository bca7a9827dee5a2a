"""SHA256SUMS of a folder, as sha256sum(1) writes and checks it: `sha256sum -c SHA256SUMS`."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.locking import locked

CHECKSUMS = "SHA256SUMS"
PARTIAL = CHECKSUMS + ".part"
_LINE = re.compile(rb"(?P<digest>[0-9a-f]{64}) [ *](?P<name>[^\\\n]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checksums:
    """What a folder's SHA256SUMS says."""

    digests: dict[str, str]  # file name, relative to the folder, to SHA-256, 64 hexadecimal digits
    faulty_lines: tuple[int, ...]  # lines that sha256sum would not take, counted from 1


def read(folder: Path) -> Checksums:
    """Read a folder's SHA256SUMS; empty when there is none. OSError when it cannot be read."""
    try:
        lines = (folder / CHECKSUMS).read_bytes().split(b"\n")
    except FileNotFoundError:
        lines = [b""]
    digests: dict[str, str] = {}
    faulty: list[int] = []
    for number, line in enumerate(lines, 1):
        is_end = number == len(lines) and not line
        match = _LINE.fullmatch(line)
        name = os.fsdecode(match["name"]) if match else ""
        if match and name not in digests:
            digests[name] = match["digest"].decode()
        elif not is_end:
            faulty.append(number)
    return Checksums(digests=digests, faulty_lines=tuple(faulty))


def add(folder: Path, digests: Mapping[str, str]) -> None:
    """Add or replace the lines of some files; lines that are faulty stay as they are, for `scrapy verify`.

    Safe in a crash (the old file or the new one, on the disk when this returns) and with several processes
    at once. OSError when it cannot be written.
    """
    path = folder / CHECKSUMS
    partial = path.with_name(PARTIAL)
    with locked(folder) as handle:
        old = path.read_bytes().splitlines(keepends=True) if path.exists() else []
        kept = [line for line in old if _name(line) not in digests]
        if kept and not kept[-1].endswith(b"\n"):
            kept[-1] += b"\n"
        kept += [b"%s  %s\n" % (digest.encode(), os.fsencode(name)) for name, digest in digests.items()]
        kept.sort(key=_name)
        with partial.open("wb") as file:
            file.writelines(kept)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        os.fsync(handle)


def _name(line: bytes) -> str:
    match = _LINE.fullmatch(line.rstrip(b"\n"))
    return os.fsdecode(match["name"]) if match else ""


def sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits; OSError when it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
