"""Reading together: one read for all who ask in the same turn, and everybody's own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from kouan.kernel.together import Together


class Source:
    def __init__(self, *, broken: bool = False) -> None:
        self.reads: list[list[int]] = []
        self.broken = broken

    async def read(self, keys: Sequence[int]) -> dict[int, str]:
        self.reads.append(list(keys))
        await asyncio.sleep(0)
        if self.broken:
            raise OSError("away")
        return {key: str(key) for key in keys if key >= 0}


async def test_what_is_asked_for_at_once_is_read_once() -> None:
    source = Source()
    together = Together(source.read)
    assert await asyncio.gather(*(together(key) for key in (1, 2, 1, 3))) == ["1", "2", "1", "3"]
    assert source.reads == [[1, 2, 3]]
    assert await together(1) == "1"
    assert len(source.reads) == 2


async def test_a_large_crowd_is_read_in_portions() -> None:
    source = Source()
    together = Together(source.read, most=10)
    assert len(await asyncio.gather(*(together(key) for key in range(25)))) == 25
    assert [len(keys) for keys in source.reads] == [10, 10, 5]


async def test_what_is_not_there_fails_for_who_asked_alone() -> None:
    together = Together(Source().read)
    good, bad = await asyncio.gather(together(1), together(-1), return_exceptions=True)
    assert good == "1"
    assert isinstance(bad, KeyError)


async def test_a_failed_read_reaches_all_and_the_next_one_is_tried() -> None:
    source = Source(broken=True)
    together = Together(source.read)
    failures = await asyncio.gather(together(1), together(2), return_exceptions=True)
    assert all(isinstance(failure, OSError) for failure in failures)
    source.broken = False
    assert await together(1) == "1"


async def test_one_who_gives_up_leaves_the_others_their_answer() -> None:
    together = Together(Source().read)
    patient = asyncio.create_task(together(1))
    hasty = asyncio.create_task(together(1))
    await asyncio.sleep(0)
    hasty.cancel()
    assert await patient == "1"
    with pytest.raises(asyncio.CancelledError):
        await hasty
