"""The berth plan on the running platform: no two ships at one berth, and a plan that follows ship and order."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest

from tests.operations.berth.conftest import CALL, MOVEMENT, ORDER, Ship

Ships = Callable[[], Ship]
SECONDS = 15.0
"""Within which an order has to have reached terminal and agent; about one on an idle machine."""


def stands(state: str, plan: dict[str, Any]) -> bool:
    return bool(plan["state"] == state)


@pytest.mark.clause("H9.1.4e")
def test_class_3_cargo_is_seen_by_maritime_and_its_order_changes_the_berth_plan(ship: Ships) -> None:
    one = ship().declare()
    seen = one.ask("maritime", "GET", f"{CALL}/{one.call['id']}")["data"]
    assert [(g["un_number"], g["imdg_class"]) for g in seen["dangerous"]] == [("1203", "3")]
    assert "cargo_summary" not in seen  # the maritime administration sees its own part
    before = one.plan("B1")["item"]["data"]
    started = time.monotonic()
    order = one.order("berth", berths=["place:CNWHH/BERTH/B4"])["item"]
    for party in ("terminal", "agent"):
        plan = one.seen(party, lambda p: p["data"]["berth"] == "place:CNWHH/BERTH/B4")
        note = plan["data"]["notes"][-1]
        assert (note["because"], note["berth_before"]) == (order["ref"], "place:CNWHH/BERTH/B1")
        assert "第3类易燃液体" in note["zh"]
        assert "Class 3 flammable liquids" in note["en"]
    assert time.monotonic() - started < SECONDS
    assert plan["data"]["planned_from"] == before["planned_from"]
    told = one.ask("agent", "GET", f"{ORDER}/{order['id']}")
    assert (told["data"]["effect"], told["tracks"]["plan"]["state"]) == ("replanned", "applied")
    for party in ("terminal", "agent"):
        told = one.ask(party, "POST", f"{ORDER}/{order['id']}/actions/{party}.acknowledge", json={})
    assert told["tracks"]["agent"]["state"] == "noted"
    # The order binds: the terminal cannot take the ship back.
    wrong = one.ask("terminal", "POST", f"/api/records/operations/berth/plan/{plan['id']}/actions/move", 422,
                    json={"data": {"berth": "place:CNWHH/BERTH/B1"}})  # fmt: skip
    assert (wrong["rule"], wrong["field"]) == ("MAR-ORDER", "berth")
    assert order["data"]["reason_zh"] in wrong["reason"]["zh"]
    # An anomaly that the maritime administration reports returns to the port.
    report = {"call": one.call["ref"], "activity": "anomaly", "at": one.eta.isoformat(), "remark": "list of 4 degrees"}
    one.ask("maritime", "POST", MOVEMENT, 201, json=report)
    flagged = one.seen("terminal", lambda p: p["tracks"]["attention"]["state"] == "flagged")
    assert "list of 4 degrees" in flagged["data"]["notes"][-1]["en"]


def test_a_stop_halts_the_plan_until_it_is_lifted(ship: Ships) -> None:
    one = ship().declare()
    one.plan("B2")
    order = one.order("stop")["item"]
    one.seen("terminal", lambda p: p["state"] == "halted")
    assert one.plan("B3", turn=2, status=422)["rule"] == "MAR-ORDER"
    one.ask("maritime", "POST", f"{ORDER}/{order['id']}/actions/lift", json={})
    one.seen("agent", lambda p: p["state"] == "planned")


def test_a_window_moves_the_stay_and_one_that_no_slot_meets_is_flagged(ship: Ships) -> None:
    one = ship().declare()
    one.plan("B2")
    later = one.eta + timedelta(hours=20)
    one.order("window", not_before=later.isoformat())
    plan = one.seen("terminal", lambda p: datetime.fromisoformat(p["data"]["planned_from"]) >= later)
    assert plan["data"]["berth"] == "place:CNWHH/BERTH/B2"
    order = one.order("berth", not_berths=[f"place:CNWHH/BERTH/B{n}" for n in range(1, 5)])["item"]
    plan = one.seen("agent", lambda p: p["tracks"]["attention"]["state"] == "flagged")
    assert plan["data"]["notes"][-1]["because"] == order["ref"]


def test_two_ships_never_hold_one_berth_and_the_refusal_leads_to_another(ship: Ships) -> None:
    one, two = ship().declare(), ship()
    two.eta = one.eta
    two.declare()
    one.plan("B1")
    refused = two.plan("B1", after=9, status=422)
    assert (refused["rule"], refused["field"]) == ("BERTH-FREE", "berth")
    assert two.plan("B1", after=11.25, status=422)["rule"] == "BERTH-FREE"  # within the safety gap
    begin = two.eta + timedelta(hours=9)
    asked = {"call": two.call["ref"], "begin": begin.isoformat(), "end": (begin + timedelta(hours=10)).isoformat()}
    slots = two.ask("terminal", "GET", "/api/berths/alternatives", params=asked)["slots"]
    assert slots[0]["berth"] != "place:CNWHH/BERTH/B1"
    again = next(s for s in slots if s["berth"] == "place:CNWHH/BERTH/B1")
    assert datetime.fromisoformat(again["begin"]) == one.eta + timedelta(hours=11.5)
    two.plan(slots[0]["berth"][-2:], after=9)


def test_many_at_once_get_the_berth_once(ship: Ships) -> None:
    ships = [ship() for _ in range(6)]
    for other in ships:
        other.eta = ships[0].eta
        other.declare()

    def plan(one: Ship) -> int:
        with one.platform.client("terminal") as client:
            data = {"call": one.call["ref"], "berth": "place:CNWHH/BERTH/B3", "planned_from": one.eta.isoformat(),
                    "planned_to": (one.eta + timedelta(hours=5)).isoformat()}  # fmt: skip
            return client.post("/api/records/operations/berth/plan", json=data).status_code

    with ThreadPoolExecutor(6) as crowd:
        answers = sorted(crowd.map(plan, ships))
    assert answers[0] == 201
    assert set(answers[1:]) <= {409, 422}


def test_the_database_itself_keeps_two_ships_off_one_berth(ship: Ships) -> None:
    one, two = ship().declare(), ship()
    two.eta = one.eta
    two.declare()
    one.plan("B1")
    moved = two.plan("B2")["item"]["id"]

    async def past_the_rules() -> None:
        socket = json.loads((one.platform.home / "run" / "ports.json").read_text())["database_socket"]
        conn = await asyncpg.connect(host=socket, user="kouan_app", database="kouan")
        try:
            await conn.execute("select set_config('app.orgs', '0,1', false)")
            await conn.execute("update r_operations_berth_plan set f_berth = 'place:CNWHH/BERTH/B1' where id = $1::uuid", moved)
        finally:
            await conn.close()

    with pytest.raises(asyncpg.ExclusionViolationError, match="berth_held_once"):
        asyncio.run(past_the_rules())


def test_the_plan_follows_the_ship(ship: Ships) -> None:
    one = ship().declare()
    one.plan("B2")
    late = one.eta + timedelta(hours=30)
    kept = one.call["data"] | {"eta": late.isoformat()}
    one.ask("agent", "PUT", f"{CALL}/{one.call['id']}", json=kept, headers={"If-Match": "1"})
    plan = one.seen("terminal", lambda p: datetime.fromisoformat(p["data"]["planned_from"]) == late)
    assert plan["data"]["notes"][-1]["because"] == one.call["ref"]
    for activity, state in (("arrived", "arrived"), ("alongside", "alongside"), ("departed", "departed")):
        report = {"call": one.call["ref"], "activity": activity, "at": late.isoformat()}
        one.ask("terminal", "POST", MOVEMENT, 201, json=report)
        one.seen("maritime", partial(stands, state))
    span = {"begin": one.eta.isoformat(), "end": (one.eta + timedelta(days=9)).isoformat()}
    chart = one.ask("terminal", "GET", "/api/berths/chart", params=span)
    assert [p["ref"] for p in chart["plans"]] == [plan["ref"]]
    assert len(chart["berths"]) >= 4
