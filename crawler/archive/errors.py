"""What can be wrong with an archive, in plain words."""


class ArchiveError(Exception):
    """The archive cannot be opened, read or written; the text says why and what to do next."""


def in_plain_words(path: object, error: Exception) -> str:
    """One sentence for a person about an error of SQLite's, with what to do next."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return f"{path} is locked by another program. Wait until it has finished, or close it, and try again."
    if "readonly" in text or "unable to open" in text:
        return (
            f"{path} cannot be written. Check that its folder exists and that you may write to it, "
            "or name another file with -s ARCHIVE_DB=…"
        )
    if "not a database" in text or "malformed" in text:
        return (
            f"{path} is not a sound SQLite file ({text}). "
            "Move it away and run `scrapy ingest warc/`: the WARC files keep everything."
        )
    if "full" in text:
        return f"The disk is full: {path} could not be written. Free some space and start the crawl again."
    return f"{path} cannot be used: {text}"
