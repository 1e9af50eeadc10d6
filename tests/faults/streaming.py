"""What tests of the stream under a hard hand do with a platform: send, ask what is kept, write a rule."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from kouan.app.supervisor.nats import Nats
from kouan_sim import ais
from tests.conftest import PLAIN, Running
from tests.faults.killing import ports
from tests.operations.alerts.conftest import Staff

FLOODED, POURS = 500_000, 3.0
"""AIS messages a second that are offered: ten times the 50,000 for which the stream is made; for so many seconds."""


def until(check: Callable[[], Any], seconds: float = 60) -> Any:
    limit = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < limit, "it does not come"
        time.sleep(0.2)
    return found


def stream(victim: Running) -> dict[str, Any]:
    with victim.client("portoffice") as office:
        answer = office.get("/api/stream")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def told(victim: Running) -> dict[str, str]:
    """What the supervisor tells its processes of where they are."""
    at = ports(victim.home)
    lines = {f"KOUAN_{name.upper()}_PORT": str(at[name]) for name in ("nmea", "radar", "gnss", "jt808", "adsb", "metar")}
    nats = Nats(victim.home, at["nats"], at["mqtt"])
    return {**lines, "KOUAN_HOME": str(victim.home), "KOUAN_DATABASE_SOCKET": at["database_socket"], "KOUAN_NATS_URL": nats.url}


def readings(victim: Running, device: str, rows: int, after: int) -> int:
    """Post rows with distinct times; how many were accepted. 503 is tried again with the same batch."""
    start_ = datetime(2026, 11, 1, tzinfo=UTC)
    lines = [f"{device},t,{(start_ + timedelta(seconds=after + n)).isoformat()},{after + n}" for n in range(rows)]
    with victim.client("terminal") as terminal:
        while True:
            answer = terminal.post("/api/intake/readings", content="device,metric,at,value\n" + "\n".join(lines))
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 200 and "unknown" not in answer.json()["causes"]:
                return int(answer.json()["accepted"] + answer.json()["causes"].get("duplicate", {}).get("count", 0))
            time.sleep(0.3)


def kept(victim: Running, device: str) -> int:
    asked = {"device": device, "since": "2026-10-31T00:00:00Z", "until": "2026-11-05T00:00:00Z"}
    with victim.client("terminal") as terminal:
        answer = terminal.get("/api/history", params=asked)
        return int(answer.json()["rows"]) if answer.status_code == 200 else 0


def new_device(victim: Running) -> str:
    name = f"D-{secrets.token_hex(4).upper()}"
    with victim.client("terminal") as terminal:
        assert (
            terminal.post("/api/records/facilities/telemetry/setting", json={"device": name, "metric": "t"}).status_code
            == 201
        )
    return name


def sentence(mmsi: int, lon: float) -> bytes:
    text = ais.Talker(source="SIM1").sentences(
        ais.type1(mmsi, ais.Position(lon, 36.0, 5.0, 90.0, 90)), int(time.time())
    )
    return ("\r\n".join(text) + "\r\n").encode()


def nmea(victim: Running) -> int:
    return int(ports(victim.home)["nmea"])


def fixes(victim: Running, mmsi: int, box: str = "100,35,179,37") -> int:
    with victim.client("portoffice") as office:
        answer = office.get("/api/history", params={"signal": "position", "ref": f"vessel:mmsi:{mmsi}", "bbox": box})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["rows"])


def device(victim: Running, code: str) -> dict[str, Any]:
    with victim.client("terminal") as terminal:
        found: dict[str, Any] = terminal.get(f"/api/devices/{code}").json()
        return found


def health(victim: Running) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{victim.url}/api/health", timeout=8, trust_env=False, verify=PLAIN).json()
    return found


def over(staff: Staff, devices: list[str], code: str) -> dict[str, Any]:
    """A live rule: a device of these tells more than 50."""
    condition = {"field": "value", "op": ">", "value": 50}
    return staff.rule(code, signal="reading", metric="t", devices=devices, condition=condition, clears_after_s=0)


def tell(staff: Staff, device: str, value: float) -> None:
    """A reading of this moment, posted."""
    line = f"{device},t,{datetime.now(UTC).isoformat()},{value}"
    assert staff.ask("terminal", "POST", "/api/intake/readings", content=f"device,metric,at,value\n{line}")["accepted"] == 1


def pour(at: tuple[str, int], blob: bytes, seconds: float) -> int:
    """Send a blob again and again as fast as the socket takes it, at most ten times what is rated; how often it went whole."""
    times, limit = 0, time.monotonic() + seconds
    with socket.create_connection(at) as line:
        while time.monotonic() < limit and times < FLOODED * seconds / blob.count(b"\n"):
            line.sendall(blob)
            times += 1
    return times


def resident(pid: int) -> int:
    """Megabytes that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20
