"""A crawl's live line on a terminal, or a plain line now and then."""

import sys
import time
from typing import Self, TextIO

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from crawler.extensions import ArchiveSession, session_of
from crawler.liveline import duration
from crawler.pacing import in_viet_nam
from crawler.politeness import PACER

SECONDS_LIVE = 0.3
SECONDS_PLAIN = 30.0


class Progress:
    """Shows on stderr what a crawl has met: lists, articles, problems, how much is left to ask for."""

    def __init__(self, crawler: Crawler, stream: TextIO) -> None:
        self._crawler = crawler
        self._stream = stream
        self._live = stream.isatty()
        self._started = time.monotonic()
        self._loop = create_looping_call(self._show)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the progress of this crawl."""
        progress = cls(crawler, sys.stderr)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        return progress

    def spider_opened(self) -> None:
        """Begin to show."""
        self._loop.start(SECONDS_LIVE if self._live else SECONDS_PLAIN, now=False)

    def spider_closed(self) -> None:
        """Leave the last figures standing on a terminal; elsewhere the crawl's closing words say the same."""
        if self._loop.running:
            self._loop.stop()
        if self._live:
            self._show()
            self._stream.write("\n")

    def _show(self) -> None:
        session = session_of(self._crawler)
        line = f"{session.keeper.portal.name}: {figures(session, time.monotonic() - self._started)}"
        self._stream.write(f"\r\x1b[K{line}" if self._live else f"{line}\n")
        self._stream.flush()


def figures(session: ArchiveSession, seconds: float) -> str:
    """What a crawl has met in so many seconds, what it waits for, and how long what it knows of will take."""
    keeper, left = session.keeper, session.left()
    counts = keeper.seen()
    rate = counts.urls / max(seconds, 0.001)
    kinds = [f"{counts.outcomes[f'article_{kind}']} {kind}" for kind in ("new", "changed", "unchanged")]
    if unsaved := counts.outcomes["article"]:
        kinds.append(f"{unsaved} being saved")
    parts = [
        f"{counts.articles + unsaved} articles ({', '.join(kinds)})",
        f"{counts.outcomes['listing'] + counts.outcomes['feed']} lists",
        f"{counts.problems} problems",
        f"{counts.urls} URLs, {left} to go",
        f"{rate:.1f} a second",
    ]
    if wait := PACER.waiting(keeper.portal.key):
        parts.append(f"{wait.why}: until {in_viet_nam(wait.until)}")
    elif left and rate:
        parts.append(f"about {duration(left / rate)} left")
    return ", ".join(parts)
