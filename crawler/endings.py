"""How a crawl ended, as its WARC file says it: the lines of a metadata record about its warcinfo record."""

from collections.abc import Mapping
from datetime import datetime

from crawler.archive import End, Ending
from crawler.archive.times import utc_text

_YES, _NO = "yes", "no"


def as_fields(ending: Ending) -> dict[str, str]:
    """An ending as named fields; times in UTC, no message where there is nothing to say."""
    end = ending.end
    fields = {
        "crawl-started-at": utc_text(ending.started_at),
        "crawl-finished-at": utc_text(end.finished_at),
        "crawl-status": end.status,
        "crawl-message": end.message or "",
        "crawl-is-finished": _YES if end.is_finished else _NO,
        "crawl-mode": ending.mode,
        "run-started-at": utc_text(ending.run_started_at),
    }
    return {name: value for name, value in fields.items() if value}


def from_fields(fields: Mapping[str, str]) -> Ending | None:
    """The same read again; None where the fields say something else."""
    try:
        return Ending(
            started_at=datetime.fromisoformat(fields["crawl-started-at"]),
            run_started_at=datetime.fromisoformat(fields["run-started-at"]),
            mode=fields["crawl-mode"],
            end=End(
                finished_at=datetime.fromisoformat(fields["crawl-finished-at"]),
                status=fields["crawl-status"],
                message=fields.get("crawl-message"),
                is_finished=fields["crawl-is-finished"] == _YES,
            ),
        )
    except (KeyError, ValueError):
        return None
