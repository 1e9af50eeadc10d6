"""Ears: who looks again and again looks seldom while nothing is accepted, at once when something is, often when nobody tells him."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kouan.kernel.waking import Ear, Waking, wake
from tests.kernel.harness import House

LONG = 60.0


@pytest.fixture
async def waking(house: House) -> AsyncIterator[Waking]:
    """The ears of a process that listens."""
    made = Waking(house.port.pool)
    made.ear()
    async with asyncio.timeout(LONG):
        while not made.listens:
            await asyncio.sleep(0.01)
    yield made
    await made.stop()


async def test_what_is_filed_ends_the_pause_of_every_ear(house: House, waking: Waking) -> None:
    ears = [waking.ear() for _ in range(2)]
    pauses = [asyncio.create_task(ear.pause(0.0, LONG)) for ear in ears]
    await asyncio.sleep(0.05)
    assert not any(pause.done() for pause in pauses)
    await house.file("thing", {"number": "N-1"})
    async with asyncio.timeout(LONG / 2):
        assert await asyncio.gather(*pauses) == [True, True]
    assert await ears[0].pause(0.0, 0.05) is False, "it was told of once"


async def test_what_came_between_two_pauses_is_not_missed(house: House, waking: Waking) -> None:
    ear = waking.ear()
    await wake(house.port.pool)
    async with asyncio.timeout(LONG / 2):
        while not ear.told():
            await asyncio.sleep(0.01)
        await wake(house.port.pool)
        assert await ear.pause(0.05, LONG)


async def test_whom_nobody_tells_looks_as_often_as_he_may(house: House) -> None:
    async with asyncio.timeout(LONG / 2):
        assert await Ear().pause(0.01, LONG)
    deaf = Waking(house.port.pool)
    assert not deaf.listens
    async with asyncio.timeout(LONG / 2):
        assert await Ear(deaf).pause(0.01, LONG)
