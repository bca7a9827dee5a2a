"""When requests may begin: the real Pacer, in time that is only counted."""

import asyncio
from datetime import time, timedelta

import pytest

from crawler.pacing import MAX_WAIT, NAP, NotAskedError
from crawler.portals import Night
from tests.simulation import EVENING, SECONDS, Simulation, pace, repeat, simulate

PACING = "crawler.pacing"
"""The log that is looked at: asyncio writes too, where an earlier test left the level at DEBUG."""


def test_three_hundred_portals_at_full_politeness_keep_none_waiting() -> None:
    async def scenario(world: Simulation) -> None:
        alone = [(pace(f"a{n}"), f"10.0.0.{n}") for n in range(240)]
        sharing = [(pace(f"s{n}"), "10.9.9.9") for n in range(60)]
        async with asyncio.TaskGroup() as tasks:
            for portal, address in alone + sharing:
                tasks.create_task(repeat(4, lambda p=portal, a=address: world.ask(p, a)))  # type: ignore[misc]
        for portal, _ in alone:
            assert world.gaps(portal.key) == pytest.approx([SECONDS] * 3), "slowed by others"
        assert min(world.gaps("10.9.9.9")) >= SECONDS - 1e-6
        order = [key for _, key, address in world.seen if address == "10.9.9.9"]
        rounds = [set(order[n : n + 60]) for n in range(0, 240, 60)]
        assert all(len(portals) == 60 for portals in rounds), "someone had two turns before another had one"
        assert world.starts("10.9.9.9")[-1] == pytest.approx(1_000 + 239 * SECONDS)

    simulate(scenario)


def test_slow_portal_holds_up_no_other_at_its_address() -> None:
    async def scenario(world: Simulation) -> None:
        slow, quick = pace("slow", 60.0), pace("quick")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(repeat(3, lambda: world.ask(slow, "10.0.0.1")))
            tasks.create_task(repeat(40, lambda: world.ask(quick, "10.0.0.1")))
        assert min(world.gaps("slow")) >= 60
        assert max(world.gaps("quick")) <= 2 * SECONDS + 1e-6

    simulate(scenario)


def test_slow_answers_are_waited_for_and_add_no_delay() -> None:
    async def scenario(world: Simulation) -> None:
        await asyncio.gather(*(world.ask(pace(), "10.0.0.1", seconds=10) for _ in range(3)))
        assert world.gaps("x") == pytest.approx([10, 10])

    simulate(scenario)


def test_server_of_this_machine_is_asked_several_things_at_once() -> None:
    async def scenario(world: Simulation) -> None:
        await asyncio.gather(*(world.ask(pace(delay=0)) for _ in range(8)))
        assert set(world.starts("x")) == {1_000.0}

    simulate(scenario)


@pytest.mark.parametrize("jump", [1e7, -1e7])
def test_clock_that_jumps_neither_stalls_nor_floods(jump: float) -> None:
    async def scenario(world: Simulation) -> None:
        asking = asyncio.ensure_future(repeat(10, lambda: world.ask(pace(), "10.0.0.1")))
        await asyncio.sleep(5)
        world.clock_is_off = jump
        await asking
        gaps = world.gaps("x")
        assert sum(gap < SECONDS - 1e-6 for gap in gaps) <= 1
        assert max(gaps) <= 3 * SECONDS, "the portal's clock, then the address's, begins anew"

    simulate(scenario)


def test_clock_that_is_set_back_prolongs_no_wait_a_portal_asked_for() -> None:
    async def scenario(world: Simulation) -> None:
        turn = await world.ask(pace())
        world.pacer.refused(turn, 60)
        world.clock_is_off = -1e7
        await world.ask(pace())
        assert world.gaps("x")[0] <= 2 * 60

    simulate(scenario)


NIGHT = Night(opens=time(22), closes=time(5))


def test_portal_is_asked_in_its_hours_and_the_wait_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: Simulation) -> None:
        asking = asyncio.gather(*(world.ask(pace(night=NIGHT)) for _ in range(2)))
        await asyncio.sleep(1)
        wait = world.pacer.waiting("x")
        assert wait is not None
        assert (wait.until, wait.why) == (EVENING + timedelta(hours=1), "outside its hours")
        await asking
        assert world.starts("x") == pytest.approx([1_000 + 3_600, 1_000 + 3_600 + SECONDS])
        assert world.pacer.waiting("x") is None

    simulate(scenario)
    assert [record.message for record in caplog.records if record.name == PACING] == [
        "Huyện x may be asked from 22:00 to 05:00 in Viet Nam: waiting until 22:00:00 Viet Nam time"
    ]


def test_hours_that_end_while_a_portal_queues_at_its_address_are_kept() -> None:
    async def scenario(world: Simulation) -> None:
        night = Night(opens=time(5, 10), closes=time(5))
        world.wall_is_off = timedelta(hours=8) - timedelta(seconds=30)  # half a minute before five
        busy = asyncio.ensure_future(world.ask(pace("busy"), "10.0.0.1", seconds=60))
        await asyncio.sleep(0)
        await asyncio.gather(
            world.ask(pace(night=night), "10.0.0.1"), world.ask(pace("behind"), "10.0.0.1"), busy
        )
        assert world.starts("behind")[0] <= 1_000 + 60 + SECONDS
        assert world.starts("x")[0] == pytest.approx(1_000 + 30 + 600)

    simulate(scenario)


def test_wall_clock_that_was_wrong_is_noticed_at_once() -> None:
    async def scenario(world: Simulation) -> None:
        asking = asyncio.ensure_future(world.ask(pace(night=NIGHT)))
        await asyncio.sleep(5)
        world.wall_is_off = timedelta(hours=3)
        await asking
        assert world.starts("x")[0] <= 1_000 + 5 + NAP

    simulate(scenario)


def test_refusals_are_waited_out_longer_each_time_then_slowed_then_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(world: Simulation) -> None:
        waits: list[float | None] = []
        for _ in range(8):
            turn = await world.ask(pace(), "10.0.0.1")
            wait = world.pacer.refused(turn, None)
            waits.append((wait.until - world.wall()).total_seconds() if wait else None)
        assert waits == pytest.approx([65, 130, 310, 310, 310, 310, 310, None])
        assert min(world.gaps("x")) >= 65
        await asyncio.sleep(400)
        for _ in range(3):
            world.pacer.answered(await world.ask(pace(), "10.0.0.1"))
        assert world.gaps("x")[-2:] == pytest.approx([4 * SECONDS] * 2), "slowed twice, for good"
        world.pacer.begin(pace())
        await world.ask(pace(), "10.0.0.1")
        await world.ask(pace(), "10.0.0.1")
        assert world.gaps("x")[-1] == pytest.approx(SECONDS), "the next crawl begins afresh"

    simulate(scenario)
    assert [record.message for record in caplog.records if "in a row" in record.message] == [
        "Huyện x refused us 3 times in a row: one request every 4.2 s for the rest of this crawl",
        "Huyện x refused us 6 times in a row: one request every 8.4 s for the rest of this crawl",
    ]


def test_answer_between_refusals_ends_the_row() -> None:
    async def scenario(world: Simulation) -> None:
        for _ in range(20):
            assert world.pacer.refused(await world.ask(pace()), 3) is not None
            world.pacer.answered(await world.ask(pace()))
        assert world.gaps("x")[0] == pytest.approx(0.5 + 3)
        assert world.gaps("x")[-1] == pytest.approx(0.5 + 3)

    simulate(scenario)


def test_refusal_holds_everything_of_the_portal_and_of_its_address() -> None:
    async def scenario(world: Simulation) -> None:
        turn = await world.ask(pace(), "10.0.0.1")
        wait = world.pacer.refused(turn, 40)
        assert wait is not None
        assert world.pacer.waiting("x") == wait
        asked = [
            world.ask(pace(), "10.0.0.2"),
            world.ask(pace("neighbour"), "10.0.0.1"),
            world.ask(pace("elsewhere"), "10.0.0.3"),
        ]
        await asyncio.gather(*asked)
        assert world.starts("neighbour") + world.starts("10.0.0.2") == pytest.approx([1_040.5, 1_040.5])
        assert world.starts("elsewhere") == pytest.approx([1_000.5])

    simulate(scenario)


def test_requests_under_way_when_a_portal_begins_to_refuse_count_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario(world: Simulation) -> None:
        here = pace(delay=0)
        turns = [await world.enter(here) for _ in range(16)]
        for turn in turns:
            await asyncio.sleep(0.01)
            assert world.pacer.refused(turn, 5) is not None
        await world.ask(here)
        assert world.gaps("x")[-1] == pytest.approx(0.16 + 5)

    simulate(scenario)
    assert [record.message for record in caplog.records if record.name == PACING] == [
        "Huyện x asks us to wait: going on at 21:00:05 Viet Nam time"
    ]


@pytest.mark.parametrize(("said", "waited"), [(1e12, MAX_WAIT), (-5.0, 0.0), (0.0, 0.0)])
def test_what_a_portal_asks_for_is_waited_within_reason(said: float, waited: float) -> None:
    async def scenario(world: Simulation) -> None:
        world.pacer.refused(await world.ask(pace(delay=0)), said)
        await world.ask(pace(delay=0))
        assert world.gaps("x") == pytest.approx([0.5 + waited])

    simulate(scenario)


@pytest.mark.parametrize(
    ("asked", "delay", "kept"),
    [
        (5.0, SECONDS, 5.0),
        (1.0, SECONDS, SECONDS),
        (1e9, SECONDS, 60.0),
        (float("inf"), SECONDS, 60.0),
        (float("nan"), SECONDS, SECONDS),
        (-1.0, SECONDS, SECONDS),
        (30.0, 90.0, 90.0),
        (5.0, 0.0, 0.5),
    ],
)
def test_crawl_delay_is_obeyed_within_reason(asked: float, delay: float, kept: float) -> None:
    async def scenario(world: Simulation) -> None:
        portal = pace(delay=delay)
        await world.ask(portal)  # robots.txt
        world.pacer.obey_crawl_delay(portal, asked)
        await world.ask(portal)
        assert world.gaps("x") == pytest.approx([kept])

    simulate(scenario)


@pytest.mark.parametrize("held", ["by its night", "by a refusal", "by its address"])
def test_crawl_that_is_stopped_waits_no_more_and_blocks_nobody(held: str) -> None:
    async def scenario(world: Simulation) -> None:
        portal, address = pace(night=NIGHT if held == "by its night" else None), "10.0.0.1"
        if held == "by a refusal":
            world.pacer.refused(await world.ask(portal, "10.0.0.2"), 600)
        busy = asyncio.ensure_future(world.ask(pace("busy"), address, seconds=300))
        await asyncio.sleep(1)
        asked = [asyncio.ensure_future(world.ask(portal, address)) for _ in range(3)]
        await asyncio.sleep(10)
        world.stopped = True
        stopped_at = world.time()
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(result) for result in results] == [NotAskedError] * 3
        assert world.time() - stopped_at <= NAP
        world.stopped = False
        await busy
        await asyncio.wait_for(world.ask(pace("next"), address), 5)

    simulate(scenario)


def test_request_that_is_cancelled_leaves_its_place() -> None:
    async def scenario(world: Simulation) -> None:
        tasks = [asyncio.ensure_future(world.ask(pace(), "10.0.0.1")) for _ in range(4)]
        await asyncio.sleep(SECONDS / 2)
        tasks[1].cancel()
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len(world.starts("x")) == 2

    simulate(scenario)
