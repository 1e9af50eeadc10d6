"""Serial approvals turned parallel on the running platform, with simulated agencies that take known times."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kouan_sim.deciders import Decider, at_work
from kouan_sim.identifiers import References
from tests.conftest import Running
from tests.shipment import until

DEFINITION = "/api/records/supervision/process/definition"
CASE = "/api/records/supervision/process/case"
SECONDS = {"customs": 1.0, "maritime": 2.0, "border": 1.5, "portoffice": 3.0}
"""How long each simulated agency takes over its step."""
NAMES = {
    "customs": ("海关监管审批", "Customs' approval"), "maritime": ("海事作业审批", "Maritime approval"),
    "border": ("边检登轮审批", "Border inspection's approval"), "portoffice": ("港口作业审批", "Port office's approval"),
}  # fmt: skip
SLACK = 4.0
"""Seconds that handing over, looking and this busy machine may add to a whole case."""


def ask(platform: Running, org: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
    with platform.client(org) as client:
        answer = client.request(method, path, **more)
    assert answer.status_code == status, (org, path, answer.text)
    return answer.json()


def steps(*, serial: bool, **more: Any) -> list[dict[str, Any]]:
    """Four agencies, each after the one before, or all at once."""
    agencies = list(SECONDS)
    return [
        {"key": agency, "agency": agency, "name_zh": NAMES[agency][0], "name_en": NAMES[agency][1], "within_minutes": 60,
         "after": agencies[n - 1 : n] if serial else [], **more} for n, agency in enumerate(agencies)
    ]  # fmt: skip


def define(platform: Running, **more: Any) -> dict[str, Any]:
    """The port office makes a process of its own."""
    code = f"t-{References().next('P').lower()}"[-30:].strip("-")
    data = {"code": code, "name_zh": "危险货物港口作业许可", "name_en": "Dangerous goods operation permit", **more}
    item: dict[str, Any] = ask(platform, "portoffice", "POST", DEFINITION, 201, json=data)["item"]
    return item


def apply(platform: Running, process: dict[str, Any]) -> dict[str, Any]:
    """The agent applies; the case once it is with the agencies."""
    data = {"number": References().next("DG"), "process": process["ref"], "about": "UN 1203, SIM tank containers"}
    filed = ask(platform, "agent", "POST", CASE, 201, json=data)["item"]
    found: dict[str, Any] = until(lambda: see(platform, filed), lambda case: case["state"] == "open")
    return found


def see(platform: Running, case: dict[str, Any], org: str = "agent") -> Any:
    return ask(platform, org, "GET", f"{CASE}/{case['id']}")


def run(platform: Running, process: dict[str, Any]) -> dict[str, Any]:
    """One case from application to grant, with the agencies at work; its timing."""
    agencies = [Decider(platform.url, platform.token(org), org, seconds, process["ref"]) for org, seconds in SECONDS.items()]

    async def going() -> dict[str, Any]:
        async with at_work(agencies):
            case = await asyncio.to_thread(apply, platform, process)
            await asyncio.to_thread(until, lambda: see(platform, case), lambda one: one["state"] == "granted")
        return case

    case = asyncio.run(going())
    found: dict[str, Any] = ask(platform, "agent", "GET", f"/api/processes/cases/{case['id']}/timing")
    return found


@pytest.mark.clause("H9.1.6b")
def test_the_same_case_in_parallel_takes_as_long_as_its_longest_branch(platform: Running) -> None:
    process = define(platform, steps=steps(serial=True))
    serial = run(platform, process)
    assert serial["branch"] == list(SECONDS)
    assert sum(SECONDS.values()) <= serial["elapsed_seconds"] <= sum(SECONDS.values()) + 2 * SLACK
    assert serial["won_seconds"] == pytest.approx(0, abs=0.01)
    waiting = apply(platform, process)
    # The port office edits the process: nobody waits for another any more.
    edited = {**process["data"], "steps": steps(serial=False)}
    ask(platform, "portoffice", "PUT", f"{DEFINITION}/{process['id']}", json=edited, headers={"If-Match": "1"})
    parallel = run(platform, process)
    slowest = max(SECONDS.values())
    assert parallel["complete"]
    assert parallel["longest_branch_seconds"] == pytest.approx(max(s["seconds"] for s in parallel["steps"]), abs=0.01)
    assert slowest <= parallel["elapsed_seconds"] <= slowest + SLACK
    assert parallel["elapsed_seconds"] == pytest.approx(parallel["longest_branch_seconds"], abs=SLACK)
    assert parallel["elapsed_seconds"] < serial["elapsed_seconds"]
    assert parallel["won_seconds"] == pytest.approx(parallel["serial_seconds"] - parallel["longest_branch_seconds"], abs=0.01)
    assert parallel["won_seconds"] > 0
    # What was under way keeps the process that it began with.
    kept = see(platform, waiting)["data"]
    assert kept["version"] == 1
    assert [s["state"] for s in kept["steps"]] == ["ready", "waiting", "waiting", "waiting"] or kept["steps"][0]["state"] == "granted"


def test_an_agency_decides_its_own_step_in_its_turn_after_the_visit_that_was_booked(platform: Running) -> None:
    case = apply(platform, define(platform, steps=steps(serial=True, visit=True)))
    door = f"/api/processes/cases/{case['id']}"
    granted = {"step": "customs", "outcome": "granted"}
    assert ask(platform, "maritime", "POST", f"{door}/decide", 403, json=granted)["rule"] == "decide"
    assert ask(platform, "maritime", "POST", f"{door}/decide", 409, json={**granted, "step": "maritime"})["code"] == "not_ready"
    assert ask(platform, "customs", "POST", f"{door}/decide", 409, json=granted)["code"] == "visit_not_booked"
    wanted = {"step": "customs", "at": "2027-01-05T02:00:00Z"}
    ask(platform, "carrier", "POST", f"{door}/visit", 404, json=wanted)
    ask(platform, "agent", "POST", f"{door}/visit", json=wanted)
    case = ask(platform, "customs", "POST", f"{door}/decide", json=granted)
    assert [s["state"] for s in case["data"]["steps"]] == ["granted", "ready", "waiting", "waiting"]
    ask(platform, "agent", "POST", f"{door}/visit", json={**wanted, "step": "maritime"})
    ask(platform, "maritime", "POST", f"{door}/decide", json={"step": "maritime", "outcome": "refused", "note": "no crew"})
    assert until(lambda: see(platform, case), lambda one: one["state"] != "open")["state"] == "refused"


@pytest.mark.parametrize("after", [["nobody"], ["customs"]])
def test_a_process_that_could_never_end_is_refused(platform: Running, after: list[str]) -> None:
    broken = [{**steps(serial=False)[0], "after": after}]
    data = {"code": "broken", "name_zh": "坏流程", "name_en": "Broken", "steps": broken}
    assert ask(platform, "portoffice", "POST", DEFINITION, 422, json=data)["rule"] == "PROC-STEPS"


def test_a_turn_is_pushed_to_its_agency(platform: Running) -> None:
    case = apply(platform, define(platform, steps=steps(serial=True)))

    def waits(org: str) -> bool:
        items = ask(platform, org, "GET", "/api/worklist")["items"]
        return any(item["id"] == case["id"] for item in items)

    until(lambda: waits("customs"), bool)
    assert not waits("maritime")
    ask(platform, "customs", "POST", f"/api/processes/cases/{case['id']}/decide", json={"step": "customs", "outcome": "granted"})
    until(lambda: waits("maritime"), bool)
    assert not waits("customs")
