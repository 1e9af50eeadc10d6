"""Refused bodies stand in their sender's quarantine: sealed, capped, expiring, for nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kouan.base.exchange.jobs import SweepQuarantine
from kouan.base.exchange.service import quarantine
from kouan.kernel import clock
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, RAIL, post, rail

BAD = b'{"ship_name": "SECRET CARGO", "flag": 7'


async def refused(house: House, org: str = "agent", body: bytes = BAD) -> dict[str, Any]:
    async with house.client(org) as client:
        answer = await post(client, "json", body, record=CALL)
    assert answer.status_code == 422
    found: dict[str, Any] = answer.json()
    return found


async def test_a_refused_body_comes_back_to_its_sender_alone(house: House) -> None:
    problem = await refused(house)
    house.orgs.add("agent-two", "agent")
    async with house.client("agent") as agent, house.client("agent-two") as other:
        items = (await agent.get("/api/intake/quarantine")).json()["items"]
        own = await agent.get(f"/api/intake/quarantine/{problem['kept']}/body")
        assert (await other.get("/api/intake/quarantine")).json()["items"] == []
        assert (await other.get(f"/api/intake/quarantine/{problem['kept']}/body")).status_code == 404
        assert (await other.delete(f"/api/intake/quarantine/{problem['kept']}")).status_code == 404
    assert [item["id"] for item in items] == [problem["kept"]]
    assert (items[0]["format"], items[0]["size"], items[0]["problem"]["code"]) == ("json", len(BAD), "structure.json")
    assert own.content == BAD
    assert own.headers["content-type"] == "application/octet-stream"


async def test_a_refused_body_lies_sealed_and_goes_with_its_key(house: House) -> None:
    problem = await refused(house)
    row = (await house.rows("select sealed from quarantine"))[0]
    assert b"SECRET" not in row["sealed"]
    async with house.client("agent") as agent:
        assert (await agent.delete(f"/api/intake/quarantine/{problem['kept']}")).status_code == 204
        assert (await agent.get(f"/api/intake/quarantine/{problem['kept']}/body")).status_code == 404
    assert not await house.rows("select 1 from subject_key")


async def test_a_body_whose_key_was_erased_cannot_be_read(house: House) -> None:
    problem = await refused(house)
    await house.rows("delete from subject_key")
    async with house.client("agent") as agent:
        assert (await agent.get(f"/api/intake/quarantine/{problem['kept']}/body")).status_code == 404


async def test_the_oldest_goes_when_there_are_too_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_BODIES", 3)
    kept = [(await refused(house))["kept"] for _ in range(5)]
    stranger = (await refused(house, "carrier"))["kept"]
    async with house.client("agent") as agent:
        items = (await agent.get("/api/intake/quarantine")).json()["items"]
    assert [item["id"] for item in items] == kept[:1:-1]
    assert len(await house.rows("select 1 from subject_key")) == 4
    assert stranger in {str(row["id"]) for row in await house.rows("select id from quarantine")}


async def test_the_oldest_goes_when_they_are_too_large(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_BYTES", 2500)
    kept = [(await refused(house, body=b"{" + b" " * 999))["kept"] for _ in range(4)]
    huge = (await refused(house, body=b"{" + b" " * 9999))["kept"]
    async with house.client("agent") as agent:
        items = (await agent.get("/api/intake/quarantine")).json()["items"]
    assert [item["id"] for item in items] == [huge], f"the newest stays, however large; {kept} are gone"


async def test_what_has_stood_for_thirty_days_is_swept(house: House) -> None:
    await refused(house)
    former = clock.use(lambda: former() - timedelta(days=31))
    try:
        await refused(house, "carrier")
    finally:
        clock.use(former)
    await SweepQuarantine().run(house.port)
    left = await house.rows("select org from quarantine")
    assert [row["org"] for row in left] == [house.orgs.numbers["agent"]]
    assert len(await house.rows("select 1 from subject_key")) == 1


async def test_a_batch_with_refused_rows_is_kept_whole(house: House) -> None:
    async with house.client("carrier") as carrier:
        answer = await post(carrier, "json", [rail(), rail(wagon="")], record=RAIL)
        body = await carrier.get(f"/api/intake/quarantine/{answer.json()['kept']}/body")
        items = (await carrier.get("/api/intake/quarantine")).json()["items"]
    assert body.content == answer.request.content
    assert (items[0]["problem"]["refused"], items[0]["problem"]["accepted"]) == (1, 1)


async def test_a_rejection_at_the_door_has_its_chain(house: House) -> None:
    problem = await refused(house)
    async with house.client("agent") as agent, house.client("carrier") as other:
        found = (await agent.get(f"/api/receipts/{problem['kept']}")).json()
        assert (await other.get(f"/api/receipts/{problem['kept']}")).status_code == 404
        replay = (await agent.get(f"/api/receipts/{problem['kept']}", params={"after": 1})).json()
    assert [(step["seq"], step["code"]) for step in found["chain"]] == [(1, "filed"), (2, "rejected")]
    assert found["chain"][1]["reason"] == problem["reason"]
    assert replay["chain"] == found["chain"][1:]
    assert found["receipt"]["ledger"] == {"index": None, "status": "refused", "suite": "intl"}
