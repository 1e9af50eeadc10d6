"""The steps: each does something through a public door, looks, and answers the references that it saw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from kouan.app.journey.walk import Failed, Walk
from kouan.kernel.text import Text

Step = Callable[[Walk], list[str]]
FIVE = ("customs", "maritime", "border", "portoffice", "terminal")


def prepare(walk: Walk) -> list[str]:
    """The papers of a new voyage are written by the simulators, and the platform is healthy."""
    health = walk.client("portoffice").get("/api/health")
    if health.status_code != 200:
        raise Failed(f"health {health.status_code}")
    walk.nmea = health.json()["ports"]["nmea"]
    done = subprocess.run(
        [sys.executable, "-m", "kouan_sim.cli", "papers", "--out", str(walk.work)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise Failed(done.stderr[-300:])
    walk.papers = json.loads((walk.work / "index.json").read_text())
    return [f"org:{org}" for org in FIVE]


def approach(walk: Walk) -> list[str]:
    """A simulated ship reports by AIS over TCP, and moves on the map."""
    mmsi = walk.papers["mmsi"]
    walk.simulate("ship", "--host", "127.0.0.1", "--port", str(walk.nmea), "--speed", "60", "--seconds", "40")

    def position() -> Any:
        answer = walk.client("portoffice").get(f"/api/vessels/{mmsi}")
        return answer.json() if answer.status_code == 200 and answer.json().get("lon") is not None else None

    first = walk.until("the ship's first position", position)
    walk.until(
        "the ship moves", lambda: (now := position()) and (now["lon"], now["lat"]) != (first["lon"], first["lat"])
    )
    return [f"vessel:mmsi:{mmsi}"]


def call(walk: Walk) -> list[str]:
    """Its agent files the port call once."""
    walk.simulate("agencies", "--seconds", "120")
    answer = walk.intake("agent", "imo-fal", "port-call.json", f"journey-{walk.papers['run']}-call")
    walk.seen["call"] = next(r["ref"] for r in answer["records"] if r["ref"].startswith("portcall:"))
    return [walk.seen["call"], f"receipt:{answer['receipt']['id']}"]


def shared(walk: Walk) -> list[str]:
    """Five parties get their own part of it and each answers with a receipt."""
    receipt = walk.receipts["port-call.json"][0]

    def answered() -> Any:
        chain = walk.get("agent", f"/api/receipts/{receipt}")["chain"]
        accepted = {link["agency"] for link in chain if link["code"] == "accepted"}
        return chain if accepted >= set(FIVE) else None

    walk.until("five receipts", answered, 40)
    return [walk.seen["call"], *(f"org:{org}" for org in FIVE)]


def meter(walk: Walk) -> list[str]:
    """The once-only meter shows fewer fields typed than delivered (W04)."""
    calls = walk.get("portoffice", "/api/meter")["calls"]
    mine = next((c for c in calls if c["ref"] == walk.seen["call"]), None)
    if not mine or len(mine["receivers"]) < 5 or mine["typed"] >= mine["delivered"]:
        raise Failed(f"meter: {mine}")
    return [mine["ref"]]


def too_early(walk: Walk) -> list[str]:
    """A declaration whose bill is on no manifest is refused with the missing link (H7.2.1a1)."""
    body = (walk.work / walk.papers["green"]["file"]).read_bytes()
    problem = walk.post("trader", "/api/intake/wco-dec", expect=(422,), content=body)
    bill = walk.papers["green"]["bill"]
    if bill not in json.dumps(problem, ensure_ascii=False):
        raise Failed(f"the missing bill is not named: {problem}")
    return [f"bill:{bill}"]


def manifest(walk: Walk) -> list[str]:
    """The carrier's manifest comes as EDIFACT CUSCAR."""
    answer = walk.intake("carrier", "edifact", "manifest.edi", f"journey-{walk.papers['run']}-manifest")
    return [r["ref"] for r in answer["records"]]


def green(walk: Walk) -> list[str]:
    """The same declaration is now accepted, scored and released without a human hand."""
    # A small random share is inspected whatever its score: the second paper stands in when the first was drawn.
    for name in ("green", "spare"):
        paper = walk.papers[name]
        answer = walk.intake("trader", "wco-dec", paper["file"], f"journey-{walk.papers['run']}-{name}")
        filed = answer["records"][0]
        ended = walk.until("released", partial(_ended, walk, filed))
        if ended == "released":
            return [filed["ref"], f"container:{paper['container']}"]
    raise Failed(f"both were {ended}")


def targeted(walk: Walk) -> list[str]:
    """A risky one is targeted: one joint inspection order for all agencies concerned (H9.2.1b1)."""
    paper = walk.papers["risky"]
    answer = walk.intake("trader", "wco-dec", paper["file"], f"journey-{walk.papers['run']}-risky")
    walk.seen["risky"] = answer["records"][0]
    walk.until("targeted", lambda: _state(walk, walk.seen["risky"]) == "targeted")
    orders = walk.until("one order", lambda: _orders(walk))
    if len(orders) != 1:
        raise Failed(f"{len(orders)} orders for one declaration")
    walk.seen["order"] = orders[0]
    return [orders[0]["ref"], walk.seen["risky"]["ref"]]


def why(walk: Walk) -> list[str]:
    """Its trader asks why it is not released: the rule, its owner, its deadline (H7.2.5b2)."""
    missing = walk.trace("trader", walk.seen["risky"]["ref"])["missing"]
    if not missing or not all(m["reason"]["zh"] and m["reason"]["en"] and m["owner"] for m in missing):
        raise Failed(f"missing: {missing}")
    return [missing[0]["ref"]]


def held_at_gate(walk: Walk) -> list[str]:
    """A truck that fetches the unreleased container is refused, with reasons in both languages."""
    passage = _truck(walk, walk.papers["risky"], "refuse")
    return [passage["passage"]["ref"], f"container:{walk.papers['risky']['container']}"]


def inspect(walk: Walk) -> list[str]:
    """Results of all agencies are entered together; the goods are released by class."""
    order = walk.seen["order"]
    findings = [
        {"agency": a, "outcome": "release", "note": "模拟查验 simulated visit"} for a in order["data"]["agencies"]
    ]
    walk.post("customs", f"/api/inspections/{order['id']}/findings", json={"findings": findings})
    walk.until("released after inspection", lambda: _state(walk, walk.seen["risky"]) == "released")
    return [order["ref"], walk.seen["risky"]["ref"]]


def gate(walk: Walk) -> list[str]:
    """The truck comes again and is let out."""
    passage = _truck(walk, walk.papers["risky"], "open")
    return [passage["passage"]["ref"], f"vehicle:{walk.papers['risky']['vehicle']}"]


def trace(walk: Walk) -> list[str]:
    """Port office and trader follow the container with one key."""
    ref = f"container:{walk.papers['risky']['container']}"
    for org in ("portoffice", "trader"):
        found = walk.trace(org, ref)
        if not found["documents"] or not found["events"]:
            raise Failed(f"{org} sees {len(found['documents'])} documents, {len(found['events'])} events")
        walk.seen[org] = found
    stranger = walk.trace("carrier", walk.seen["risky"]["ref"])
    if stranger["documents"]:
        raise Failed("a carrier sees a trader's declaration")
    return [ref, *(d["ref"] for d in walk.seen["portoffice"]["documents"][:8])]


def proof(walk: Walk) -> list[str]:
    """Each filing's receipt is proved offline; a changed document fails."""
    key = walk.work / "key.pem"
    key.write_text(walk.client("trader").get("/api/ledger/key").text)
    for name, (receipt, body) in walk.receipts.items():
        org = {"port-call.json": "agent", "manifest.edi": "carrier"}.get(name, "trader")
        path = walk.work / f"{name}.proof.json"
        path.write_text(json.dumps(walk.get(org, f"/api/receipts/{receipt}/proof")))
        (walk.work / "changed").write_bytes(body + b" ")
        if _verify(path, walk.work / name, key) != 0 or _verify(path, walk.work / "changed", key) == 0:
            raise Failed(f"the proof of {name} does not hold")
    return [f"receipt:{receipt}" for receipt, _ in walk.receipts.values()]


def _verify(path: Any, document: Any, key: Any) -> int:
    words = ["verify", str(path), "--document", str(document), "--key", str(key)]
    return subprocess.run(
        [sys.executable, "-m", "kouan.app.cli", *words], capture_output=True, check=False, timeout=30
    ).returncode


def _state(walk: Walk, declaration: Any) -> str:
    return str(walk.get("trader", f"/api/records/base/declaration/declaration/{declaration['id']}")["state"])


def _ended(walk: Walk, declaration: Any) -> str:
    state = _state(walk, declaration)
    return state if state in ("released", "targeted") else ""


def _orders(walk: Walk) -> Any:
    ref = walk.seen["risky"]["ref"]
    return walk.get("customs", "/api/records/supervision/inspection/order", declaration=ref)["items"]


def _truck(walk: Walk, paper: Any, expected: str) -> Any:
    walk.client("trucker").post("/api/records/services/booking/booking", json=paper["booking"])
    answer = walk.post(
        "terminal",
        "/api/gates/out-1/passages",
        json={"vehicle": paper["vehicle"], "containers": [paper["container"]], "direction": "out", "gross_kg": 28000},
    )
    reasons = answer["reasons"]
    if answer["decision"] != expected or not all(r["reason"]["zh"] and r["reason"]["en"] for r in reasons):
        raise Failed(f"gate says {answer['decision']}: {[r for r in reasons if not r['met']]}")
    return answer


STEPS: tuple[tuple[str, Text, Step], ...] = (
    ("prepare", Text("准备航次单证（模拟）", "Papers of a simulated voyage"), prepare),
    ("ship-approaches", Text("船舶驶近，地图上移动", "A ship approaches and moves on the map"), approach),
    ("port-call-filed-once", Text("代理一次填报", "Its agent files the call once"), call),
    ("five-parties-answer", Text("五家单位各取所需并回执", "Five parties get their part and answer"), shared),
    ("once-only-meter", Text("一次填报计量", "The once-only meter"), meter),
    ("missing-link-refused", Text("无舱单的报关单被退回", "A declaration without manifest is refused"), too_early),
    ("manifest", Text("承运人舱单 CUSCAR", "The carrier's manifest"), manifest),
    ("released-without-hand", Text("低风险自动放行", "Released without a human hand"), green),
    ("one-joint-inspection", Text("布控与一次联合查验", "Targeted: one joint inspection"), targeted),
    ("why-not-released", Text("为何未放行", "Why is it not released"), why),
    ("gate-refuses", Text("卡口拒绝未放行货物", "The gate refuses unreleased goods"), held_at_gate),
    ("results-entered-together", Text("结果一并录入、分类验放", "Results entered together"), inspect),
    ("gate-opens", Text("卡口放行", "The gate opens"), gate),
    ("trace", Text("一键跟踪", "One-key trace"), trace),
    ("offline-proof", Text("离线核验回执", "Receipts proved offline"), proof),
)
