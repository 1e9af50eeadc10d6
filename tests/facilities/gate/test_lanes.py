"""A lane's devices on the running platform: readings by MQTT become a passage, the barrier obeys, the box is told to its carrier."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kouan_sim.agencies import RECEIVERS, Twin
from kouan_sim.lanes import Rig, broker
from kouan_sim.mqtt import Mqtt, NotConnected
from tests.conftest import Running
from tests.shipment import RISKY, Shipment, until

PASSAGE = "/api/records/facilities/gate/passage"
MOVE = "/api/records/base/movement/move"
COMMAND = "/api/records/facilities/gate/command"


def drive(platform: Running, lane: str, act: Callable[[Rig], Awaitable[Any]], **more: Any) -> Any:
    """Set up a lane's devices, let something happen, take them away; answers what the act answers."""

    async def go() -> Any:
        async with Rig(broker(platform.home), lane, **more) as rig:
            return await act(rig)

    return asyncio.run(go())


@asynccontextmanager
async def listening(twin: Twin) -> AsyncIterator[None]:
    """A party's system on a socket of its own, until it was of use."""
    running = asyncio.create_task(twin.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def passage_of(shipment: Shipment, plate: str) -> Any:
    return until(listing(shipment, "terminal", PASSAGE, vehicle=f"vehicle:{plate}"), bool)[0]


def listing(shipment: Shipment, org: str, door: str, **params: str) -> Callable[[], Any]:
    """Looks at a list, again at each call."""

    def look() -> Any:
        return shipment.call(org, "GET", door, params=params)["items"]

    return look


def unmet(passage: Any) -> set[str]:
    return {said["rule"] for said in passage["data"]["judgements"] if not said["met"]}


@pytest.mark.clause("H6.3-1")
def test_a_released_box_leaves_by_its_readings_and_its_carrier_hears_codeco(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    shipment.becomes("released")
    plate = shipment.plate()
    shipment.book(plate, [shipment.box], "out")

    carrier = Twin(RECEIVERS["carrier"], platform.url, platform.token("carrier"), watch=0.5, guest=True)

    async def act(rig: Rig) -> Any:
        async with listening(carrier):
            await rig.vehicle(plate, (shipment.box,), gross=31_000, seals=("SIM1",))
            command = await rig.commanded(barrier="open")
            async with asyncio.timeout(30):
                while not any(shipment.box in told.data.get("boxes", ()) for told in carrier.told):
                    await asyncio.sleep(0.1)
        return command

    command = drive(platform, "out-1", act)
    heard = next(told for told in carrier.told if shipment.box in told.data.get("boxes", ()))
    assert (heard.record, heard.form, heard.data["message"]) == ("base.movement.move", "edifact", "CODECO")
    assert (command["lamp"], command["display"]) == ("green", {"zh": "请通行", "en": "Please proceed"})
    kept = passage_of(shipment, plate)
    assert (kept["ref"], kept["data"]["decision"], kept["data"]["gross_kg"]) == (command["passage"], "open", 31_000)
    assert {r["kind"] for r in kept["data"]["readings"]} == {"plate", "container", "scale", "radiation", "seal"}
    (confirmed,) = until(listing(shipment, "terminal", COMMAND, number=command["command"]), bool)
    assert (confirmed["data"]["confirmed"], confirmed["data"]["tries"]) == (True, 1)
    assert "barrier" in confirmed["data"]["confirmed_by"]
    box = f"container:{shipment.box}"
    move = until(listing(shipment, "carrier", MOVE, equipment=box, activity="gate-out"), bool)[0]
    assert (move["data"]["source"], move["data"]["vehicle"], move["data"]["at"]) == (kept["ref"], f"vehicle:{plate}", kept["data"]["at"])
    with platform.client("carrier") as client:
        body = client.get(f"/api/messages/{MOVE.removeprefix('/api/records/').replace('/', '.')}/{move['id']}", params={"form": "edifact"})
    assert body.status_code == 200, body.text
    assert "CODECO" in body.text
    assert shipment.box in body.text


def test_a_radiation_alarm_shuts_the_lane_until_two_persons_agree(platform: Running) -> None:
    shipment = Shipment(platform)
    plate = shipment.plate()

    async def act(rig: Rig) -> Any:
        await rig.vehicle(plate, cps=900, alarm=True)
        shut = await rig.commanded(barrier="closed", lamp="red")
        kept = await asyncio.to_thread(passage_of, shipment, plate)
        path = f"/api/gates/passages/{kept['id']}/override"

        def call(org: str, status: int, **body: str) -> Awaitable[Any]:
            return asyncio.to_thread(shipment.call, org, "POST", path, status, json=body)

        assert (await call("terminal", 422, reason="looks fine"))["code"] == "two_persons"
        assert (await call("terminal", 422, step="ask"))["code"] == "no_reason"
        await call("terminal", 200, step="ask", reason="medical isotopes, papers seen")
        assert (await call("terminal", 403, step="confirm"))["code"] == "same_person"
        after = await call("portoffice", 200, step="confirm")
        return shut, kept, after, await rig.commanded(barrier="open")

    shut, kept, after, opened = drive(platform, "in-1", act)
    assert unmet(kept) == {"GATE-RADIATION"}
    assert (kept["data"]["decision"], kept["data"]["radiation_cps"]) == ("refuse", 900)
    assert (after["data"]["decision"], after["data"]["judged"], after["state"]) == ("open", "refuse", "let_through")
    assert shut["passage"] == opened["passage"] == kept["ref"]


def test_the_terminal_does_not_overrule_customs(platform: Running) -> None:
    shipment = Shipment(platform, RISKY)
    shipment.file()
    plate = shipment.plate()
    shipment.book(plate, [shipment.box], "out")
    refused = shipment.present("out-1", plate, [shipment.box])
    assert {r["rule"] for r in refused["reasons"] if not r["met"]} == {"GATE-RELEASED"}
    path = f"/api/gates/passages/{refused['passage']['id']}/override"
    assert shipment.call("terminal", "POST", path, 403, json={"reason": "in a hurry"})["code"] == "not_ours"
    shipment.call("trucker", "POST", path, 403, json={"reason": "mine"})


def test_a_silent_device_is_asked_for_and_the_passage_says_what_was_entered(platform: Running) -> None:
    shipment = Shipment(platform)
    plate = shipment.plate()

    async def act(rig: Rig) -> Any:
        await rig.breaks("plate")
        await rig.vehicle("", (), card="D1")
        amber = await rig.commanded(lamp="amber")
        lanes = (await asyncio.to_thread(shipment.call, "terminal", "GET", "/api/gates"))["lanes"]
        moment = next(lane["now"] for lane in lanes if lane["code"] == "in-1")
        waits = moment["pending"][-1]
        path = f"/api/gates/in-1/pending/{waits['id']}"
        answer = await asyncio.to_thread(shipment.call, "terminal", "POST", path, 201, json={"vehicle": plate})
        return amber, moment, waits, answer

    amber, moment, waits, answer = drive(platform, "in-1", act, kinds=("plate", "scale", "radiation", "card"))
    assert amber["barrier"] == "closed"
    assert [d["alive"] for d in moment["devices"] if d["kind"] == "plate"][-1:] == [False]
    assert "plate" in waits["missing"]
    assert answer["decision"] == "open"
    kept = passage_of(shipment, plate)
    assert kept["data"]["entered"] == ["plate"]
    assert unmet(kept) == {"GATE-DEVICES"}
    others = shipment.call("customs", "GET", "/api/gates")["lanes"]
    assert all(lane["now"] is None for lane in others)


def test_a_seal_other_than_recorded_and_a_false_weight_are_found(platform: Running) -> None:
    shipment = Shipment(platform)
    box, plate = shipment.box, shipment.plate()
    at = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    told = {"equipment": box, "activity": "discharge", "at": at, "seals": ["WH104432"], "gross_kg": 14_000}
    shipment.call("terminal", "POST", MOVE, 201, json=told)
    shipment.book(plate, [box], "out")

    def rules(**more: Any) -> set[str]:
        return {r["rule"] for r in shipment.present("out-1", plate, [box], **more)["reasons"] if not r["met"]}

    assert "GATE-SEAL-MATCH" in rules(seals=["XX1"])
    assert "GATE-SEAL-MATCH" not in rules(seals=["wh-104432"])
    assert "GATE-WEIGHT" in rules(gross_kg=31_000, tare_kg=15_000)
    assert "GATE-WEIGHT" not in rules(gross_kg=29_500, tare_kg=15_000)
    assert "GATE-WEIGHT-RANGE" in rules(gross_kg=40_000)


def test_a_barrier_that_does_not_confirm_is_told_three_times_and_said(platform: Running) -> None:
    shipment = Shipment(platform)
    plate = shipment.plate()

    async def act(rig: Rig) -> Any:
        await rig.vehicle(plate)
        told: Counter[str] = Counter()
        while 3 not in told.values():  # a vehicle before us on this lane may be told of once more
            told[(await rig.commanded(barrier="open"))["command"]] += 1
        return told.most_common(1)[0][0]

    command = drive(platform, "in-1", act, obeys=(), kinds=("plate", "scale"))
    (kept,) = until(listing(shipment, "terminal", COMMAND, number=command), bool)
    assert (kept["data"]["confirmed"], kept["data"]["tries"]) == (False, 3)


def test_nobody_enters_without_the_password(platform: Running) -> None:
    host, port, user, _ = broker(platform.home)

    async def go() -> None:
        async with Mqtt(host, port, user, "guess", "stranger"):
            pass

    with pytest.raises(NotConnected):
        asyncio.run(go())
