"""Acceptance: a ship's call with all FAL forms is imported, and its persons are found by call and by document number."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kouan_sim.calls import fal_port_call
from kouan_sim.identifiers import References
from kouan_sim.ships import SISTER
from kouan_sim.traders import LITHIUM, TRADER, Desk
from kouan_sim.workbook import fal_workbook
from tests.conftest import Running
from tests.journeys.papers import intake

PERSON = "/api/records/base/portcall/person_aboard"
LISTS = {
    "ship_stores": ("customs",), "crew_effects": ("customs",), "health_declaration": ("customs", "border"),
    "security_declaration": ("maritime", "border"), "waste_declaration": ("maritime", "customs", "terminal"),
    "cargo_declaration": ("customs", "maritime", "terminal"),
}  # fmt: skip
"""Which of customs, maritime, border inspection and terminal read a form; the others do not know that there is one."""


def document(passengers: int = 3) -> dict[str, Any]:
    """A fresh simulated voyage's FAL document, with cargo."""
    desk = Desk(References())
    voyage = desk.voyage(
        datetime.now(UTC) + timedelta(hours=5), 1, vessel=SISTER, extra=(desk.bill(LITHIUM, 1, TRADER),)
    )
    told: dict[str, Any] = json.loads(fal_port_call(voyage, passengers=passengers))
    told["CargoDeclaration"] = [
        {"TransportDocumentNumber": bill.number, "CargoDescription": bill.goods[0].description} for bill in voyage.bills
    ]
    return told


@pytest.mark.clause("H7.2.1a2")
@pytest.mark.parametrize("kind", ["imo-fal", "imo-fal-xlsx"])
def test_a_ship_call_with_all_forms_and_its_persons_by_call_and_document(platform: Running, kind: str) -> None:
    told = document()
    body = json.dumps(told).encode()
    with platform.client("agent") as agent:
        filed = intake(agent, kind, fal_workbook(body) if kind == "imo-fal-xlsx" else body)
        assert filed.status_code == 201, filed.text
        call = filed.json()["records"][0]["ref"]
        on_call = agent.get(PERSON, params={"call": call, "limit": 200}).json()["items"]
    roles = [item["data"]["role"] for item in on_call]
    assert (roles.count("crew"), roles.count("passenger")) == (len(told["CrewList"]), 3)

    passenger = told["PassengerList"][1]
    number = passenger["IdentityDocument"]["Number"]
    with platform.client("border") as border:
        found = border.post("/api/conveyances/persons", json={"document": number}).json()["items"]
        assert [(p["data"]["call"], p["data"]["given_names"]) for p in found] == [(call, passenger["GivenName"])]
        assert found[0]["masked"] == ["document_number"]
        by_ref = {"person": f"person:P/{passenger['Nationality']}/{number}"}
        found = border.post(f"{PERSON}/search", json={"where": by_ref}).json()["items"]
        assert [p["data"]["call"] for p in found] == [call]
        booked = border.post("/api/conveyances/persons", json={"booking": passenger["BookingReference"]}).json()["items"]
        assert call in {p["data"]["call"] for p in booked}
        listed = border.get("/api/conveyances", params={"mode": "sea", "limit": 500}).json()["items"]
        assert call in {one["ref"] for one in listed}
    with platform.client("customs") as customs:
        assert not customs.post("/api/conveyances/persons", json={"document": number}).json()["items"]
        item = customs.get(PERSON, params={"call": call}).json()["items"][0]
        assert "family_name" not in item["data"]
    with platform.client("terminal") as terminal:
        assert not terminal.get(PERSON, params={"call": call}).json()["items"]
    with platform.client("portoffice") as other:
        seen = other.get(PERSON, params={"call": call})
        assert (seen.status_code, number in seen.text) == (200, False)

    for name, readers in LISTS.items():
        for org in ("customs", "maritime", "border", "terminal"):
            with platform.client(org) as client:
                items = client.get(f"/api/records/base/portcall/{name}", params={"call": call}).json()["items"]
            assert len(items) == (org in readers), (name, org)


@pytest.mark.clause("H7.2.1a2")
def test_a_corrected_crew_list_keeps_what_was_declared_before(platform: Running) -> None:
    told = document(0)
    crew = told["CrewList"]
    part = {
        "ShipID": {"IMONumber": told["ShipID"]["IMONumber"]}, "VoyageNumber": told["VoyageNumber"],
        "PortOfArrival": {"UNLoCode": told["PortOfArrival"]["UNLoCode"]}, "CrewList": [{**crew[0], "Duty": "Captain"}, *crew[2:]],
    }  # fmt: skip
    with platform.client("agent") as agent:
        first = intake(agent, "imo-fal", json.dumps(told).encode()).json()["records"]
        again = intake(agent, "imo-fal", json.dumps(part).encode())
        assert again.status_code == 201, again.text
        door = f"/api/records/base/portcall/port_call/{first[0]['id']}"
        item = agent.get(door).json()
        assert (item["version"], item["data"]["ship_name"]) == (2, told["ShipID"]["ShipName"])
        people = agent.get(PERSON, params={"call": item["ref"], "limit": 200}).json()["items"]
        versions = agent.get(f"{door}/history").json()["versions"]
    states = [p["data"]["status"] for p in people]
    assert (states.count("removed"), states.count("aboard")) == (1, len(crew) - 1)
    assert [v["action"] for v in versions] == ["filed", "amend"]
    assert {p["version"] for p in people if p["data"].get("rank") == "Captain"} == {2}


@pytest.mark.clause("H7.2.1a2")
@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"mode": "air", "number": "WH{n}", "registration": "B6075", "carrier_code": "WH", "passenger_count": 162}, {"wagons": ["1"]}),
        ({"mode": "rail", "number": "X{n}", "wagons": ["52839471", "52839472"], "crew_count": 3}, {"vehicle": "鲁B12345"}),
        ({"mode": "road", "number": "鲁B{n}", "vehicle": "鲁B{n}", "trailers": ["鲁B1234挂"]}, {"wagons": ["1"]}),
    ],
)  # fmt: skip
def test_aircraft_train_and_vehicle_with_the_persons_on_them(
    platform: Running, data: dict[str, Any], wrong: dict[str, Any]
) -> None:
    run = References().next("")[-10:-5]
    moment = datetime.now(UTC) + timedelta(hours=3)
    head = {
        **{name: value.format(n=run) if isinstance(value, str) else value for name, value in data.items()},
        "day": moment.date().isoformat(), "direction": "entry", "port": "CNWHH", "scheduled": moment.isoformat(),
    }  # fmt: skip
    door, persons = "/api/records/base/conveyance/conveyance", "/api/records/base/conveyance/person_aboard"
    number = f"E{run}{data['mode'].upper()}"
    with platform.client("carrier") as carrier, platform.client("border") as border:
        assert carrier.post(door, json={**head, **wrong}).status_code == 422
        filed = carrier.post(door, json=head)
        assert filed.status_code == 201, filed.text
        ref = filed.json()["item"]["ref"]
        assert carrier.post(door, json=head).status_code == 409
        tomorrow = {**head, "day": (moment + timedelta(days=1)).date().isoformat()}
        assert carrier.post(door, json=tomorrow).status_code == 201
        person = {
            "conveyance": ref, "person": f"person:P/CN/{number}", "role": "passenger", "family_name": "SIM-TESTER",
            "document_number": number, "booking": f"B{run}",
        }  # fmt: skip
        assert carrier.post(persons, json=person).status_code == 201
        found = border.post("/api/conveyances/persons", json={"document": number}).json()["items"]
        assert [(p["data"]["conveyance"], p["data"]["family_name"]) for p in found] == [(ref, "SIM-TESTER")]
        assert len(border.post("/api/conveyances/persons", json={"on": ref}).json()["items"]) == 1
        listed = border.get("/api/conveyances", params={"mode": data["mode"], "direction": "entry", "limit": 500}).json()["items"]
        assert ref in {one["ref"] for one in listed}


def test_a_wrong_cell_is_named_by_sheet_row_and_column(platform: Running) -> None:
    told = document(2)
    told["CrewList"][2]["DateOfBirth"] = "yesterday"
    told["PassengerList"][1]["IdentityDocument"]["Number"] = "not a number"
    with platform.client("agent") as agent:
        answer = intake(agent, "imo-fal-xlsx", fal_workbook(json.dumps(told).encode()))
    assert answer.status_code == 422
    places = [problem["position"] for problem in answer.json()["problems"]]
    assert any(p.startswith("sheet FAL5, row 4, column ") and "出生日期 / Date of birth" in p for p in places)
    assert any(p.startswith("sheet FAL6, row 3, column ") and "证件号码 / Document number" in p for p in places)
