"""Quantities drawn from permits: under lock at filing, given back when withdrawn, never more than there is."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from kouan.base.declaration.api import Declaration
from kouan.base.permit import service, store
from kouan.base.permit.records import Permit
from kouan.kernel.database import scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.schema import table
from tests.base.permit.papers import DECLARATION, PERMIT, WRITEOFF, balance, declare, declared, issue
from tests.town import Town


async def test_the_second_declaration_above_the_quota_is_refused_with_what_is_left(town: Town) -> None:
    ref, item = await issue(town)
    await declare(town, ref, 60)
    refused = await declare(town, ref, 60, 422)
    assert refused["rule"] == "PERMIT-USE"
    assert refused["field"] == "items.0.permits.0.quantity"
    assert "余量 40 KGM" in refused["reason"]["zh"]
    assert "40 KGM left" in refused["reason"]["en"]
    assert await balance(town, item) == ("60", 1)
    await declare(town, ref, 40)
    assert await balance(town, item) == ("100", 2)


async def test_twenty_at_once_never_draw_more_than_there_is(town: Town) -> None:
    ref, item = await issue(town)
    bodies = [declared(town.refs.next("D"), ref, 10) for _ in range(20)]
    client = town.client("trader")
    answers = await asyncio.gather(*(client.post(DECLARATION, json=body) for body in bodies))
    assert sorted(a.status_code for a in answers) == [201] * 10 + [422] * 10
    assert await balance(town, item) == ("100", 10)
    assert {a.json()["rule"] for a in answers if a.status_code == 422} == {"PERMIT-USE"}


async def test_cancelling_gives_back_and_amending_draws_the_difference(town: Town) -> None:
    ref, item = await issue(town)
    first = (await declare(town, ref, 70))["item"]
    door = f"{DECLARATION}/{first['id']}"
    body = declared(first["data"]["functional_reference"], ref, 90)
    headers = {"If-Match": str(first["version"])}
    await town.call("trader", "PUT", door, body, headers=headers)
    assert await balance(town, item) == ("90", 1)
    refused = await town.call("trader", "PUT", door, declared(first["data"]["functional_reference"], ref, 101), 422,
                              headers={"If-Match": "2"})  # fmt: skip
    assert "100 KGM" in refused["reason"]["zh"]
    await town.call("trader", "POST", f"{door}/actions/cancel", {})
    assert await balance(town, item) == ("0", 0)
    await declare(town, ref, 100)


async def test_a_rejected_declaration_gives_back_and_draws_again_when_assessed(town: Town) -> None:
    ref, item = await issue(town)
    first = (await declare(town, ref, 60))["item"]
    door = f"{DECLARATION}/{first['id']}"
    await town.call("customs", "POST", f"{door}/actions/reject", {})
    assert await balance(town, item) == ("0", 0)
    other = (await declare(town, ref, 50))["item"]
    refused = await town.call("customs", "POST", f"{door}/actions/assess", {}, 422)
    assert refused["rule"] == "PERMIT-AGAIN"
    await town.call("trader", "POST", f"{DECLARATION}/{other['id']}/actions/cancel", {})
    await town.call("customs", "POST", f"{door}/actions/assess", {})
    assert await balance(town, item) == ("60", 1)


async def test_each_movement_becomes_a_record_once_with_the_balance_after_it(town: Town) -> None:
    ref, _ = await issue(town)
    first = (await declare(town, ref, 30))["item"]
    await declare(town, ref, 20)
    await town.call("trader", "POST", f"{DECLARATION}/{first['id']}/actions/cancel", {})
    await service.tell(town.port)
    await service.tell(town.port)
    found = await town.call("trader", "GET", WRITEOFF, params={"permit": ref})
    rows = sorted((one["data"] for one in found["items"]), key=lambda data: data["number"])
    figures = [tuple(float(r[name]) for name in ("quantity", "remaining", "line")) for r in rows]
    assert figures == [(30.0, 70.0, 1.0), (20.0, 50.0, 1.0), (-30.0, 80.0, 1.0)]
    assert (await town.call("trucker", "GET", WRITEOFF, params={"permit": ref}))["items"] == []


async def test_uses_are_counted_by_declaration(town: Town) -> None:
    ref, item = await issue(town, uses=1, quota=None, unit=None)
    await declare(town, ref)
    refused = await declare(town, ref, status=422)
    assert "1 declarations" in refused["reason"]["en"]
    assert await balance(town, item) == ("0", 1)


async def test_an_issuer_cannot_go_below_what_is_written_off_nor_state_it(town: Town) -> None:
    ref, item = await issue(town)
    await declare(town, ref, 60)
    door, now = f"{PERMIT}/{item['id']}", {name: v for name, v in item["data"].items() if v is not None}
    refused = await town.call("customs", "PUT", door, {**now, "quota": "50"}, 422, headers={"If-Match": "1"})
    assert (refused["rule"], refused["field"]) == ("PERMIT-DRAWN", "quota")
    changed = await town.call("customs", "PUT", door, {**now, "quota": "200", "drawn": "0", "used": 0}, headers={"If-Match": "1"})
    assert changed["data"]["quota"] == "200"
    assert await balance(town, item) == ("60", 1)
    await declare(town, ref, 140)
    await declare(town, ref, 1, 422)


async def test_the_database_itself_refuses_a_balance_beyond_the_quota(town: Town) -> None:
    ref, item = await issue(town)
    kept = (await declare(town, ref, 60))["item"]
    async with scope(town.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        (row,) = (await store.declarations(conn, [kept["id"]])).values()
        more = {**row.doc, "items": [{**row.doc["items"][0], "permits": [{"permit": ref, "quantity": "101"}]}]}
        with pytest.raises(asyncpg.CheckViolationError):
            async with conn.transaction():
                await conn.execute("select permit_settle($1, $2, 'lodged')", row.id, more)
        async with conn.transaction():
            await conn.execute("select set_config('permit.settling', '1', true)")
            wrong = """update r_base_permit_permit set doc = doc || '{"drawn": "-1"}' where ref = $1"""
            with pytest.raises(asyncpg.CheckViolationError):
                async with conn.transaction():
                    await conn.execute(wrong, ref)
    assert await balance(town, item) == ("60", 1)


def test_the_tables_are_those_that_its_statements_name() -> None:
    assert (table(Permit), table(Declaration)) == ("r_base_permit_permit", "r_base_declaration_declaration")


async def test_only_the_issuer_suspends_and_a_suspended_permit_serves_nobody(town: Town) -> None:
    ref, item = await issue(town, "maritime")
    door = f"{PERMIT}/{item['id']}/actions"
    await town.call("customs", "POST", f"{door}/suspend", {}, 403)
    await town.call("maritime", "POST", f"{door}/suspend", {})
    refused = await declare(town, ref, 10, 422)
    assert "suspended" in refused["reason"]["en"]
    await town.call("maritime", "POST", f"{door}/resume", {})
    await declare(town, ref, 10)
