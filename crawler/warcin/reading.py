"""Reading many records on all cores, in order: one process says which, the others read, and hand over pages."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from crawler.cms import CMSES
from crawler.cms.web import parse_html
from crawler.items import Page, ParseError, Reading
from crawler.warcin.bodies import UnreadableRecordError
from crawler.warcin.index import Task
from crawler.warcin.pages import fetched, page_of
from crawler.warcin.responses import read_at
from crawler.workers import begin_worker

TASKS_A_BATCH = 32
_BATCHES_A_WORKER = 6  # with fewer, they would have nothing to do while what they read is saved
_COLLECT_SELDOM = (50_000, 20, 100)
"""Pages hold no cycles to speak of: looking for them after each 700 objects took 5 % of the time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOut:
    """A record that could not be read."""

    task: Task
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """What a page of a host that is in no registry looks like."""

    url: str
    software: str | None  # None when no known one made it
    title: str | None


Result = Page | LeftOut | Sighting


def read_tasks(tasks: Sequence[Task]) -> list[Result]:
    """What records hold, in their order."""
    return [_read(task) for task in tasks]


def _read(task: Task) -> Result:
    try:
        response = read_at(task.place, task.original)
    except UnreadableRecordError as error:
        return LeftOut(task=task, why=str(error))
    except OSError as error:
        return LeftOut(task=task, why=f"its file cannot be read ({error.strerror})")
    if task.filing is None:
        try:
            page = parse_html(fetched(response))
        except ParseError:
            return Sighting(url=response.url, software=None, title=None)
        software = next((found for cms in CMSES if (found := cms.recognise(page, response.url))), None)
        return Sighting(url=response.url, software=software, title=page.css("title::text").get())
    return page_of(response, task.filing, Reading(outcome="retried") if task.is_retried else None)


@contextmanager
def readers(processes: int) -> Iterator["Readers"]:
    """Processes that read; with one, this process reads by itself."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*_COLLECT_SELDOM)
    try:
        if processes == 1:
            yield Readers(None, 1)
            return
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(processes, mp_context=context, initializer=begin_worker) as pool:
            try:
                yield Readers(pool, processes)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    finally:
        gc.set_threshold(*thresholds)


class Readers:
    """Where records are read."""

    def __init__(self, pool: ProcessPoolExecutor | None, processes: int) -> None:
        self._pool = pool
        self._most_waiting = processes * _BATCHES_A_WORKER

    def read(self, tasks: Iterable[Task]) -> Iterator[list[Result]]:
        """What the records hold, in batches, in order; no more is read ahead than the processes need."""
        batches = iter(_batches(tasks))
        if self._pool is None:
            yield from map(read_tasks, batches)
            return
        waiting: deque[Future[list[Result]]] = deque()
        for batch in batches:
            waiting.append(self._pool.submit(read_tasks, batch))
            if len(waiting) >= self._most_waiting:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    rest = iter(tasks)
    while batch := list(islice(rest, TASKS_A_BATCH)):
        yield batch
