"""Check this bundle offline: python3 verify.py (or: python3 -I verify.py). Nothing is needed but Python 3.8 or later.

It checks that no file of the bundle has changed (SHA256SUMS); that every WARC record is whole and its digests
(WARC/1.1, ISO 28500) are true; that article.json says of each capture what its record says; and that the headline
and every paragraph of the text occur, in this order, in the HTML that the portal sent. Texts are compared letter by
letter and digit by digit; white space and punctuation are left out, since HTML does not keep them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
FILES = ("README.txt", "article.json", "crawl.json", "records.warc.gz", "verify.py")
ALGORITHMS = ("md5", "sha1", "sha256", "sha384", "sha512")
WAYBACK = re.compile(r"https?://web\.archive\.org/web/(\d{14})id_/(https?:/.*)\Z")
UNSEEN = (
    "script", "style", "noscript", "template", "iframe", "video", "audio", "svg", "select", "textarea", "button",
)  # fmt: skip


class FaultError(Exception):
    """Something that is not as the bundle says."""


class Record:
    """One WARC record."""

    def __init__(self, data: bytes) -> None:
        head, gap, rest = data.partition(b"\r\n\r\n")
        self.headers = fields(head)
        length = self.headers.get("content-length", "")
        if not head.startswith(b"WARC/") or not gap or not length.isdigit():
            raise FaultError("a gzip member of records.warc.gz holds no WARC record")
        self.block, end = rest[: int(length)], rest[int(length) :]
        if len(self.block) != int(length) or end != b"\r\n\r\n":
            raise FaultError(f"the record {self.record_id} does not end where it says")
        is_http = self.headers.get("content-type", "").startswith("application/http")
        parts = re.split(rb"\r?\n\r?\n", self.block, maxsplit=1) if is_http else [b"", self.block]
        self.http_head, self.payload = parts[0], parts[-1] if parts[1:] else b""
        self.http = fields(self.http_head)

    @property
    def kind(self) -> str:
        """Its type."""
        return self.headers.get("warc-type", "")

    @property
    def record_id(self) -> str:
        """Its identifier, without angle brackets."""
        return self.headers.get("warc-record-id", "").strip("<>")

    def check_digests(self) -> None:
        """Compute its digests anew; FaultError when one differs.

        Some writers take the payload's without chunks or compression; a revisit's is that of what it refers to.
        """
        if not is_true(self.headers.get("warc-block-digest"), self.block):
            raise FaultError(f"the block digest of the record {self.record_id} is not true")
        claim = self.headers.get("warc-payload-digest")
        if self.kind == "revisit" or is_true(claim, self.payload):
            return
        if not any(is_true(claim, body) for body in (dechunked(self.payload), self.page() or b"")):
            raise FaultError(f"the payload digest of the record {self.record_id} is not true")

    def page(self) -> bytes | None:
        """The body as a browser has it; None when Python alone cannot decompress it."""
        body = (
            dechunked(self.payload)
            if "chunked" in self.http.get("transfer-encoding", "").lower()
            else self.payload
        )
        encoding = self.http.get("content-encoding", "identity").strip().lower()
        if (
            encoding in ("", "identity", "none") or body.lstrip()[:1] == b"<"
        ):  # some unpack it and keep the header
            return body
        if encoding in ("gzip", "x-gzip"):
            return zlib.decompressobj(31).decompress(body)
        if encoding == "deflate":
            try:
                return zlib.decompress(body)
            except zlib.error:
                return zlib.decompress(body, -15)
        return None

    def capture(self) -> tuple[str, str]:
        """Address and time (UTC, fourteen digits) of the page it holds, which the Wayback Machine names in its own."""
        url = self.headers.get("warc-target-uri", "").strip("<>")
        date = re.sub(r"\D", "", self.headers.get("warc-date", ""))[:14]
        shown = WAYBACK.match(url)
        if shown:
            date, url = shown.group(1), re.sub(r"^(https?:/)(?=[^/])", r"\1/", shown.group(2))
        return url, date + "20000101000000"[len(date) :]


def is_true(claim: str | None, data: bytes) -> bool:
    """Whether a digest as WARC writes it is that of some bytes; also when there is none, or none that is known here."""
    algorithm, _, value = (claim or "").partition(":")
    if algorithm.lower() not in ALGORITHMS:
        return True
    digest = hashlib.new(algorithm.lower(), data).digest()
    return value.lower() in (base64.b32encode(digest).decode().lower(), digest.hex())


def fields(head: bytes) -> dict[str, str]:
    """Header fields by name in lower case; the first of repeated ones."""
    found: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").splitlines()[1:]:
        name, _, value = line.partition(":")
        found.setdefault(name.strip().lower(), value.strip())
    return found


def dechunked(body: bytes) -> bytes:
    """A chunked body put together; as it is when it is not chunked any more."""
    parts: list[bytes] = []
    rest = body
    while True:
        size, gap, rest = rest.partition(b"\r\n")
        try:
            length = int(size.split(b";")[0], 16)
        except ValueError:
            return body
        if not gap or len(rest) < length:
            return body
        if length == 0:
            return b"".join(parts)
        parts.append(rest[:length])
        rest = rest[length:].lstrip(b"\r\n")


def records() -> Iterator[Record]:
    """The records of records.warc.gz, one from each gzip member; a damaged one is a FaultError."""
    rest = (FOLDER / "records.warc.gz").read_bytes()
    while rest:
        member = zlib.decompressobj(31)
        data = member.decompress(rest)
        if not member.eof:
            raise FaultError("records.warc.gz ends inside a record")
        rest = member.unused_data
        yield Record(data)


class Text(HTMLParser):
    """The text of a page, with and without what a browser does not show as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.every: list[str] = []
        self.seen: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its signature
        """Note what hides text."""
        self.unseen += tag in UNSEEN

    def handle_endtag(self, tag: str) -> None:
        """Note where that ends."""
        self.unseen -= tag in UNSEEN and self.unseen > 0

    def handle_data(self, data: str) -> None:
        """Take a piece of text."""
        self.every.append(data)
        if not self.unseen:
            self.seen.append(data)


def letters(text: str) -> str:
    """The letters and digits of a text, composed (NFC); U+00D0 is what some keyboards give for U+0110."""
    composed = unicodedata.normalize("NFC", text).replace("\u00d0", "\u0110")
    return "".join(letter for letter in composed if letter.isalnum())


def decoded(page: bytes, content_type: str) -> str:
    """A page's text: UTF-8 where its bytes are, else as it declares."""
    declared = re.search(
        rb"charset\s*=\s*[\"']?([\w-]+)", content_type.encode() + b" " + page[:2048], re.IGNORECASE
    )
    for charset in ("utf-8", declared.group(1).decode() if declared else "utf-8"):
        try:
            return page.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    return page.decode("utf-8", "replace")


def missing(article: dict[str, Any], html: str) -> list[str]:
    """What of an article's headline and text does not occur in a page, in order."""
    parser = Text()
    parser.feed(html)
    parser.close()
    pages = [letters("".join(parser.seen)), letters("".join(parser.every))]
    lost = [] if any(letters(article["headline"]) in page for page in pages) else [article["headline"]]
    at = [0, 0]
    for line in re.split(r"[\n\t]+", article["article_body"] or ""):
        wanted = letters(line)
        places = [page.find(wanted, start) for page, start in zip(pages, at)]  # noqa: B905 - Python 3.8
        if max(places) < 0:
            lost.append(line)
        at = [place if place >= 0 else start for place, start in zip(places, at)]  # noqa: B905 - the same
    return lost


def check_files() -> str:
    """Every file against SHA256SUMS."""
    said = {}
    for line in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        said[name] = digest
    if not set(FILES) <= set(said) or any("/" in name or "\\" in name for name in said):
        raise FaultError("SHA256SUMS does not name every file of the bundle")
    for name, digest in said.items():
        if not (FOLDER / name).is_file():
            raise FaultError(f"{name} is not there")
        if hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() != digest:
            raise FaultError(f"{name} has changed: its SHA-256 is not the one in SHA256SUMS")
    return f"{len(said)} files are as SHA256SUMS says"


def check_capture(capture: dict[str, Any], record: Record, response: Record) -> None:
    """What article.json says of a capture against its record, and the response whose body it stands for."""
    url, date = record.capture()
    status = b"".join(record.http_head.split()[1:2])
    if record is not response and status in (b"", b"304"):  # not modified since then
        status = response.http_head.split()[1]
    made = "sha1:" + base64.b32encode(hashlib.sha1(response.payload).digest()).decode()  # noqa: S324 - as WARC has it
    answered = response.headers.get("warc-payload-digest", made)
    says = {
        "the kind": (record.kind, "response" if record is response else "revisit"),
        "the address": (url, capture["target_uri"]),
        "the time": (date, re.sub(r"\D", "", capture["fetched_at"])[:14]),
        "the HTTP status": (status.decode(), str(capture["status"])),
        "the digest": (record.headers.get("warc-payload-digest", answered), capture["payload_digest"]),
        "the digest of the answer": (answered, capture["payload_digest"]),
    }
    for name, (one, other) in says.items():
        if one != other:
            raise FaultError(f"{name} in the record {record.record_id} is {one}, not {other}")


def check_all() -> Iterator[str]:
    """Check everything; yields a line for each thing that holds, FaultError at the first that does not."""
    yield check_files()
    found = {}
    for one in records():
        one.check_digests()
        found[one.record_id] = one
    yield f"{len(found)} WARC records are whole, and their digests are true"
    bundle = json.loads((FOLDER / "article.json").read_text(encoding="utf-8"))
    article, captures = bundle["article"], bundle["captures"]
    if article["record_id"] not in [capture["record_id"] for capture in captures]:
        raise FaultError("the record of the article is not among its captures")
    for capture in captures:
        record = found.get(capture["record_id"])
        response = found.get(bundle["revisits"].get(capture["record_id"], capture["record_id"]))
        if record is None or response is None or response.kind != "response":
            raise FaultError(f"the record {capture['record_id']} is not in records.warc.gz")
        check_capture(capture, record, response)
        page = response.page()
        if page is None:
            page = (FOLDER / bundle["decompressed"][capture["record_id"]]).read_bytes()
            yield "NOTE: this page is compressed in a way that Python alone cannot undo; its text is looked for in "
            yield f"  {bundle['decompressed'][capture['record_id']]}, as it was decompressed for this bundle"
        lost = missing(article, decoded(page, response.http.get("content-type", "")))
        if lost:
            raise FaultError(f"not in the page of {capture['fetched_at']}: {lost[0]}")
        yield f"headline and text occur in the page that {capture['target_uri']}"
        yield f"  answered at {capture['fetched_at']} (UTC), record {capture['record_id']}"


def main() -> int:
    """Print what holds; 0 when all of it does."""
    try:
        for line in check_all():
            print(line)
    except FaultError as error:
        print(f"FAILED: {error}")
    except (OSError, zlib.error, AttributeError, LookupError, TypeError, ValueError) as error:
        print(f"FAILED: {type(error).__name__}: {error}")
    else:
        print("Mọi thứ khớp với nhau. Everything agrees.")
        return 0
    print("Bộ bằng chứng này đã bị thay đổi hoặc hư hỏng. This bundle was changed or damaged.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
