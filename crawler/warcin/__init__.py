"""Reading WARC and ARC files of any writer: which records are in them, where, and what each response says."""

from crawler.warcin.bodies import UnreadableRecordError
from crawler.warcin.files import UnreadableFileError
from crawler.warcin.responses import Place, Response, RevisitError, read_at, read_responses, revisited

__all__ = [
    "Place",
    "Response",
    "RevisitError",
    "UnreadableFileError",
    "UnreadableRecordError",
    "read_at",
    "read_responses",
    "revisited",
]
