"""A ship that reports over TCP moves on the live map within seconds; the feed ends with the right to it."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from kouan_sim.ais import Position, Talker, type1
from tests.conftest import Running

MMSI = 413000777


def report(platform: Running, lon: float) -> None:
    """Send one position over TCP, as a ship's transponder would."""
    with platform.client() as client:
        port = client.get("/api/health").json()["ports"]["nmea"]
    payload = type1(MMSI, Position(lon, 36.01, speed=12.0, course=90.0, heading=90))
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall("".join(f"{text}\r\n" for text in Talker().sentences(payload)).encode())


def events(answer: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """The server-sent events of an open answer."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def positions(answer: httpx.Response) -> Iterator[float]:
    """The longitudes of our ship as they are told."""
    for name, content in events(answer):
        if name == "ships":
            yield from (row[1] for row in content["rows"] if row[0] == str(MMSI))


def test_a_ship_appears_and_moves(platform: Running) -> None:
    with platform.client("maritime") as client, client.stream("GET", "/api/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        began = time.monotonic()
        report(platform, 121.50)
        told = positions(answer)
        assert next(told) == 121.50
        report(platform, 121.51)
        assert next(lon for lon in told if lon != 121.50) == 121.51
        assert time.monotonic() - began < 15
    with platform.client("trader") as client:
        card = client.get(f"/api/vessels/{MMSI}").json()
        assert (card["lon"], card["lat"], card["simulated"]) == (121.51, 36.01, False)
        box = client.get("/api/vessels", params={"bbox": "121.505,36,121.515,36.02"}).json()["vessels"]
        assert str(MMSI) in {ship["mmsi"] for ship in box}


def test_positions_posted_over_http(platform: Running) -> None:
    payload = type1(MMSI + 1, Position(121.4, 36.0, speed=1.0, course=1.0, heading=1))
    body = "\ufeff" + "\r\n".join([*Talker().sentences(payload), "!AIVDM,1,1,,B,,0*25"])
    with platform.client("maritime") as client:
        for nothing, code in ((b"\r\n \n", "telemetry.empty"), (b"x\n" * 300_001, "telemetry.rows")):
            refused = client.post("/api/intake/nmea", content=nothing)
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        answer = client.post("/api/intake/nmea", content=body).json()
        assert [a["ref"] for a in answer["accepted"]] == [f"vessel:mmsi:{MMSI + 1}"]
        assert set(answer["refused"][0]["reason"]) == {"zh", "en"}
        assert [part["index"] for part in answer["accepted"] + answer["refused"]] == [0, 1]
        for _ in range(40):
            if client.get(f"/api/vessels/{MMSI + 1}").status_code == 200:
                break
            time.sleep(0.25)
        assert client.get(f"/api/vessels/{MMSI + 1}").json()["lon"] == 121.4


def test_facts_reach_those_entitled_only(platform: Running) -> None:
    opens = datetime.now(UTC)
    body = {"number": f"BK-{time.time_ns()}", "vehicle": "鲁B12345", "direction": "in",
            "opens": opens.isoformat(), "closes": (opens + timedelta(hours=2)).isoformat()}  # fmt: skip
    with platform.client("terminal") as reader, reader.stream("GET", "/api/live") as answer:
        told = (content for name, content in events(answer) if name == "fact")
        with platform.client("trucker") as trucker:
            item = trucker.post("/api/records/services/booking/booking", json=body).json()["item"]
        seen = next(content for content in itertools.islice(told, 50) if content["ref"] == item["ref"])
        assert seen["topic"] == "services.booking.booking:filed"
    with platform.client("carrier") as stranger:
        assert stranger.get(f"/api/records/services/booking/booking/{item['id']}").status_code == 404


def test_administrators_see_no_ships(platform: Running) -> None:
    with platform.client("portoffice", "audit-admin") as client:
        assert client.get("/api/vessels").status_code == 403
        assert client.get("/api/live").status_code == 403
