"""How well and how fast articles are read, here and by general extractors; run as `python -m benchmarks.extraction`.

Prints one table over the fixture pages that hold an article, or over pages of the sample portal. The fixtures are
hard cases of NukeViet with short bodies, and their truth was written with them: general tools do better on the web.

    body F1       mean over the pages of the F1 of words (as a multiset, NFC, case ignored)
    exact         pages whose body is the true one, white space aside
    leaked        pages whose body holds a text of a widget, of navigation, of a comment or of another article
    day, minute   pages whose publication date is right to the day; to the minute where a time is printed
    author        pages with an author line whose authors are right, in any order
    ms            mean over the pages of the median time of one page
    × parse       that time in multiples of the floor, a bare lxml.html parse of the same bytes

A body is compared with the true body and with lead and body, and the better one counts: tools differ in where an
article begins. Where a page has no body, an empty one is right. "–" stands for what a tool does not give.

All take turns, round after round, so that what slows the machine down slows each of them; ours and the floor are
taken before each other tool. The first round warms up and gives the texts. Our time includes decoding and every
field (crawler.cms.read_response), with what it remembers of addresses cleared before each round; the others get
text, with an encoding known. They live in work/peers-venv, made from requirements-peers.txt when that changed.
newspaper4k, and news-please which asks it, differ a little from run to run on the same pages.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import lxml.html

from benchmarks._pages import Page, Result, fixture_pages, sample_pages, scores, summary
from crawler.cms import read_response
from crawler.cms.nukeviet.urls import classify
from crawler.cms.web import decoded

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / "work"
REQUIREMENTS = HERE / "requirements-peers.txt"
RUNNER = HERE / "peers.py"

OURS, FLOOR = "this archive", "bare lxml.html parse"
GIVES_DATES = {
    "goose3": True,
    "jusText": False,
    "news-please": True,
    "newspaper4k": True,
    "readability-lxml": False,
    "resiliparse": False,
    "trafilatura": True,
}
"""The other tools, as peers.py names them, and whether they give dates and authors beside the text."""

HEADER = ("", "body F1", "exact", "leaked", "day", "minute", "author", "ms", "× parse")


@dataclass(kw_only=True)
class Row:
    """What one tool gave, and how long each pass over the pages took."""

    name: str
    gives_dates: bool = True
    results: list[Result] = field(default_factory=list)
    passes: list[list[float]] = field(default_factory=list)  # seconds a page
    error: str | None = None

    @property
    def milliseconds(self) -> float:
        """Mean over the pages of the median time of a page."""
        by_page: list[tuple[float, ...]] = list(zip(*self.passes, strict=True))
        return 1000 * statistics.mean(statistics.median(times) for times in by_page)


def read_ours(page: Page) -> Result:
    """A page in full, from its bytes."""
    article = read_response(page.fetched, hosts=page.hosts).article
    if article is None:
        return {"text": None, "date": None, "author": None}
    return {"text": article.article_body, "date": article.date_published, "author": article.author}


def parse_only(page: Page) -> Result:
    """The floor: nothing but the tree."""
    lxml.html.document_fromstring(page.fetched.body)
    return {}


def take_turn(row: Row, pages: Sequence[Page], read: Callable[[Page], Result]) -> None:
    """One pass of what runs in this process."""
    results, seconds = [], []
    for page in pages:
        start = time.perf_counter()
        results.append(read(page))
        seconds.append(time.perf_counter() - start)
    row.results = results
    row.passes.append(seconds)


class Peers:
    """The other tools, in a process of their own that is started again when one of them ends it."""

    def __init__(self, python: Path, pages: Path) -> None:
        self._command = (python, RUNNER, pages)
        self._process: subprocess.Popen[str] | None = None

    def take_turn(self, row: Row) -> None:
        """One pass of a tool; its row says why when it does not run."""
        process = self._process = self._process or subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        assert process.stdin is not None
        assert process.stdout is not None
        print(row.name, file=process.stdin, flush=True)
        line = process.stdout.readline()
        if not line:
            self.close()
            row.error = f"it ended its process with status {process.returncode}"
            return
        answer = json.loads(line)
        row.error = answer.get("error")
        if row.error is None:
            row.results = answer["results"]
            row.passes.append(answer["seconds"])

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


def peers_python() -> Path:
    """The interpreter of the peers' environment, which is made when its requirements have changed."""
    folder = WORK / "peers-venv"
    python, made_from = folder / "bin" / "python", folder / "made-from"
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if not made_from.exists() or made_from.read_text() != digest:
        print("Installing the other tools into work/peers-venv …", file=sys.stderr)
        uv = str(Path(sys.executable).parent / "uv")
        commands = (
            (uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)),
            (uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(REQUIREMENTS)),
        )
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, text=True)
        made_from.write_text(digest)
    return python


def start_peers(pages: Sequence[Page], rows: Sequence[Row]) -> Peers | None:
    """The other tools, ready to run; None, with the reason in their rows, when they cannot be installed."""
    WORK.mkdir(exist_ok=True)
    listed = WORK / "peers-pages.json"
    texts = [{"html": decoded(page.fetched), "url": page.fetched.url} for page in pages]
    listed.write_text(json.dumps(texts), encoding="utf-8")
    try:
        return Peers(peers_python(), listed)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = " ".join((getattr(error, "stderr", None) or str(error)).split())
        for row in rows:
            row.error = f"cannot be installed: {reason}"
        return None


def measure(pages: Sequence[Page], names: Sequence[str], rounds: int) -> tuple[Row, list[Row], Row]:
    """Ours, the other tools' and the floor, after a warm-up and so many rounds."""
    ours, floor = Row(name=OURS), Row(name=FLOOR)
    others = [Row(name=name, gives_dates=gives) for name, gives in GIVES_DATES.items() if name in names]
    peers = start_peers(pages, others) if others else None
    for number in range(rounds + 1):
        for place in range(max(len(others), 1)):
            classify.cache_clear()
            take_turn(ours, pages, read_ours)
            take_turn(floor, pages, parse_only)
            if peers and others[place].error is None:
                peers.take_turn(others[place])
        if number == 0:
            for row in (ours, floor, *others):
                row.passes.clear()
    if peers:
        peers.close()
    return ours, others, floor


def table(ours: Row, others: Sequence[Row], floor: Row, pages: Sequence[Page]) -> Iterator[str]:
    """The lines of the table, and one for each tool that did not run."""
    lines: list[Sequence[str]] = [HEADER]
    for row in (ours, *(other for other in others if other.error is None), floor):
        cells = ["–"] * 6 if row is floor else scores(row.results, pages, gives_dates=row.gives_dates)
        times = f"{row.milliseconds:.2f}", f"{row.milliseconds / floor.milliseconds:.1f}"
        lines.append((row.name, *cells, *times))
    first, *widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ("-" * first, *("-" * (width - 1) + ":" for width in widths)))
    for name, *cells in lines:
        right = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        yield f"| {' | '.join((name.ljust(first), *right))} |"
    for row in others:
        if row.error is not None:
            yield f"not run: {row.name}: {row.error}"


def main() -> None:
    """Prints what the pages are, and the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="measured rounds (default: 5)")
    parser.add_argument(
        "--only",
        nargs="*",
        choices=GIVES_DATES,
        default=tuple(GIVES_DATES),
        metavar="NAME",
        help=f"the other tools to run, of {', '.join(GIVES_DATES)} (default: all; without a name: none)",
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="read N articles of the sample portal instead of the fixtures"
    )
    arguments = parser.parse_args()
    pages = sample_pages(arguments.sample) if arguments.sample else fixture_pages()
    print(summary(pages))
    print("\n".join(table(*measure(pages, arguments.only, arguments.rounds), pages)))


if __name__ == "__main__":
    main()
