"""What can be found to differ, and what a person does about it."""

from collections.abc import Callable
from dataclasses import dataclass

ADVICE = {
    "damaged": "A WARC file is not what it was when it was finished: put the file back from a copy. Where no "
    "copy is whole, keep it as it is: the records that are not named here can still be read.",
    "missing": "A file or a record that was kept is not there: put it back from a copy.",
    "unlisted": "A file is not in SHA256SUMS, so nobody can tell whether it is what it was: "
    "`scrapy verify --update` adds it when its records are whole.",
    "checksums": "SHA256SUMS itself is damaged: put it back from a copy, or take the named line out and run "
    "`scrapy verify --update`.",
    "row": "archive.db says something else than the record it was read from: put archive.db back from a copy, "
    "or move it away and read the WARC files anew.",
    "unread": "The WARC has answers that archive.db does not know: read those WARC files into it.",
    "database": "archive.db is damaged: put it back from a copy, or move it away and read the WARC files anew.",
    "unopened": "archive.db could not be looked at: do what its line says, then verify again.",
    "no_database": "Put archive.db back from a copy, or run `scrapy ingest warc/`, which makes it anew from the WARC "
    "files; or name it with -s ARCHIVE_DB=…",
    "withheld": "archive.db and withheld.yml do not agree on what is withheld: `scrapy withhold` names both "
    "and applies the list.",
}
"""What to do, by kind of difference."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that is not as it should be."""

    kind: str  # a key of ADVICE
    where: str  # file, and byte or row
    text: str  # plain words


Report = Callable[[Difference], None]
"""Called with each difference as it is found."""

Progress = Callable[[int, int], None]
"""Called with how many bytes were looked at, and how many there are."""
