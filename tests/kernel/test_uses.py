"""The record of use: gathered, told once, never dropped."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

import pytest

from kouan.kernel import calls, uses
from kouan.kernel.errors import Unavailable
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.uses import Uses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kouan.kernel.database import Pool

WHO = Principal(7, "trucker", "trucker", "account-1", frozenset({"clerk"}))


class Table:
    """Where rows are written; it may be away."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.away = False

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Table]:
        """A connection."""
        if self.away:
            raise OSError
        yield self

    async def executemany(self, _sql: str, rows: list[tuple[Any, ...]]) -> None:
        """Rows."""
        self.rows += rows

    def ids(self) -> list[UUID]:
        """All records that were listed."""
        return [one for row in self.rows for one in row[6]]


def made(table: Table, **more: Any) -> Uses:
    """A writer into a table."""
    return Uses(cast("Pool", table), **more)


async def test_what_is_shown_goes_down_in_one_row_and_not_again() -> None:
    table, at = Table(), [0.0]
    taken, ids = made(table, clock_=lambda: at[0]), [uuid4() for _ in range(50)]
    calls.enter(calls.begun("", {"method": "GET"}))
    for _ in range(3):
        taken.note(WHO, "base.place.place", ids, masked=2)
    taken.note(PLATFORM, "base.place.place", ids)
    await taken.settle()
    assert [(row[1:6], row[7]) for row in table.rows] == [((7, "account-1", False, "base.place.place", ""), 50)]
    taken.note(WHO, "base.place.place", ids[:1])
    await taken.settle()
    assert len(table.rows) == 1
    taken.note(WHO, "base.place.place", ids[:1], whole=True)
    await taken.settle()
    assert table.ids() == [*ids, ids[0]]
    for step in (1, 2):
        at[0] = uses.AGAIN * step + 1
        taken.note(WHO, "base.place.place", [uuid4()])
    taken.note(WHO, "base.place.place", ids)
    await taken.settle()
    assert set(ids) <= set(table.rows[-1][6])


async def test_nothing_is_dropped_while_the_database_is_away() -> None:
    table = Table()
    taken, ids = made(table), [uuid4() for _ in range(10)]
    table.away = True
    for some in (ids[:6], ids[3:]):
        taken.note(WHO, "base.place.place", some, whole=True)
        with pytest.raises(Unavailable):
            await taken.settle()
    table.away = False
    await taken.settle()
    assert sorted(table.ids()) == sorted(ids)


async def test_reads_are_refused_before_what_waits_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "MOST", 100)
    table = Table()
    taken = made(table)
    table.away = True
    taken.note(WHO, "base.place.place", [uuid4() for _ in range(101)])
    with pytest.raises(Unavailable):
        taken.note(WHO, "base.place.place", [uuid4()])
    table.away = False
    await taken.settle()
    taken.note(WHO, "base.place.place", [uuid4()])
    await taken.close()
