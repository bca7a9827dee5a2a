"""A crawl's live line on a terminal, or a plain line now and then."""

import sys
import time
from typing import Self, TextIO

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from crawler.extensions import session_of

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
        line = self._line()
        self._stream.write(f"\r\x1b[K{line}" if self._live else f"{line}\n")
        self._stream.flush()

    def _line(self) -> str:
        session = session_of(self._crawler)
        keeper, left = session.keeper, session.left()
        counts = keeper.seen()
        seconds = max(time.monotonic() - self._started, 0.001)
        rate = counts.urls / seconds
        parts = [
            f"{counts.articles} articles",
            f"{counts.outcomes['listing'] + counts.outcomes['feed']} lists",
            f"{counts.problems} problems",
            f"{counts.urls} URLs, {left} to go",
            f"{rate:.1f} a second",
        ]
        if left and rate:
            parts.append(f"about {_duration(left / rate)} left")
        return f"{keeper.portal.name}: " + ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
