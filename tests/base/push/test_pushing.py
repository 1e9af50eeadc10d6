"""On a database of its own: nothing is lost or told twice when transactions commit out of order, or the pusher is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kouan.base.push.records import Subscription
from kouan.base.push.service.lanes import MOST_REFUSED, PATIENCE, STALE, Fresh, Lane
from kouan.base.push.service.pusher import Pusher
from kouan.base.push.store import lines, tail
from kouan.base.push.store.messages import Message
from kouan.kernel import clock
from kouan.kernel.database import scope
from kouan.kernel.formats import Draft
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store import reading
from kouan.kernel.ways import Ways
from tests.base.conftest import House
from tests.base.push.sinks import Sink

STATUS, SUBSCRIPTION = "base.movement.status", Subscription.facts.name
BOX = "container:MSKU9070323"


@pytest.fixture
def sink() -> Iterator[Sink]:
    found = Sink()
    found.up()
    yield found
    found.down()


@asynccontextmanager
async def pushing(house: House) -> AsyncIterator[asyncio.Task[None]]:
    """A pusher at work; leaving ends it as a kill does: nothing is noted any more."""
    task = asyncio.create_task(Pusher(house.port, Ways(demo=True)).run(asyncio.Event()))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(look: Any, seconds: float = 30.0) -> Any:
    limit = asyncio.get_running_loop().time() + seconds
    while not (found := look()):
        assert asyncio.get_running_loop().time() < limit, "it did not come"
        await asyncio.sleep(0.02)
    return found


async def subscribe(house: House, sink: Sink, slug: str = "customs", **more: Any) -> Any:
    """A webhook about the box; its key is known to the sink."""
    stated = {"name": f"n-{len(sink.keys)}", "channel": "webhook", "address": sink.url, "about": [BOX], **more}
    kept = (await house.port.file(house.who(slug), [Draft(SUBSCRIPTION, stated)])).kept[0]
    async with house.client(slug) as client:
        sink.learn((await client.post(f"/api/push/subscriptions/{kept.id}/secret")).json()["secret"])
    return kept


async def report(house: House, code: str) -> None:
    """A status of the box, which customs reads."""
    await house.port.file(house.who("carrier"), [Draft(STATUS, {"equipment": BOX, "code": code, "at": clock.now()})])


async def test_numbers_that_commit_late_are_told_and_those_that_never_come_are_let_go(house: House) -> None:
    await report(house, "first")
    other = await asyncpg.connect(**house.options)
    insert = """insert into event (id, topic, record, record_id, ref, version, at, org, principal, data, readers)
        select gen_random_uuid(), topic, record, record_id, ref, version, at, org, principal, data, readers from event limit 1"""
    await other.execute("select set_config('app.orgs', '0,1', false)")

    async def read(before: tail.Tail) -> tuple[list[Any], tail.Tail]:
        async with scope(house.port.pool, (0, PLATFORM.org), clearance=4) as conn:
            return await tail.read(conn, before, 100)

    found, at = await read(tail.Tail(0, ()))
    assert len(found) == 1
    late = other.transaction()
    await late.start()
    await other.execute(insert)
    await report(house, "second")
    found, behind = await read(at)
    assert [one.version for one in found] == [1]
    (hole,) = set(behind.holes) - set(at.holes)
    assert hole.seq == at.seq + 1
    assert await read(behind) == ([], behind), "the hole is looked for as long as somebody may fill it"
    await late.commit()
    found, after = await read(behind)
    assert [one.seq for one in found] == [hole.seq]
    assert hole not in after.holes
    never = other.transaction()
    await never.start()
    await other.execute(insert)
    await never.rollback()
    await report(house, "third")
    _, gap = await read(after)
    assert len(set(gap.holes) - set(after.holes)) == 1
    for _ in range(tail.MARGIN + 2):
        await other.execute("select pg_current_xact_id()")
    assert (await read(gap))[1].holes == (), "who could fill it has ended"
    await other.close()


async def test_a_killed_pusher_and_a_killed_receiver_lose_nothing(house: House, sink: Sink) -> None:
    async with pushing(house):
        kept = await subscribe(house, sink)
        await report(house, "one")
        await until(lambda: len(sink.got) == 1)
    await report(house, "two")  # Nobody pushes.
    sink.down()
    async with pushing(house):
        await report(house, "three")  # Nobody takes.
        await asyncio.sleep(0.3)
    sink.up()
    async with pushing(house):
        await report(house, "four")
        await until(lambda: len({one["seq"] for one in sink.got}) == 4)
    first: dict[int, str] = {}
    for one in sink.got:
        first.setdefault(one["seq"], one["data"]["code"])
    assert first == {1: "one", 2: "two", 3: "three", 4: "four"}
    by_seq = {(one["seq"], one["id"]) for one in sink.got}
    assert len(by_seq) == 4, "what went out again went under the same id"
    assert sink.forged == 0
    assert kept.ref == sink.got[0]["subscription"]


async def test_one_that_refuses_is_given_up_and_one_that_is_dead_harms_nobody(house: House, sink: Sink, monkeypatch: Any) -> None:
    monkeypatch.setattr("kouan.base.push.service.lanes.FIRST_WAIT", 0.001)
    dead = Sink()
    async with pushing(house):
        away = await subscribe(house, dead, "portoffice")
        await subscribe(house, sink)
        sink.answers = [422] * MOST_REFUSED
        await report(house, "bad")
        await report(house, "good")
        await until(lambda: sink.got)
        assert [one["data"]["code"] for one in sink.got] == ["good"], "the refused one was given up, the next one came"
        assert len(set(sink.seen)) == 2
        async with house.client("portoffice") as client:
            standing = (await client.get(f"/api/push/subscriptions/{away.id}")).json()
            assert (standing["waiting"], standing["state"]) == (2, "active")
            assert standing["failures"] > 0
        sink.answers = [410]
        await report(house, "gone")
        rows: list[Any] = []
        while not rows:
            await asyncio.sleep(0.05)
            rows = await house.rows("select doc->>'stopped' why from r_base_push_subscription where state = 'stopped'")
    assert [row["why"] for row in rows] == ["gone"]


async def test_who_lost_the_right_to_read_is_told_nothing(house: House) -> None:
    sink = Sink()  # Down, so that the message waits.
    async with pushing(house):
        kept = await subscribe(house, sink)
        await report(house, "secret")
        async with house.client("customs") as client:
            while (await client.get(f"/api/push/subscriptions/{kept.id}")).json()["last"] == 0:
                await asyncio.sleep(0.02)
            door = f"/api/push/subscriptions/{kept.id}/events"
            assert len((await client.get(door)).json()["items"]) == 1
            conn = await asyncpg.connect(**{**house.options, "user": "postgres"})
            await conn.execute("update r_base_movement_status set readers = array_remove(readers, $1)", house.orgs.numbers["customs"])
            await conn.close()
            page = (await client.get(door)).json()
            assert (page["items"], page["withheld"]) == ([], [1])
            sink.up()
            assert (await client.post(f"/api/push/subscriptions/{kept.id}/test")).status_code == 200
            await until(lambda: sink.got)
        assert [one["what"] for one in sink.got] == ["test"]
    sink.down()


async def test_nothing_is_read_or_written_for_what_nobody_subscribed(house: House) -> None:
    before = await house.rows("select count(*) n from task where handler like 'base.push%'")
    async with pushing(house):
        for n in range(3):
            await report(house, f"n{n}")
        await asyncio.sleep(1.5)
    assert (await house.rows("select count(*) n from push_message"))[0]["n"] == 0
    assert (await house.rows("select count(*) n from task where handler like 'base.push%'")) == before


def test_pauses_grow_and_a_system_that_is_away_for_days_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(None, 9, 0, 0, ())  # type: ignore[arg-type]  # the subscription itself does not matter here
    waits = []
    for _ in range(12):
        assert lane.away("down", 0.0) is None
        waits.append(lane.due)
    assert all(0.35 <= a <= 40 for a in waits)
    assert waits[-1] > 20 > waits[0]
    start = clock.now()
    monkeypatch.setattr("kouan.base.push.service.lanes.now", lambda: start + PATIENCE + timedelta(minutes=1))
    assert lane.away("down", 0.0) == "away"
    lane.taken(3)
    assert (lane.failures, lane.away_since, lane.told) == (0, None, 3)


def test_what_is_held_ready_goes_out_in_order_and_while_it_is_fresh() -> None:
    def held(seq: int, made: float = 100.0) -> Fresh:
        message = Message(1, seq, UUID(int=seq), STATUS, UUID(int=1), "status:X", 1, "filed", clock.now(), clock.now(), "", None)
        return Fresh(message, {"seq": seq}, made)

    def ready(*some: Fresh) -> list[int]:
        lane = Lane(None, 9, 4, 0, ())  # type: ignore[arg-type]  # the subscription itself does not matter here
        lane.fresh.extend(some)
        found = [one.message.seq for one in lane.ready(100.5)]
        assert not lane.fresh
        return found

    assert ready(held(5), held(6)) == [5, 6]
    assert ready(held(3), held(5)) == [5], "what was told already is not told by this"
    assert ready(held(6), held(7)) == [], "what stands before it is read first"
    assert ready(held(5, 100.5 - STALE), held(6)) == [], "what has waited is asked for anew"
    assert ready() == []


async def test_a_rewound_line_is_not_overwritten_by_what_was_under_way(house: House) -> None:
    sink = Sink()
    kept = await subscribe(house, sink)
    async with scope(house.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        await tail.begin(conn)
        (wish,) = await lines.wishes(conn)
        (row,) = await lines.lines(conn, [wish.line])
        lane = Lane.of(wish, row, ())
        about = await reading.one(conn, Subscription, wish.id)
        assert about is not None
        await lines.test(conn, wish.line, row["subscription"], about)
        assert await lines.rewind(conn, wish.line, 0) == 1
        lane.taken(1)
        await lines.note(conn, [lane.standing()])
        (after,) = await lines.lines(conn, [wish.line])
    assert (after["told"], after["epoch"]) == (0, row["epoch"] + 1)
    assert kept.record == SUBSCRIPTION
