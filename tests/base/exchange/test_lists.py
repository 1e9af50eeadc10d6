"""Lists: a party that takes several deliveries at once gets them so, each still under its own event, none twice or lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from kouan.base.exchange.connectors import Courier, courier_of
from tests.base.conftest import House
from tests.base.exchange.parties import Party, party
from tests.base.exchange.test_connectors import file, inbox, know

MANY = 6


@pytest.fixture
async def courier(house: House) -> AsyncIterator[Courier]:
    found = courier_of(house.port)
    yield found
    await found.stop()


async def many(house: House) -> set[str]:
    return {await file(house, voyage=f"L{at}") for at in range(MANY)}


async def settled(house: House, count: int) -> list[dict[str, Any]]:
    return [one for one in await inbox(house, "customs") if one["state"] == "delivered"][:count]


async def taken(there: Party) -> list[dict[str, Any]]:
    return [one for one in await there.wait(MANY) if one["record"] == "base.portcall.port_call"]


async def test_what_waits_goes_in_one_list_to_a_party_that_takes_lists(house: House, courier: Courier) -> None:
    refs = await many(house)
    async with party(lists=True) as there:
        await know(house, "customs", there.url)
        courier.nudge()
        assert {one["ref"] for one in await taken(there)} == refs
        assert there.listed
        assert max(map(len, there.listed)) > 1
        assert len(there.events) == len(set(there.events)) == MANY
        async with asyncio.timeout(10):
            while len(await settled(house, MANY)) < MANY:
                await asyncio.sleep(0.05)
    assert all(one["reference"].startswith("REF-") for one in await settled(house, MANY))


async def test_a_list_that_is_refused_is_handed_over_one_by_one_under_the_same_events(house: House, courier: Courier) -> None:
    refs = sorted(await many(house))
    async with party(lists=True, status=lambda told: 422 if told["ref"] == refs[0] else 200) as there:
        await know(house, "customs", there.url)
        courier.nudge()
        async with asyncio.timeout(20):
            while {one["ref"] for one in there.told} != set(refs[1:]):
                await asyncio.sleep(0.02)
        assert {event for listed in there.listed for event in listed} >= set(there.events)
        assert len(there.events) == len(set(there.events)) == MANY - 1


@pytest.mark.parametrize("said", [b'{"references": ["only one"]}', b'{"references": "REF"}', b"[]", b"no json"])
async def test_a_list_counts_as_taken_only_with_a_reference_for_each(house: House, courier: Courier, said: bytes) -> None:
    await many(house)
    async with party(lists=True, body=said) as there:
        await know(house, "customs", there.url)
        courier.nudge()
        async with asyncio.timeout(20):
            while not there.listed or there.calls <= len(there.listed):
                await asyncio.sleep(0.02)
        assert not await settled(house, MANY)


async def test_a_party_that_is_away_gets_its_list_when_it_is_back(house: House, courier: Courier) -> None:
    async with party(lists=True) as there:
        await know(house, "customs", there.url)
        await there.down()
        refs = await many(house)
        await asyncio.sleep(0.6)
        await there.up()
        assert {one["ref"] for one in await taken(there)} == refs
        assert len(there.events) == len(set(there.events)) == MANY
