"""Reading beside the crawl: the same reading in whichever process, also when the second one is killed."""

import asyncio
import os
import signal
from contextlib import suppress
from datetime import UTC, datetime

from crawler.items import Fetched
from crawler.reading import LARGE_BYTES, PAGES_IN_A_ROW, PageReader, read
from crawler.sample.answers import Request
from tests.sampling import DAN_VAN
from tests.torture.portal import sample

HOSTS = frozenset({"127.0.0.1"})


def page(padding: int = 0) -> Fetched:
    return Fetched(
        url=f"http://127.0.0.1{DAN_VAN}",
        status=200,
        media_type="text/html",
        body=sample(20).answer(Request(target=DAN_VAN)).body + b" " * padding,
        fetched_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def processes(reader: PageReader) -> list[int]:
    second = reader._second
    return [] if second is None or second.process.pid is None else [second.process.pid]


def test_quiet_crawls_need_one_process_and_busy_ones_or_large_pages_two() -> None:
    async def crawl() -> None:
        reader = PageReader()
        reader.acquire()
        expected = read(page(), HOSTS, "article")
        for _ in range(PAGES_IN_A_ROW - 1):
            assert await reader.read(page(), HOSTS, "article") == expected
        assert processes(reader) == []
        assert (
            await asyncio.gather(*(reader.read(page(), HOSTS, "article") for _ in range(20)))
            == [expected] * 20
        )
        assert len(processes(reader)) == 1
        assert reader._second is not None
        process = reader._second.process
        while not reader._second.is_ready:
            assert await reader.read(page(), HOSTS, "article") == expected
            await asyncio.sleep(0.01)
        assert await reader.read(page(), HOSTS, "article") == expected
        reader.release()
        assert processes(reader) == []
        await asyncio.to_thread(process.join, 10)
        assert process.exitcode == 0

    asyncio.run(crawl())


def test_a_page_that_ends_whatever_reads_it_is_a_parse_error_and_not_read_here() -> None:
    async def kill_all(reader: PageReader) -> None:
        while True:
            for process in processes(reader):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            await asyncio.sleep(0.01)

    async def crawl() -> None:
        reader = PageReader()
        reader.acquire()
        killer = asyncio.create_task(kill_all(reader))
        reading = await reader.read(page(LARGE_BYTES), HOSTS, "article")
        killer.cancel()
        assert (reading.outcome, reading.article) == ("parse_error", None)
        reader.release()

    asyncio.run(crawl())


def test_second_process_that_is_killed_loses_no_page() -> None:
    async def crawl() -> None:
        reader = PageReader()
        reader.acquire()
        large = page(LARGE_BYTES)
        expected = read(large, HOSTS, "article")
        assert await reader.read(large, HOSTS, "article") == expected
        (process,) = processes(reader)
        os.kill(process, signal.SIGKILL)
        assert (
            await asyncio.gather(*(reader.read(large, HOSTS, "article") for _ in range(3))) == [expected] * 3
        )
        reader.release()

    asyncio.run(crawl())
