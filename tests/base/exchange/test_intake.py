"""The intake door: formats, receipts, batches, idempotency, quarantine."""

from __future__ import annotations

from typing import Any

import orjson

from tests.base.conftest import House


def call(**changes: Any) -> dict[str, Any]:
    """A port call as its agent types it."""
    return {
        "vessel": "IMO 9321483", "ship_name": "WANGHAI STAR", "flag": "CN", "voyage": "2611E", "port": "CNWHH",
        "eta": "2030-11-23T06:00:00Z", "crew_count": 21, **changes,
    }  # fmt: skip


CALL = "base.portcall.port_call"


async def test_one_object_gets_a_receipt_and_its_record(house: House) -> None:
    async with house.client("agent") as agent:
        answer = await agent.post("/api/intake/json", params={"record": CALL}, json=call())
        assert answer.status_code == 201, answer.text
        body = answer.json()
        assert body["records"][0]["ref"] == "portcall:CNWHH/VESSEL:IMO:9321483/2611E"
        assert body["records"][0]["record"] == CALL
        receipt = await agent.get(f"/api/receipts/{body['receipt']['id']}")
    assert receipt.status_code == 200
    assert [step["code"] for step in receipt.json()["chain"]] == ["filed"]
