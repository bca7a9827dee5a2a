"""What can be wrong with an archive, in plain words."""

import shutil
from pathlib import Path

_NEARLY_NOTHING = 1_000_000
"""Bytes: on a full disk SQLite cannot make its -shm either, which it calls an I/O error."""


class ArchiveError(Exception):
    """The archive cannot be opened, read or written; the text says why and what to do next."""


def in_plain_words(path: Path, error: Exception) -> str:
    """One sentence for a person about an error of SQLite's, with what to do next."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"{path} is locked by another program. Wait until it has finished, or close it, and try again."
    if isinstance(error, OSError) or "readonly" in text or "unable to open" in text:
        return (
            f"{path} cannot be written. Check that its folder exists and that you may write to it, "
            "or name another file with -s ARCHIVE_DB=…"
        )
    if "not a database" in text or "malformed" in text:
        return (
            f"{path} is not a sound SQLite file ({text}). "
            "Move it away and run `scrapy ingest warc/`: the WARC files keep everything."
        )
    if "no such" in text:
        return (
            f"{path} cannot be read as an archive ({text}). Is it the right file? One that an older version made is "
            "brought up to date by the next crawl."
        )
    if "is full" in text or ("I/O" in text and shutil.disk_usage(path.parent).free < _NEARLY_NOTHING):
        return (
            f"The disk is full: {path} could not be written. Free some space and run the same command again."
        )
    return f"{path} cannot be used: {text}"
