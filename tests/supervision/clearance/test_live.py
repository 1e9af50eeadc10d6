"""What becomes of a declaration, told to the parties' own systems: the terminal's as it happens, customs' when it is taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from kouan.base.exchange.service import outbox
from kouan.kernel.database import scope
from kouan.kernel.handlers import Told as Heard
from kouan.kernel.principal import PLATFORM
from kouan_sim.agencies import AGENCIES, Twin
from kouan_sim.envelopes import Told
from tests.conftest import Running
from tests.shipment import GREEN, Shipment
from tests.town import DECLARATION, Town

NAME = "base.declaration.declaration"
BOX_STATE = {"functional_reference", "type_code", "office", "containers", "bills", "vessel", "gross_kg", "packages"}
"""What of a declaration is a terminal's."""
PATIENCE = 60.0


@asynccontextmanager
async def systems(platform: Running, *names: str) -> AsyncIterator[list[Twin]]:
    """Parties' own systems on sockets of their own; their addresses are known."""
    twins = [Twin(AGENCIES[name], platform.url, platform.token(name), think=0.1, watch=0.5, guest=True) for name in names]
    running = [asyncio.create_task(twin.run()) for twin in twins]
    try:
        for name in names:
            await seen(partial(known, platform, name))
        yield twins
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def known(platform: Running, name: str) -> bool:
    with platform.client(name) as client:
        return any(one["name"] == name and one["address"] for one in client.get("/api/connectors").json())


async def seen(look: Callable[[], Any]) -> Any:
    """What a look finds, once it finds something."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await asyncio.to_thread(look)):
            await asyncio.sleep(0.1)
    return found


def told(twin: Twin, shipment: Shipment) -> dict[str, Told]:
    """What a system heard of a shipment's declaration, by what happened, in its order."""
    return {one.what: one for one in twin.told if one.record == NAME and one.ref.endswith(f"/{shipment.reference}")}


@pytest.mark.clause("H9.1.2b2")
async def test_the_terminals_system_hears_at_once_whether_a_box_may_leave(platform: Running) -> None:
    released, taken_back = Shipment(platform, GREEN), Shipment(platform, GREEN)

    def act(shipment: Shipment, org: str, action: str, note: str) -> None:
        kept = shipment.call(org, "GET", DECLARATION, params={"functional_reference": shipment.reference})["items"][0]
        shipment.call(org, "POST", f"{DECLARATION}/{kept['id']}/actions/{action}", json={"note": note})

    async with systems(platform, "terminal", "customs") as (terminal, customs):
        for shipment in (released, taken_back):
            await asyncio.to_thread(shipment.file)
            await asyncio.to_thread(shipment.becomes, "released")
        target = {"container": released.box, "reason": "b2"}
        await asyncio.to_thread(released.call, "customs", "POST", "/api/inspections/target", json=target)
        for org, action in (("customs", "hold"), ("customs", "reject"), ("trader", "cancel")):
            await asyncio.to_thread(act, taken_back, org, action, f"why {action}")
        await seen(lambda: "target" in told(terminal, released) and "cancel" in told(terminal, taken_back))
        await seen(lambda: "cancel" in told(customs, taken_back))
    heard = told(terminal, released)
    assert list(heard) == ["filed", "release", "target"], "in the order in which it happened"
    assert [(one.state, one.form) for one in heard.values()] == [("lodged", "json"), ("released", "json"), ("targeted", "json")]
    for one in heard.values():
        assert set(one.data) <= BOX_STATE
        assert one.data["containers"] == [f"container:{released.box}"]
        assert one.data["bills"]
    assert [(what, one.state, one.reason) for what, one in told(terminal, taken_back).items()] == [
        ("filed", "lodged", ""), ("release", "released", ""), ("hold", "held", "why hold"), ("reject", "rejected", "why reject"),
        ("cancel", "cancelled", "why cancel"),
    ]  # fmt: skip
    assert [(what, one.reason) for what, one in told(customs, taken_back).items()] == [("filed", ""), ("cancel", "why cancel")]
    assert list(told(customs, released)) == ["filed"], "customs knows its own decisions"


async def rows(town: Town, reference: str, org: str) -> list[Any]:
    sql = "select what, version from delivery where ref like $1 and connector = $2 order by version, id"
    async with scope(town.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        return [tuple(row) for row in await conn.fetch(sql, f"%/{reference}", org)]


async def test_a_release_costs_nothing_where_the_terminal_has_no_system_and_keeps_its_order_where_it_has(town: Town) -> None:
    async def released() -> str:
        bill = town.bill(GREEN)
        voyage = town.voyage(bill)
        await town.manifest(voyage)
        reference = await town.declare(voyage, bill)
        await town.work()
        assert (await town.declared(reference)).state == "released"
        return reference

    dark = await released()
    assert [what for what, _ in await rows(town, dark, "terminal")] == ["filed"], "it stands in the inbox as ever"
    await town.call("terminal", "PUT", "/api/connectors/terminal", {"address": "http://127.0.0.1:9"})
    try:
        lit = await released()
        known = await rows(town, lit, "terminal")
        assert [what for what, _ in known] == ["filed", "release"]
        assert known[0][1] < known[1][1]
        async with scope(town.port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await conn.execute("update delivery set connector = 'nobody' where ref like $1 and connector = 'terminal'", f"%/{lit}")
            row = await conn.fetchrow("select id, record_id from event where ref like $1 and topic = $2", f"%/{lit}", f"{NAME}:release")
        assert row
        again = Heard(f"{NAME}:release", NAME, str(row["record_id"]), str(row["id"]))
        assert await outbox.tell_live(town.port, [again]) == 2, "the filing is told first where it was not told yet"
        assert await rows(town, lit, "terminal") == known
        assert len(await rows(town, lit, "customs")) == 1
    finally:
        assert (await town.client("terminal").delete("/api/connectors/terminal")).status_code == 204
    assert [what for what, _ in await rows(town, dark, "terminal")] == ["filed"], "what was released before is not told afterwards"
    async with scope(town.port.pool, (0, PLATFORM.org), clearance=4) as conn:
        assert await conn.fetchval("select count(*) from task where handler = 'base.exchange.tell_systems'") == 0
