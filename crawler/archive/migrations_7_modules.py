"""Which modules' numbers are counted: those of which an article was kept."""

from sqlite_utils import Database

from crawler.archive.migrations import migrations
from crawler.archive.migrations_6_within import TOPS

# An address without its page may be misread: the folder that a portal lies in looks like a news module.
_LAST = "WHERE number <= kept_top + 100 OR third_before >= number - 100 GROUP BY in_language, module"


@migrations()
def count_in_modules_with_articles(db: Database) -> None:
    """Leave out of ledger_tops, and with it of all counts, modules of which only addresses are known."""
    db.execute("DROP VIEW ledger_tops")
    db.execute(TOPS.replace(_LAST, f"{_LAST} HAVING max(kept_top) > 0"))
