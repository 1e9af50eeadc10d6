"""Reading together: what is asked for side by side is read in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from kouan.kernel.together import Together


class Shelf:
    def __init__(self, *, fault: Exception | None = None) -> None:
        self.reads: list[list[int]] = []
        self.fault = fault

    async def __call__(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.reads.append(list(keys))
        await asyncio.sleep(0.01)
        if self.fault:
            raise self.fault
        return {key: key * key for key in keys if key >= 0}


async def test_what_is_asked_for_at_once_is_read_at_once_and_each_key_once() -> None:
    shelf = Shelf()
    read = Together(shelf)
    assert await asyncio.gather(*(read(n) for n in (1, 2, 3, 2, 1))) == [1, 4, 9, 4, 1]
    assert shelf.reads == [[1, 2, 3]]
    assert await read(1) == 1
    assert shelf.reads == [[1, 2, 3], [1]]


async def test_a_go_holds_only_so_many() -> None:
    shelf = Shelf()
    read = Together(shelf, most=4)
    assert await asyncio.gather(*(read(n) for n in range(10))) == [n * n for n in range(10)]
    assert [len(keys) for keys in shelf.reads] == [4, 4, 2]


async def test_what_is_not_there_is_a_key_error_for_its_asker_alone() -> None:
    read = Together(Shelf())
    found = await asyncio.gather(read(2), read(-1), return_exceptions=True)
    assert found[0] == 4
    assert isinstance(found[1], KeyError)


async def test_a_fault_reaches_all_who_asked_and_no_one_later() -> None:
    shelf = Shelf(fault=OSError("gone"))
    read = Together(shelf)
    assert [type(f) for f in await asyncio.gather(read(1), read(2), return_exceptions=True)] == [OSError, OSError]
    shelf.fault = None
    assert await read(3) == 9


async def test_one_that_gives_up_takes_no_other_with_it() -> None:
    read = Together(Shelf())
    impatient = asyncio.create_task(read(5))
    patient = asyncio.create_task(read(5))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 25
    with pytest.raises(asyncio.CancelledError):
        await impatient
