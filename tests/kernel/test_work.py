"""Handlers: at least once, in order per record, retried with backoff, dead-lettered where all can see; work is shared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from kouan.kernel import clock, work
from kouan.kernel.errors import Refused
from kouan.kernel.text import Text
from kouan.kernel.work import Worker
from tests.kernel.harness import House, port_on, who

SORRY = Refused(Text("现在不行", "Not now"))


@pytest.fixture
def wrong_clock() -> Iterator[Callable[[float], None]]:
    """Makes our own clock go wrong by so many seconds; it is right again behind the test."""
    former = clock.use(clock.now)
    clock.use(former)
    yield clock.shift
    clock.use(former)


async def all_done(worker: Worker, rounds: int = 50) -> None:
    for _ in range(rounds):
        if not await worker.step():
            return


async def hurry(house: House) -> None:
    """As if the wait before the next try were over."""
    await house.rows("update task set run_at = now() - interval '1 s' where handler <> 'kernel.deadline'")


def numbers(nouns: ModuleType) -> list[str]:
    return [event.ref.rpartition("/")[2] for event in nouns.HANDLED]


async def test_each_event_is_heard_once_by_each_listener(house: House, nouns: ModuleType) -> None:
    for n in range(5):
        await house.file("thing", {"number": f"N-{n}"})
    await all_done(Worker(house.port))
    assert sorted(numbers(nouns)) == [f"N-{n}" for n in range(5)]
    assert len(nouns.HearsToo.heard) == 5
    assert await house.value("select count(*) from task") == 0


async def test_an_event_tells_who_did_what_to_which_version(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("thing", {"number": "N-1"})
    await all_done(Worker(house.port))
    (event,) = nouns.HANDLED
    assert (event.topic, event.what, event.version) == ("test.store.thing:filed", "filed", 1)
    assert (event.record_id, event.ref) == (kept.id, "thing:TRADER/N-1")
    assert event.principal == who("trader")
    assert event.at == kept.filed_at


async def test_events_of_one_record_are_heard_in_order(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("thing", {"number": "N-1", "count": 0})
    for version in range(1, 9):
        record = nouns.Thing(number="N-1", count=version)
        await house.port.amend(who("trader"), record, kept.id, version, str(version).encode())
    nouns.FAULTS["N-1"] = [SORRY]
    async with port_on(house.options) as other:
        workers = [Worker(house.port), Worker(other), Worker(other)]
        for _ in range(30):
            await asyncio.gather(*(worker.step() for worker in workers))
            await hurry(house)
    assert [event.version for event in nouns.HANDLED] == list(range(1, 10))


async def test_a_failing_record_holds_up_no_other_and_no_other_listener(house: House, nouns: ModuleType) -> None:
    nouns.FAULTS["BAD"] = [RuntimeError("broken")] * 9
    for number in ("BAD", "N-1", "N-2"):
        await house.file("thing", {"number": number})
    await all_done(Worker(house.port))
    assert sorted(numbers(nouns)) == ["N-1", "N-2"]
    assert len(nouns.HearsToo.heard) == 3


async def test_a_failure_is_tried_again_later_and_later_then_dead_lettered(house: House, nouns: ModuleType) -> None:
    nouns.FAULTS["BAD"] = [SORRY, RuntimeError("broken"), SORRY]
    await house.file("thing", {"number": "BAD"})
    waits = []
    for attempt in (1, 2, 3):
        await all_done(Worker(house.port))
        (task,) = await house.rows("select *, extract(epoch from run_at - now()) as wait from task where handler = 'test.hears'")
        assert (task["attempts"], task["dead"], task["lease_until"]) == (attempt, attempt == 3, None)
        waits.append(float(task["wait"]))
        await hurry(house)
    assert 0 < waits[0] < waits[1] < waits[2]
    assert "Not now" in task["error"]
    assert task["payload"]["ref"] == "thing:TRADER/BAD"
    await all_done(Worker(house.port))
    assert nouns.HANDLED == []
    assert await house.value("select count(*) from task where dead") == 1


async def test_a_dead_letter_no_longer_holds_up_its_record(house: House, nouns: ModuleType) -> None:
    nouns.FAULTS["BAD"] = [SORRY] * 3
    kept = await house.kept("thing", {"number": "BAD"})
    await house.port.amend(who("trader"), nouns.Thing(number="BAD", count=1), kept.id, 1, b"2")
    for _ in range(4):
        await all_done(Worker(house.port))
        await hurry(house)
    assert [event.what for event in nouns.HANDLED] == ["amend"]


async def test_two_workers_share_the_work_and_do_nothing_twice(house: House, nouns: ModuleType) -> None:
    await asyncio.gather(*(house.file("thing", {"number": f"N-{n}"}) for n in range(120)))
    async with port_on(house.options) as other:
        mine, others = Worker(house.port, batch=10), Worker(other, batch=10)
        shares = [0, 0]
        while sum(counts := await asyncio.gather(mine.step(), others.step())):
            shares = [shares[0] + counts[0], shares[1] + counts[1]]
    assert sum(shares) == 240
    assert min(shares) >= 40
    assert sorted(numbers(nouns)) == sorted(f"N-{n}" for n in range(120))


async def test_a_worker_takes_over_what_another_left_when_its_lease_ends(
    house: House, nouns: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.file("thing", {"number": "SLOW"})
    nouns.PAUSES["SLOW"] = 60
    lost = asyncio.create_task(Worker(house.port).step())
    while not await house.value("select count(*) from task where lease_until is not null"):
        await asyncio.sleep(0.02)
    lost.cancel()
    nouns.PAUSES.clear()
    async with port_on(house.options) as other:
        assert await Worker(other).step() == 0
        await house.rows("update task set lease_until = now() - interval '1 s'")
        assert await Worker(other).step() == 2
    assert numbers(nouns) == ["SLOW"]
    assert work.LEASE.total_seconds() == 60


async def test_a_running_worker_hears_of_new_work_at_once_and_stops(house: House, nouns: ModuleType) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(house.port).run(stop))
    await asyncio.sleep(0.3)
    await house.file("thing", {"number": "N-1"})
    async with asyncio.timeout(5):
        while not nouns.HANDLED:
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_a_worker_outlives_a_database_that_was_away(
    house: House, nouns: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, stop = Worker(house.port), asyncio.Event()
    step, failures = worker.step, [OSError("gone"), OSError("gone")]

    async def shaky(*, told: bool) -> int:
        if failures:
            raise failures.pop()
        return await step(told=told)

    monkeypatch.setattr(worker, "step", shaky)
    running = asyncio.create_task(worker.run(stop))
    await house.file("thing", {"number": "N-1"})
    async with asyncio.timeout(10):
        while not nouns.HANDLED:
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_jobs_run_when_due_by_one_worker_and_say_how_it_went(house: House, nouns: ModuleType) -> None:
    nouns.FAULTS["fail"] = []
    async with port_on(house.options) as other:
        await asyncio.gather(*(Worker(port).step() for port in (house.port, other)))
        await asyncio.gather(*(Worker(port).step() for port in (house.port, other)))
    assert nouns.RUNS.count("test.seldom") == 1
    assert nouns.RUNS.count("test.often") >= 2
    rows = {row["code"]: row for row in await house.rows("select * from job_run")}
    assert rows["test.seldom"]["runs"] == 1
    assert rows["test.seldom"]["last_error"].startswith("Refused")
    assert rows["test.often"]["last_error"] is None
    assert rows["test.seldom"]["lease_until"] is None


async def test_a_job_for_which_nothing_waits_rests_until_something_is_accepted(house: House, nouns: ModuleType) -> None:
    worker = Worker(house.port)
    left = "select extract(epoch from next_at - now()) > 1800 from job_run where code = 'test.rests'"
    earlier = "update job_run set next_at = now() - interval '1 s' where code = 'test.rests'"
    nouns.FAULTS["waits"] = []
    await worker.step(told=False)
    assert await house.value(left) is False, "something waits: it comes back when it always does"
    nouns.FAULTS.clear()
    await house.rows(earlier)
    await worker.step(told=False)
    assert await house.value(left) is True
    await worker.step(told=False)
    assert nouns.RUNS.count("test.rests") == 2
    await worker.step(told=True)
    assert nouns.RUNS.count("test.rests") == 3
    await house.rows(earlier)
    await worker.step(told=False)
    assert nouns.RUNS.count("test.rests") == 4, "and it does not rest for ever"


async def test_a_job_whose_worker_died_is_taken_over_when_its_lease_ends(house: House, nouns: ModuleType) -> None:
    await Worker(house.port).step()
    await house.rows("update job_run set next_at = now() - interval '1 s', lease_until = now() + interval '1 min'")
    nouns.RUNS.clear()
    await Worker(house.port).step()
    assert "test.seldom" not in nouns.RUNS
    await house.rows("update job_run set lease_until = now() - interval '1 s'")
    await Worker(house.port).step()
    assert nouns.RUNS.count("test.seldom") == 1


async def due(house: House, **tracks: str) -> None:
    """As if time had passed for the deadlines of some tracks."""
    for track, ago in tracks.items():
        await house.rows(
            "update task set run_at = now() - $2::interval where handler = 'kernel.deadline' and payload->>'track' = $1",
            track, timedelta(seconds=float(ago)),
        )  # fmt: skip
        await house.rows(
            """update r_test_store_case set tracks = jsonb_set(tracks, array[$1, 'due'],
               to_jsonb(to_char(now() - $2::interval, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))""",
            track, timedelta(seconds=float(ago)),
        )  # fmt: skip


def overdue(events: list[Any]) -> list[tuple[str, str]]:
    return [(event.data["track"], event.data["state"]) for event in events if event.what == "overdue"]


async def test_a_deadline_is_set_with_the_state_that_has_one(house: House) -> None:
    kept = await house.kept("case", {"number": "C-1"})
    rows = await house.rows("select payload->>'track' t, extract(epoch from run_at - now())::int s from task order by 1")
    assert [(row["t"], round(row["s"] / 3600)) for row in rows] == [("border", 1), ("customs", 48)]
    assert kept.tracks["border"]["due"] < kept.tracks["customs"]["due"]


async def test_a_missed_deadline_is_told_once_and_only_for_its_track(house: House, nouns: ModuleType) -> None:
    await house.file("case", {"number": "C-1"})
    await due(house, border="5")
    for _ in range(3):
        await all_done(Worker(house.port))
    assert overdue(nouns.HANDLED) == [("border", "open")]
    events = await house.rows("select * from event where topic like '%:overdue'")
    assert len(events) == 1
    assert await house.value("select version from r_test_store_case") == 1
    await due(house, customs="5")
    for _ in range(3):
        await all_done(Worker(house.port))
    assert overdue(nouns.HANDLED) == [("border", "open"), ("customs", "open")]


async def test_a_deadline_that_was_kept_is_not_told(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("case", {"number": "C-1"})
    await house.port.act(who("border"), kept.record, kept.id, "border.finish")
    await due(house, border="5")
    await all_done(Worker(house.port))
    assert overdue(nouns.HANDLED) == []


async def test_a_state_taken_up_again_has_a_new_deadline(house: House, nouns: ModuleType) -> None:
    kept = await house.kept("case", {"number": "C-1"})
    await house.port.act(who("customs"), kept.record, kept.id, "customs.finish")
    await house.port.act(who("customs"), kept.record, kept.id, "reopen")
    await house.rows(
        """update task set run_at = now() - interval '1 s'
           where id = (select min(id) from task where payload->>'track' = 'customs')"""
    )
    await all_done(Worker(house.port))
    assert await house.value("select count(*) from event where topic like '%:overdue'") == 0
    assert await house.value("select count(*) from task where payload->>'track' = 'customs'") == 1


@pytest.mark.parametrize("skew", [-3600.0, 3600.0], ids=["an hour behind", "an hour ahead"])
async def test_work_is_done_at_once_and_deadlines_in_time_whatever_our_clock_says(
    house: House, nouns: ModuleType, wrong_clock: Callable[[float], None], skew: float
) -> None:
    """The database's clock and ours may differ: what waits counts in stretches of time, not in readings of a clock."""
    wrong_clock(skew)
    kept = await house.kept("case", {"number": "C-1"})
    await house.file("thing", {"number": "N-1"})
    await all_done(Worker(house.port))
    assert "N-1" in numbers(nouns)
    rows = await house.rows("select extract(epoch from run_at - now())::int s from task order by run_at")
    assert [round(row["s"] / 3600) for row in rows] == [1, 48]
    assert kept.tracks["border"]["due"] < kept.tracks["customs"]["due"]


async def test_a_deadline_is_not_lost_when_the_clock_is_set_back(
    house: House, nouns: ModuleType, wrong_clock: Callable[[float], None]
) -> None:
    await house.file("case", {"number": "C-1"})
    await all_done(Worker(house.port))
    wrong_clock(-1800)
    await house.rows("update task set run_at = now() where payload->>'track' = 'border'")
    await all_done(Worker(house.port))
    assert overdue(nouns.HANDLED) == []
    wait = await house.value("select extract(epoch from run_at - now())::int from task where payload->>'track' = 'border'")
    assert 3000 < wait <= 3600
    assert await house.value("select attempts from task where payload->>'track' = 'border'") == 0
    wrong_clock(3660)
    await house.rows("update task set run_at = now() where payload->>'track' = 'border'")
    for _ in range(3):
        await all_done(Worker(house.port))
    assert overdue(nouns.HANDLED) == [("border", "open")]
