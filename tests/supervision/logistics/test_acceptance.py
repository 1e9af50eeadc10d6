"""Customs logistics on the running platform: a vessel's call played by its parties, and both ways of telling within seconds."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from kouan_sim import edi
from kouan_sim.calls import fal_port_call
from kouan_sim.doors import Door
from kouan_sim.identifiers import imo_number
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.ships import SISTER
from kouan_sim.terminal import Yardmaster
from tests.conftest import Running
from tests.shipment import GREEN, RISKY, Shipment, until

MOVE, ORDER = "base.movement.move", "supervision.inspection.order"
DOOR = "/api/records/supervision/inspection/order"
CALL = "/api/records/base/portcall/port_call"


class Ear:
    """What the live feed told an organisation, with the moment at which it was heard."""

    def __init__(self) -> None:
        self.facts: list[tuple[float, dict[str, Any]]] = []
        self.open = threading.Event()
        self.over = False

    def heard(self, record: str, ref: str = "") -> float | None:
        """When a fact about a record (of a reference, if one is named) was heard first."""
        return next((at for at, fact in self.facts if fact["record"] == record and ref in fact["ref"]), None)


@contextmanager
def listening(platform: Running, org: str) -> Iterator[Ear]:
    """An organisation's live feed, while the block runs."""
    ear = Ear()

    def listen() -> None:
        with platform.client(org) as client, client.stream("GET", "/api/live", timeout=60) as answer:
            ear.open.set()
            for text in answer.iter_lines():
                if text.startswith('data: {"topic"'):
                    ear.facts.append((time.monotonic(), json.loads(text[6:])))
                if ear.over:
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert ear.open.wait(20)
    time.sleep(0.5)
    try:
        yield ear
    finally:
        ear.over = True


def play(platform: Running, act: Callable[[Yardmaster], Any]) -> Any:
    """Let the simulated terminal do something by its own door."""

    async def do() -> Any:
        async with Door(platform.url, platform.token("terminal")) as door:
            return await act(Yardmaster(door, drive=0.0))

    return asyncio.run(do())


def notices(shipment: Shipment, org: str, order: str) -> Any:
    return shipment.call(org, "GET", f"/api/inspections/{order}/notices")


@pytest.mark.clause("H9.1.2b1")
def test_customs_sees_the_discharge_and_place_of_a_targeted_box_within_the_agreed_seconds(platform: Running) -> None:
    shipment = Shipment(platform, RISKY)
    shipment.file()
    shipment.becomes("targeted")
    order = shipment.order()["id"]
    assert notices(shipment, "customs", order)["boxes"][0]["presence"] == "expected"
    with listening(platform, "customs") as customs:
        began = time.monotonic()
        play(platform, lambda master: master.discharge(shipment.voyage, shipment.bill.boxes))
        until(lambda: customs.heard(MOVE, shipment.box), lambda at: at is not None)
        seen = until(lambda: notices(shipment, "customs", order), lambda told: told["boxes"][0]["position"])
        shown = time.monotonic() - began
    heard = customs.heard(MOVE, shipment.box)
    assert heard is not None
    until(lambda: notices(shipment, "customs", order)["moves"], lambda moves: moves and moves[0]["customs"])
    told = notices(shipment, "customs", order)
    agreed = told["agreed_seconds"]
    assert heard - began <= agreed
    assert shown <= agreed
    (move,) = told["moves"]
    assert (move["activity"], move["within"]) == ("discharge", True)
    assert 0 <= move["seconds"] <= agreed
    assert seen["boxes"][0]["place"].startswith("place:CNWHH/YARD/")
    assert shipment.call("trader", "GET", f"/api/inspections/{order}/notices")["moves"] == []


def inbox(shipment: Shipment, org: str, ref: str) -> Any:
    found = shipment.call(org, "GET", "/api/inbox", params={"limit": 50})
    items = found["items"] if isinstance(found, dict) else found
    return next((item for item in items if item["ref"] == ref), None)


@pytest.mark.clause("H9.1.2b2")
def test_an_order_reaches_terminal_trader_and_single_window_and_plans_the_box_to_the_bay(platform: Running) -> None:
    shipment = Shipment(platform, GREEN)
    shipment.file()
    shipment.becomes("released")
    play(platform, lambda master: master.discharge(shipment.voyage, shipment.bill.boxes))
    orgs = ("terminal", "trader", "portoffice")
    with listening(platform, "terminal") as first, listening(platform, "trader") as second, listening(platform, "portoffice") as third:
        began = time.monotonic()
        order = shipment.call("customs", "POST", "/api/inspections/target", json={"container": shipment.box, "reason": "b2"})
        heard = [until(partial(ear.heard, ORDER, order["ref"]), lambda at: at is not None) for ear in (first, second, third)]
    told = until(lambda: notices(shipment, "customs", order["id"]), lambda t: {p["org"] for p in t["parties"]} >= set(orgs))
    assert all(at - began <= told["agreed_seconds"] for at in heard)
    parties = {party["org"]: party for party in told["parties"]}
    assert all(parties[org]["within"] and parties[org]["seconds"] >= 0 for org in orgs)
    for org in orgs:
        item = inbox(shipment, org, order["ref"])
        assert item["data"]["bay"] == order["data"]["bay"]
        assert item["data"]["planned_at"]
        assert "reasons" not in item["data"]
    asked = {"container": shipment.box}
    (work,) = shipment.call("terminal", "GET", "/api/records/facilities/yard/instruction", params=asked)["items"]
    assert (work["data"]["activity"], work["data"]["place"], work["state"]) == ("to-bay", order["data"]["bay"], "issued")
    assert work["data"]["position"]
    assert {party["org"] for party in notices(shipment, "trader", order["id"])["parties"]} == {"trader"}


@pytest.mark.clause("W14")
def test_a_notice_is_known_within_seconds_and_the_move_to_the_bay_returns(platform: Running) -> None:
    shipment = Shipment(platform, RISKY)
    shipment.file()
    shipment.becomes("targeted")
    order = shipment.order()
    agencies = shipment.call("maritime", "POST", "/api/inspections/target", json={"container": shipment.box})["data"]["agencies"]
    told = until(lambda: notices(shipment, "customs", order["id"]),
                 lambda t: {p["org"] for p in t["parties"]} >= {"terminal", "trader", "portoffice"})  # fmt: skip
    assert all(party["within"] for party in told["parties"])

    def read(org: str = "customs") -> Any:
        return order_of(shipment, order["id"], org)

    play(platform, lambda master: master.discharge(shipment.voyage, shipment.bill.boxes))
    with listening(platform, "customs") as customs, listening(platform, "trader") as trader:
        play(platform, work_until(lambda: read()["state"] == "moved"))
        until(lambda: (customs.heard(ORDER, order["ref"]), trader.heard(ORDER, order["ref"])), all)
    for org in ("customs", "trader", "portoffice"):
        seen = read(org)
        assert seen["tracks"]["terminal"]["state"] == "moved"
        assert seen["data"]["moved_at"]
    told = until(lambda: notices(shipment, "customs", order["id"]), lambda t: t["moves"] and t["moves"][0]["customs"])
    assert (told["moves"][0]["activity"], told["boxes"][0]["presence"]) == ("to-bay", "bay")
    assert told["moves"][0]["within"]
    terminal = next(party for party in told["parties"] if party["org"] == "terminal")
    assert terminal["acknowledged"]
    findings = [{"agency": agency, "outcome": "release"} for agency in agencies]
    shipment.call("customs", "POST", f"/api/inspections/{order['id']}/findings", json={"findings": findings})
    assert shipment.becomes("released") == "released"
    play(platform, work_until(lambda: read()["tracks"]["terminal"]["state"] == "returned"))
    assert read()["data"]["returned_at"] >= read()["data"]["moved_at"]


def work_until(done: Callable[[], bool]) -> Callable[[Yardmaster], Any]:
    async def work(master: Yardmaster) -> None:
        limit = time.monotonic() + 30
        while not await asyncio.to_thread(done):
            assert time.monotonic() < limit
            await master.round()
            await asyncio.sleep(0.2)

    return work


@pytest.mark.clause("W01")
def test_a_call_is_followed_cargo_by_cargo_from_arrival_to_the_gate(platform: Running) -> None:
    plain, risky = Shipment(platform, GREEN), Shipment(platform, RISKY)
    chance = plain.refs.chance("w01")
    vessel = replace(SISTER, imo=int(imo_number(chance.randrange(100_000, 900_000))))
    voyage = replace(plain.voyage, bills=(plain.bill, risky.bill), vessel=vessel)
    plain.voyage = risky.voyage = voyage
    filed = plain.call("agent", "POST", "/api/intake/imo-fal", 201, content=fal_port_call(voyage))
    kept = next(one for one in filed["records"] if one["ref"].startswith("portcall:"))
    plain.call("customs", "POST", f"{CALL}/{kept['id']}/actions/customs.accept", json={})
    plain.call("carrier", "POST", "/api/intake/edifact", 201, content=cuscar(voyage, datetime.now(UTC)))

    def follow(org: str = "customs") -> dict[str, Any]:
        found = plain.call(org, "GET", "/api/logistics", params={"call": kept["ref"]})
        return {item["container"].partition(":")[2]: item for item in found["items"]}

    def stages() -> tuple[str, str]:
        seen = follow()
        return seen[plain.box]["stage"], seen[risky.box]["stage"]

    assert stages() == ("manifested", "manifested")
    for shipment in (plain, risky):
        declare(shipment)
    plain.becomes("released")
    risky.becomes("targeted")
    now = datetime.now(UTC)
    ship = edi.Ship(imo=voyage.imo, voyage=voyage.number)
    landed = [edi.Handled(box.number, now, size=box.size, gross=box.gross, bill=bill.number) for bill in voyage.bills for box in bill.boxes]
    report = edi.coarri(ship, landed, plain.refs.next("CO")[-14:], now)
    assert not plain.call("terminal", "POST", "/api/intake/edifact", 200, content=report)["refused"]
    until(stages, lambda seen: seen == ("released", "targeted"))
    order = risky.order()
    play(platform, work_until(lambda: stages()[1] == "bay"))
    findings = [{"agency": agency, "outcome": "release"} for agency in order["data"]["agencies"]]
    risky.call("customs", "POST", f"/api/inspections/{order['id']}/findings", json={"findings": findings})
    risky.becomes("released")
    play(platform, work_until(lambda: order_of(risky, order["id"])["tracks"]["terminal"]["state"] == "returned"))
    for shipment in (plain, risky):
        plate = shipment.plate()
        shipment.book(plate, [shipment.box], "out")
        assert shipment.present("out-1", plate, [shipment.box])["decision"] == "open"
    until(stages, lambda seen: seen == ("out", "out"))
    whole = plain.call("customs", "GET", "/api/logistics", params={"call": kept["ref"]})
    assert (whole["call"]["landed"], whole["call"]["gone"], whole["wrong"]) == (2, 2, [])
    steps = [step["stage"] for step in follow()[risky.box]["steps"]]
    assert steps == ["manifested", "arrived", "discharged", "targeted", "bay", "inspected", "released", "out"]
    assert set(follow("trader")) == {plain.box, risky.box}
    carriers = follow("carrier")[risky.box]
    assert (carriers["stage"], carriers["declaration"], carriers["order"]) == ("out", None, None)


def declare(shipment: Shipment) -> None:
    body = wco_declaration(shipment.voyage, shipment.bill, shipment.reference, datetime.now(UTC))
    shipment.call("trader", "POST", "/api/intake/wco-dec", 201, content=body)


def order_of(shipment: Shipment, order: str, org: str = "customs") -> Any:
    return shipment.call(org, "GET", f"{DOOR}/{order}")
