"""A device whose data are of level 3, worn by a person: entitled readers see its readings; erasing the person leaves them to nobody."""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
import time
from collections.abc import Callable
from typing import Any

import asyncpg

from kouan.app.supervisor.cluster import socket_folder
from kouan.facilities.telemetry.history.journal import journals
from kouan.facilities.telemetry.history.reading import Asked, History
from kouan.facilities.telemetry.publishing import PARTITIONS
from kouan.facilities.telemetry.ships import micros
from kouan.kernel import clock
from tests.conftest import Running
from tests.facilities.devices.acting import REGISTER, connected, enrolled, entry, mqtt_port

LEVEL = 3


async def sealed_for(platform: Running, code: str) -> int:
    """Under the keys of how many subjects a device's temperatures may be sealed."""
    conn = await asyncpg.connect(host=str(socket_folder(platform.home)), user="postgres", database="kouan")
    try:
        return int(await conn.fetchval(
            "select count(*) from telemetry_subject join telemetry_series using (number) where device = $1 and metric = 'temperature'", code
        ))  # fmt: skip
    finally:
        await conn.close()


def until(found: Callable[[], Any], seconds: float = 60) -> Any:
    limit = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < limit, "it does not come"
        time.sleep(0.3)
    return value


def written(platform: Running) -> bytes:
    """All of the history that lies on disk, opened with the keys of the levels, which a thief of the data folder has."""
    history, now = History(platform.home), micros(clock.now())
    kept = b"".join(k.content for n in range(PARTITIONS) for j in journals(history.keys, history.root, n) for _, k in j.read())
    frame = history.read(Asked("reading", None, now - 3_600_000_000, now + 1))
    return kept + frame["value"].tobytes()


async def test_readings_of_a_person_are_sealed_and_gone_with_his_key(platform: Running) -> None:
    code, number = f"BADGE-{secrets.token_hex(4).upper()}", f"E{time.time_ns() % 10**8}"
    secret, plain = 36.0 + secrets.randbelow(10**9) / 10**9, 20.0 + secrets.randbelow(10**9) / 10**9
    asked = {"device": code, "signal": "reading"}
    with platform.client("terminal") as owner, platform.client("portoffice", "officer") as office:
        given = enrolled(owner, code, data_level=LEVEL, holder=f"person:P/CN/{number}", keep_alive_s=60)
        other = enrolled(owner, f"{code}-2", keep_alive_s=60)
        for login, value in ((given, secret), (other, plain)):
            sensor = await connected(("127.0.0.1", mqtt_port(platform)), login)
            await sensor.tell(temperature=value)
            await sensor.__aexit__(None, None, None)

        def values(client: Any, device: str = code) -> list[float]:
            answer = client.get("/api/history", params={**asked, "device": device})
            return list(answer.json()["columns"]["value"]) if answer.status_code == 200 else []

        def last(client: Any) -> list[float]:
            return [one["value"] for one in client.get(f"/api/devices/{code}").json()["last"]]

        assert until(lambda: values(office)) == [secret], "an entitled reader sees"
        assert until(lambda: last(office)) == [secret]
        assert (values(owner), last(owner)) == ([], []), "level 2 does not reach, though the device is his own"
        until(lambda: values(owner, f"{code}-2"))
        until(lambda: struct.pack("<d", plain) in written(platform))
        assert struct.pack("<d", secret) not in written(platform), "the keys of the levels do not open it"
        assert json.dumps(secret) not in str(owner.get(f"/api/devices/{code}").json())
        with platform.client("portoffice", "security-admin") as admin:
            assert admin.post("/api/erasure", json={"person": f"P/CN/{number}"}).status_code == 200
        assert until(lambda: not values(office)), "nobody reads it any more"
        until(lambda: not last(office))
        latest = {"device": code, "metric": "temperature"}
        until(lambda: secret not in (office.get("/api/latest", params=latest).json().get("columns", {}).get("value") or []))
        assert values(owner, f"{code}-2") == [plain], "others stay"


async def test_readings_of_a_former_holder_and_of_a_former_level_stay_with_the_entitled(platform: Running) -> None:
    code, first, second = f"BADGE-{secrets.token_hex(4).upper()}", f"E{time.time_ns() % 10**8}", f"E{time.time_ns() % 10**8 + 1}"
    told = [30.0 + n + secrets.randbelow(1000) / 1000 for n in range(2)]
    with platform.client("terminal") as owner, platform.client("portoffice", "officer") as office:
        login = enrolled(owner, code, data_level=LEVEL, holder=f"person:P/CN/{first}", keep_alive_s=60)

        def values(client: Any) -> list[float]:
            answer = client.get("/api/history", params={"device": code, "signal": "reading"})
            return sorted(answer.json()["columns"]["value"]) if answer.status_code == 200 else []

        async def tell(value: float) -> None:
            async with await connected(("127.0.0.1", mqtt_port(platform)), login) as sensor:
                await sensor.tell(temperature=value)

        def changed(**stated: Any) -> None:
            door = f"{REGISTER}/{login['id']}"
            version = {"If-Match": str(owner.get(door).json()["version"])}
            answer = owner.put(door, json=entry(code, keep_alive_s=60, **stated), headers=version)
            assert answer.status_code == 200, answer.text

        await tell(told[0])
        until(lambda: values(office) == told[:1])
        changed(data_level=LEVEL, holder=f"person:P/CN/{second}")
        limit = time.monotonic() + 60
        while await sealed_for(platform, code) < 2:
            assert time.monotonic() < limit, "the new holder is not taken up"
            await asyncio.sleep(0.3)
        await tell(told[1])
        assert until(lambda: len(found := values(office)) == 2 and found) == told[:2], "the device has another holder now"
        changed(data_level=2, holder=f"person:P/CN/{second}")
        limit = time.monotonic() + 60
        while not (plain := values(owner)):
            assert time.monotonic() < limit, "the new level is not taken up"
            told.append(told[-1] + 0.5)
            await tell(told[-1])
            await asyncio.sleep(0.5)
        assert not {*plain} & {*told[:2]}, "what was of level 3 stays so"
        assert until(lambda: values(office) == told), "data of the device are of level 2 now"
        with platform.client("portoffice", "audit-admin") as auditor:
            account = office.get("/api/me").json()["user"]["id"]
            seen = auditor.get("/api/identity/audit", params={"ref": f"device:{code}", "account": account})
            assert {one["action"] for one in seen.json()["items"]} == {"facilities.telemetry.reading:read"}
        with platform.client("portoffice", "security-admin") as admin:
            assert admin.post("/api/erasure", json={"person": f"P/CN/{first}"}).status_code == 200
        assert until(lambda: (found := values(office)) != told and found) == told[1:], "the first holder's are gone, and no others"
        with platform.client("portoffice", "security-admin") as admin:
            assert admin.post("/api/erasure", json={"person": f"P/CN/{second}"}).status_code == 200
        until(lambda: told[1] not in values(office))
        assert {*plain} <= {*values(office)}
