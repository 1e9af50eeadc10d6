"""The map's WebSocket on the running platform: a ship moves within a second or two; rights open and end it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from kouan_sim.ais import Position, Talker, type1
from tests.conftest import Running

MMSI = 413000888
VIEW = {"view": [121.80, 36.20, 121.86, 36.26]}
ROW = np.dtype([("slot", "<u4"), ("at", "<u4"), ("lon", "<i4"), ("lat", "<i4"), ("rest", "V12")])
HEAD = 24
PATIENCE = 20.0


def report(platform: Running, lon: float, mmsi: int = MMSI) -> None:
    """A position by the door for posted sentences."""
    payload = type1(mmsi, Position(lon, 36.22, speed=12.0, course=90.0, heading=90))
    with platform.client("maritime") as client:
        assert client.post("/api/intake/nmea", content="\n".join(Talker().sentences(payload))).status_code in (200, 201)


@contextmanager
def socket(platform: Running, token: str = "", **more: Any) -> Iterator[ClientConnection]:
    """The map's socket, with a token in the header if one is given."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = platform.url.replace("http", "ws", 1) + "/api/live/map"
    with connect(address, additional_headers=headers, proxy=None, compression=None, **more) as line:
        yield line


def messages(line: ClientConnection, seconds: float = PATIENCE) -> Iterator[Any]:
    """What comes: texts as objects, binary messages as (kind, rows)."""
    limit = time.monotonic() + seconds
    while (left := limit - time.monotonic()) > 0:
        try:
            message = line.recv(timeout=left)
        except TimeoutError:
            return
        if isinstance(message, str):
            yield json.loads(message)
        else:
            yield message[0], np.frombuffer(message[HEAD:], ROW) if message[0] in (1, 2) else message


def closed_with(line: ClientConnection) -> int:
    """The code with which the platform ends a socket."""
    try:
        while True:
            line.recv(timeout=PATIENCE)
    except ConnectionClosed as ended:
        return ended.rcvd.code if ended.rcvd else 0


def positions(line: ClientConnection, seconds: float = PATIENCE) -> Iterator[tuple[int, float]]:
    """Slot and longitude of what is told in the view."""
    for message in messages(line, seconds):
        if isinstance(message, tuple) and message[0] in (1, 2):
            yield from zip(message[1]["slot"].tolist(), (message[1]["lon"] / 1e7).tolist(), strict=True)


def test_a_ship_moves_on_the_map_and_has_a_name(platform: Running) -> None:
    with socket(platform) as line:
        line.send(json.dumps({"token": platform.token("trader")}))
        hello = next(messages(line))
        assert hello["type"] == "hello"
        assert hello["kinds"][0]["title"] == {"zh": "船舶", "en": "Ship"}
        line.send(json.dumps(VIEW))
        report(platform, 121.81)
        told = positions(line)
        slot = next(slot for slot, lon in told if lon == 121.81)
        report(platform, 121.82)
        assert next(lon for number, lon in told if number == slot and lon != 121.81) == 121.82
        line.send(json.dumps({"names": [slot, 4_000_000_000, "x"]}))
        named = next(m for m in messages(line) if isinstance(m, dict) and m.get("type") == "names")
        assert [row[1] for row in named["rows"]] == [f"vessel:mmsi:{MMSI}"]
        line.send("no json")
        line.send('{"view": [1, 2, 3]}')
        assert next(m for m in messages(line) if isinstance(m, dict)) == {"type": "refused", "field": "view"}
    with platform.client("trader") as client:
        [found] = client.get("/api/map/find", params={"q": str(MMSI)}).json()["found"]
        assert (found["slot"], found["lon"], found["simulated"]) == (slot, 121.82, False)
        assert client.get("/api/map/state").json()["viewers"] >= 0


def test_who_may_not_look_is_turned_away(platform: Running) -> None:
    with socket(platform, platform.token("portoffice", "audit-admin")) as line:
        assert closed_with(line) == 4403
    with socket(platform) as line:
        line.send(json.dumps({"token": "kouan_" + "x" * 40}))
        assert closed_with(line) == 4401
    with socket(platform) as line:
        line.send(b"\xff\x00")
        assert closed_with(line) == 4401
    for path in ("/api/map/find?q=SIM", "/api/map/state"):
        with platform.client() as stranger, platform.client("portoffice", "audit-admin") as admin:
            assert (stranger.get(path).status_code, admin.get(path).status_code) == (401, 403)


def test_a_cookie_opens_it_only_for_pages_of_this_host_and_signing_out_ends_it(platform: Running) -> None:
    account = next(a for a in platform.accounts() if a["org"] == "customs" and a["role"] == "officer")
    with platform.client() as browser:
        signed = browser.post("/api/session", json={name: account[name] for name in ("org", "user", "password")})
        assert signed.status_code in (200, 201), signed.text
        cookie = {"Cookie": f"kouan_session={browser.cookies['kouan_session']}"}
        address = platform.url.replace("http", "ws", 1) + "/api/live/map"
        with connect(address, additional_headers=cookie, origin=Origin("https://elsewhere.example"), proxy=None) as line:
            assert closed_with(line) in (4401, 4403)
        with connect(address, additional_headers=cookie, origin=Origin(platform.url), proxy=None) as line:
            assert json.loads(line.recv(timeout=PATIENCE))["type"] == "hello"
            line.send(json.dumps(VIEW))
            csrf = browser.get("/api/me").json()["csrf"]
            assert browser.delete("/api/session", headers={"X-CSRF-Token": csrf}).status_code < 300
            began = time.monotonic()
            assert closed_with(line) == 4401
            assert time.monotonic() - began < 10


def test_other_addresses_take_no_socket(platform: Running) -> None:
    with pytest.raises(InvalidStatus):
        connect(platform.url.replace("http", "ws", 1) + "/api/live/mapp", proxy=None)
