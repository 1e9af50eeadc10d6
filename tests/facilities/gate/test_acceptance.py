"""The mixed-release smart gate on the running platform: one lane, each business by its own rule set."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Running
from tests.shipment import Shipment


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
