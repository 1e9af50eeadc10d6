"""Trackers, vehicle terminals, aircraft and weather on the running platform: what twins send is seen at the public doors."""

from __future__ import annotations

import asyncio
import random
import secrets
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from kouan_sim import adsb, gnss, jt808, metar
from kouan_sim.identifiers import plate
from tests.conftest import Running


def until(look: Callable[[], Any], seconds: float = 30) -> Any:
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, "it does not come"
        time.sleep(0.2)
    return found


def ports(client: httpx.Client) -> dict[str, int]:
    found: dict[str, int] = client.get("/api/health").json()["ports"]
    return found


def counted(client: httpx.Client, cause: str) -> int:
    return int(client.get("/api/stream").json()["totals"].get(cause, 0))


def history(client: httpx.Client, **asked: str) -> dict[str, Any]:
    since = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    answer = client.get("/api/history", params={"since": since, "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(), **asked})
    return answer.json()["columns"] | {"simulated": answer.json()["simulated"]} if answer.status_code == 200 else {}


def registered(platform: Running, protocol: str, number: str, kind: str, code: str) -> None:
    tracker = {"protocol": protocol, "number": number, "kind": kind, "code": code, "simulated": True}
    with platform.client("terminal") as terminal:
        answer = terminal.post("/api/records/facilities/telemetry/tracker", json=tracker)
        assert answer.status_code == 201, answer.text


def noise(port: int, content: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(content)


async def patiently(act: Callable[[], Any], seconds: float = 10) -> None:
    """Registrations are read twice a second: a terminal tries again, as terminals do."""
    limit = time.monotonic() + seconds
    while True:
        try:
            await act()
            return
        except (ConnectionError, asyncio.IncompleteReadError):
            assert time.monotonic() < limit, "it is not admitted"
            await asyncio.sleep(0.3)


@pytest.mark.parametrize("newer", [False, True])
def test_a_vehicle_terminal_registers_reports_and_is_seen(platform: Running, newer: bool) -> None:
    phone, truck = f"1{secrets.randbelow(10**10):010d}", plate(random.Random(secrets.randbits(64)))
    at = int(time.time())
    places = [jt808.Place(120.2 + n / 1000, 36.05, 36.0, 90, at - 10 + n) for n in range(6)]
    with platform.client("portoffice") as office:
        port = ports(office)["jt808"]
        stranger = jt808.Terminal(f"2{phone[1:]}", "鲁B00000", newer)
        with pytest.raises(ConnectionError):
            asyncio.run(jt808.drive(stranger, "127.0.0.1", port, places))
        registered(platform, "jt808", phone, "truck", truck)
        asyncio.run(patiently(lambda: jt808.drive(jt808.Terminal(phone, truck, newer), "127.0.0.1", port, places)))
        rows = until(lambda: len((found := history(office, signal="position", ref=f"truck:{truck}")).get("at", ())) >= 6 and found)
        assert rows["lon"] == pytest.approx([place.lon for place in places], abs=1e-6)
        assert rows["at"] == [place.at * 1_000_000 for place in places]
        assert rows["simulated"] == 6
        track = office.get("/api/tracks", params={"ref": f"truck:{truck}"}).json()
        assert (track["kind"], track["simulated"], len(track["points"])) == ("truck", True, 6)

        def followed() -> bool:
            features = office.get("/api/traffic/tracks", params={"bbox": "120.1,36.0,120.3,36.1"}).json()["features"]
            return any(one["properties"]["ref"] == f"truck:{truck}" for one in features)

        until(followed)
        before = counted(office, "refused.jt808.check")
        broken = bytearray(jt808.Terminal(phone, truck, newer).heartbeat())
        broken[-2] ^= 1 if broken[-2] not in (0x7C, 0x7D, 0x7E, 0x7F) else 0x10
        noise(port, bytes(broken) * 5)
        until(lambda: counted(office, "refused.jt808.check") - before == 5)
        assert counted(office, "jt808.terminal.turned_away") >= 1
        said = office.get("/api/stream").json()["causes"]
        assert [one["cause"] for one in said if one["title"]["zh"] == one["cause"]] == [], "each cause is told in words"


def test_a_receiver_that_names_itself_is_seen_and_strangers_are_counted(platform: Running) -> None:
    mark = secrets.token_hex(4).upper()
    source, crane = f"SIM-{mark}", f"RTG-{mark}"
    fixes = [(120.21 + n / 10_000, 36.06, 4.0, 90.0) for n in range(5)]
    with platform.client("portoffice") as office:
        port = ports(office)["gnss"]
        before = counted(office, "refused.gnss.unknown_sender"), counted(office, "refused.gnss.checksum")
        lines = asyncio.run(gnss.report(source, fixes, "127.0.0.1", port))
        until(lambda: counted(office, "refused.gnss.unknown_sender") - before[0] >= lines)
        registered(platform, "nmea", source, "equipment", crane)

        def seen() -> Any:
            asyncio.run(gnss.report(source, fixes, "127.0.0.1", port))
            return len((found := history(office, signal="position", ref=f"equipment:{crane}")).get("at", ())) >= 5 and found

        rows = until(seen)
        # What is told again while the receiver becomes known is seen again.
        assert {round(lon, 6) for lon in rows["lon"]} == {round(fix[0], 6) for fix in fixes}
        assert rows["simulated"] == len(rows["at"])
        noise(port, gnss.tagged(source, "$BDRMC,120000.00,A,3603.6,N,12012.6,E,1.0,1.0,221126,,,A*00\r\n").encode() * 7)
        until(lambda: counted(office, "refused.gnss.checksum") - before[1] == 7)


@pytest.mark.parametrize("binary", [True, False])
def test_an_aircraft_is_seen_and_broken_frames_are_counted(platform: Running, binary: bool) -> None:
    icao = 0xF00000 + secrets.randbelow(0xFFFF)
    flights = [adsb.Flight(icao, f"SIM{n:03d}", 120.3 + n / 1000, 36.3, 3000, 140, 45) for n in (7, 7, 7)]
    with platform.client("portoffice") as office:
        port, before = ports(office)["adsb"], counted(office, "refused.adsb.crc")
        asyncio.run(adsb.tell(flights, "127.0.0.1", port, binary=binary))
        rows = until(lambda: (found := history(office, signal="position", ref=f"aircraft:icao:{icao:06x}")).get("at") and found)
        assert (rows["lon"][0], rows["lat"][0]) == pytest.approx((120.307, 36.3), abs=1e-3)
        assert rows["altitude"][0] == pytest.approx(3000 * 0.3048, abs=10)
        assert rows["simulated"] == len(rows["at"])
        damaged = bytearray(flights[0].squitters()[0])
        damaged[5] ^= 4
        noise(port, adsb.avr(bytes(damaged)) * 3)
        until(lambda: counted(office, "refused.adsb.crc") - before == 3)


def test_a_weather_report_becomes_readings_and_a_garbled_one_is_counted(platform: Running) -> None:
    station = "Z" + "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(3))
    told = metar.Weather(station, 330, 12, 4000, -1, -3, 1009)
    with platform.client("portoffice") as office, platform.client("trader") as trader:
        port, before = ports(office)["metar"], counted(office, "refused.metar.wind")
        asyncio.run(metar.send(told.report(time.time()), "127.0.0.1", port))

        def value(metric: str) -> list[float]:
            found: list[float] = history(trader, signal="reading", device=f"METAR-{station}", metric=metric).get("value", [])
            return found

        assert until(lambda: value("pressure")) == [1009]
        assert until(lambda: value("temperature")) == [-1]
        assert until(lambda: value("wind_speed")) == pytest.approx([23.3], abs=0.1)
        latest = office.get("/api/latest", params={"device": f"METAR-{station}", "metric": "visibility"})
        assert (latest.json()["columns"]["value"], latest.json()["simulated"]) == ([4000], 1)
        asyncio.run(metar.send(told.report(time.time()).replace("33012MPS", "40012MPS"), "127.0.0.1", port))
        until(lambda: counted(office, "refused.metar.wind") - before == 1)
