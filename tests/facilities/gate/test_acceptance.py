"""The mixed-release smart gate on the running platform: one lane, each business by its own rule set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Running
from tests.shipment import Shipment

BOOKING = "/api/records/services/booking/booking"


def rules(answer: Any, *, met: bool | None = None) -> set[str]:
    return {reason["rule"] for reason in answer["reasons"] if met is None or reason["met"] == met}


@pytest.mark.clause("H6.3-1")
def test_one_lane_judges_an_empty_truck_a_bonded_truck_and_a_coach_by_their_own_rules(platform: Running) -> None:
    shipment = Shipment(platform)
    empty, bonded, coach = shipment.plate(), shipment.plate(), shipment.plate()
    shipment.book(bonded, [shipment.box], "in", business="bonded")
    shipment.book(coach, [], "in", business="coach")
    answers = {
        "empty": shipment.present("in-1", empty, []),
        "bonded": shipment.present("in-1", bonded, [shipment.box]),
        "coach": shipment.present("in-1", coach, []),
    }
    assert {name: answer["business"] for name, answer in answers.items()} == {name: name for name in answers}
    assert rules(answers["empty"]) < rules(answers["coach"])
    assert "GATE-SEAL" in rules(answers["bonded"], met=False)
    assert [answer["decision"] for answer in answers.values()] == ["open", "refuse", "open"]
    assert shipment.present("in-1", bonded, [shipment.box], seals=["WH1"])["decision"] == "open"
    for answer in answers.values():
        path = f"/api/records/facilities/gate/passage/{answer['passage']['id']}"
        kept = shipment.call("terminal", "GET", path)["data"]
        assert kept["decision"] == answer["decision"]
        assert {said["rule"] for said in kept["judgements"]} == rules(answer)
        assert all(said["zh"] and said["en"] for said in kept["judgements"])


def test_a_truck_is_let_in_diverted_or_refused(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    vehicle = shipment.plate()
    assert shipment.present("out-1", vehicle, [shipment.box])["decision"] == "refuse"
    shipment.becomes("released")
    shipment.book(vehicle, [shipment.box], "out")
    assert shipment.present("out-1", vehicle, [shipment.box])["decision"] == "open"
    early = shipment.plate()
    shipment.book(early, [shipment.box], "out", opens="2099-01-01T00:00:00Z", closes="2099-01-01T02:00:00Z")
    assert shipment.present("out-1", early, [shipment.box], at="2098-12-31T20:00:00Z")["decision"] == "divert"


@pytest.mark.clause("H6.3-1")
def test_dangerous_goods_staff_and_officers_pass_the_same_lane_by_rule_sets_of_their_own(platform: Running) -> None:
    shipment = Shipment(platform)
    tanker, staff, officers = shipment.plate(), shipment.plate(), shipment.plate()
    told = {"equipment": shipment.box, "activity": "gate-out", "at": datetime.now(UTC).isoformat(), "dangerous": ["1203"]}
    assert shipment.call("terminal", "POST", "/api/records/base/movement/move", 201, json=told)
    shipment.book(staff, [], "in", business="staff")
    now = datetime.now(UTC)
    official = {"number": shipment.refs.next("OFF"), "vehicle": officers, "direction": "in", "business": "inspection",
                "opens": now.isoformat(), "closes": (now + timedelta(hours=1)).isoformat()}  # fmt: skip
    assert shipment.call("trucker", "POST", BOOKING, 422, json=official)["rule"] == "BK-OFFICIAL"
    shipment.call("customs", "POST", BOOKING, 201, json=official)
    seen = {"staff": shipment.present("in-1", staff, []), "inspection": shipment.present("in-1", officers, [])}
    assert {name: (one["business"], one["decision"]) for name, one in seen.items()} == {name: (name, "open") for name in seen}
    assert "GATE-STAFF" in rules(seen["staff"], met=True)
    assert {"GATE-INSPECTION"} <= rules(seen["inspection"], met=True) - rules(seen["staff"])
    assert "GATE-STAFF" in rules(shipment.present("in-1", staff, [], gross_kg=18_000), met=False)
    shipment.book(tanker, [shipment.box], "in", business="empty")
    wrong = shipment.present("in-1", tanker, [shipment.box])
    assert (wrong["decision"], "GATE-DANGEROUS" in rules(wrong, met=False)) == ("refuse", True)
    shipment.book(tanker, [shipment.box], "in", business="hazardous", dangerous=["1203"])
    right = shipment.present("in-1", tanker, [shipment.box])
    assert (right["business"], "GATE-DANGEROUS" in rules(right, met=True)) == ("hazardous", True)
