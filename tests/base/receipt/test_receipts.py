"""The chain of receipts and the proof of a submission."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from kouan.base.receipt import service
from kouan.kernel.ledger import verify
from tests.base.conftest import House
from tests.base.exchange.bodies import CALL, RESPONSE, call, fal, post

REF = "portcall:CNWHH/VESSEL:IMO:9321483/2611E"


def answer(code: str, reference: str = "R-1", **more: Any) -> dict[str, Any]:
    """An agency's answer about the sample's port call."""
    return {"about": REF, "code": code, "reference": reference, "at": "2026-11-22T03:20:00Z", **more}


async def filed(house: House) -> str:
    async with house.client("agent") as agent:
        found = await post(agent, "json", call(), record=CALL)
    assert found.status_code == 201, found.text
    return str(found.json()["receipt"]["id"])


async def respond(house: House, org: str, body: dict[str, Any]) -> None:
    async with house.client(org) as client:
        said = await post(client, "json", body, record=RESPONSE)
    assert said.status_code == 201, said.text


async def chain(house: House, org: str, receipt: str, after: int = 0) -> list[dict[str, Any]]:
    async with house.client(org) as client:
        found = await client.get(f"/api/receipts/{receipt}", params={"after": after})
    assert found.status_code == 200, found.text
    steps: list[dict[str, Any]] = found.json()["chain"]
    return steps


async def test_a_rejected_document_shows_its_events_in_order_and_replays(house: House) -> None:
    receipt = await filed(house)
    await respond(house, "customs", answer("received"))
    await house.work()
    await respond(house, "customs", answer("rejected", reason_zh="缺少附件", reason_en="an annex is missing"))
    await house.work()
    steps = await chain(house, "agent", receipt)
    assert [(s["seq"], s["code"], s["agency"]) for s in steps] == [
        (1, "filed", "agent"), (2, "received", "customs"), (3, "rejected", "customs"),
    ]  # fmt: skip
    assert steps[2]["reason"] == {"zh": "缺少附件", "en": "an annex is missing"}
    assert all(step["at"] and step["title"]["zh"] and step["title"]["en"] for step in steps)
    assert await chain(house, "agent", receipt, after=1) == steps[1:]
    assert await chain(house, "agent", receipt, after=3) == []


async def test_an_action_by_hand_is_a_step_too(house: House) -> None:
    receipt = await filed(house)
    kept = await house.port.find(house.who("maritime"), CALL, ref=REF)
    await house.port.act(house.who("maritime"), CALL, kept[0].id, "maritime.accept", note="by phone")
    steps = await chain(house, "agent", receipt)
    assert [(s["code"], s["agency"]) for s in steps] == [("filed", "agent"), ("accepted", "maritime")]
    assert steps[1]["reason"]["en"] == "by phone"


async def test_only_readers_see_a_receipt(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PATIENCE", 0.1)
    receipt = await filed(house)
    for org, status in (("agent", 200), ("customs", 200), ("terminal", 200), ("trader", 404), ("trucker", 404)):
        async with house.client(org) as client:
            assert (await client.get(f"/api/receipts/{receipt}")).status_code == status, org
            assert (await client.get(f"/api/receipts/{receipt}/proof")).status_code == {200: 503, 404: 404}[status], org


async def test_a_pending_receipt_says_so_and_is_proved_soon(house: House) -> None:
    receipt = await filed(house)
    async with house.client("agent") as agent:
        found = (await agent.get(f"/api/receipts/{receipt}")).json()
        assert found["receipt"]["ledger"] == {"index": None, "status": "pending", "suite": "intl"}
        waiting = await agent.get(f"/api/receipts/{receipt}/proof")
        assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "1")
        async with house.signing():
            proof = await agent.get(f"/api/receipts/{receipt}/proof")
        assert proof.status_code == 200, proof.text
        found = (await agent.get(f"/api/receipts/{receipt}")).json()
    assert found["receipt"]["ledger"]["status"] == "included"
    assert proof.json()["entry"]["id"] == receipt


async def test_the_filer_proves_the_document_and_others_learn_nothing_of_it(house: House) -> None:
    body = fal()
    async with house.client("agent") as agent, house.client("customs") as customs, house.signing():
        receipt = (await post(agent, "imo-fal", body)).json()["receipt"]["id"]
        own = await agent.get(f"/api/receipts/{receipt}/proof")
        theirs = await customs.get(f"/api/receipts/{receipt}/proof")
    assert own.json()["disclosure"]["document"] == hashlib.sha256(body).hexdigest()
    assert theirs.json()["disclosure"] is None, "customs does not see the names: it may not test guesses of them"
    assert verify.verify(own.content, document=body).ok
    assert not verify.verify(own.content, document=body + b" ").ok
    assert verify.verify(theirs.content).ok


async def test_steps_keep_their_numbers_once_they_are_in_the_ledger(house: House) -> None:
    receipt = await filed(house)
    async with house.signing():
        for org in ("terminal", "border", "maritime"):
            await respond(house, org, answer("accepted"))
        async with house.client("agent") as agent:
            for _ in range(200):
                steps = (await agent.get(f"/api/receipts/{receipt}")).json()["chain"]
                if all(step["status"] == "included" for step in steps):
                    break
        before = await chain(house, "agent", receipt)
        await respond(house, "customs", answer("accepted"))
        after = await chain(house, "agent", receipt)
    assert after[:4] == before
    assert after[4]["agency"] == "customs"


async def test_an_answer_about_nothing_is_kept_and_flagged(house: House) -> None:
    async with house.client("customs") as customs:
        said = await post(customs, "json", answer("accepted"), record=RESPONSE)
    assert said.status_code == 201
    assert [warning["rule"] for warning in said.json()["records"][0]["warnings"]] == ["RSP-ABOUT"]
