"""Followers: told of every committed event, in the order of commitment, by one worker at a time; what fails holds up no other."""

from __future__ import annotations

from types import ModuleType

from kouan.kernel.following import Following
from kouan.kernel.work import Worker
from tests.kernel.harness import House, port_on, who

TOPIC = "test.store.thing:filed"
EVENT = """insert into event (id, topic, record, record_id, ref, version, at, org, principal, data, readers)
    select gen_random_uuid(), topic, record, gen_random_uuid(), $1, 1, now(), org, principal, data, readers from event limit 1
    returning record_id::text"""


def ids(nouns: ModuleType) -> list[str]:
    return [one.record_id for batch in nouns.Follows.told for one in batch]


async def test_events_are_told_once_in_batches_and_cost_no_task(house: House, nouns: ModuleType) -> None:
    kept = [await house.kept("thing", {"number": f"N-{n}"}) for n in range(5)]
    following = Following(house.port, batch=2)
    await following.all()
    assert ids(nouns) == [one.id for one in kept]
    assert [len(batch) for batch in nouns.Follows.told] == [2, 2, 1]
    assert {(one.topic, one.record) for batch in nouns.Follows.told for one in batch} == {(TOPIC, "test.store.thing")}
    await following.all()
    await Following(house.port).all()
    assert len(ids(nouns)) == 5
    assert await house.value("select count(*) from task where handler = 'test.follows'") == 0
    await house.port.amend(who("trader"), nouns.Thing(number="N-0", count=1), kept[0].id, 1, b"1")
    await following.all()
    assert ids(nouns)[5:] == [kept[0].id]


async def test_what_is_numbered_early_and_committed_late_is_not_passed_over(house: House, nouns: ModuleType) -> None:
    await house.kept("thing", {"number": "N-1"})
    following = Following(house.port)
    await following.all()
    nouns.Follows.told.clear()
    pool = house.port.pool
    async with pool.acquire() as slow, pool.acquire() as quick:
        open_one = slow.transaction()
        await open_one.start()
        for conn in (slow, quick):
            await conn.execute("select set_config('app.orgs', '0,10,11,12,13,14,15,16', false)")
        early = await slow.fetchval(EVENT, "thing:EARLY")
        late = await quick.fetchval(EVENT, "thing:LATE")
        await following.all()
        assert ids(nouns) == [], "it waits for the transaction that began before"
        await open_one.commit()
        await following.all()
        for conn in (slow, quick):
            await conn.execute("reset app.orgs")
    assert ids(nouns) == [early, late]


async def test_what_nothing_waits_for_is_passed_over_and_what_comes_later_is_told(house: House, nouns: ModuleType) -> None:
    nouns.Follows.idle.append(True)
    await house.kept("thing", {"number": "N-1"})
    following = Following(house.port)
    await following.all()
    nouns.Follows.idle.clear()
    await following.all()
    assert ids(nouns) == []
    later = await house.kept("thing", {"number": "N-2"})
    await following.all()
    assert ids(nouns) == [later.id]


async def test_one_worker_follows_and_another_goes_on_where_it_stood(house: House, nouns: ModuleType) -> None:
    await house.kept("thing", {"number": "N-1"})
    first = Following(house.port)
    await first.all()
    second_kept = await house.kept("thing", {"number": "N-2"})
    async with port_on(house.options) as other:
        second = Following(other)
        await second.all()
        assert len(ids(nouns)) == 1, "the first holds it"
        await house.rows("update follower set lease_until = now() - interval '1 s'")
        await second.all()
        assert ids(nouns)[1:] == [second_kept.id]
        third = await house.kept("thing", {"number": "N-3"})
        first._lines[0].renew = 0.0
        await first.all()
        assert len(ids(nouns)) == 2, "the first lost it"
        await second.all()
    assert ids(nouns)[2:] == [third.id]


async def test_a_place_from_another_server_is_not_believed(house: House, nouns: ModuleType) -> None:
    """A dump that is restored into a new server keeps the old one's numbers, and new events have smaller ones."""
    kept = await house.kept("thing", {"number": "N-1"})
    await house.rows("insert into follower (code, tx, seq) values ('test.follows', '4000000000', 0)")
    await Following(house.port).all()
    assert ids(nouns) == [kept.id]


async def test_what_cannot_be_followed_is_retried_and_dead_lettered_by_itself(house: House, nouns: ModuleType) -> None:
    kept = [await house.kept("thing", {"number": f"N-{n}"}) for n in range(4)]
    nouns.Follows.poison.add(kept[1].id)
    await Following(house.port).all()
    assert ids(nouns) == [kept[0].id, kept[2].id, kept[3].id]
    worker = Worker(house.port)
    await worker.step()
    nouns.Follows.poison.clear()
    await house.rows("update task set run_at = now() - interval '1 s'")
    await worker.step()
    assert ids(nouns)[3:] == [kept[1].id]
    nouns.Follows.poison.add(kept[2].id)
    await house.port.amend(who("trader"), nouns.Thing(number="N-2", count=1), kept[2].id, 1, b"1")
    await Following(house.port).all()
    await house.rows("update follower set lease_until = null")
    await Following(house.port).all()
    for _ in range(4):
        await worker.step()
        await house.rows("update task set run_at = now() - interval '1 s' where not dead")
    assert await house.value("select count(*) from task where handler = 'test.follows' and dead") == 1


async def test_a_settled_horizon_is_one_that_was_seen_long_enough_ago(nouns: ModuleType, house: House) -> None:
    (line,) = Following(house.port)._lines
    assert [line.settled("10", 0.0), line.settled("11", 0.6), line.settled("12", 1.1), line.settled("13", 1.7)] == ["", "", "10", "11"]
