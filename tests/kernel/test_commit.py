"""Group commit: what comes together is written together, and nobody suffers from a neighbour in the batch."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from kouan.kernel.errors import Conflict, Denied, Failure, NotFound, Refused, Unavailable
from kouan.kernel.formats import Draft
from kouan.kernel.ledger.entry import Entry
from kouan.kernel.port import Port
from kouan.kernel.store import batch as batching
from kouan.kernel.store.batch import Batcher
from kouan.kernel.store.filing import Env
from kouan.kernel.store.ops import Filed, Site
from tests.kernel.harness import KEYS, House, Orgs, outcomes, port_on, who


def thing(number: str, **more: Any) -> list[Draft]:
    return [Draft("test.store.thing", {"number": number, **more})]


def kept_and_refused(found: list[Any]) -> tuple[list[Filed], list[BaseException]]:
    kept = [one for one in found if isinstance(one, Filed)]
    return kept, [one for one in found if isinstance(one, BaseException)]


async def test_a_filing_is_kept_with_version_references_event_task_receipt_and_ledger_entry(house: House) -> None:
    filed = await house.file("thing", {"number": "N-1", "boxes": ["B1"], "lines": [{"box": "B2"}]})
    kept = filed.kept[0]
    assert (kept.ref, kept.version, kept.state, kept.filer) == ("thing:TRADER/N-1", 1, "kept", "trader")
    (version,) = await house.rows("select * from version")
    assert (version["action"], version["version"], str(version["record_id"])) == ("filed", 1, kept.id)
    refs = await house.rows("select ref from ref order by ref")
    assert [row["ref"] for row in refs] == ["box:B1", "box:B2", "thing:TRADER/N-1"]
    assert await house.value("select topic from event") == "test.store.thing:filed"
    assert sorted(r["handler"] for r in await house.rows("select handler from task")) == ["test.hears", "test.hears_too"]
    submission = await house.rows("select id::text, records from submission")
    assert submission[0]["id"] == filed.receipt
    assert submission[0]["records"][0]["id"] == kept.id
    assert str(await house.value("select id from ledger_entry")) == filed.receipt


async def test_many_at_once_are_all_kept_each_once(house: House) -> None:
    kept, refused = kept_and_refused(await outcomes(*(house.file("thing", {"number": f"N-{n}"}) for n in range(400))))
    assert not refused
    assert len({filed.receipt for filed in kept}) == 400
    counts = await house.rows(
        """select (select count(*) from r_test_store_thing), (select count(distinct key) from r_test_store_thing),
           (select count(*) from version), (select count(*) from ledger_entry), (select count(*) from event)"""
    )
    assert list(counts[0]) == [400] * 5


async def test_of_two_hundred_with_one_natural_key_exactly_one_is_kept(house: House) -> None:
    async with AsyncExitStack() as stack:  # three processes' committers, as several servers have
        ports = [house.port, *[await stack.enter_async_context(port_on(house.options)) for _ in range(2)]]
        calls = (ports[n % 3].file(who("trader"), thing("N-1", count=n)) for n in range(200))
        kept, refused = kept_and_refused(await outcomes(*calls))
    assert len(kept) == 1
    assert {type(one) for one in refused} == {Conflict}
    assert {one.code for one in refused if isinstance(one, Failure)} == {"natural_key_kept"}
    assert await house.value("select count(*) from r_test_store_thing") == 1
    assert await house.value("select count(*) from ledger_entry") == 1


async def test_a_natural_key_is_its_filers_own_where_it_says_so(house: House) -> None:
    await house.file("thing", {"number": "N-1"})
    assert (await house.file("thing", {"number": "N-1"}, by="rival")).kept[0].ref == "thing:RIVAL/N-1"
    with pytest.raises(Conflict, match="already kept") as caught:
        await house.file("thing", {"number": "N-1"})
    assert caught.value.out()["record"] == "test.store.thing"


async def test_a_batch_of_one_message_stands_or_falls_together(house: House) -> None:
    with pytest.raises(Refused, match="Too many"):
        await house.port.file(who("trader"), [*thing("N-1"), *thing("N-2", count=2_000_000)])
    assert await house.value("select count(*) from r_test_store_thing") == 0
    with pytest.raises(Conflict):
        await house.port.file(who("trader"), [*thing("N-1"), *thing("N-1")])
    filed = await house.port.file(who("trader"), [*thing("N-1"), *thing("N-2")])
    assert len(filed.kept) == 2
    assert await house.value("select count(*) from submission") == 1
    assert await house.value("select count(*) from ledger_entry") == 2


async def test_one_that_blows_up_harms_no_other_in_its_batch(house: House) -> None:
    calls = [house.file("thing", {"number": "BOOM" if n == 25 else f"N-{n}"}) for n in range(50)]
    found = await outcomes(*calls)
    assert isinstance(found[25], RuntimeError)
    assert [n for n, one in enumerate(found) if not isinstance(one, Filed)] == [25]
    assert await house.value("select count(*) from r_test_store_thing") == 49


@pytest.mark.parametrize(
    "wrong",
    [{"text": "a\x00b"}, {"count": 2**70}, {"amount": "1e9999"}, {"at": "2026-01-01T10:00:00"}, {"size": "nan"},
     {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-14:00"}, {"lines": [{"text": "\x00"}]}],
    ids=str,
)  # fmt: skip
async def test_a_value_that_cannot_be_kept_is_refused_by_its_field(house: House, wrong: dict[str, Any]) -> None:
    found = await outcomes(house.file("thing", {"number": "N-1", **wrong}), house.file("thing", {"number": "N-2"}))
    assert isinstance(found[0], Refused)
    assert found[0].problems[0].field.split(".")[0] == next(iter(wrong))
    assert isinstance(found[1], Filed)


async def test_no_more_is_taken_from_a_quota_than_it_holds(house: House) -> None:
    await house.file("quota", {"code": "Q1", "total": 50}, by="customs")
    async with port_on(house.options, lanes=3) as other:
        ports = (house.port, other)
        drafts = [[Draft("test.store.draw", {"number": f"D{n}", "quota": "Q1", "taken": 10})] for n in range(60)]
        calls = (ports[n % 2].file(who("trader"), draft) for n, draft in enumerate(drafts))
        kept, refused = kept_and_refused(await outcomes(*calls))
    assert len(kept) == 5
    assert {getattr(one, "code", "") for one in refused} == {"T4"}


async def test_no_more_is_taken_by_actions_than_rules_allow(house: House) -> None:
    await house.file("quota", {"code": "Q1", "total": 1}, by="customs")
    cases = [await house.kept("case", {"number": f"C{n}", "quota": "Q1"}) for n in range(12)]
    async with port_on(house.options, lanes=3) as other:
        ports = (house.port, other)
        calls = (ports[n % 2].act(who("customs"), c.record, c.id, "customs.finish") for n, c in enumerate(cases))
        found = await outcomes(*calls)
    done = [one for one in found if not isinstance(one, BaseException)]
    assert len(done) == 1
    assert {one.code for one in found if isinstance(one, Refused)} == {"T5"}


async def test_who_may_not_file_is_denied(house: House) -> None:
    for by, role in (("customs", "officer"), ("trader", "viewer"), ("trader", "audit-admin")):
        with pytest.raises(Denied):
            await house.port.file(who(by, role), thing("N-1"))
    with pytest.raises(NotFound):
        await house.port.file(who("trader"), [Draft("test.store.gone", {})])


async def test_a_warning_is_kept_and_does_not_refuse(house: House) -> None:
    kept = await house.kept("thing", {"number": "N-1", "colour": "odd"})
    assert [(w["code"], w["field"]) for w in kept.warnings] == [("T2", "colour")]
    assert (await house.rows("select warnings from r_test_store_thing"))[0]["warnings"][0]["reason"]["zh"] == "颜色奇怪"


async def test_the_ledger_names_nobody_and_nothing_in_the_clear(house: House) -> None:
    filed = await house.file("thing", {"number": "N-1", "text": "CANARY"})
    (row,) = await house.rows("select to_jsonb(e)::text as line from ledger_entry e")
    assert "CANARY" not in row["line"]
    assert "N-1" not in row["line"]
    assert "user:trader" not in row["line"]
    assert filed.receipt in row["line"]
    assert Entry.__name__ == "Entry"


async def test_too_many_waiting_are_asked_to_come_again(house: House) -> None:
    batcher = Batcher(house.port.pool, Env(Orgs(), KEYS, Site("CNWHH", "9901")), depth=3)
    port = Port(house.port.pool, KEYS, Orgs(), Site("CNWHH", "9901"), batcher, house.port.audit)
    waiting = [asyncio.create_task(port.file(who("trader"), thing(f"N-{n}"))) for n in range(5)]
    await asyncio.sleep(0.05)
    late = [task.exception() for task in waiting if task.done()]
    assert [type(one) for one in late] == [Unavailable, Unavailable]
    assert all(isinstance(one, Unavailable) and one.retry_after for one in late)
    batcher.start()
    assert len(await asyncio.gather(*(task for task in waiting if not task.done()))) == 3
    await batcher.stop()


async def test_what_waits_at_the_end_is_told_so_and_not_kept(house: House) -> None:
    batcher = Batcher(house.port.pool, Env(Orgs(), KEYS, Site("CNWHH", "9901")))
    port = Port(house.port.pool, KEYS, Orgs(), Site("CNWHH", "9901"), batcher, house.port.audit)
    task = asyncio.create_task(port.file(who("trader"), thing("N-1")))
    await asyncio.sleep(0.01)
    await batcher.stop()
    with pytest.raises(Unavailable):
        await task
    assert await house.value("select count(*) from r_test_store_thing") == 0


async def test_a_database_that_is_away_makes_nobody_believe(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = asyncpg.ConnectionDoesNotExistError("gone")

    async def away(*_: Any) -> None:
        raise gone

    with monkeypatch.context() as patched:
        patched.setattr(batching, "_ledger", away)
        found = await outcomes(*(house.file("thing", {"number": f"N-{n}"}) for n in range(20)))
    assert {type(one) for one in found} == {Unavailable}
    assert await house.value("select count(*) from r_test_store_thing") == 0
    assert isinstance(await house.file("thing", {"number": "N-1"}), Filed)
