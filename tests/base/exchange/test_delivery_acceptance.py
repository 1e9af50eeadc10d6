"""On the running platform: a message waits for a receiver that is down; an order reaches another agency, its reply returns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar
from tests.base.exchange.receivers import Receiver
from tests.conftest import Running
from tests.journeys.papers import intake, papers, until
from tests.shipment import Shipment

INSTRUCTION = "/api/records/base/exchange/instruction"
MANIFEST = "base.manifest.manifest"
WAITING = {"box": "in", "state": "waiting", "limit": "200"}


@pytest.fixture
def customs_system(platform: Running) -> Iterator[Receiver]:
    """Customs' system: known to the platform, up until nothing waits for it any more, then down."""
    receiver = Receiver()
    receiver.up()
    receiver.join(platform, "customs")
    with platform.client("customs") as customs:
        assert customs.put(f"/api/routes/customs/{MANIFEST}", json={"form": "xml"}).status_code == 200
        # What other tests left in the outbox would be tried in the place of this test's message.
        until(lambda: not customs.get("/api/deliveries", params=WAITING).json(), "nothing waits for customs", 60)
    receiver.down()
    yield receiver
    receiver.leave(platform, "customs")
    with platform.client("customs") as customs:
        customs.delete(f"/api/routes/customs/{MANIFEST}")


def line_of(client: httpx.Client, ref: str, **query: str) -> dict[str, Any] | None:
    lines = client.get("/api/deliveries", params={"limit": "200", **query}).json()
    return next((one for one in lines if one["ref"] == ref and one["connector"] == "customs"), None)


def hops_of(client: httpx.Client, delivery: str) -> dict[str, Any]:
    answer = client.get(f"/api/deliveries/{delivery}/hops")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.clause("H7.2.2b")
def test_a_message_for_a_receiver_that_is_down_is_queued_and_delivered_once(
    platform: Running, customs_system: Receiver
) -> None:
    with platform.client("carrier") as carrier, platform.client("customs") as customs, platform.client() as stranger:
        # One bill: a party that is away is probed with one message at a time, so that of many each would wait for long.
        filed = intake(carrier, "edifact", cuscar(Shipment(platform).voyage, datetime.now(UTC)))
        assert filed.status_code == 201, filed.text
        manifest = next(one for one in filed.json()["records"] if one["record"] == MANIFEST)

        def tried() -> dict[str, Any] | None:
            """A party that is away is probed with one message at a time, the one that waits longest: in turn it is this one's."""
            line = line_of(customs, manifest["ref"], box="in")
            return line if line and line["away"] and line["next_try"] and line["attempts"] else None

        queued: dict[str, Any] = until(tried, "the message waits in the outbox, and its delivery was tried", 120)
        until(lambda: "away" in [hop["hop"] for hop in hops_of(customs, queued["id"])["hops"]], "the try is a hop", 60)
        assert (queued["away"], queued["state"], queued["yours"]) == (True, "waiting", True)

        def is_down() -> bool:
            return any(p["name"] == "customs" and p["status"] == "down" for p in stranger.get("/api/status").json()["parties"])

        until(is_down, "the public status tells the outage")
        own = next(c for c in customs.get("/api/connectors").json() if c["name"] == "customs")
        assert own["breaker"] in ("open", "half-open")
        mine = line_of(carrier, manifest["ref"], box="out")
        assert mine is not None
        assert (mine["error"], mine["yours"]) == (None, False), "the sender sees that it hangs, not the receiver's errors"
        customs_system.up()
        until(lambda: customs_system.about(manifest["ref"]), "the receiver is back and gets it")
        trail = until(lambda: (t := hops_of(carrier, queued["id"]))["state"] == "delivered" and t, "it is settled")
        told = customs_system.about(manifest["ref"])
        assert len(told) == 1
        assert customs_system.seen.count(told[0].event) == 1, "delivered once"
        assert (told[0].event, told[0].form) == (trail["event"], "xml")
        assert customs_system.forged == 0, "every message bears the platform's signature"
        answer = {"about": manifest["ref"], "code": "accepted", "reference": "CUS-1", "at": datetime.now(UTC).isoformat(),
                  "delivery": queued["id"]}  # fmt: skip
        assert customs.post("/api/records/base/receipt/response", json=answer).status_code == 201
        until(lambda: hops_of(carrier, queued["id"])["state"] == "answered", "the answer is noted")
        seen = [hop["hop"] for hop in hops_of(customs, queued["id"])["hops"]]
        failed = [hop for hop in seen if hop == "away"]
        assert seen == ["accepted", "kept", "queued", *failed, "delivered", "answered"]
        assert failed, "a try that failed is a hop"
        with platform.client("trader") as other:
            assert other.get(f"/api/deliveries/{queued['id']}/hops").status_code == 404
        body = ET.fromstring(customs_system.bodies[told[0].event])
        assert body.get("ref") == manifest["ref"], "EDIFACT came in, XML went out"
        over = [o for o in stranger.get("/api/status").json()["outages"] if o["name"] == "customs"]
        until(lambda: any(o["ended"] for o in stranger.get("/api/status").json()["outages"] if o["name"] == "customs"), str(over))


@pytest.mark.clause("H7.2.2b")
def test_a_kept_record_goes_out_as_edifact_xml_and_json(platform: Running, tmp_path: Path) -> None:
    index = papers(tmp_path)
    sent = (tmp_path / "manifest.edi").read_bytes()
    with platform.client("carrier") as carrier, platform.client("trader") as trader, platform.client("trucker") as stranger:
        records = intake(carrier, "edifact", sent).json()["records"]
        manifest = next(one for one in records if one["record"] == MANIFEST)
        door = f"/api/messages/{MANIFEST}/{manifest['id']}"
        edifact = carrier.get(door, params={"form": "edifact"})
        assert edifact.headers["content-type"] == "application/edifact"
        again = edifact.content.decode("utf-8", "replace")
        assert again.count("CNI+") == sent.decode("latin-1").count("CNI+") > 0, "all bills are in the cargo report again"
        assert ET.fromstring(carrier.get(door, params={"form": "xml"}).content).get("type") == MANIFEST
        assert carrier.get(door).json()["number"] == manifest["ref"].rpartition("/")[2]
        assert carrier.get(door, params={"form": "wco"}).status_code == 422
        assert stranger.get(door).status_code == 404
        filed = intake(trader, "wco-dec", (tmp_path / index["risky"]["file"]).read_bytes()).json()["records"][0]
        door = f"/api/messages/base.declaration.declaration/{filed['id']}"
        xml = trader.get(door, params={"form": "wco"})
        assert b"GovernmentAgencyGoodsItem" in xml.content
        assert trader.get(door).json()["functional_reference"].encode() in xml.content


@pytest.mark.clause("H7.2.5a1")
def test_an_order_of_one_agency_shows_in_the_other_and_the_reply_returns(platform: Running) -> None:
    words = [sys.executable, "-m", "kouan_sim.cli", "agencies", "--url", platform.url, "--home", str(platform.home),
             "--only", "customs,border", "--think", "0.5"]  # fmt: skip
    twins = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ})
    number = References().next("XC")
    try:
        with platform.client("customs") as customs, platform.client("border") as border, platform.client("maritime") as third:
            until(lambda: {c["name"] for c in customs.get("/api/connectors").json() if c["status"] == "up"} == {"customs"}, "customs")
            until(lambda: {c["name"] for c in border.get("/api/connectors").json() if c["status"] == "up"} == {"border"}, "border")
            due = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
            order = {"number": number, "to": "org:border", "measure": "assist", "subject": "协查船员行李 luggage", "due": due}
            filed = customs.post(INSTRUCTION, json=order)
            assert filed.status_code == 201, filed.text
            ref, door = filed.json()["item"]["ref"], f"{INSTRUCTION}/{filed.json()['item']['id']}"
            shown = until(lambda: [d for d in border.get("/api/inbox").json() if d["ref"] == ref], "it is in border's inbox")
            assert shown[-1]["data"]["subject"] == "协查船员行李 luggage"
            closed = until(lambda: (i := customs.get(door).json())["state"] == "closed" and i, "replied to, and closed by customs")
            assert closed["data"]["outcome"] == "nothing-found"
            assert "simulated" in closed["data"]["reply"], "the reply came out of border's simulated system"
            assert [d["data"]["outcome"] for d in customs.get("/api/inbox").json() if d["ref"] == ref and d["version"] == 3] == [
                "nothing-found"
            ]
            assert third.get(door).status_code == 404, "nobody else sees it"
            wanted = {("border", "close"), ("customs", "reply")}
            until(lambda: wanted <= {(d["org"], d["what"]) for d in customs.get("/api/deliveries", params={"state": "delivered"}).json()
                                     if d["ref"] == ref}, "each step reached the other's system")  # fmt: skip
    finally:
        twins.send_signal(signal.SIGTERM)
        said = json.loads(twins.communicate(timeout=20)[0])["agencies"]
    assert [i["what"] for i in said["border"]["instructions"] if i["ref"] == ref] == ["filed", "close"]
    assert [i["what"] for i in said["customs"]["instructions"] if i["ref"] == ref] == ["acknowledge", "reply"]
    assert said["border"]["forged"] == said["customs"]["forged"] == 0


@pytest.mark.clause("H7.2.5a1")
def test_an_order_is_worked_by_hand_where_no_system_is(platform: Running) -> None:
    number = References().next("XC")
    with platform.client("transport") as issuer, platform.client("terminal") as addressee:
        order = {"number": number, "to": "org:terminal", "measure": "hold", "subject": "Hold the box", "text": "until noon"}
        item = issuer.post(INSTRUCTION, json=order).json()["item"]
        door = f"{INSTRUCTION}/{item['id']}/actions"
        waits = [line for line in addressee.get("/api/worklist").json()["items"] if line["ref"] == item["ref"]]
        assert [line["action"]["title"]["en"] for line in waits] == ["Acknowledge"]
        assert issuer.post(f"{door}/reply", json={"data": {"outcome": "done"}}).status_code == 403
        assert addressee.post(waits[0]["action"]["post"]["url"], json={}).status_code == 200
        assert addressee.post(f"{door}/close", json={}).status_code == 403
        assert addressee.post(f"{door}/reply", json={"data": {}}).json()["field"] == "outcome"
        assert addressee.post(f"{door}/reply", json={"data": {"outcome": "done", "reply": "held"}}).status_code == 200
        back = [line for line in issuer.get("/api/worklist").json()["items"] if line["ref"] == item["ref"]]
        assert [line["state"] for line in back] == ["replied"]
        assert issuer.post(f"{door}/close", json={}).json()["state"] == "closed"
        nowhere = issuer.post(INSTRUCTION, json={**order, "number": References().next("XC"), "to": "org:nosuch"}).json()["item"]
        until(lambda: issuer.get(f"{INSTRUCTION}/{nowhere['id']}").json()["state"] == "undeliverable", "it comes back")
        own = issuer.post(INSTRUCTION, json={**order, "number": References().next("XC"), "to": "org:transport"})
        assert (own.status_code, own.json()["problems"][0]["rule"]) == (422, "INS-TO")
