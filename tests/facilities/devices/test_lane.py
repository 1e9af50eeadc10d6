"""A lane with every device class of clause 6.3: all stand in the register and are online, and one passage fuses what they read."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from kouan.standards.identifiers.api import check
from kouan_sim.identifiers import container
from kouan_sim.lanes import DEVICES, PICTURED, Rig, broker
from tests.conftest import Running
from tests.facilities.devices.acting import connected, enrolled, heard, mqtt_port, until

READERS = {
    "plate": "plate_reader", "container": "container_ocr", "scale": "weighbridge", "radiation": "radiation_portal", "seal": "seal_reader",
    "card": "card_reader",
}  # fmt: skip
OTHERS = (
    "person_id", "person_inspection", "conveyance_inspection", "document_checker", "permit_checker", "eplate_reader", "drug_explosive",
    "disinfection_tyre", "disinfection_surface", "barrier", "anti_ram",
)  # fmt: skip


def lane_of(owner: httpx.Client) -> str:
    """A lane of one's own."""
    code = f"d-{secrets.token_hex(3)}"
    lane = {"code": code, "name_zh": "设备测试道", "name_en": "Lane of device tests", "direction": "in", "devices": list(DEVICES)}
    filed = owner.post("/api/records/facilities/gate/lane", json=lane)
    assert filed.status_code == 201, filed.text
    return code


@pytest.mark.clause("H6.3-dev")
async def test_one_passage_fuses_what_every_device_class_of_the_lane_read(platform: Running) -> None:
    plate, box = f"鲁B{secrets.randbelow(90000) + 10000}", container("SIM", secrets.randbelow(10**6))
    seal = f"SL{secrets.token_hex(4).upper()}"
    with platform.client("terminal") as owner:
        await heard(owner)
        lane = lane_of(owner)
        common: dict[str, Any] = {"lane": f"lane:{lane}", "place": None, "keep_alive_s": 120}
        for kind, name in DEVICES.items():
            code = f"{lane}-{name}".upper()
            enrolled(owner, code, kind=READERS[kind], driver="lane", address=f"lane/{lane}/{kind}/{name}", metrics=[], **common)
        metrics = [{"name": "state"}]
        given = [enrolled(owner, f"{lane}-{kind}".upper(), kind=kind, metrics=metrics, **common) for kind in OTHERS]
        async with AsyncExitStack() as stack:
            for one in given:
                device = await connected(("127.0.0.1", mqtt_port(platform)), one)
                stack.push_async_exit(device)
                await device.tell(state=1)
            rig = await stack.enter_async_context(Rig(broker(platform.home), lane))

            def listed() -> list[dict[str, Any]]:
                return list(owner.get("/api/devices", params={"lane": lane}).json()["items"])

            for _ in range(8):  # a reader says again and again that it lives
                if all(one["online"] for one in listed()):
                    break
                await rig.beat()
                await asyncio.sleep(4)
            assert [one["code"] for one in listed() if not one["online"]] == []
            assert {one["kind"] for one in listed()} == {*READERS.values(), *OTHERS}
            await rig.vehicle(plate, (box,), gross=21_340, cps=44, seals=(seal,), card="C-0001")
            door, asked = "/api/records/facilities/gate/passage", {"vehicle": f"vehicle:{plate}"}
            found = await until(lambda: owner.get(door, params=asked).json()["items"], 20)
        passage = found[0]["data"]
        assert len(found) == 1
        assert (passage["vehicle"], passage["containers"], passage["gross_kg"]) == (f"vehicle:{plate}", [f"container:{box}"], 21_340)
        assert check("container", box).reason is None
        read = {one["kind"]: one for one in passage["readings"]}
        assert set(read) == set(DEVICES)
        assert seal in passage["seals"]
        assert read["radiation"]["value"] == "44 cps"
        pictures = {kind for kind, one in read.items() if one.get("image")}
        assert pictures == PICTURED
        assert all(read[kind]["image"].startswith(f"sim-image:{lane}/") for kind in pictures)
