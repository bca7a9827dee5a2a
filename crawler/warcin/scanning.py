"""Finding every record of a file, in order: by gzip members, or by the lengths that plain records give.

A record is found by unpacking what comes before it, never by looking for its first bytes: a page may hold bytes that
look like a record. Only behind broken bytes, where nothing else is left, is the next begin looked for.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crawler.warcin.files import GZIP_MAGIC, Segment, UnreadableFileError
from crawler.warcin.records import Head, begins_record, read_head

_CHUNK = 1 << 18
_OUT = 1 << 20
_HEAD_BYTES = 1 << 16
_MOST_BYTES = 1 << 34  # unpacked, of one member: a bomb is given up
_BEGINS = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One record, and where it lies."""

    offset: int  # bytes from the begin of the file
    length: int  # bytes in the file, compressed where the file is
    head: Head
    first: bytes  # what of its block came with the header: all of a short one


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """A place where no whole record could be read."""

    offset: int
    why: str


class _BrokenMemberError(Exception):
    pass


def scan(segment: Segment, *, after: int = -1) -> Iterator[Found | Broken]:
    """The records of a segment that begin later than byte `after`, and the places between them that are broken.

    Raises UnreadableFileError when no record is whole, or when the segment is one gzip member, so that no record
    has a place of its own.
    """
    is_empty = after < 0
    with segment.path.open("rb") as file:
        source = _Source(file, max(segment.start, after), segment.end)
        found = _gzip_records(source, segment) if segment.is_gzip else _plain_records(source)
        for one in found:
            is_empty = is_empty and isinstance(one, Broken)
            if one.offset > after:
                yield one
    if is_empty:
        raise UnreadableFileError(f"{segment.path} cannot be read as a WARC file: no record in it is whole")


class _Source:
    """A file read forwards in chunks, with a position that can be set."""

    def __init__(self, file: BinaryIO, start: int, end: int) -> None:
        self._file, self._end = file, end
        self.go_to(start)

    def go_to(self, position: int) -> None:
        self._file.seek(position)
        self.position = position  # of the first byte of `data`
        self.data = b""

    def more(self) -> bool:
        """Read a chunk where nothing is left; False at the end."""
        if not self.data:
            self.data = self._file.read(min(_CHUNK, self._end - self.position))
        return bool(self.data)

    def take(self, rest: bytes) -> None:
        """Go on with `rest`, the end of the current data."""
        self.position += len(self.data) - len(rest)
        self.data = rest

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer at the end; the position stays."""
        if len(self.data) < size:
            self._file.seek(self.position)
            self.data = self._file.read(min(max(size, _CHUNK), self._end - self.position))
        return self.data[:size]

    def skip(self, size: int) -> None:
        """Go forwards, without reading what lies between."""
        if size <= len(self.data):
            self.take(self.data[size:])
        else:
            self.go_to(min(self.position + size, self._end))

    def find(self, mark: bytes) -> bool:
        """Go to the next place of `mark`, at the position or later; False at the end."""
        while True:
            self.peek(len(mark))
            place = self.data.find(mark)
            if place >= 0:
                self.take(self.data[place:])
                return True
            if len(self.data) < len(mark) or self.position + len(self.data) >= self._end:
                return False
            self.take(self.data[-(len(mark) - 1) :])


def _gzip_records(source: _Source, segment: Segment) -> Iterator[Found | Broken]:
    while source.more():
        begin = source.position
        try:
            first, size, head = _member(source)
        except (_BrokenMemberError, zlib.error) as error:
            yield Broken(offset=begin, why=str(error))
            source.go_to(begin + 1)
            _find_member(source)
            continue
        if size > head.end and begins_record(first[head.end :].lstrip()):
            raise UnreadableFileError(
                f"{segment.path} is compressed in one piece, so that no record has a place of its own: "
                "unpack it with `gunzip`, then name the unpacked file"
            )
        if size < head.end:
            yield Broken(offset=begin, why="the record is shorter than its header says")
            continue
        length = source.position - begin
        yield Found(offset=begin, length=length, head=head, first=first[head.block_start : head.end])


def _member(source: _Source) -> tuple[bytes, int, Head]:
    """Read one gzip member to its end: its first bytes, how many it has, its header. Raises when it is broken."""
    member = zlib.decompressobj(wbits=31)
    first, size = b"", 0
    while True:
        out = member.decompress(source.data, _OUT)
        size += len(out)
        if len(first) < _HEAD_BYTES:
            first = (first + out)[:_HEAD_BYTES] if first else out[:_HEAD_BYTES]
        if member.eof:
            source.take(member.unused_data)
            break
        if size > _MOST_BYTES:
            raise _BrokenMemberError("unpacked, it is too large")
        source.take(member.unconsumed_tail)
        if not source.more():
            raise _BrokenMemberError("the file ends within it")
    head = read_head(first)
    if head is None:
        raise _BrokenMemberError("no record header in it")
    return first, size, head


def _find_member(source: _Source) -> None:
    """Go to the next gzip member that begins as a record does, or to the end."""
    while source.find(GZIP_MAGIC):
        try:
            out = zlib.decompressobj(wbits=31).decompress(source.peek(_HEAD_BYTES), _BEGINS)
            if begins_record(out):
                return
        except zlib.error:
            pass
        source.skip(1)
    source.skip(len(source.data))


def _plain_records(source: _Source) -> Iterator[Found | Broken]:
    while True:
        _skip_newlines(source)
        begin = source.position
        first = source.peek(_HEAD_BYTES)
        if not first:
            return
        head = read_head(first)
        if head is None:
            yield Broken(offset=begin, why="no record begins here")
            source.skip(1)
            if not _find_record(source):
                return
            continue
        source.skip(head.end)
        length = source.position - begin
        if length < head.end:
            yield Broken(offset=begin, why="the file ends within it")
            return
        yield Found(offset=begin, length=length, head=head, first=first[head.block_start : head.end])


def _skip_newlines(source: _Source) -> None:
    while blank := source.peek(64):
        rest = blank.lstrip(b"\r\n")
        source.skip(len(blank) - len(rest))
        if rest:
            return


def _find_record(source: _Source) -> bool:
    while source.find(b"\nWARC/"):
        source.skip(1)
        if read_head(source.peek(_HEAD_BYTES)):
            return True
    return False
