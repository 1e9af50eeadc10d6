"""A declarant cancels and amends by WCO message; customs' decisions stand against both."""

from __future__ import annotations

from typing import Any

from kouan.base.exchange.codecs.wco import responses
from tests.base.exchange.test_amending import ITEM, request
from tests.town import GREEN, RISKY, Town


async def send(town: Town, body: bytes, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return await town.client("trader").post("/api/intake/wco-dec", content=body, headers=headers)


async def lodged(town: Town, goods: Any) -> str:
    bill = town.bill(goods)
    voyage = town.voyage(bill)
    await town.manifest(voyage)
    return await town.declare(voyage, bill)


async def test_a_lodged_declaration_is_cancelled_by_message_under_a_receipt(town: Town) -> None:
    reference = await lodged(town, GREEN)
    body = request("", number=reference, reference="CAN-1", kind="INV")
    answer = await send(town, body, "cancel-1")
    assert answer.status_code == 201, answer.text
    assert await town.state(reference) == "cancelled"
    again = await send(town, body, "cancel-1")
    assert again.json()["receipt"] == answer.json()["receipt"]
    number = answer.json()["receipt"]["id"]
    chain = await town.call("trader", "GET", f"/api/receipts/{number}")
    assert "cancelled" in [step["code"] for step in chain["chain"]]
    told = await town.client("trader").get(f"/api/receipts/{number}/answer?format=wco")
    assert responses.read(told.content)[-1].name == "DMSINV"
    late = await send(town, body)
    assert (late.status_code, late.json()["code"]) == (409, "not_in_state")
    assert late.json()["reason"]["zh"]


async def test_what_customs_has_decided_is_neither_amended_nor_cancelled(town: Town) -> None:
    for goods, state in ((GREEN, "released"), (RISKY, "targeted")):
        reference = await lodged(town, goods)
        await town.work()
        assert await town.state(reference) == state
        change = request("|" + ITEM.format(n=1, kg=1), number=reference, reference="AMD-1", pointers="1:42A 1:67A 1:68A")
        refused = await send(town, change)
        assert (refused.status_code, refused.json()["code"]) == (422, "DEC-AMENDABLE")
        stopped = await send(town, request("", number=reference, reference="CAN-1", kind="INV"))
        assert (stopped.status_code, stopped.json()["code"]) == (409, "not_in_state")
        assert await town.state(reference) == state
