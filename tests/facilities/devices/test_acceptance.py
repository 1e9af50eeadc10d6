"""Devices as their owner meets them: registered, given credentials, heard, missed, commanded."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.facilities.devices.acting import connected, enrolled, heard, mqtt_port, shut_out, until, until_in

EVENTS, COMMANDS = "/api/records/facilities/devices/event", "/api/records/facilities/devices/command"


def events(client: httpx.Client, code: str) -> list[tuple[str, str, str]]:
    """What was filed of a device, in order."""
    listed = client.get(EVENTS, params={"device": f"device:{code}"}).json()["items"]
    return sorted((one["data"]["at"], one["data"]["what"], one["data"]["why"]) for one in listed)


@pytest.mark.clause("H5.2")
async def test_a_registered_device_turns_online_with_its_first_reading_and_is_missed_when_it_falls_silent(platform: Running) -> None:
    code = f"RFP-{secrets.token_hex(3).upper()}"
    with platform.client("terminal") as owner, platform.client("trader") as stranger:
        await heard(owner)
        given = enrolled(owner, code)
        assert given["publish"] == [f"devices/{code}/#"]
        before = owner.get(f"/api/devices/{code}").json()
        assert (before["online"], before["account"], before["state"]) == (False, True, "commissioned")
        assert "password" not in json.dumps(before)
        line = await until_in(("127.0.0.1", mqtt_port(platform)), given)
        told = time.monotonic()
        await line.publish(f"devices/{code}/temperature", b"-17.5")
        live = await until(lambda: (found := owner.get(f"/api/devices/{code}").json())["last"] and found["online"] and found)
        known = time.monotonic() - told
        assert [(one["metric"], one["value"], one["unit"]) for one in live["last"]] == [("temperature", -17.5, "Cel")]
        event = await until(lambda: events(owner, code))
        queried = time.monotonic() - told
        assert [what for _, what, _ in event] == ["online"]
        asked = {"device": code, "metric": "temperature"}
        history = await until(lambda: (rows := owner.get("/api/history", params=asked).json()).get("rows") and rows)
        assert history["columns"]["value"] == [-17.5]
        assert history["simulated"] == 1
        assert known < 2
        assert queried < 2
        assert stranger.get(f"/api/devices/{code}").status_code == 404
        assert stranger.post(f"/api/devices/{code}/credentials").status_code == 404
        silent = await until(lambda: (found := events(owner, code))[1:] and found, 8)
        assert [(what, why) for _, what, why in silent][1] == ("offline", "silent")
        await line.close()
        for driver, address in (("sparkplug", f"wanghai/{code}"), ("weighbridge", "127.0.0.1:9")):
            with pytest.raises(AssertionError, match="no_account"):  # neither enters the platform's own listener
                enrolled(owner, f"{code}-{driver[0].upper()}", driver=driver, address=address)


async def test_a_command_is_confirmed_by_the_device_and_a_lost_line_is_told_by_its_will(platform: Running) -> None:
    code = f"RFP-{secrets.token_hex(3).upper()}"
    with platform.client("terminal") as owner, platform.client("customs") as customs:
        await heard(owner)
        given = enrolled(owner, code, keep_alive_s=60)

        async def obey(command: Mapping[str, Any]) -> tuple[bool, str]:
            return command["value"] > -25, "as asked"

        device = await connected(("127.0.0.1", mqtt_port(platform)), given, obey=obey)
        await until(lambda: owner.get(f"/api/devices/{code}").json()["online"])

        def command(value: float, by: httpx.Client = owner, **more: Any) -> httpx.Response:
            return by.post(f"/api/devices/{code}/commands", json={"metric": "setpoint", "value": value, **more})

        def state(answer: httpx.Response) -> str:
            return str(owner.get(f"{COMMANDS}/{answer.json()['id']}").json()["state"])

        good, bad = command(-18), command(-29)
        assert (good.status_code, bad.status_code) == (201, 201), good.text
        await until(lambda: state(good) == "acknowledged" and state(bad) == "failed")
        assert command(-40).json()["code"] == "out_of_range"
        assert owner.post(f"/api/devices/{code}/commands", json={"metric": "temperature", "value": 1}).json()["code"] == "not_writable"
        assert command(-18, customs).status_code in (403, 404)
        await device.__aexit__(None, None, None)
        await until(lambda: ("offline", "will") in [(what, why) for _, what, why in events(owner, code)])
        late = command(-17, timeout_s=1)
        await until(lambda: state(late) == "unanswered")
        assert owner.delete(f"/api/devices/{code}/credentials").status_code == 204
        assert await shut_out(("127.0.0.1", mqtt_port(platform)), given)
