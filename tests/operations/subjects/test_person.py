"""Two roles ask for one document: the analyst sees masked data, the officer the full record for a purpose that is kept (7.2.4 a) 4))."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.operations.subjects.test_acceptance import file, ship

DOOR = "/api/subjects/person"
CALL, ABOARD = "/api/records/base/portcall/port_call", "/api/records/base/portcall/person_aboard"
CONVEYANCE = "/api/records/base/conveyance/conveyance"


def asked(client: httpx.Client, status: int = 200, **told: Any) -> dict[str, Any]:
    answer = client.post(DOOR, json=told)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def said(found: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in found["identity"]}


@pytest.mark.clause("H7.2.4a4")
def test_the_analyst_sees_masked_data_and_the_officer_the_record_for_a_kept_purpose(platform: Running) -> None:
    number, now = f"E{secrets.randbelow(10**8):08}", datetime.now(UTC)
    document, purpose = f"P/CN/{number}", f"核查离船未归船员 {secrets.token_hex(4)}"
    with platform.client("agent") as agent, platform.client("terminal") as terminal, platform.client("carrier") as carrier:
        call = file(agent, CALL, vessel=f"vessel:imo:{ship()}", ship_name="PERSON STAR", flag="PA", port="CNWHH", crew_count=1,
                    voyage=secrets.token_hex(3).upper(), eta=(now - timedelta(hours=3)).isoformat())["ref"]  # fmt: skip
        person = {"person": f"person:{document}", "nationality": "CN"}
        known = {"family_name": "李", "given_names": "雷雷雷", "birth_date": "1990-02-03", "document_number": number}
        file(agent, ABOARD, call=call, role="crew", rank="Bosun", **person, **known)
        camera = {"article": "Camera", "unit": "C62"}
        lines = [{**camera, "person": f"person:{who}", "quantity": amount} for who, amount in ((document, 2), ("P/CN/OTHER1", 1))]
        file(agent, "/api/records/base/portcall/crew_effects", call=call, lines=lines)
        file(terminal, "/api/records/operations/berth/movement", call=call, activity="arrived", at=now.isoformat())
        flight = {"mode": "air", "number": f"K{secrets.randbelow(10**5)}", "day": f"{now:%Y-%m-%d}", "direction": "exit", "port": "CNWHH"}
        left = file(carrier, CONVEYANCE, **flight, scheduled=now.isoformat(), actual=now.isoformat())["ref"]
        file(carrier, "/api/records/base/conveyance/person_aboard", conveyance=left, role="passenger", bags=2, **person, **known)
    with platform.client("border", "viewer") as analyst, platform.client("border") as officer, platform.client("customs") as customs:
        veiled = asked(analyst, document=document)
        assert veiled["person"].startswith("person:T_")
        assert (veiled["full"], said(veiled)["nationality"]) == (False, "CN")
        text = json.dumps(veiled, ensure_ascii=False)
        assert not [secret for secret in (number, "雷雷雷", "1990-02-03") if secret in text]
        assert {one["name"] for one in veiled["identity"] if one["masked"]} == set(known)
        # Masked data still join: by the token, with the lists that the analyst may read.
        assert asked(analyst, document=veiled["person"])["trips"] == veiled["trips"]
        rows = analyst.post(f"{ABOARD}/search", json={"where": {"person": veiled["person"]}}).raise_for_status().json()["items"]
        assert [row["data"]["person"] for row in rows] == [veiled["person"]]
        assert asked(analyst, 403, document=document, full=True, purpose=purpose)["rule"] == "level"
        for missing in ("", "  ", "abc"):
            assert asked(officer, 422, document=document, full=True, purpose=missing)["field"] == "purpose"
        full = asked(officer, document=document, full=True, purpose=purpose)
        assert (full["person"], full["purpose"]) == (veiled["person"], purpose)
        assert (said(full)["family_name"], said(full)["given_names"], said(full)["birth_date"]) == ("李", "雷雷雷", "1990-02-03")
        # Level 4, the number on the document, is for clearances of level 4, which no role brings.
        assert {one["name"] for one in full["identity"] if one["masked"]} == {"document_number"}
        for found in (veiled, full):
            assert (found["counts"]["entries"], found["counts"]["exits"], found["counts"]["trips"]) == (1, 1, 3)
            assert sorted((one["mode"], one["direction"], one["at"] is not None) for one in found["trips"]) == [
                ("air", "exit", True), ("water", "entry", True), ("water", "exit", False),
            ]  # fmt: skip
        assert full["counts"]["articles"] == 0, "border inspection reads no effects"
        carried = asked(customs, document=document)
        assert [(one["article"], one["quantity"]) for one in carried["articles"]] == [("Camera", 2)]
        with platform.client("trader") as trader:
            nobody = asked(trader, document=document)
            assert (nobody["identity"], nobody["trips"], nobody["records"]) == ([], [], [])
            assert asked(trader, 422, document="   ")["field"] == "body.document"
    _kept(platform, veiled["person"], number, purpose)


def _kept(platform: Running, token: str, number: str, purpose: str) -> None:
    """The purpose stands on the audit trail, the document nowhere."""
    with platform.client("portoffice", "audit-admin") as auditor:
        entries = auditor.get("/api/identity/audit", params={"ref": token, "limit": 500}).raise_for_status().json()["items"]
    told = [(one["action"].rpartition(":")[2], one["outcome"], one["reason"]) for one in entries if "subjects.person" in one["action"]]
    assert told.count(("full", "allowed", purpose)) == 1
    assert told.count(("full", "denied", purpose)) == 1
    assert told.count(("masked", "allowed", "")) >= 3
    for path in (platform.log, *(one for one in (platform.home / "log").rglob("*") if one.is_file())):
        assert number not in path.read_text("utf-8", "replace"), path
