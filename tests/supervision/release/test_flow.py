"""A declaration's way through clearance on a real database: green, held back, targeted, amended, elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.principal import PLATFORM
from kouan.supervision.release import handlers, service
from kouan.supervision.targeting import api as targeting
from kouan_sim.calls import fal_port_call
from kouan_sim.identifiers import imo_number
from kouan_sim.messages import wco_declaration
from kouan_sim.ships import MAIN_SHIP
from tests.town import DECLARATION, GREEN, RISKY, Town

ASSESSMENTS = "/api/records/supervision/targeting/assessment"


async def versions(town: Town, reference: str) -> list[str]:
    row = await town.declared(reference)
    async with scope(town.port.pool, (0, PLATFORM.org)) as conn:
        rows = await conn.fetch("select action from version where record_id = $1 order by version", row.id)
    return [one["action"] for one in rows]


async def test_a_green_declaration_is_released_without_a_human_hand(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    assert await town.state(reference) == "lodged"
    await town.work()
    assert await town.state(reference) == "released"
    assert await versions(town, reference) == ["filed", "assess", "release"]
    traced = await town.trace("trader", reference)
    assert traced["missing"] == []
    assert [event["kind"] for event in traced["events"]][-2:] == ["assess", "release"]


async def test_handling_the_same_filing_again_changes_nothing(town: Town) -> None:
    bills = [town.bill(GREEN), town.bill(RISKY)]
    voyage = town.voyage(*bills)
    await town.manifest(voyage)
    for bill in bills:
        reference = await town.declare(voyage, bill)
        await town.work()
        row, before = await town.declared(reference), await versions(town, reference)
        await asyncio.gather(*(service.clear(town.port, str(row.id), row.filed_at) for _ in range(3)))
        assert await versions(town, reference) == before
        found = await town.call("customs", "GET", f"{ASSESSMENTS}?declaration={row.ref}")
        assert len(found["items"]) == 1


async def test_a_filing_half_handled_is_taken_up_where_it_stopped(town: Town) -> None:
    bill = town.bill(RISKY)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    row, customs = await town.declared(reference), town.port.service("customs")
    await town.port.act(customs, "base.declaration.declaration", row.id, "assess")
    await town.work()
    assert await town.state(reference) == "targeted"
    assert (await town.order_of(reference))["data"]["agencies"] == ["customs", "border", "maritime"]


async def test_release_waits_for_the_ships_call_and_says_so_with_owner_and_deadline(town: Town) -> None:
    ship = replace(MAIN_SHIP, name="SIM WAITER", imo=int(imo_number(town.refs.chance("ship").randrange(900_000, 999_999))))
    bill = town.bill(GREEN)
    voyage = town.trade.voyage(datetime.now(UTC), 0, extra=[bill], vessel=ship)
    call = (await town.intake("agent", "imo-fal", fal_port_call(voyage)))["records"][0]
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    assert await town.state(reference) == "assessed"
    for asker in ("trader", "customs", "portoffice", "terminal"):
        (missing,) = [m for m in (await town.trace(asker, reference))["missing"] if m["record"].startswith("base.decl")]
        assert missing["rule"] == "REL-CALL"
        assert missing["owner"]["org"] == "customs"
        assert stamp(datetime.now(UTC)) < missing["deadline"]
        assert missing["ref"] == call["ref"]
    path = f"/api/records/base/portcall/port_call/{call['id']}/actions"
    await town.call("maritime", "POST", f"{path}/maritime.accept", {})
    await town.work()
    assert await town.state(reference) == "assessed"
    await town.call("customs", "POST", f"{path}/customs.accept", {})
    await town.work()
    assert await town.state(reference) == "released"


async def test_a_declaration_that_cites_no_bill_needs_no_manifest(town: Town) -> None:
    reference = town.refs.next("D")
    item = {"sequence": 1, "hs": "84581100", "value": "210000", "currency": "USD", "net_kg": 10400.0}
    body = {"functional_reference": reference, "function_code": "9", "office": "9901", "items": [item]}
    filed = await town.call("trader", "POST", DECLARATION, body, 201)
    assert filed["item"]["state"] == "lodged"
    await town.work()
    assert await town.state(reference) == "released"


async def test_a_late_manifest_line_releases_what_waited_for_it(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    row = await town.declared(reference)
    desk = targeting.desk(town.port)
    await desk.assess(await desk.look(str(row.id)))
    await town.port.act(town.port.service("customs"), service.DECLARATION, row.id, "assess")
    line = {"manifest": f"CARRIER/{voyage.manifest}", "bill": f"H{bill.number}", "master_bill": bill.number}
    filed = await town.call("carrier", "POST", "/api/records/base/manifest/consignment", line, 201)
    assert await town.state(reference) == "assessed"
    await service.release_under(town.port, filed["item"]["id"])
    assert await town.state(reference) == "released"
    assert handlers.CONSIGNMENT + ":filed" in handlers.ManifestCame.on


async def test_another_office_decides_elsewhere(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    reference = await town.declare(voyage, bill, office="9902")
    await town.work()
    assert await town.state(reference) == "lodged"
    traced = await town.trace("trader", reference)
    (missing,) = traced["missing"]
    assert (missing["rule"], missing["owner"]["org"], missing["deadline"]) == ("REL-OFFICE", "9902", None)
    row = await town.declared(reference)
    answer = await town.call("customs", "POST", f"{DECLARATION}/{row.id}/actions/assess", {}, 422)
    assert answer["rule"] == "ASS-OFFICE"
    assert (await town.call("customs", "GET", f"{ASSESSMENTS}?declaration={row.ref}"))["items"] == []


async def test_an_amended_declaration_is_assessed_anew(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    row = await town.declared(reference)
    await town.call("customs", "POST", f"{DECLARATION}/{row.id}/actions/reject", {"note": "no"})
    missing = (await town.trace("trader", reference))["missing"]
    assert [(m["rule"], m["owner"]["org"]) for m in missing] == [("REL-REJECTED", "trader")]
    item = await town.call("trader", "GET", f"{DECLARATION}/{row.id}")
    data = {**item["data"], "items": [{**item["data"]["items"][0], "hs": "93063000"}]}
    await town.call("trader", "PUT", f"{DECLARATION}/{row.id}", data, headers={"If-Match": str(item["version"])})
    await town.work()
    assert await town.state(reference) == "targeted"


async def test_no_automation_undoes_an_officers_rejection(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    row = await town.declared(reference)
    await town.call("customs", "POST", f"{DECLARATION}/{row.id}/actions/reject", {})
    await town.work()
    assert await town.state(reference) == "rejected"


async def test_a_declaration_under_inspection_or_released_is_not_amended(town: Town) -> None:
    bill = town.bill(RISKY)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    item = await town.call("trader", "GET", f"{DECLARATION}/{(await town.declared(reference)).id}")
    answer = await town.call(
        "trader", "PUT", f"{DECLARATION}/{item['id']}", item["data"], 422, headers={"If-Match": str(item["version"])}
    )
    assert answer["rule"] == "DEC-AMENDABLE"


async def test_a_trader_cannot_release_its_own_goods_nor_customs_what_is_unmet(town: Town) -> None:
    bill = town.bill(RISKY)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    row = await town.declared(reference)
    await town.call("trader", "POST", f"{DECLARATION}/{row.id}/actions/release", {}, 403)
    await town.call("customs", "POST", f"{DECLARATION}/{row.id}/actions/inspect", {})
    refused = await town.call("customs", "POST", f"{DECLARATION}/{row.id}/actions/release", {}, 422)
    assert refused["rule"] == "REL-INSPECTED"


async def test_an_undeclared_line_of_a_manifest_says_who_has_to_declare(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    (missing,) = (await town.trace("portoffice", bill.boxes[0].number))["missing"]
    assert (missing["rule"], missing["owner"]["org"], missing["ref"]) == ("REL-DECLARED", "trader", f"bill:{bill.number}")
    await town.declare(voyage, bill)
    await town.work()
    assert (await town.trace("portoffice", bill.boxes[0].number))["missing"] == []


async def test_many_at_once_are_read_together_and_all_released(town: Town) -> None:
    bills = [town.bill(GREEN) for _ in range(10)]
    voyage = town.voyage(*bills)
    await town.manifest(voyage)
    references = [town.refs.next("D") for _ in range(60)]
    now = datetime.now(UTC)
    messages = [wco_declaration(voyage, bills[n % 10], ref, now) for n, ref in enumerate(references)]
    await asyncio.gather(*(town.intake("trader", "wco-dec", message) for message in messages))
    await town.work()
    assert {await town.state(reference) for reference in references} == {"released"}
