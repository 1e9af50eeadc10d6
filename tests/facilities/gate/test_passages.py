"""Vehicles at the gate on a real database: open, divert, refuse, by the rule set of their business."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from kouan.kernel.database import scope
from kouan.kernel.principal import PLATFORM
from tests.town import GREEN, RISKY, Town

H = timedelta(hours=1)


async def box_of(town: Town, goods: Any = GREEN) -> tuple[str, str]:
    """A box of declared goods, cleared as far as it goes, and its declaration."""
    bill = town.bill(goods)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    reference = await town.declare(voyage, bill)
    await town.work()
    return bill.boxes[0].number, reference


def plate(town: Town) -> str:
    return f"鲁B{town.refs.chance('plates' + town.refs.next('n')).randrange(10_000, 99_999)}"


def unmet(answer: Any) -> set[str]:
    return {reason["rule"] for reason in answer["reasons"] if not reason["met"]}


async def test_released_and_booked_goods_leave(town: Town) -> None:
    box, _ = await box_of(town)
    vehicle = plate(town)
    await town.book(vehicle, [box], "out", -H)
    answer = await town.present("out-1", vehicle, [box], gross_kg=31_000)
    assert answer["decision"] == "open"
    assert unmet(answer) == set()
    assert all(reason["reason"]["zh"] and reason["reason"]["en"] for reason in answer["reasons"])
    again = await town.present("out-1", vehicle, [box])
    assert (again["decision"], unmet(again)) == ("open", {"GATE-ONCE"})


async def test_too_early_waits_aside_and_unbooked_is_refused(town: Town) -> None:
    box, _ = await box_of(town)
    vehicle = plate(town)
    refused = await town.present("out-1", vehicle, [box])
    assert (refused["decision"], unmet(refused)) == ("refuse", {"GATE-BOOKING"})
    await town.book(vehicle, [box], "out", 5 * H)
    early = await town.present("out-1", vehicle, [box])
    assert (early["decision"], early["to"], unmet(early)) == ("divert", "place:CNWHH/WAITING", {"GATE-WINDOW"})
    far_off = await town.present("out-1", vehicle, [box], at="2030-01-01T00:00:00Z")
    assert (far_off["decision"], unmet(far_off)) == ("refuse", {"GATE-BOOKING"})


async def test_targeted_goods_stay_until_the_visit_releases_them(town: Town) -> None:
    box, reference = await box_of(town, RISKY)
    vehicle = plate(town)
    await town.book(vehicle, [box], "out", -H)
    answer = await town.present("out-1", vehicle, [box])
    assert (answer["decision"], unmet(answer)) == ("refuse", {"GATE-RELEASED"})
    (why,) = [reason for reason in answer["reasons"] if reason["rule"] == "GATE-RELEASED"]
    assert box in why["reason"]["en"]
    assert why["owner"] == "customs"
    order = await town.order_of(reference)
    findings = [{"agency": agency, "outcome": "release"} for agency in order["data"]["agencies"]]
    await town.call("customs", "POST", f"/api/inspections/{order['id']}/findings", {"findings": findings})
    await town.work()
    assert (await town.present("out-1", vehicle, [box]))["decision"] == "open"


async def test_a_box_on_a_manifest_that_nobody_declared_stays(town: Town) -> None:
    bill = town.bill(GREEN)
    await town.manifest(town.voyage(bill))
    vehicle, box = plate(town), bill.boxes[0].number
    await town.book(vehicle, [box], "out", -H)
    assert unmet(await town.present("out-1", vehicle, [box])) == {"GATE-RELEASED"}


async def test_a_box_on_a_declaration_alone_stays_until_that_is_released(town: Town) -> None:
    box, vehicle, reference = town.bill(GREEN).boxes[0].number, plate(town), town.refs.next("D")
    item = {"sequence": 1, "hs": "93063000", "value": "210000", "currency": "USD", "net_kg": 10400.0}
    body = {"functional_reference": reference, "function_code": "9", "office": "9901", "containers": [box], "items": [item]}
    await town.call("trader", "POST", "/api/records/base/declaration/declaration", body, 201)
    await town.work()
    assert await town.state(reference) == "targeted"
    await town.book(vehicle, [box], "out", -H)
    assert unmet(await town.present("out-1", vehicle, [box])) == {"GATE-RELEASED"}


async def test_one_lane_judges_each_business_by_its_own_rules(town: Town) -> None:
    empty = await town.present("in-1", plate(town), [])
    assert (empty["decision"], empty["business"]) == ("open", "empty")
    assert {reason["rule"] for reason in empty["reasons"]} == {"GATE-LANE", "GATE-PLATE"}
    bonded, box = plate(town), town.bill(GREEN).boxes[0].number
    await town.book(bonded, [box], "in", -H, business="bonded")
    unsealed = await town.present("in-1", bonded, [box])
    assert (unsealed["decision"], unsealed["business"], unmet(unsealed)) == ("refuse", "bonded", {"GATE-SEAL"})
    assert (await town.present("in-1", bonded, [box], seals=["S1"]))["decision"] == "open"
    coach = plate(town)
    await town.book(coach, [], "in", -H, business="coach")
    passed = await town.present("in-1", coach, [])
    assert (passed["decision"], passed["business"]) == ("open", "coach")
    assert "GATE-COACH" in {reason["rule"] for reason in passed["reasons"]}
    assert {"GATE-COACH", "GATE-BOOKING"} <= unmet(await town.present("in-1", coach, [box]))


async def test_whatever_the_decision_the_passage_is_kept_and_its_trucker_sees_it(town: Town) -> None:
    box, _ = await box_of(town)
    vehicle = plate(town)
    stranger = await town.present("out-1", vehicle, [box], driver="D/CN/123456", driver_name="张三", gross_kg=60_000)
    await town.book(vehicle, [box], "out", -H)
    known = await town.present("out-1", vehicle, [box], driver="D/CN/123456", driver_name="张三", seals=["S"])
    path = "/api/records/facilities/gate/passage"
    kept = await town.call("customs", "GET", f"{path}/{stranger['passage']['id']}")
    assert (kept["data"]["decision"], kept["data"]["gross_kg"]) == ("refuse", 60_000)
    await town.call("trucker", "GET", f"{path}/{stranger['passage']['id']}", status=404)
    mine = await town.call("trucker", "GET", f"{path}/{known['passage']['id']}")
    assert mine["data"]["decision"] == "open"
    assert not {"driver", "driver_name", "seals"} & set(mine["data"])
    assert kept["data"]["driver"].startswith("person:T_")
    lanes = (await town.call("trucker", "GET", "/api/gates"))["lanes"]
    assert [lane["code"] for lane in lanes] == ["in-1", "out-1"]
    assert lanes[1]["passages"][0]["id"] == known["passage"]["id"]


async def test_the_same_key_answers_the_same_passage_and_another_body_is_refused(town: Town) -> None:
    key, vehicle = town.refs.next("KEY"), plate(town)
    body = {"vehicle": vehicle, "direction": "in"}
    client = town.client("terminal")
    one, two = [
        await client.post("/api/gates/in-1/passages", json=body, headers={"Idempotency-Key": key}) for _ in range(2)
    ]
    assert one.status_code == two.status_code == 201
    assert one.json() == two.json()
    other = await client.post(
        "/api/gates/in-1/passages", json={**body, "direction": "out"}, headers={"Idempotency-Key": key}
    )
    assert other.status_code == 409


async def test_unknown_lanes_and_others_cameras_are_refused(town: Town) -> None:
    body = {"vehicle": "鲁B12345", "direction": "in"}
    answer = await town.call("terminal", "POST", "/api/gates/west-9/passages", body, 404)
    assert answer["lanes"] == ["in-1", "out-1"]
    assert "in-1" in answer["reason"]["zh"]
    await town.call("trucker", "POST", "/api/gates/in-1/passages", body, 403)
    assert (await town.call("terminal", "POST", "/api/gates/IN-1/passages", body, 201))["lane"] == "in-1"


async def test_a_misread_number_is_diverted_with_the_likely_one(town: Town) -> None:
    answer = await town.present("in-1", "鲁BO2345", [])
    assert (answer["decision"], answer["to"]) == ("divert", "place:CNWHH/WAITING")
    wrong = await town.present("in-1", plate(town), ["MSKU9070324"])
    (digit,) = [reason for reason in wrong["reasons"] if reason["rule"] == "GATE-CONTAINER"]
    assert not digit["met"]
    assert "可能是" in digit["reason"]["zh"]


async def test_a_late_report_is_kept_and_says_so(town: Town) -> None:
    answer = await town.present("in-1", plate(town), [], at="2026-01-01T08:00:00+08:00")
    kept = await town.call("terminal", "GET", f"/api/records/facilities/gate/passage/{answer['passage']['id']}")
    assert [warning["rule"] for warning in kept["warnings"]] == ["PSG-TIME"]
    (event,) = (await town.trace("terminal", kept["ref"]))["events"]
    assert event["at"].startswith("2026-01-01T00:00:00")
    assert event["late"]


async def test_a_hold_is_never_overtaken_by_an_open_gate(town: Town) -> None:
    box, reference = await box_of(town)
    vehicle = plate(town)
    await town.book(vehicle, [box], "out", -H)
    row = await town.declared(reference)
    hold = town.call("customs", "POST", f"/api/records/base/declaration/declaration/{row.id}/actions/hold", {})
    passages = [town.present("out-1", vehicle, [box]) for _ in range(12)]
    _, *answers = await asyncio.gather(hold, *passages)
    ids = [row.id, *(UUID(answer["passage"]["id"]) for answer in answers)]
    async with scope(town.port.pool, (0, PLATFORM.org)) as conn:
        told = await conn.fetch("select record_id, topic from event where record_id = any($1) order by seq", ids)
    since = [one["topic"].endswith(":hold") for one in told].index(True)
    later = {str(one["record_id"]) for one in told[since + 1 :]}
    # Judged and written in one transaction that holds the declaration's lock: no gate opens after the hold.
    assert {answer["decision"] for answer in answers if answer["passage"]["id"] in later} <= {"refuse"}
    assert (await town.present("out-1", vehicle, [box]))["decision"] == "refuse"
