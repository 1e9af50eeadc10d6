"""A vehicle whose positions are of level 3: entitled readers see where it was; once its subject is erased nobody does."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import struct
import time
from typing import Any

import httpx
import pytest

from kouan.facilities.telemetry.history.journal import journals
from kouan.facilities.telemetry.history.reading import Asked, History
from kouan.facilities.telemetry.publishing import PARTITIONS
from kouan.facilities.telemetry.ships import micros
from kouan.kernel import clock
from kouan_sim import jt808
from kouan_sim.identifiers import plate
from tests.conftest import Running
from tests.facilities.telemetry.test_lines import patiently, ports, until

TRACKER = "/api/records/facilities/telemetry/tracker"


def written(platform: Running) -> bytes:
    """All positions that lie on disk, opened with the keys of the levels, which a thief of the data folder has."""
    history, now = History(platform.home), micros(clock.now())
    try:
        return _written(history, now)
    except FileNotFoundError:  # a journal that became files while it was looked for
        return _written(history, now)


def _written(history: History, now: int) -> bytes:
    kept = b"".join(k.content for n in range(PARTITIONS) for j in journals(history.keys, history.root, n) for _, k in j.read())
    return kept + history.read(Asked("position", None, now - 3_600_000_000, now + 1))["lon"].tobytes()


def found(client: httpx.Client, truck: str) -> tuple[int, int, bool]:
    """Where a truck was, by the history, its track and the traffic picture: rows, points, whether it is named there."""
    rows = client.get("/api/history", params={"signal": "position", "ref": f"truck:{truck}"})
    track = client.get("/api/tracks", params={"ref": f"truck:{truck}"})
    traffic = client.get("/api/traffic/tracks", params={"bbox": "119.9,36.0,121.1,36.2"}).json()["features"]
    named = any(truck in json.dumps(one["properties"], ensure_ascii=False) for one in traffic)
    return (rows.json()["rows"] if rows.status_code == 200 else 0, len(track.json()["points"]) if track.status_code == 200 else 0, named)


def drawn(client: httpx.Client, truck: str) -> bool:
    """Whether it is on the live map."""
    return any(one["slot"] is not None for one in client.get("/api/map/find", params={"q": truck}).json()["found"])


@pytest.mark.parametrize("holder", [True, False])
def test_where_a_driver_was_is_sealed_and_gone_with_the_key(platform: Running, holder: bool) -> None:
    number, driver = f"1{secrets.randbelow(10**10):010d}", f"E{time.time_ns() % 10**8}"
    truck, other = (plate(random.Random(secrets.randbits(64))) for _ in range(2))
    # A millionth of a degree is what a terminal tells.
    secret, plain = (120 + secrets.randbelow(10**6) / 10**6 for _ in range(2))

    def drive(phone: str, name: str, lon: float) -> None:
        at = int(time.time())
        places = [jt808.Place(lon, 36.05, 0.0, 90, at - 3 + n) for n in range(3)]
        asyncio.run(patiently(lambda: jt808.drive(jt808.Terminal(phone, name, True), "127.0.0.1", port, places)))

    with platform.client("terminal") as owner, platform.client("portoffice", "officer") as office:
        port = ports(office)["jt808"]
        stated: dict[str, Any] = {"data_level": 3, **({"holder": f"P/CN/{driver}"} if holder else {})}
        for phone, name, more in ((number, truck, stated), (f"2{number[1:]}", other, {})):
            tracker = {"protocol": "jt808", "number": phone, "kind": "truck", "code": name, "simulated": True, **more}
            assert owner.post(TRACKER, json=tracker).status_code == 201
        drive(number, truck, secret)
        drive(f"2{number[1:]}", other, plain)
        until(lambda: found(owner, other) == (3, 3, True))
        assert until(lambda: (seen := found(office, truck))[0] == 3 and seen[2] and seen) == (3, 3, True), "an entitled reader sees"
        assert found(owner, truck) == (0, 0, False), "level 2 does not reach, though the truck is his own"
        until(lambda: drawn(office, truck))
        assert not drawn(owner, truck)
        assert (drawn(owner, other), drawn(office, other)) == (True, True)
        disk = until(lambda: struct.pack("<d", plain) in (kept := written(platform)) and kept)
        assert struct.pack("<d", secret) not in disk, "the keys of the levels do not open it"
        with platform.client("portoffice", "security-admin") as admin:
            erase = {"person": f"P/CN/{driver}"} if holder else {"subject": f"truck:{truck}"}
            assert admin.post("/api/erasure", json={"subject": "truck:NOBODY"}).status_code == 404
            assert admin.post("/api/erasure", json={**erase, "person": "P/CN/E1", "subject": "truck:NOBODY"}).status_code == 422
            for _ in range(2):
                assert admin.post("/api/erasure", json=erase).status_code == 200
        until(lambda: found(office, truck)[:2] == (0, 0))
        until(lambda: not drawn(office, truck))
        assert found(owner, other)[:2] == (3, 3), "others stay"
