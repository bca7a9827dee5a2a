"""Files that articles name: documents and pictures, kept as they came."""

import hashlib

from crawler.items import Fetched, MediaFile

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"{\\rtf", "application/rtf"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
"""What the first bytes of a file say, whatever the server calls it (RFC 8118, T.81, PNG, GIF and the others' own)."""

_GUESSES = frozenset(
    (None, "application/octet-stream", "application/force-download", "application/x-download")
)
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")


def media_file(fetched: Fetched) -> MediaFile:
    """Size, digest and type of a file: the type that its first bytes show, else the server's word."""
    return MediaFile(
        size=len(fetched.body),
        sha256=hashlib.sha256(fetched.body).hexdigest(),
        media_type=_media_type(fetched),
    )


def _media_type(fetched: Fetched) -> str | None:
    for signature, media_type in _SIGNATURES:
        if fetched.body.startswith(signature):
            return media_type
    if fetched.body[:4] == b"RIFF" and fetched.body[8:12] == b"WEBP":
        return "image/webp"
    if fetched.media_type in _GUESSES:
        if fetched.body.startswith(_ZIP):
            return "application/zip"  # or an office document, which is one
        return "application/x-ole-storage" if fetched.body.startswith(_OLE) else fetched.media_type
    return fetched.media_type
