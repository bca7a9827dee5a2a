"""The archive once more, from its own WARC files, beside the one that is in use; swapped in when somebody says so."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crawler import regression
from crawler.archive import Archive
from crawler.archive.readonly import reading
from crawler.archive.withheld_list import LIST_NAME
from crawler.ingesting import Ingest, Ingested, Progress
from crawler.portals import Portal
from crawler.warc import is_being_written
from crawler.warcin.files import find_files

WORK_FOLDER = "work"
_STATE = """
SELECT (SELECT count(*) FROM captures), (SELECT max(fetched_at) FROM captures), (SELECT count(*) FROM crawls),
    (SELECT max(coalesce(finished_at, started_at)) FROM crawls)
"""


class ReparseError(Exception):
    """The archive cannot be rebuilt or replaced; the text says why and what to do next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reparse:
    """An archive, its WARC folder, and the place where another is made of them."""

    archive: Path
    warc_folder: Path

    @property
    def rebuilt(self) -> Path:
        """The rebuilt archive, in a folder that Datasette does not publish."""
        return self.archive.parent / WORK_FOLDER / "reparsed.db"

    @property
    def _stamp(self) -> Path:
        """What the archive was when the rebuilt one was compared with it."""
        return self.rebuilt.with_suffix(".json")

    def rebuild(
        self, portals: Mapping[str, Portal], progress: Progress, on_start: Callable[[Ingest], None]
    ) -> tuple[Ingested, regression.Report | None]:
        """Build it, and compare; no report when it was stopped. Raises ReparseError or ArchiveError."""
        self._check()
        paths, _ = find_files([str(self.warc_folder)])
        if not paths:
            raise ReparseError(f"there is no WARC file in {self.warc_folder}")
        self.discard()
        with self._writing():
            self.rebuilt.parent.mkdir(exist_ok=True)
        state = self._state()
        with Archive(self.rebuilt, withheld=self.archive.with_name(LIST_NAME)) as archive:
            ingest = Ingest(
                archive,
                portals=portals,
                warc_folder=self.warc_folder,
                processes=len(os.sched_getaffinity(0)),
            )
            on_start(ingest)
            found = ingest.run(paths, progress)
            if found.is_stopped:
                self.discard()
                return found, None
            archive.carry_over(self.archive)
            archive.optimise()
        report = regression.compare(self.archive, self.rebuilt)
        with self._writing():
            stamp = json.dumps({"state": state, "lost": len(report.lost_captures)})
            self._stamp.write_text(stamp, encoding="utf-8")
        return found, report

    def apply(self, lock_timeout: float) -> None:
        """Put the rebuilt archive in the old one's place. Raises ReparseError or ArchiveError, and changes nothing."""
        self._check()
        try:
            stamp = json.loads(self._stamp.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise ReparseError("nothing was rebuilt yet: run `scrapy reparse` first") from error
        if stamp["state"] != self._state():
            raise ReparseError(f"{self.archive} has changed since it was rebuilt: run `scrapy reparse` again")
        if stamp["lost"]:
            raise ReparseError(
                "captures of the archive are in no WARC file here, and would be lost: put the files that the report "
                f"names into {self.warc_folder}, and run `scrapy reparse` again"
            )
        with Archive(self.archive, lock_timeout=lock_timeout) as archive:
            archive.replace_with(self.rebuilt)
        self.discard()

    def _check(self) -> None:
        if not self.archive.exists():
            raise ReparseError(f"there is no {self.archive}; `scrapy ingest {self.warc_folder}` makes one")
        if not os.access(self.archive.parent, os.W_OK, effective_ids=True):
            raise self._cannot_write(self.archive.parent, "you may not")
        paths, _ = find_files([str(self.warc_folder)])
        for path in paths:
            if is_being_written(path):
                raise ReparseError(
                    f"a crawl is running ({path.name}). Wait until it ends, then run this again."
                )

    def _state(self) -> list[object]:
        with reading(self.archive) as connection:
            return list(connection.execute(_STATE).fetchone())

    def discard(self) -> None:
        """Remove what was rebuilt."""
        with self._writing():
            for suffix in ("", "-wal", "-shm"):
                self.rebuilt.with_name(self.rebuilt.name + suffix).unlink(missing_ok=True)
            self._stamp.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._cannot_write(self.rebuilt.parent, error.strerror) from error

    def _cannot_write(self, folder: Path, why: str | None) -> ReparseError:
        return ReparseError(
            f"{folder} cannot be written ({why}), and the archive is made anew in {self.rebuilt.parent}. Check its "
            "permissions, or take a copy of the archive elsewhere and name it with -s ARCHIVE_DB=…"
        )
