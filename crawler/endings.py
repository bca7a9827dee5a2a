"""How a crawl ended, as its WARC file says it: the lines of a metadata record about its warcinfo record."""

from collections.abc import Mapping
from datetime import UTC, datetime

from crawler.archive import End, Ending
from crawler.archive.times import utc_text

_YES, _NO = "yes", "no"
_STATUSES = frozenset(("complete", "partial", "empty", "failed"))
_MODES = frozenset(("update", "sweep", "full", "probe"))


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
    """The same read again; None where the fields say something else, as a newer version's may."""
    try:
        status, mode = fields["crawl-status"], fields["crawl-mode"]
        if status not in _STATUSES or mode not in _MODES:
            return None
        return Ending(
            started_at=_moment(fields["crawl-started-at"]),
            run_started_at=_moment(fields["run-started-at"]),
            mode=mode,
            end=End(
                finished_at=_moment(fields["crawl-finished-at"]),
                status=status,
                message=fields.get("crawl-message"),
                is_finished=fields["crawl-is-finished"] == _YES,
            ),
        )
    except (KeyError, ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)
