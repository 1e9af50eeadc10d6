"""The platform dies, the lane goes on by signed permits, and what it did is reconciled: kept once, contradictions said."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouan.app.supervisor.nats import Nats
from kouan_sim.lanes import Rig, broker
from tests.conftest import Running, end, free_port, planted, start
from tests.shipment import Shipment, until

PASSAGE = "/api/records/facilities/gate/passage"
PERMIT = "/api/records/facilities/gate/permit"
MOVE = "/api/records/base/movement/move"
SLACK = 10
"""Seconds that a busy machine may take longer to end a process."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[list[Running]]:
    """A platform that may be killed; the list's last one runs."""
    running = [start(planted(tmp_path / "data"), KOUAN_RANDOM_SHARE="0", KOUAN_PORT=str(free_port()))]
    yield running
    end(running[-1])


class Lane:
    """The lane's own computer: `kouan lane` with a folder of its own."""

    def __init__(self, folder: Path, name: str, platform: Running) -> None:
        self.words = ["lane", "--folder", str(folder), "--lane", name, "--direction", name.partition("-")[0]]
        self.env = {**os.environ, "KOUAN_URL": platform.url, "KOUAN_TOKEN": platform.token("terminal")}

    def __call__(self, *words: str) -> tuple[int, Any]:
        program = [sys.executable, "-m", "kouan.app.cli", *self.words, *words]
        done = subprocess.run(program, env=self.env, capture_output=True, text=True, timeout=60)
        return done.returncode, json.loads(done.stdout) if done.stdout.strip() else done.stderr


class Attended:
    """A lane with a broker of its own and the lane's computer beside it: `kouan lane run`."""

    def __init__(self, folder: Path, name: str, platform: Running) -> None:
        self.folder, self.name, self.log = folder, name, folder / "run.log"
        folder.mkdir()
        self.broker = Nats(folder, free_port(), free_port())
        self.broker.start()
        known, (host, port, user, password) = self.broker.credentials, broker(platform.home)
        self.devices = ("127.0.0.1", self.broker.mqtt_port, known.device_user, known.device_password)
        words = ["lane", "--folder", str(folder / "state"), "--lane", name, "--direction", name.partition("-")[0], "run", "--every", "0.5"]
        env = {
            **os.environ, "KOUAN_URL": platform.url, "KOUAN_TOKEN": platform.token("terminal"),
            "KOUAN_LANE_BROKER": f"mqtt://{known.client_user}:{known.client_password}@127.0.0.1:{self.broker.mqtt_port}",
            "KOUAN_PLATFORM_BROKER": f"mqtt://{user}:{password}@{host}:{port}",
        }  # fmt: skip
        with self.log.open("ab") as out:
            self.process = subprocess.Popen([sys.executable, "-m", "kouan.app.cli", *words], env=env, stdout=out, stderr=out)

    def said(self, *words: str) -> None:
        """Wait until the lane's computer has logged these words."""
        until(self.log.read_text, lambda text: all(word in text for word in words))

    def drive(self, act: Callable[[Rig], Awaitable[Any]]) -> Any:
        """Let something happen at the lane's devices."""

        async def go() -> Any:
            async with Rig(self.devices, self.name) as rig:
                return await act(rig)

        return asyncio.run(go())

    def close(self) -> None:
        """End both, whatever became of them."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(20)
        self.broker.stop()


@pytest.fixture
def attended(own: list[Running], tmp_path: Path) -> Iterator[Attended]:
    """The lane in-1, attended."""
    lane = Attended(tmp_path / "attended", "in-1", own[-1])
    yield lane
    lane.close()


def permit(shipment: Shipment, plate: str) -> Any:
    item = shipment.call("trucker", "GET", "/api/records/services/booking/booking", params={"vehicle": f"vehicle:{plate}"})["items"][0]
    return shipment.call("trucker", "POST", "/api/gates/permits", 201, json={"booking": item["data"]["number"]})


async def passes(rig: Rig, plate: str, token: str, barrier: str = "open", **more: Any) -> dict[str, Any]:
    """A vehicle is read and its permit shown; what barrier and lamps are told."""
    await rig.vehicle(plate, permit=token, **more)
    return await rig.commanded(60, barrier=barrier)


@pytest.mark.slow
def test_lanes_go_on_while_the_platform_is_dead_and_are_reconciled(own: list[Running], attended: Attended, tmp_path: Path) -> None:
    platform = own[-1]
    shipment = Shipment(platform)
    plates = [f"鲁B{n}" for n in (20_001, 20_002, 20_003, 20_004)]
    for plate in plates:
        shipment.book(plate, [], "in", business="empty")
    good, bad, read, online = [permit(shipment, plate) for plate in plates]
    attended.said("key and list are fresh", "the platform's broker: connected", "the lane's broker: connected")
    judged = attended.drive(lambda rig: passes(rig, plates[3], online["token"]))
    assert judged["passage"], "the platform judges while it is there"
    assert permit(shipment, plates[0])["token"] == good["token"]
    first, second = Lane(tmp_path / "one", "in-1", platform), Lane(tmp_path / "two", "in-1", platform)
    assert first("check", good["token"], "--vehicle", plates[0])[1]["why"] == "bare"
    for lane in (first, second):
        assert lane("sync")[0] == 0
    shipment.call("trucker", "POST", f"{PERMIT}/{bad['id']}/actions/revoke", json={"data": {"revoked_why": "another truck"}})
    platform.process.kill()
    platform.process.wait(20)
    attended.said("the platform's broker: away", "the platform does not answer")
    alone = attended.drive(lambda rig: passes(rig, plates[2], read["token"]))
    assert (alone["passage"], alone["barrier"], alone["lamp"], alone["display"]["en"]) == (
        None, "open", "green", "The permit is valid: proceed",
    )  # fmt: skip
    again_shown = attended.drive(lambda rig: passes(rig, plates[2], read["token"], barrier="closed"))
    assert (again_shown["lamp"], again_shown["display"]["zh"]) == ("red", "通行证在本车道已使用")
    assert attended.drive(lambda rig: passes(rig, "鲁B20005", "", barrier="closed", alarm=True))["display"]["en"].startswith("Radiation")
    assert first("sync")[0] == 2
    assert first("check", good["token"], "--vehicle", "鲁B99999")[1]["why"] == "vehicle"
    code, opened = first("check", good["token"], "--vehicle", plates[0])
    assert (code, opened["decision"]) == (0, "open")
    assert first("check", good["token"], "--vehicle", plates[0])[1]["why"] == "used"
    assert second("check", good["token"], "--vehicle", plates[0])[1]["decision"] == "open"
    # The second lane's list is older than the revocation: it opens, and is told so afterwards.
    assert second("check", bad["token"], "--vehicle", plates[1])[1]["decision"] == "open"
    time.sleep(0.5)
    own.append(start(platform.home, KOUAN_RANDOM_SHARE="0", KOUAN_PORT=platform.url.rpartition(":")[2]))
    again = Shipment(own[-1])
    code, told = first("report")
    mine = next(one for one in told["entries"] if one["id"] == opened["id"])
    assert (mine["outcome"], mine["contradictions"]) == ("kept", [])
    _, other = second("report")
    assert [sorted(c["rule"] for c in one["contradictions"]) for one in other["entries"]] == [["OFF-TWICE"], ["OFF-REVOKED"]]
    kept = again.call("terminal", "GET", PASSAGE, params={"offline": "true", "vehicle": f"vehicle:{plates[0]}"})["items"]
    mine_kept = next(one for one in kept if one["ref"] == mine["ref"])
    assert mine_kept["data"]["at"].startswith(opened["at"][:19])
    assert mine_kept["data"]["decision"] == "open"
    entry = {name: opened[name] for name in ("id", "token", "vehicle", "containers", "direction", "at", "decision")}
    repeat = again.call("terminal", "POST", "/api/gates/in-1/offline", json={"entries": [entry]})["entries"][0]
    assert (repeat["outcome"], repeat["ref"]) == ("repeated", mine["ref"])
    changed = again.call("terminal", "POST", "/api/gates/in-1/offline", json={"entries": [{**entry, "vehicle": "鲁B33333"}]})["entries"][0]
    assert changed["outcome"] == "refused"
    assert again.call("trucker", "GET", f"{PERMIT}/{good['id']}")["state"] == "used"
    until(lambda: first("report")[1], lambda said: said == {"entries": []})
    offline = {"offline": "true", "vehicle": f"vehicle:{plates[2]}"}
    told = until(lambda: again.call("terminal", "GET", PASSAGE, params=offline)["items"], lambda items: len(items) == 2)
    assert sorted(one["data"]["decision"] for one in told) == ["open", "refuse"]
    until(lambda: again.call("trucker", "GET", f"{PERMIT}/{read['id']}"), lambda item: item["state"] == "used")
    attended.process.send_signal(signal.SIGTERM)
    assert attended.process.wait(5 + SLACK) == 0
    attended.said("ended, 0 decisions to be reported")


def test_a_permit_is_its_bookings_holder_s_alone_and_is_issued_by_the_gate_s_rules(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    plate = shipment.plate()
    shipment.book(plate, [shipment.box], "out", number=(number := shipment.refs.next("BKP")))

    def ask(org: str, status: int) -> Any:
        return shipment.call(org, "POST", "/api/gates/permits", status, json={"booking": number})

    assert ask("trader", 404)["reason"]["zh"]
    shipment.becomes("released")
    first = ask("trucker", 201)
    assert ask("trucker", 201)["ref"] == first["ref"]
    seen = shipment.call("terminal", "GET", f"{PERMIT}/{first['id']}")["data"]
    assert seen["vehicle"] == f"vehicle:{plate}"
    assert "token" not in seen
    shipment.call("agent", "GET", f"{PERMIT}/{first['id']}", 404)
    other = shipment.refs.next("BKQ")
    shipment.book(plate, ["CSQU3054383"], "in", business="bonded", number=other)
    refused = shipment.call("trucker", "POST", "/api/gates/permits", 422, json={"booking": other})
    assert refused["rule"] == "GATE-SEAL"
    forged = {"number": "X", "vehicle": plate, "direction": "in", "opens": "2026-11-22T00:00:00Z", "closes": "2026-11-22T01:00:00Z",
              "trucker": "trucker", "token": "x"}  # fmt: skip
    shipment.call("trucker", "POST", PERMIT, 403, json=forged)


def test_a_permit_is_revoked_by_itself_when_customs_holds_the_goods(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    shipment.becomes("released")
    plate = shipment.plate()
    shipment.book(plate, [shipment.box], "out")
    issued = permit(shipment, plate)
    declaration = shipment.call("trader", "GET", "/api/records/base/declaration/declaration",
                                params={"functional_reference": shipment.reference})["items"][0]  # fmt: skip
    shipment.call("customs", "POST", f"/api/records/base/declaration/declaration/{declaration['id']}/actions/hold", json={})
    revoked = until(lambda: shipment.call("trucker", "GET", f"{PERMIT}/{issued['id']}"), lambda item: item["state"] == "revoked")
    assert shipment.box in revoked["data"]["revoked_why"]
