"""A sample portal in this process that goes wrong where it is told to, and that remembers what it was asked."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from crawler.sample.answers import Answer, Request
from crawler.sample.faults import Fault, FaultPlan
from crawler.sample.portal import SamplePortal
from crawler.sample.server import SampleServer

Answering = Callable[[Request], Answer | None]
"""Answers a request in place of the sample portal; None where the sample portal should."""


@lru_cache
def sample(articles: int) -> SamplePortal:
    """One sample portal for all tests of a process: making its articles is the dear part."""
    return SamplePortal(articles, count_views=False)


@dataclass
class TestPortal:
    """A portal that is served on loopback, and its own log."""

    __test__ = False

    articles: int
    faults: FaultPlan | None = None
    answering: Answering | None = None
    on_request: Callable[[int], None] | None = None  # called with the number of requests so far
    url: str = ""
    asked: list[str] = field(default_factory=list)  # targets in the order they were asked for
    visitors: set[str] = field(default_factory=set)  # User-Agents
    lock: threading.Lock = field(default_factory=threading.Lock)

    def times(self) -> Counter[str]:
        """How often each target was asked for."""
        with self.lock:
            return Counter(self.asked)

    def answer(self, request: Request) -> Answer:
        """The right answer, or the one that stands in for it."""
        with self.lock:
            self.asked.append(request.target)
            self.visitors.add(request.user_agent)
            number = len(self.asked)
        if self.on_request:
            self.on_request(number)
        return (self.answering and self.answering(request)) or sample(self.articles).answer(request)

    def fault(self, request: Request) -> Fault | None:
        """How this answer goes wrong on the wire, by the plan of the moment."""
        return self.faults(request) if self.faults else None


@contextmanager
def serving(portal: TestPortal, port: int = 0) -> Iterator[TestPortal]:
    """The portal while it answers."""
    with SampleServer(port, portal.answer, portal.fault) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        portal.url = server.url
        try:
            yield portal
        finally:
            server.shutdown()
            thread.join()


def at(faults: Mapping[str, Fault]) -> FaultPlan:
    """A plan with one fault at each of some addresses, always."""
    return lambda request: faults.get(request.target)
