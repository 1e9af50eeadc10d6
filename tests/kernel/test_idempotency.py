"""Idempotency-Key: the same filing is answered with the same receipt; a refusal uses up no key."""

from __future__ import annotations

import asyncio

import pytest

from kouan.kernel.errors import Conflict, Failure, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.store.ops import Filed
from tests.kernel.harness import House, outcomes, port_on, who


async def test_the_same_key_and_content_answer_the_same_receipt(house: House) -> None:
    first = await house.file("thing", {"number": "N-1"}, key="k")
    again = await house.file("thing", {"number": "N-1"}, key="k")
    assert again.receipt == first.receipt
    assert [k.id for k in again.kept] == [k.id for k in first.kept]
    assert (first.repeated, again.repeated) == (False, True)
    assert await house.value("select count(*) from ledger_entry") == 1


async def test_the_same_key_and_other_content_conflict(house: House) -> None:
    await house.file("thing", {"number": "N-1"}, key="k")
    with pytest.raises(Conflict) as caught:
        await house.file("thing", {"number": "N-2"}, key="k")
    assert caught.value.code == "idempotency_key_reused"
    assert caught.value.field == "Idempotency-Key"


async def test_a_key_is_its_organisations_own(house: House) -> None:
    first = await house.file("thing", {"number": "N-1"}, key="k")
    other = await house.file("thing", {"number": "N-2"}, key="k", by="rival")
    assert other.receipt != first.receipt


async def test_a_refusal_uses_up_no_key(house: House) -> None:
    with pytest.raises(Refused):
        await house.file("thing", {"number": "N-1", "count": 2_000_000}, key="k")
    with pytest.raises(Refused):
        await house.file("thing", {"number": "N-1", "colour": "blue"}, key="k")
    assert isinstance(await house.file("thing", {"number": "N-1"}, key="k"), Filed)
    with pytest.raises(Conflict):
        await house.file("thing", {"number": "N-1"}, key="k2")
    assert isinstance(await house.file("thing", {"number": "N-2"}, key="k2"), Filed)


async def test_of_a_hundred_at_once_all_get_the_one_receipt(house: House) -> None:
    async with port_on(house.options) as other:
        ports = (house.port, other)
        drafts = [Draft("test.store.thing", {"number": "N-1"})]
        calls = (ports[n % 2].file(who("trader"), drafts, key="k") for n in range(100))
        found = await outcomes(*calls)
    assert not [one for one in found if isinstance(one, BaseException)]
    assert len({one.receipt for one in found}) == 1
    assert await house.value("select count(*) from r_test_store_thing") == 1


async def test_of_a_hundred_with_other_contents_one_wins_the_key(house: House) -> None:
    found = await outcomes(*(house.file("thing", {"number": f"N-{n}"}, key="k") for n in range(100)))
    assert len([one for one in found if isinstance(one, Filed)]) == 1
    assert {one.code for one in found if isinstance(one, Failure)} == {"idempotency_key_reused"}


async def test_the_body_decides_what_is_the_same(house: House) -> None:
    drafts = [Draft("test.store.thing", {"number": "N-1"})]
    first = await house.port.file(who("trader"), drafts, body=b"raw one", key="k")
    assert (await house.port.file(who("trader"), drafts, body=b"raw one", key="k")).receipt == first.receipt
    with pytest.raises(Conflict):
        await house.port.file(who("trader"), drafts, body=b"raw two", key="k")


async def test_the_receipt_shows_the_record_as_it_is_now(house: House) -> None:
    filed = await house.file("case", {"number": "C-1"}, key="k")
    await house.port.act(who("border"), "test.store.case", filed.kept[0].id, "border.shut")
    again = await house.file("case", {"number": "C-1"}, key="k")
    assert (again.receipt, again.kept[0].version) == (filed.receipt, 2)
    await asyncio.sleep(0)
