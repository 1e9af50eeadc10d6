"""The targeting desk on the running platform: a profile tried on the past, approved by a second person, selecting, fed back."""

from __future__ import annotations

from typing import Any

import httpx

from tests.conftest import Running
from tests.shipment import Shipment, until
from tests.supervision.targeting.colleague import second_officer

PROFILE = "/api/records/supervision/targeting/profile"
SECRET = "ZACCREASON"


def profile(shipment: Shipment, box: str) -> dict[str, Any]:
    """A profile for boxes of one owner that carry lathes from Germany, and that name one of some numbers."""
    conditions = [
        {"what": "item.hs", "operator": "begins", "values": ["8458"]}, {"what": "item.origin", "operator": "is", "values": ["DE"]},
        {"what": "declaration.containers", "operator": "is", "values": [shipment.box, box]},
    ]  # fmt: skip
    return {
        "code": shipment.refs.next("ACC"), "title_zh": "验收模板", "title_en": "Acceptance profile", "agency": "maritime", "score": 55,
        "conditions": conditions, "reason_zh": f"理由 {SECRET}", "reason_en": f"Reason {SECRET}", "valid_from": "2020-01-01",
    }  # fmt: skip


def act(client: httpx.Client, item: dict[str, Any], action: str) -> httpx.Response:
    """Take an action of a profile."""
    return client.post(f"{PROFILE}/{item['id']}/actions/{action}", json={})


def test_a_profile_goes_from_draft_to_hit_rate_by_two_persons(platform: Running) -> None:
    past, coming = Shipment(platform), Shipment(platform)
    past.file()
    assert past.becomes("released") == "released"
    with platform.client("customs") as officer, second_officer(platform) as colleague:
        made = officer.post(PROFILE, json=profile(past, coming.box))
        assert made.status_code == 201, made.text
        item = made.json()["item"]
        assert act(officer, item, "propose").json()["rule"] == "TARGET-TRIED"
        trial = officer.post(f"/api/targeting/profiles/{item['id']}/try", json={"days": 30}).raise_for_status().json()["data"]
        assert (trial["matched"], trial["newly"]) == (1, 1)
        assert trial["declarations"][0].endswith(f"/{past.reference}")
        assert act(officer, item, "propose").json()["state"] == "proposed"
        lines = [one["ref"] for one in officer.get("/api/worklist").json()["items"]]
        assert item["ref"] not in lines
        assert act(officer, item, "approve").status_code == 403
        lines = [one["ref"] for one in colleague.get("/api/worklist").json()["items"]]
        assert item["ref"] in lines
        assert act(colleague, item, "approve").json()["state"] == "active"
        coming.file()
        assert coming.becomes("targeted") == "targeted"
        name = f"{item['data']['code']}/1"
        targeted = officer.get("/api/targeting/worklist").json()["items"]
        (found,) = [one for one in targeted if one["number"] == coming.reference]
        assert name in {reason["rule"] for reason in found["reasons"]}
        assert found["action"]["zh"]
        assert SECRET not in str(coming.trace("trader"))
        order = until(coming.order, lambda seen: seen is not None)
        findings = [{"agency": agency, "outcome": "detain"} for agency in order["data"]["agencies"]]
        officer.post(f"/api/inspections/{order['id']}/findings", json={"findings": findings}).raise_for_status()

        def rate() -> dict[str, Any]:
            rows = officer.get("/api/targeting/rates").raise_for_status().json()["rows"]
            return next(row for row in rows if row["code"] == name)

        row = until(rate, lambda seen: seen["inspected"] == 1)
        assert (row["selected"], row["hits"], row["rate"]) == (1, 1, 1.0)
        assert act(officer, item, "retire").json()["state"] == "retired"
