"""Opening the archive, and saving pages in whole transactions."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlite_utils import Database

from crawler.archive import carrying, crawls, ledger, restoring, runs, search, withheld_list, withholding
from crawler.archive.articles import Batch
from crawler.archive.errors import ArchiveError, in_plain_words
from crawler.archive.frontier import Frontier
from crawler.archive.moved import move_owed
from crawler.archive.pages import save_page
from crawler.archive.redaction import redacted
from crawler.archive.schema import migrations
from crawler.archive.withheld_list import Withheld
from crawler.items import Capture, Page
from crawler.locking import locked

_PORTAL = """
INSERT INTO portals (key, name, kind, url, hosts, unit_code, former_province, province, fate, verified)
VALUES (:key, :name, :kind, :url, :hosts, :unit_code, :former_province, :province, :fate, :verified)
ON CONFLICT (key) DO UPDATE SET name = excluded.name, kind = excluded.kind, url = excluded.url,
    hosts = excluded.hosts, unit_code = excluded.unit_code, former_province = excluded.former_province,
    province = excluded.province, fate = excluded.fate, verified = excluded.verified
"""


class Archive:
    """One archive.db, open for writing. Every method that writes is one transaction, whole or not at all."""

    def __init__(self, path: Path, *, lock_timeout: float = 30.0, withheld: Path | None = None) -> None:
        """Open or make the archive at `path`, bring its schema up to date, and withhold what must not be shown.

        `lock_timeout` is how many seconds another writer is waited for. `withheld` is the list of what is
        withheld, where it is not the one beside `path`: an archive.db that is made anew elsewhere needs the
        list of the one that it replaces. Raises ArchiveError in plain words when a file cannot be opened,
        written or understood.
        """
        self.path = path
        self.withheld_list = withheld or path.with_name(withheld_list.LIST_NAME)
        listed = withheld_list.read(self.withheld_list)
        try:
            self._connection = sqlite3.connect(path.absolute().as_uri(), timeout=lock_timeout, uri=True)
            self._connection.row_factory = sqlite3.Row
            with locked(path.absolute().parent):  # two processes may begin a new archive at once
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA foreign_keys = ON")
                self._migrate()
            if self._withhold([entry for key, entry in listed.items() if self.withheld().get(key) != entry]):
                self._purge()
        except (sqlite3.Error, OSError) as error:
            raise ArchiveError(in_plain_words(path, error)) from error

    def _migrate(self) -> None:
        database = Database(self._connection)
        ours = {migration.name for migration in migrations.pending(Database(memory=True))}
        if any(migration.name not in ours for migration in migrations.applied(database)):
            raise ArchiveError(
                f"{self.path} was made by a newer version of this program. "
                "Update the program, or name another file with -s ARCHIVE_DB=…"
            )
        if migrations.pending(database):
            migrations.apply(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was saved is kept in any case."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._in_plain_words():
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:
                yield self._connection

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise ArchiveError(in_plain_words(self.path, error)) from error

    def register(self, portal: dict[str, Any]) -> int:
        """Make or update the row of a portal; keys as the columns of `portals`, hosts a list of netlocs.

        Returns how many addresses that it owes were moved, since their hosts are not its own any more.
        """
        with self._writing() as connection:
            count = move_owed(connection, portal)
            connection.execute(_PORTAL, {**portal, "hosts": json.dumps(portal["hosts"])})
        return count

    def begin_crawl(self, portal: str, started_at: datetime, mode: str | None = None) -> runs.Run:
        """Open a crawl of a registered portal, ending those that never ended; see crawler.archive.runs."""
        with self._writing() as connection:
            crawls.end_interrupted(connection, portal, started_at)
            return runs.begin(connection, portal, started_at, mode)

    def is_new(self) -> bool:
        """Whether nothing was ever kept here: no crawl began, and no WARC file was read."""
        query = "SELECT EXISTS (SELECT 1 FROM crawls) OR EXISTS (SELECT 1 FROM captures)"
        return not self._connection.execute(query).fetchone()[0]

    def run_of(self, crawl: int) -> runs.Run:
        """An earlier crawl and the run it was part of."""
        return runs.load(self._connection, crawl)

    def unread_in(self, run: runs.Run) -> int:
        """How many URLs a run's earlier crawls could not read."""
        with self._in_plain_words():
            return runs.unread(self._connection, run)

    def frontier(self, portal: str, now: datetime) -> Frontier:
        """What a portal still owes, as seen from `now` (aware)."""
        return Frontier(self._connection, portal, now)

    def gaps(self, portal: str) -> list[ledger.Gap]:
        """The article numbers of a portal that no list shows."""
        return ledger.gaps(self._connection, portal)

    def article_count(self, portal: str) -> int:
        """How many articles of a portal are kept."""
        query = "SELECT count(*) FROM articles WHERE portal = ?"
        with self._in_plain_words():
            return int(self._connection.execute(query, [portal]).fetchone()[0])

    def finish_crawl(self, crawl: int, end: crawls.End) -> None:
        """Give a crawl its final status; one that is not finished is continued by the next one."""
        with self._writing() as connection:
            crawls.finish(connection, crawl, end)

    def end_interrupted(self, portal: str, found_at: datetime) -> None:
        """End a portal's crawls that never ended, as partial."""
        with self._writing() as connection:
            crawls.end_interrupted(connection, portal, found_at)

    def ending(self, crawl: int) -> crawls.Ending:
        """How a crawl ended, for its WARC file."""
        return crawls.ending(self._connection, crawl)

    def save(
        self, pages: Sequence[Page], crawl: int | None = None, totals: crawls.CrawlTotals | None = None
    ) -> None:
        """Save captures and what was read in them, all or nothing; counts them into `totals`.

        A capture that is already known (by record_id) is left as it is and not counted. Raises ArchiveError
        when nothing could be saved; `totals` is then unchanged.
        """
        counted: list[tuple[Page, str]] = []
        with self._writing() as connection:
            batch = Batch(connection=connection)
            counted.extend(
                (page, save_page(batch, page))
                for page in redacted(connection, pages)
                if not self._is_known(page.capture)
            )
            search.add(connection, batch.to_index)
            if totals is not None:
                for page, outcome in counted:
                    totals.add(page, outcome)
                if crawl is not None:
                    crawls.update(connection, crawl, totals)

    def _is_known(self, capture: Capture) -> bool:
        query = "SELECT 1 FROM captures WHERE record_id = ?"
        return self._connection.execute(query, [capture.record_id]).fetchone() is not None

    def last_offset(self, warc_file: str) -> int | None:
        """Where the last known record of a WARC file begins, in bytes; None when no record of it is known."""
        query = "SELECT max(warc_offset) FROM captures WHERE warc_file = ?"
        row = self._connection.execute(query, [warc_file]).fetchone()
        return None if row[0] is None else int(row[0])

    def is_crawl(self, crawl: int, portal: str, started: str) -> bool:
        """Whether a crawl id is that portal's crawl begun at `started` (YYYYMMDDTHHMMSSZ), as WARC names say."""
        query = "SELECT portal, started_at FROM crawls WHERE id = ?"
        row = self._connection.execute(query, [crawl]).fetchone()
        return row is not None and row["portal"] == portal and _compact(row["started_at"]) == started

    def crawl_totals(self, crawl: int) -> crawls.CrawlTotals:
        """What a crawl had met when it was last saved."""
        return crawls.load(self._connection, crawl)

    def withheld(self) -> dict[str, Withheld]:
        """What is withheld, by article_key."""
        return withholding.current(self._connection)

    def withhold(self, entry: Withheld) -> bool:
        """Withhold an article that is known here: into withheld.yml first, then out of the file.

        Returns False when an old state of the file is still in its -wal, since another program reads it.
        """
        if entry.article_key not in self.withheld() and not self._is_article(entry.article_key):
            raise ArchiveError(f"There is no article {entry.article_key} in {self.path}. Is the key right?")
        withheld_list.add(self.withheld_list, entry)
        self._withhold([entry])
        return self._purge()

    def _is_article(self, article_key: str) -> bool:
        query = "SELECT 1 FROM articles WHERE article_key = ?"
        return self._connection.execute(query, [article_key]).fetchone() is not None

    def _withhold(self, entries: Sequence[Withheld]) -> bool:
        gone = False
        for entry in entries:
            with self._writing() as connection:
                gone |= withholding.withhold(connection, entry)
        return gone

    def _purge(self) -> bool:
        with self._in_plain_words():
            return withholding.purge(self._connection)

    def hidden_captures(self, article_key: str) -> list[sqlite3.Row]:
        """The captures that only a withheld article's being withheld hides, oldest first."""
        return withholding.masked_captures(self._connection, article_key)

    def lift(self, article_key: str, pages: Sequence[Page]) -> None:
        """Show a withheld article again; `pages` are its hidden_captures() as they were read anew."""
        with self._writing() as connection:
            batch = Batch(connection=connection)
            for page in redacted(connection, withholding.lift(connection, article_key, pages)):
                save_page(batch, page)
            search.add(connection, batch.to_index)
        withheld_list.remove(self.withheld_list, article_key)

    def is_known(self, record_id: str | None, url: str, fetched_at: str, digest: str | None) -> bool:
        """Whether a capture, or a copy of it, is kept; see crawler.archive.restoring."""
        return restoring.is_known(self._connection, record_id, url, fetched_at, digest)

    def restore_crawl(self, portal: str, number: int, started_at: datetime) -> int:
        """The id of a crawl that its WARC files tell of, whose portal is registered; made where it is missing."""
        with self._writing() as connection:
            return restoring.restore_crawl(connection, portal, number, started_at)

    def restore_end(self, crawl: int, ending: crawls.Ending) -> None:
        """Let a restored crawl end as its WARC files say."""
        with self._writing() as connection:
            restoring.restore_end(connection, crawl, ending)

    def end_restored(self) -> None:
        """Let restored crawls end with their last capture where the WARC files do not say how they ended."""
        with self._writing() as connection:
            restoring.end_restored(connection)

    def carry_over(self, other: Path) -> None:
        """Take from another archive what no WARC file tells; see crawler.archive.carrying."""
        self._connection.execute("ATTACH ? AS old", [f"{other.absolute().as_uri()}?mode=ro"])
        with self._writing() as connection:
            carrying.carry_over(connection)
        self._connection.execute("DETACH old")

    def replace_with(self, other: Path) -> None:
        """Become what another archive is, in one transaction: who reads meanwhile sees the one or the other, whole."""
        with self._in_plain_words(), closing(sqlite3.connect(other)) as source:
            source.backup(self._connection)

    def rebuild_search(self) -> int:
        """Make the search index anew; returns how many articles it holds."""
        with self._writing() as connection:
            return search.rebuild(connection)

    def optimise(self) -> None:
        """Refresh SQLite's statistics, so that Datasette's facets and sorts use the indexes."""
        self._connection.execute("PRAGMA analysis_limit = 1000")  # rows of an index; all of them take seconds
        with self._writing() as connection:
            connection.execute("ANALYZE")


def _compact(moment: str) -> str:
    return moment[:19].replace("-", "").replace(":", "") + "Z"
