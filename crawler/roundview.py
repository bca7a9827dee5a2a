"""A round as a person sees it: a line for each portal on a terminal, plain lines with their time elsewhere."""

import logging
import os
import time
from collections import Counter
from datetime import datetime
from typing import TextIO

from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from scrapy.utils.log import get_scrapy_root_handler
from twisted.internet.task import LoopingCall

from crawler.extensions import ArchiveSession
from crawler.keeping import CrawlResult
from crawler.liveline import duration
from crawler.portals import Portal
from crawler.progress import figures

SECONDS_LIVE = 1.0
SECONDS_PLAIN = 60.0


class RoundView:
    """Shows what each crawl of a round has met, and all of them together."""

    def __init__(self, stream: TextIO, portals: int) -> None:
        """`portals`: how many the round has to crawl."""
        self._stream = stream
        self._live = stream.isatty()
        self._portals = portals
        self._started = time.monotonic()
        self._begun: dict[str, tuple[float, ArchiveSession]] = {}  # by the portal's key, while under way
        self._ended: Counter[str] = Counter()  # statuses
        self._articles: Counter[str] = Counter()  # outcomes of the crawls that have ended
        self._drawn = 0  # lines that stand on the terminal now
        self._loop: AsyncioLoopingCall | LoopingCall | None = None

    def _start(self) -> None:
        handler = get_scrapy_root_handler()
        if self._live and isinstance(handler, logging.StreamHandler):
            handler.setStream(_Above(self))  # so that the log does not write into the lines
        self._loop = create_looping_call(self._show)
        self._loop.start(SECONDS_LIVE if self._live else SECONDS_PLAIN, now=False)

    def stop(self) -> None:
        """Take the lines off the terminal."""
        if self._loop is not None and self._loop.running:
            self._loop.stop()
        self._erase()

    def begun(self, portal: Portal, session: ArchiveSession) -> None:
        """A portal's crawl has begun."""
        if self._loop is None:
            self._start()
        self._begun[portal.key] = (time.monotonic(), session)
        if not self._live:
            goes_on = ", going on with an earlier one" if session.keeper.run.is_continued else ""
            self._say(f"{portal.key}: begun ({session.keeper.run.mode}{goes_on})")

    def ended(self, portal: Portal, result: CrawlResult) -> None:
        """A portal's crawl has ended, or could not begin."""
        self._begun.pop(portal.key, None)
        self._ended[result.status] += 1
        self._articles.update(result.totals.outcomes)
        if not self._live:
            totals = result.totals
            new, changed = totals.outcomes["article_new"], totals.outcomes["article_changed"]
            why = f": {result.message}" if result.message else ""
            met = f"{new} articles new, {changed} changed, {totals.urls} URLs"
            self._say(f"{portal.key}: {result.status}, {met}{why}")

    def above(self, text: str) -> None:
        """Write text where the lines stand; they come again below it."""
        self._erase()
        self._stream.write(text)
        self._stream.flush()

    def _say(self, line: str) -> None:
        self._stream.write(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S} {line}\n")
        self._stream.flush()

    def _show(self) -> None:
        if not self._live:
            self._say(self._total())
            return
        width, height = _size(self._stream)
        now = time.monotonic()
        shown = list(self._begun.items())[: max(height - 3, 1)]
        lines = [f"{key:<24} {figures(session, now - begun)}" for key, (begun, session) in shown]
        if len(shown) < len(self._begun):
            lines.append(f"… and {len(self._begun) - len(shown)} more under way")
        lines.append(self._total())
        self._erase()
        self._stream.write("".join(f"{line[: width - 1]}\n" for line in lines))
        self._stream.flush()
        self._drawn = len(lines)

    def _erase(self) -> None:
        if self._drawn:
            self._stream.write(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0

    def _total(self) -> str:
        met = self._articles.copy()
        for _, session in self._begun.values():
            met.update(session.keeper.seen().outcomes)
        seconds = time.monotonic() - self._started
        urls = met.total() - met["retried"]
        ended = self._ended.total()
        return (
            f"{ended} of {self._portals} portals ended, {len(self._begun)} under way; "
            f"{met['article_new']} articles new, {met['article_changed']} changed; {urls} URLs, "
            f"{urls / max(seconds, 0.001):.1f} a second, for {duration(seconds)}"
        )


class _Above:
    """A stream for the log, whose lines are written above a round's."""

    def __init__(self, view: RoundView) -> None:
        self._view = view

    def write(self, text: str) -> None:
        self._view.above(text)

    def flush(self) -> None:
        """Nothing waits here."""


def _size(stream: TextIO) -> tuple[int, int]:
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except OSError:
        return 120, 24
    return columns or 120, rows or 24
