"""Erasing a person: unreadable everywhere, while old proofs stay valid; and the signing key's rotation."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import Running

CANARY = "CANARYNAME"


def call(number: str) -> dict[str, object]:
    return {"vessel": "9074729", "ship_name": "SIM ERASE", "flag": "CN", "voyage": number, "port": "CNWHH",
            "eta": (datetime.now(UTC) + timedelta(hours=6)).isoformat(), "crew_count": 1}  # fmt: skip


def person(ref: str, number: str) -> dict[str, object]:
    return {"call": ref, "person": f"P/CN/{number}", "role": "crew", "nationality": "CN", "rank": "Bosun",
            "family_name": CANARY, "given_names": "Test", "birth_date": "1990-01-01", "document_number": number}  # fmt: skip


def test_erased_person_is_unreadable_and_old_proofs_hold(platform: Running, tmp_path: Path) -> None:
    number = f"E{time.time_ns() % 10**8}"
    with platform.client("agent") as agent:
        ref = agent.post("/api/records/base/portcall/port_call", json=call(f"ER{time.time_ns() // 7}")).json()["item"]["ref"]
        body = json.dumps(person(ref, number)).encode()
        path = "/api/records/base/portcall/person_aboard"
        filed = agent.post(path, content=body)
        assert filed.status_code == 201, filed.text
        receipt, item = filed.json()["receipt"]["id"], filed.json()["item"]["id"]
        assert CANARY in agent.get(f"{path}/{item}").text
        proof = agent.get(f"/api/receipts/{receipt}/proof")
        assert proof.status_code == 200, proof.text
    saved, document = tmp_path / "proof.json", tmp_path / "body"
    saved.write_text(proof.text)
    document.write_bytes(body)
    assert platform.cli("verify", str(saved), "--document", str(document)).returncode == 0

    with platform.client("portoffice", "officer") as officer:
        assert officer.post("/api/erasure", json={"person": f"P/CN/{number}"}).status_code == 403
    with platform.client("portoffice", "security-admin") as admin:
        done = admin.post("/api/erasure", json={"person": f"P/CN/{number}"})
        assert done.status_code == 200, done.text
        assert done.json()["records"] == 1
        assert done.json()["salts"] >= 1
        assert admin.post("/api/erasure", json={"person": f"P/CN/{number}"}).json()["salts"] == 0

    for org in ("agent", "border"):
        with platform.client(org) as client:
            for door in (f"{path}/{item}", f"{path}/{item}/history", path, f"{path}/export?format=json"):
                answer = client.get(door)
                assert answer.status_code == 200
                assert CANARY not in answer.text
                assert number not in answer.text
    assert platform.cli("verify", str(saved), "--document", str(document)).returncode == 0
    with platform.client("agent") as agent:
        later = agent.get(f"/api/receipts/{receipt}/proof")
        assert later.json()["disclosure"] is None
        saved.write_text(later.text)
    assert platform.cli("verify", str(saved)).returncode == 0


def test_amending_keeps_what_the_callers_level_hides(platform: Running) -> None:
    number = f"E{time.time_ns() % 10**8}"
    path = "/api/records/base/portcall/person_aboard"
    with platform.client("agent") as agent:
        ref = agent.post("/api/records/base/portcall/port_call", json=call(f"AM{time.time_ns() // 3}")).json()["item"]["ref"]
        item = agent.post(path, json=person(ref, number)).json()["item"]
        assert item["masked"] == ["document_number"]
        form = {name: value for name, value in item["data"].items() if name not in item["masked"] and value is not None}
        amended = agent.put(f"{path}/{item['id']}", json={**form, "rank": "Cook"}, headers={"If-Match": "1"})
        assert amended.status_code == 200, amended.text
        assert amended.json()["data"]["rank"] == "Cook"
        assert amended.json()["data"]["family_name"] == CANARY
        assert amended.json()["masked"] == ["document_number"]


def test_rotated_key_signs_and_old_pin_still_verifies(platform: Running, tmp_path: Path) -> None:
    with platform.client("portoffice", "security-admin") as admin:
        old = admin.get("/api/ledger/key").text
        assert admin.post("/api/ledger/rotate").status_code == 200
        for _ in range(80):
            if admin.get("/api/ledger/key").text != old:
                break
            time.sleep(0.1)
        assert admin.get("/api/ledger/key").text != old
    with platform.client("agent") as agent:
        receipt = agent.post("/api/records/base/portcall/port_call", json=call(f"RO{time.time_ns()}")).json()["receipt"]["id"]
        proof = agent.get(f"/api/receipts/{receipt}/proof").text
    (tmp_path / "proof.json").write_text(proof)
    (tmp_path / "old.pem").write_text(old)
    assert platform.cli("verify", str(tmp_path / "proof.json"), "--key", str(tmp_path / "old.pem")).returncode == 0
