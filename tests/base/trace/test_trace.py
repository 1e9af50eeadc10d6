"""The trace on a real database: one chain from any key, for each role what it may see, for strangers nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kouan_sim.calls import fal_port_call
from tests.town import GREEN, RISKY, Town

H = timedelta(hours=1)


async def story(town: Town, goods: Any = GREEN) -> dict[str, str]:
    """A box's whole way: call, manifest, declaration, release, booking, gate. Answers its keys."""
    bill = town.bill(goods)
    voyage = town.voyage(bill)
    manifest = await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    vehicle, box = f"鲁B{town.refs.chance('plate').randrange(10_000, 99_999)}", bill.boxes[0].number
    await town.book(vehicle, [box], "out", -H)
    passage = await town.present("out-1", vehicle, [box])
    row = await town.declared(reference)
    return {
        "container": box, "bill": bill.number, "declaration": reference, "vehicle": vehicle, "passage": passage["passage"]["ref"],
        "manifest": voyage.manifest, "receipt": manifest["receipt"]["id"], "record": str(row.id), "ref": row.ref,
    }  # fmt: skip


def kinds(traced: Any) -> set[str]:
    return {document["record"].rpartition(".")[2] for document in traced["documents"]}


@pytest.mark.parametrize(
    "key", ["container", "bill", "declaration", "vehicle", "passage", "receipt", "record", "ref", "manifest"]
)
async def test_any_key_leads_to_the_whole_chain(town: Town, key: str) -> None:
    keys = await story(town)
    traced = await town.trace("portoffice", keys[key])
    assert {"consignment", "declaration", "booking", "passage"} <= kinds(traced)
    refs = {document["ref"] for document in traced["documents"]}
    assert keys["ref"] in refs
    assert keys["passage"] in refs
    assert [event["at"] for event in traced["events"]] == sorted(event["at"] for event in traced["events"])
    assert {"filed", "assess", "release"} <= {event["kind"] for event in traced["events"]}


async def test_spellings_find_the_same(town: Town) -> None:
    keys = await story(town)
    box = keys["container"]
    whole = await town.trace("portoffice", box)
    for text in (f"container:{box}", box.lower(), f"{box[:4]} {box[4:10]}-{box[10]}"):
        assert (await town.trace("portoffice", text))["documents"] == whole["documents"]
    assert whole["ref"] == f"container:{box}"
    assert whole["card"]["kind"] == "container"
    assert whole["card"]["state"] == {"zh": "已放行", "en": "Released"}


async def test_each_role_sees_its_part_and_strangers_nothing(town: Town) -> None:
    keys = await story(town, RISKY)
    box = keys["container"]
    orgs = ("customs", "border", "terminal", "trader", "carrier", "trucker", "agent")
    seen = {org: kinds(await town.trace(org, box)) for org in orgs}
    assert {"consignment", "declaration", "assessment", "order", "booking", "passage"} <= seen["customs"]
    assert {"declaration", "order", "assessment"} <= seen["border"]
    assert "assessment" not in seen["terminal"] | seen["trader"] | seen["carrier"]
    assert {"declaration", "order"} <= seen["trader"]
    assert "declaration" not in seen["carrier"]
    assert seen["trucker"] == {"booking", "passage"}
    assert seen["agent"] == set()
    stranger = await town.trace("agent", box)
    assert (stranger["documents"], stranger["events"], stranger["missing"]) == ([], [], [])
    unknown = await town.trace("agent", "TSTU0000004")
    assert unknown["ref"] == "container:TSTU0000004"
    assert {**unknown["card"], "title": ""} == {**stranger["card"], "title": ""}


async def test_fields_that_a_party_does_not_see_are_not_in_its_trace(town: Town) -> None:
    keys = await story(town)
    by_terminal = await town.trace("terminal", keys["container"])
    (paper,) = [d for d in by_terminal["documents"] if d["ref"] == keys["ref"]]
    assert "items" not in paper["data"]
    assert "invoice_amount" not in str(by_terminal)
    by_customs = await town.trace("customs", keys["container"])
    (paper,) = [d for d in by_customs["documents"] if d["ref"] == keys["ref"]]
    assert paper["data"]["items"]


async def test_a_ship_is_found_by_number_and_by_name_with_what_its_agencies_owe(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    call = (await town.intake("agent", "imo-fal", fal_port_call(voyage)))["records"][0]
    for key in (f"IMO {voyage.imo}", voyage.imo, voyage.vessel.name.lower(), call["ref"]):
        traced = await town.trace("agent", key)
        assert call["ref"] in {document["ref"] for document in traced["documents"]}
        owed = {(m["owner"]["org"], bool(m["deadline"])) for m in traced["missing"] if m["ref"] == call["ref"]}
        assert owed == {(org, True) for org in ("customs", "border", "maritime", "portoffice", "terminal")}
    path = f"/api/records/base/portcall/port_call/{call['id']}/actions/customs.accept"
    await town.call("customs", "POST", path, {})


async def test_a_persons_document_is_looked_up_by_its_token_and_never_shown(town: Town) -> None:
    number = f"D/CN/{town.refs.next('L')}"
    await town.present("in-1", "鲁B55555", [], driver=number, driver_name="李四")
    for key in (f"person:{number}", number, number.lower()):
        traced = await town.trace("border", key)
        assert kinds(traced) == {"passage"}
        assert number not in str(traced)
        assert traced["ref"].startswith("person:T_")
    found = await town.call("border", "GET", "/api/search", params={"q": number})
    assert found["hits"] == []


async def test_restricted_fields_read_by_a_trace_are_on_the_audit_trail(town: Town) -> None:
    number = f"D/CN/{town.refs.next('L')}"
    answer = await town.present("in-1", "鲁B55556", [], driver=number, driver_name="李四")
    await town.trace("border", answer["passage"]["ref"])
    async with town.port.pool.acquire() as conn:
        seen = await conn.fetchval(
            "select count(*) from audit where action = 'facilities.gate.passage:trace' and ref = $1", answer["passage"]["ref"]
        )
    assert seen == 1


async def test_why_a_truck_was_sent_away(town: Town) -> None:
    bill = town.bill(GREEN)
    await town.manifest(town.voyage(bill))
    vehicle = f"鲁B{town.refs.chance('sent away').randrange(10_000, 99_999)}"
    await town.present("out-1", vehicle, [bill.boxes[0].number])
    missing = (await town.trace("terminal", vehicle))["missing"]
    assert {"GATE-BOOKING", "GATE-RELEASED"} <= {m["rule"] for m in missing}


async def test_search_offers_exact_hits_and_beginnings_of_what_one_may_see(town: Town) -> None:
    keys = await story(town)

    async def hits(org: str, text: str) -> list[str]:
        found = await town.call(org, "GET", "/api/search", params={"q": text})
        return [hit["ref"] for hit in found["hits"]]

    async def offered(org: str, text: str) -> list[str]:
        """Beginnings are looked for no longer than a person types: on a busy machine one asks again."""
        for _ in range(100):
            if found := await hits(org, text):
                return found
            await asyncio.sleep(0.2)
        return []

    assert await hits("trader", keys["declaration"]) == [keys["ref"]]
    assert keys["ref"] in await offered("trader", keys["declaration"][:-1])
    assert f"container:{keys['container']}" in await offered("portoffice", keys["container"][:9].lower())
    assert await hits("agent", keys["declaration"]) == []
    assert await hits("trader", "") == []
    assert await hits("trader", "person:D/CN/1") == []


@pytest.mark.parametrize("role", ["system-admin", "security-admin", "audit-admin"])
async def test_administrators_see_no_business(town: Town, role: str) -> None:
    org = next(account["org"] for account in town.accounts if account["role"] == role)
    client = town.client(org, role)
    assert (await client.post("/api/trace", json={"ref": "MSKU9070323"})).status_code == 403
    assert (await client.get("/api/search?q=MSKU")).status_code == 403


@pytest.mark.parametrize("body", [{}, {"ref": ""}, {"ref": "  "}, {"ref": "a\x00b"}, {"ref": "x" * 201}, {"ref": 3}, [], "x"])
async def test_bodies_of_other_shapes_are_refused(town: Town, body: object) -> None:
    assert (await town.client("trader").post("/api/trace", json=body)).status_code == 422
