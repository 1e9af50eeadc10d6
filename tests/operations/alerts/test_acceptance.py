"""Early warning on the running platform: what a port officer does and sees (HS/T 82 8.1.5, 8.4.1)."""

from __future__ import annotations

import random
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from kouan_sim.identifiers import containers, plate
from tests.operations.alerts.conftest import PLACE, Staff

BACKLOG, CLONED = "operations.alerts.backlog", "operations.alerts.cloned_plate"


def moment(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


@pytest.mark.clause("H8.1.5d")
def test_a_plate_on_another_type_of_vehicle_is_alarmed_at_the_gate(staff: Staff) -> None:
    number = plate(random.Random(secrets.randbits(64)))

    def passage(kind: str, **ago: float) -> None:
        told = {"vehicle": number, "vehicle_type": kind, "direction": "in", "at": moment(**ago)}
        staff.ask("terminal", "POST", "/api/gates/in-1/passages", 201, json=told)

    def alarms() -> list[dict[str, Any]]:
        return [one for one in staff.warnings(CLONED) if f"vehicle:{number}" in one["data"]["subjects"]]

    passage("tractor", hours=3)
    passage("tractor", hours=2)
    passage("bus", seconds=1)
    found = staff.seen(alarms)
    assert len(found) == 1
    data = found[0]["data"]
    assert (data["severity"], data["owner"], data["clause"]) == ("serious", "org:terminal", "HS/T 82 8.1.5 d)")
    assert (number in data["message"]["zh"], "客车" in data["message"]["zh"], "a bus" in data["message"]["en"]) == (
        True,
        True,
        True,
    )
    assert [one["type"] for one in data["evidence"]["passages"]] == ["bus", "tractor", "tractor"]
    # The owner and the agencies told see it; a trader does not.
    for org in ("terminal", "customs", "border", "portoffice"):
        assert staff.ask(org, "GET", f"/api/warnings/{found[0]['id']}")["item"]["id"] == found[0]["id"]
    staff.ask("trader", "GET", f"/api/warnings/{found[0]['id']}", 404)


@pytest.mark.clause("H8.1.5e")
@pytest.mark.clause("H8.1.5g")
def test_tripwires_warn_one_way_and_the_event_is_handled_to_its_end(staff: Staff) -> None:
    lat = 35.0 + secrets.randbelow(8000) / 10_000
    lines = []
    for n, lon in enumerate((122.10, 122.12)):
        outline = {"type": "LineString", "coordinates": [[lon, lat - 0.01], [lon, lat + 0.01]]}
        told = {"code": f"CNWHH/line/{staff.run}-{n}", "kind": "tripwire", "name_zh": f"警戒线{n}", "name_en": f"Line {n}",
                "direction": "to_left",
                "geometry": outline}  # fmt: skip
        lines.append(staff.ask("portoffice", "POST", PLACE, 201, json=told)["item"]["ref"])
    # Both lines run north: from east to west a ship crosses to their left.
    rules = [
        staff.rule(
            f"wire-{n}",
            signal="position",
            kinds=["ship"],
            condition={"crosses": line, "direction": "to_left"},
            place=line,
            respond_s=10,
        )
        for n, line in enumerate(lines)
    ]
    names = [f"rule:{one['data']['code']}" for one in rules]
    outward, inward = 413_000_000 + secrets.randbelow(400_000), 413_500_000 + secrets.randbelow(400_000)
    staff.sail(outward, (122.09, lat), (122.11, lat), (122.13, lat))
    staff.sail(inward, (122.13, lat), (122.11, lat), (122.09, lat))
    found = [staff.seen(partial(staff.warnings, name)) for name in names]
    for line, items in zip(lines, found, strict=True):
        assert [one["data"]["subjects"] for one in items] == [[f"vessel:mmsi:{inward}", line]]
        assert items[0]["data"]["place"] == line
        assert items[0]["data"]["evidence"]["explanation"]["conditions"][0]["met"] is True
    _handled(staff, found[0][0])
    for rule in rules:
        staff.retire(rule)


def _handled(staff: Staff, item: dict[str, Any]) -> None:
    """Nobody answers in time, so that it rises a level and goes on to the port office; then it is acted upon and closed."""
    door = f"/api/warnings/{item['id']}"
    risen = staff.seen(lambda: (one := staff.ask("portoffice", "GET", door))["item"]["data"]["escalated"] and one)
    data = risen["item"]["data"]
    assert (item["data"]["severity"], data["raised_as"], data["severity"], data["owner"]) == (
        "warning",
        "warning",
        "serious",
        "org:portoffice",
    )
    assert "org:customs" in data["orgs"]  # its first owner goes on to see it
    staff.ask("portoffice", "POST", f"{door}/acknowledge", json={"reason": "值班员已看到"})
    assert staff.ask("portoffice", "POST", f"{door}/close", 422, json={})["rule"] == "close"
    staff.ask("portoffice", "POST", f"{door}/act", json={"reason": "派巡逻艇查看"})
    staff.ask("portoffice", "POST", f"{door}/escalate", 409, json={"reason": "x"})
    staff.ask("portoffice", "POST", f"{door}/close", json={"reason": "已驱离"})
    seen = staff.ask("portoffice", "GET", door)
    steps = [
        (one["action"], one["state"], one["org"], one["text"])
        for one in seen["steps"]
        if one["action"] not in ("clear", "again")
    ]
    risings = [one for one in steps if one[0] == "raise"]
    assert steps[0][:3] == ("filed", "open", "kouan")
    assert risings
    assert risings[0][1:3] == ("open", "kouan")
    assert steps[-3:] == [
        ("acknowledge", "acknowledged", "portoffice", "值班员已看到"), ("act", "acted", "portoffice", "派巡逻艇查看"),
        ("close", "closed", "portoffice", "已驱离"),
    ]  # fmt: skip
    times = [one["at"] for one in seen["steps"]]
    assert times == sorted(times)
    assert seen["item"]["data"]["verdict"] == "true"
    rule = item["data"]["alert"].removeprefix("rule:")
    weeks = staff.ask("portoffice", "GET", "/api/warnings/precision", params={"rule": rule})["weeks"]
    assert [(one["genuine"], one["wrong"], one["precision"]) for one in weeks] == [(1, 0, 1.0)]
    message = staff.ask("portoffice", "GET", f"{door}.cap")
    assert "<msgType>Cancel</msgType>" in message.text


@pytest.mark.clause("H8.1.5f")
def test_a_yard_that_nothing_leaves_warns_with_the_hours_until_it_is_full(staff: Staff) -> None:
    boxes = containers("".join(random.choices("ABCDEFGHJKLMNPRSTVWXYZ", k=3)), secrets.randbelow(900_000))

    def moves(activity: str, some: list[str], since: float) -> None:
        told = [
            {"equipment": box, "activity": activity, "at": moment(minutes=since - n * since / (2 * len(some)))}
            for n, box in enumerate(some)
        ]
        answer = staff.ask("terminal", "POST", "/api/intake/json?record=base.movement.move", json=told)
        assert len(answer["accepted"]) == len(some), answer["refused"]

    def stock() -> int:
        return int(sum(one["boxes"] for one in staff.ask("terminal", "GET", "/api/yard")["blocks"]))

    before = stock()
    some = [next(boxes) for _ in range(120)]
    staff.set(BACKLOG, capacity=before + 400, line=100, horizon_h=6, flow_h=1, least=40, area_capacity=100_000)
    known = {one["id"] for one in staff.warnings(BACKLOG, "terminal")}
    # As many leave as come: nothing to warn of.
    moves("gate-in", some[:40], 50)
    moves("gate-out", some[:40], 20)
    staff.seen(lambda: stock() <= before + 20)
    # Nothing leaves any more.
    moves("gate-in", some[40:], 40)
    item = staff.seen(
        lambda: next((one for one in staff.warnings(BACKLOG, "terminal") if one["id"] not in known), None)
    )
    data = item["data"]
    hours = data["evidence"]["hours_to_full"]
    assert data["evidence"]["came"] - data["evidence"]["went"] >= 60
    left = before + 400 - data["evidence"]["stock"]
    assert hours == pytest.approx(left / (data["evidence"]["came"] - data["evidence"]["went"]), abs=0.01)
    assert (data["value"], data["threshold"], data["owner"]) == (hours, 6.0, "org:terminal")
    assert f"{hours:.1f}" in data["message"]["zh"]
    assert f"{hours:.1f} h" in data["message"]["en"]
    moves("gate-out", some[40:], 1)
    staff.set(BACKLOG)


@pytest.mark.clause("H8.4.1c")
def test_a_typhoon_and_a_health_notice_are_shown_with_what_they_affect(staff: Staff) -> None:
    mmsi = 414_000_000 + secrets.randbelow(900_000)
    staff.sail(mmsi, (121.601, 36.056))
    for name in ("cap-typhoon.xml", "cap-health.xml"):
        body = staff.ask("portoffice", "GET", f"/api/samples/{name}").text
        staff.ask(
            "portoffice", "POST", "/api/intake/cap", 201, content=body.replace("-SAMPLE-1", f"-{staff.run}").encode()
        )

    def told() -> dict[str, Any]:
        shown = staff.ask("maritime", "GET", "/api/hazards", params={"bbox": "121.5,35.9,121.8,36.1"})
        return {one["properties"]["kind"]: one for one in shown["features"] if staff.run.upper() in one["properties"]["ref"]}

    def reached() -> bool:
        ships = [{ship["ref"] for ship in one["properties"]["affected"]["ships"]} for one in told().values()]
        return len(ships) == 2 and all(f"vessel:mmsi:{mmsi}" in one for one in ships)

    staff.seen(reached)
    mine = told()
    assert sorted(mine) == ["health", "natural"]
    typhoon, health = mine["natural"]["properties"], mine["health"]["properties"]
    assert typhoon["track"]["coordinates"][0] == [122.6, 34.8]
    assert mine["natural"]["geometry"]["type"] in ("Polygon", "MultiPolygon")
    berths = {one["ref"] for one in health["affected"]["places"]}
    assert {"place:CNWHH/BERTH/B1", "place:CNWHH/QUAY/1"} <= berths
    assert "place:CNWHH/ANCHORAGE/1" not in berths
    assert "place:CNWHH/ANCHORAGE/1" in {one["ref"] for one in typhoon["affected"]["places"]}
    for found in (typhoon, health):
        assert f"vessel:mmsi:{mmsi}" in {one["ref"] for one in found["affected"]["ships"]}
    # A message of its sender cancels it, and it is on no map any more.
    cancel = body.replace("-SAMPLE-1", f"-{staff.run}-2").replace("<msgType>Alert", "<msgType>Cancel").replace(
        "<scope>Public</scope>", "<scope>Public</scope><references>health@wanghai.example,"
        f"WH-HEALTH-{staff.run},2026-11-22T09:00:00+08:00</references>")  # fmt: skip
    staff.ask("portoffice", "POST", "/api/intake/cap", 201, content=cancel.encode())

    def gone() -> bool:
        refs = [one["properties"]["ref"] for one in staff.ask("maritime", "GET", "/api/hazards")["features"]]
        return not any(f"WH-HEALTH-{staff.run.upper()}" in ref for ref in refs)

    staff.seen(gone)


@pytest.mark.clause("H8.1.5a")
def test_a_passenger_peak_fires_once_with_its_trend_and_clears_with_hysteresis(staff: Staff) -> None:
    hall = f"hall-{staff.run}"
    condition = {"field": "value", "op": ">", "value": 300, "clear": 270}
    rule = staff.rule(
        "peak", signal="reading", metric="head_count", devices=[hall], condition=condition, clears_after_s=2
    )

    staff.ask(
        "terminal",
        "POST",
        "/api/records/facilities/telemetry/setting",
        201,
        json={"device": hall, "metric": "head_count"},
    )

    def count(*heads: int) -> bool:
        told = [
            {"device": hall, "metric": "head_count", "at": moment(seconds=(len(heads) - n) * 0.01), "value": value}
            for n, value in enumerate(heads)
        ]
        return bool(staff.ask("terminal", "POST", "/api/intake/readings", json=told)["accepted"] == len(heads))

    def alarms() -> list[dict[str, Any]]:
        return staff.warnings(f"rule:{rule['data']['code']}")

    staff.seen(lambda: count(120, 180, 240, 290))
    assert count(320, 340, 360)
    found = staff.seen(alarms)
    assert count(310, 290, 280)  # below the line, but not below the line at which it clears
    data = found[0]["data"]
    assert (len(found), data["value"], data["threshold"]) == (1, 320, 300)
    trend = data["evidence"]["trend"]
    assert trend["per_min"] > 0
    assert [value for _, value in trend["samples"]][-4:] == [290, 320, 340, 360]
    assert staff.seen(alarms)[0]["data"].get("until") is None
    staff.seen(lambda: count(200) and alarms()[0]["data"].get("until"))
    assert len(alarms()) == 1
    staff.retire(rule)
