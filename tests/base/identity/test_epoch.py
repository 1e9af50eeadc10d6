"""The shared read of the epoch: nobody is answered with one that was begun before they came."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from kouan.base.identity.service.epoch import Epoch
from kouan.base.identity.store import organisations
from kouan.kernel.database import Pool
from kouan.kernel.errors import Unavailable


class Database:
    """One row that changes, and reads that take as long as the test wants."""

    def __init__(self) -> None:
        self.value, self.reads, self.gate, self.broken = 1, 0, asyncio.Event(), 0

    async def acquire(self, **_more: Any) -> Database:
        return self

    async def release(self, *_more: Any, **_named: Any) -> None:
        return None

    async def epoch(self, _conn: object, _seconds: float) -> tuple[int, int]:
        self.reads += 1
        if self.broken:
            self.broken -= 1
            raise OSError
        taken = self.value
        await self.gate.wait()
        return taken, 0


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database()
    monkeypatch.setattr(organisations, "epoch", made.epoch)
    return made


async def test_who_comes_after_a_change_sees_it_though_a_read_is_under_way(database: Database) -> None:
    epoch = Epoch(cast("Pool", database))
    before = asyncio.create_task(epoch.read())
    await asyncio.sleep(0.01)
    database.value = 2
    after = [asyncio.create_task(epoch.read()) for _ in range(50)]
    await asyncio.sleep(0.01)
    database.gate.set()
    assert await before == (1, 0)
    assert set(await asyncio.gather(*after)) == {(2, 0)}
    assert database.reads == 2


async def test_a_caller_that_goes_away_takes_nobody_along(database: Database) -> None:
    epoch = Epoch(cast("Pool", database))
    first, second = asyncio.create_task(epoch.read()), asyncio.create_task(epoch.read())
    await asyncio.sleep(0.01)
    first.cancel()
    database.gate.set()
    assert await second == (1, 0)
    assert first.cancelled() or first.cancelling()


@pytest.mark.parametrize(("failures", "answered"), [(1, True), (2, False)])
async def test_one_failure_is_tried_again(failures: int, answered: bool, database: Database) -> None:
    epoch = Epoch(cast("Pool", database))
    database.gate.set()
    database.broken = failures
    if answered:
        assert await epoch.read() == (1, 0)
    else:
        with pytest.raises(Unavailable):
            await epoch.read()
    assert await epoch.read() == (1, 0)
