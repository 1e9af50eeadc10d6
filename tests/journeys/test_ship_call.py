"""Acceptance: the rows of the mission that a ship call shows, through the public doors of the running platform."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Running
from tests.journeys.papers import agencies, intake, papers, state, until

DECLARATION = "base.declaration.declaration"
ORDER = "/api/records/supervision/inspection/order"
FIVE = {"customs", "maritime", "border", "portoffice", "terminal"}


def file_manifest(platform: Running, folder: Path) -> Any:
    with platform.client("carrier") as carrier:
        answer = intake(carrier, "edifact", (folder / "manifest.edi").read_bytes())
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.clause("H7.2.1a1")
def test_declaration_waits_for_its_manifest(platform: Running, tmp_path: Path) -> None:
    index = papers(tmp_path)
    body = (tmp_path / index["green"]["file"]).read_bytes()
    with platform.client("trader") as trader:
        refused = intake(trader, "wco-dec", body)
        assert refused.status_code == 422, refused.text
        problems = [p for p in refused.json()["problems"] if p["rule"] == "DEC-BILL-ON-MANIFEST"]
        assert index["green"]["bill"] in problems[0]["reason"]["zh"]
        assert index["green"]["bill"] in problems[0]["reason"]["en"]
        file_manifest(platform, tmp_path)
        accepted = intake(trader, "wco-dec", body)
        assert accepted.status_code == 201
        ref = accepted.json()["records"][0]["ref"]
        documents = trader.post("/api/trace", json={"ref": ref}).json()["documents"]
        links = next(d for d in documents if d["ref"] == ref)["links"]
        assert f"bill:{index['green']['bill']}" in links
    with platform.client("customs") as customs:
        chain = {d["record"] for d in customs.post("/api/trace", json={"ref": ref}).json()["documents"]}
        assert {DECLARATION, "base.manifest.consignment"} <= chain
        number = accepted.json()["records"][0]["id"]
        history = customs.get(f"/api/records/base/declaration/declaration/{number}/history").json()
        assert history["versions"][0]["action"] == "filed"


@pytest.mark.clause("H7.2.1a5")
def test_chain_of_receipts_in_order_and_replayed(platform: Running, tmp_path: Path) -> None:
    papers(tmp_path)
    with platform.client("agent") as agent, platform.client("customs") as customs:
        filed = intake(agent, "imo-fal", (tmp_path / "port-call.json").read_bytes()).json()
        call = next(r["ref"] for r in filed["records"] if r["ref"].startswith("portcall:"))
        for code in ("received", "rejected"):
            response = {"about": call, "code": code, "reference": f"CUS-{time.time_ns()}", "at": "2026-11-22T03:20:00Z",
                        "reason_zh": "缺少单证", "reason_en": "A document is missing"}  # fmt: skip
            answer = intake(customs, "json", json.dumps(response).encode(), record="base.receipt.response")
            assert answer.status_code == 201, answer.text
        path = f"/api/receipts/{filed['receipt']['id']}"

        def codes() -> list[str] | None:
            found = [link["code"] for link in agent.get(path).json()["chain"]]
            return found if "rejected" in found else None

        seen = until(codes, "the rejection in the chain")
        assert seen.index("filed") < seen.index("received") < seen.index("rejected")
        chain = told(agent.get(path).json())
        assert all(link["agency"] and link["at"] and link["title"]["zh"] for link in chain)
        first = chain[0]["seq"]
        assert told(agent.get(path, params={"after": first}).json()) == chain[1:]
        assert told(agent.get(path).json()) == chain


def told(receipt: dict[str, Any]) -> list[dict[str, Any]]:
    """What a chain says, but for whether the ledger has signed it yet."""
    return [{name: value for name, value in link.items() if name != "status"} for link in receipt["chain"]]


@pytest.mark.clause("M14c")
def test_rail_manifests_differ_by_entry_time(platform: Running) -> None:
    stamp = time.time_ns() % 10**9
    row = {"waybill": f"SMGS{stamp}", "wagon": "52839471", "entered_at": "2026-11-22T03:20:00Z"}
    with platform.client("carrier") as carrier:
        def file(body: dict[str, str]) -> int:
            return intake(carrier, "json", json.dumps(body).encode(), record="base.manifest.rail_manifest").status_code

        assert file(row) == 201
        assert file({**row, "entered_at": "2026-11-22T09:00:00Z"}) == 201
        assert file(row) == 409
        assert file({**row, "entered_at": "2026-11-22T11:20:00+08:00"}) == 409
        kept = carrier.get("/api/records/base/manifest/rail_manifest", params={"waybill": row["waybill"]}).json()["items"]
    assert len(kept) == 2


@pytest.mark.clause("W04")
def test_one_form_five_parties(platform: Running, tmp_path: Path) -> None:
    papers(tmp_path)
    with agencies(platform), platform.client("agent") as agent:
        filed = intake(agent, "imo-fal", (tmp_path / "port-call.json").read_bytes()).json()
        call = next(r["ref"] for r in filed["records"] if r["ref"].startswith("portcall:"))

        def accepted() -> bool:
            chain = agent.get(f"/api/receipts/{filed['receipt']['id']}").json()["chain"]
            return {link["agency"] for link in chain if link["code"] == "accepted"} >= FIVE

        until(accepted, "five receipts", 60)
    parts: dict[str, set[str]] = {}
    for org in FIVE:
        with platform.client(org) as client:
            mine = [d for d in client.get("/api/inbox").json() if d["ref"] == call and d["record"] == "base.portcall.port_call"]
            assert mine, org
            parts[org] = {name for name, value in mine[0]["data"].items() if value not in (None, "", [])}
    assert len({frozenset(fields) for fields in parts.values()}) == 5
    assert "cargo_summary" not in parts["border"]
    with platform.client("portoffice") as officer:

        def metered() -> bool:
            meter = officer.get("/api/meter").json()
            mine = next(c for c in meter["calls"] if c["ref"] == call)
            return {r["org"] for r in mine["receivers"] if r["receipt"]} >= FIVE

        until(metered, "the meter counts all five receipts", 20)
        meter = officer.get("/api/meter").json()
    mine = next(c for c in meter["calls"] if c["ref"] == call)
    assert mine["delivered"] == sum(r["fields"] for r in mine["receivers"])
    assert mine["typed"] < mine["delivered"]


@pytest.mark.clause("H9.2.1b1")
def test_three_agencies_one_inspection_released_by_class(platform: Running, tmp_path: Path) -> None:
    index = papers(tmp_path)
    file_manifest(platform, tmp_path)
    box = index["risky"]["container"]
    with platform.client("trader") as trader, platform.client("customs") as customs:
        filed = intake(trader, "wco-dec", (tmp_path / index["risky"]["file"]).read_bytes()).json()["records"][0]
        until(lambda: state(trader, DECLARATION, filed["id"]) == "targeted", "the declaration targeted")
        for agency in ("border", "maritime"):
            with platform.client(agency) as client:
                wish = {"container": box, "agency": agency, "reason": "联合查验 joint visit"}
                assert client.post("/api/inspections/target", json=wish).status_code in (200, 201)
        orders = customs.get(ORDER, params={"declaration": filed["ref"]}).json()["items"]
        assert len(orders) == 1
        order = orders[0]
        assert set(order["data"]["agencies"]) == {"customs", "border", "maritime"}
        assert order["data"]["planned_at"]
        assert f"container:{box}" in order["data"]["containers"]
        findings = [{"agency": a, "outcome": "release", "note": "一并录入 together"} for a in order["data"]["agencies"]]
        done = customs.post(f"/api/inspections/{order['id']}/findings", json={"findings": findings})
        assert done.status_code == 200, done.text
        until(lambda: state(trader, DECLARATION, filed["id"]) == "released", "released by class")
        after = customs.get(f"{ORDER}/{order['id']}").json()
        assert {f["agency"] for f in after["data"]["findings"]} == {"customs", "border", "maritime"}
        assert {f["outcome"] for f in after["data"]["findings"]} == {"release"}


@pytest.mark.clause("H7.2.5b2")
def test_any_one_key_gives_the_whole_chain(platform: Running, tmp_path: Path) -> None:
    index = papers(tmp_path)
    file_manifest(platform, tmp_path)
    paper = index["green"]
    with platform.client("trader") as trader:
        filed = intake(trader, "wco-dec", (tmp_path / paper["file"]).read_bytes()).json()["records"][0]
        until(lambda: state(trader, DECLARATION, filed["id"]) == "released", "released")
    with platform.client("trucker") as trucker:
        assert trucker.post("/api/records/services/booking/booking", json=paper["booking"]).status_code == 201
    with platform.client("terminal") as terminal:
        truck = {"vehicle": paper["vehicle"], "containers": [paper["container"]], "direction": "out", "gross_kg": 28000}
        passage = terminal.post("/api/gates/out-1/passages", json=truck).json()
        assert passage["decision"] == "open", passage["reasons"]
    wanted = {DECLARATION, "base.manifest.consignment", "facilities.gate.passage", "services.booking.booking"}
    box = paper["container"]
    keys = [f"bill:{paper['bill']}", paper["bill"].lower(), box, f"{box[:4]} {box[4:]}", filed["ref"], paper["reference"]]
    with platform.client("customs") as customs:
        for key in keys:
            found = customs.post("/api/trace", json={"ref": key}).json()
            assert wanted <= {d["record"] for d in found["documents"]}, key
            moments = [event["at"] for event in found["events"]]
            assert moments == sorted(moments)
            assert found["missing"] == []


def test_why_not_released_names_rule_owner_deadline_and_no_risk(platform: Running, tmp_path: Path) -> None:
    index = papers(tmp_path)
    file_manifest(platform, tmp_path)
    with platform.client("trader") as trader:
        filed = intake(trader, "wco-dec", (tmp_path / index["risky"]["file"]).read_bytes()).json()["records"][0]
        until(lambda: state(trader, DECLARATION, filed["id"]) == "targeted", "targeted")
        missing = trader.post("/api/trace", json={"ref": filed["ref"]}).json()["missing"]
        assert missing
        for rule in missing:
            assert rule["rule"]
            assert rule["owner"]["org"]
            assert rule["reason"]["zh"]
            assert rule["reason"]["en"]
        assert any(rule["deadline"] for rule in missing)
        seen = json.dumps(trader.post("/api/trace", json={"ref": filed["ref"]}).json(), ensure_ascii=False)
    assert "assessment:" not in seen
    with platform.client("carrier") as stranger:
        assert stranger.post("/api/trace", json={"ref": filed["ref"]}).json()["documents"] == []


def test_journey_twice_on_the_same_data(platform: Running) -> None:
    for _ in range(2):
        done = platform.cli("journey", "--json")
        steps = json.loads(done.stdout)["steps"]
        assert len(steps) >= 7
        assert [s["name"] for s in steps if not s["ok"]] == [], done.stdout[-2000:]
        assert any(ref.startswith("container:") for s in steps for ref in s["evidence"])
