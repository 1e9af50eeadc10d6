"""Work lists on a real database: what waits for each role, soonest due first, with one thing to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kouan_sim.calls import fal_port_call
from tests.town import GREEN, RISKY, Town


async def work(town: Town, org: str) -> list[Any]:
    answer = await town.call(org, "GET", "/api/worklist")
    items: list[Any] = answer["items"]
    dues = [item["due"] for item in items if item["due"]]
    assert dues == sorted(dues)
    assert all(item["title"]["zh"] and item["why"]["en"] and item["action"] for item in items)
    return items


async def test_a_port_call_waits_for_five_and_is_answered_from_the_list(town: Town) -> None:
    call = (await town.intake("agent", "imo-fal", fal_port_call(town.voyage(town.bill(GREEN)))))["records"][0]
    for org in ("customs", "border", "maritime", "portoffice", "terminal"):
        (item,) = [one for one in await work(town, org) if one["ref"] == call["ref"]]
        assert item["due"]
        await town.call(org, "POST", item["action"]["post"]["url"], item["action"]["post"]["body"])
        assert call["ref"] not in {one["ref"] for one in await work(town, org)}
    item = await town.call("agent", "GET", f"/api/records/base/portcall/port_call/{call['id']}")
    assert item["state"] == "accepted"


async def test_a_visit_waits_for_its_agencies_and_the_terminal(town: Town) -> None:
    bill = town.bill(RISKY)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    order = await town.order_of(reference)
    for org in ("customs", "border", "maritime"):
        (item,) = [one for one in await work(town, org) if one["ref"] == order["ref"]]
        assert item["action"]["href"] == f"/supervision/inspection/{order['id']}"
    (move,) = [one for one in await work(town, "terminal") if one["ref"] == order["ref"]]
    moved = await town.call("terminal", "POST", move["action"]["post"]["url"], move["action"]["post"]["body"])
    assert moved["data"]["moved_at"]
    assert order["ref"] not in {one["ref"] for one in await work(town, "terminal")}
    assert not [one for one in await work(town, "trader") if one["record"] == "supervision.inspection.order"]


async def test_a_rejected_declaration_comes_back_to_its_declarant(town: Town) -> None:
    bill = town.bill(GREEN)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    row = await town.declared(reference)
    await town.call("customs", "POST", f"/api/records/base/declaration/declaration/{row.id}/actions/reject", {})
    (item,) = [one for one in await work(town, "trader") if one["id"] == str(row.id)]
    assert item["action"]["href"] == f"/records/base/declaration/declaration/{row.id}/edit"
    assert str(row.id) not in {one["id"] for one in await work(town, "agent")}


async def test_what_was_not_accepted_waits_in_quarantine_for_its_sender_alone(town: Town) -> None:
    answer = await town.client("carrier").post("/api/intake/edifact", content=b"UNB+rubbish")
    assert answer.status_code == 422
    assert any("edifact" in item["title"]["en"] for item in await work(town, "carrier"))
    assert not any("edifact" in item["title"]["en"] for item in await work(town, "trader"))


async def test_a_truckers_appointments_of_the_next_hours(town: Town) -> None:
    await town.book("鲁B77777", [], "in", timedelta(hours=1))
    await town.book("鲁B77778", [], "in", timedelta(hours=30))
    items = [one for one in await work(town, "trucker") if one["record"] == "services.booking.booking"]
    assert items
    assert not any("鲁B77778" in str(one) for one in items)


async def test_who_has_nothing_to_do_is_offered_one_thing_to_file(town: Town) -> None:
    client = town.client("transport")
    assert (await client.get("/api/worklist")).json() == {"items": [], "count": 0}
    viewer = (await town.client("agent", "viewer").get("/api/worklist")).json()
    assert viewer["count"] == 0


@pytest.mark.parametrize("role", ["system-admin", "security-admin", "audit-admin"])
async def test_administrators_have_a_list_of_their_own(town: Town, role: str) -> None:
    org = next(account["org"] for account in town.accounts if account["role"] == role)
    answer = await town.client(org, role).get("/api/worklist")
    assert answer.status_code == 200
    assert all(item["record"] == "" for item in answer.json()["items"])
    for item in answer.json()["items"]:
        assert item["action"]["href"] == ("/base/identity/audit" if "denied" in item["title"]["en"] else "/health")


async def test_viewers_open_pages_and_are_offered_no_calls(town: Town) -> None:
    await town.intake("agent", "imo-fal", fal_port_call(town.voyage(town.bill(GREEN))))
    items = (await town.client("customs", "viewer").get("/api/worklist")).json()["items"]
    assert items
    assert all(item["action"]["post"] is None for item in items)
