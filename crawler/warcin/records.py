"""A record's own header, as WARC 0.17 to 1.1 and ARC 1 and 2 write it: ISO 28500, and archive.org's ARC format."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_ARC_LINE = re.compile(rb"(\S.*?) (\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]+|-) (\d{14}) (.*?)(?: ?)(\d+)\r?\Z")
_ARC_HEADER = b"filedesc://"
_DIGITS = re.compile(r"\d{4,14}\Z")
_REDUCED = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?Z?\Z")
_DAY_FIRST = "2000-01-01"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a record's header says; None where it says nothing."""

    kind: str  # the WARC-Type: response, revisit, request, warcinfo …; "response" for a record of an ARC file
    block_start: int  # bytes from the record's begin to its block
    block_length: int  # bytes
    record_id: str | None = None  # without angle brackets
    url: str | None = None
    date: str | None = None  # as written
    payload_digest: str | None = None
    truncated: str | None = None
    refers_to: str | None = None  # a record id
    refers_to_url: str | None = None
    refers_to_date: str | None = None  # as written
    filename: str | None = None  # what a warcinfo says the file was called

    @property
    def end(self) -> int:
        """Bytes from the record's begin to the end of its block."""
        return self.block_start + self.block_length


def begins_record(data: bytes) -> bool:
    """Whether bytes look like the first of a record.

    >>> begins_record(b"WARC/1.1"), begins_record(b"filedesc://a.arc 0"), begins_record(b"<html>")
    (True, True, False)
    """
    if data.startswith((b"WARC/", _ARC_HEADER)):
        return True
    return _ARC_LINE.match(data.partition(b"\n")[0][:8192]) is not None


def read_head(data: bytes) -> Head | None:
    """The header that bytes begin with; None when they begin with none, or not with the whole of one."""
    return _warc_head(data) if data.startswith(b"WARC/") else _arc_head(data)


def _warc_head(data: bytes) -> Head | None:
    end, start = end_of_lines(data)
    if end < 0:
        return None
    values: dict[str, str] = {}
    name = ""
    for line in data[:end].decode("utf-8", "replace").split("\n")[1:]:
        if line.startswith((" ", "\t")):
            values[name] = f"{values.get(name, '')} {line.strip()}"
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        values.setdefault(name, value.strip())
    length = values.get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return None
    get = values.get
    return Head(
        kind=get("warc-type", "").lower(),
        block_start=start,
        block_length=int(length),
        record_id=_bare(get("warc-record-id")),
        url=_bare(get("warc-target-uri")),
        date=get("warc-date"),
        payload_digest=get("warc-payload-digest"),
        truncated=get("warc-truncated"),
        refers_to=_bare(get("warc-refers-to")),
        refers_to_url=_bare(get("warc-refers-to-target-uri")),
        refers_to_date=get("warc-refers-to-date"),
        filename=get("warc-filename"),
    )


def end_of_lines(data: bytes) -> tuple[int, int]:
    """Where a header's lines end and what follows begins; -1 when they do not end. Some writers use bare LF."""
    end = data.find(b"\r\n\r\n")
    bare = data.find(b"\n\n", 0, end if end >= 0 else len(data))
    return (bare, bare + 2) if bare >= 0 else (end, end + 4)


def _bare(value: str | None) -> str | None:
    """A URI without the angle brackets that WARC puts around ids, and wget around addresses too."""
    return value.strip("<> ") or None if value else None


def _arc_head(data: bytes) -> Head | None:
    line, newline, _ = data.partition(b"\n")
    found = _ARC_LINE.match(line) if newline else None
    if found is None:
        return None
    url, _, date, _, length = found.groups()
    return Head(
        kind="warcinfo" if url.startswith(_ARC_HEADER) else "response",
        block_start=len(line) + 1,
        block_length=int(length),
        url=url.decode("utf-8", "replace"),
        date=date.decode(),
    )


def moment(date: str | None) -> datetime | None:
    """The time that a record's header gives, in UTC where it names no zone; None when it gives none.

    WARC/1.1 allows dates as short as a year, ARC has fourteen digits.

    >>> moment("2020-11-09T02:00:00.123456789Z").isoformat(), moment("20201109020000").isoformat()
    ('2020-11-09T02:00:00.123456+00:00', '2020-11-09T02:00:00+00:00')
    >>> moment("2020-11").isoformat(), moment("today")
    ('2020-11-01T00:00:00+00:00', None)
    """
    text = (date or "").strip()
    if reduced := _REDUCED.match(text):
        text = "-".join(part or _DAY_FIRST.split("-")[place] for place, part in enumerate(reduced.groups()))
    elif _DIGITS.match(text):
        text = f"{text:0<14}"
        text = f"{text[:8]}T{text[8:]}"
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
