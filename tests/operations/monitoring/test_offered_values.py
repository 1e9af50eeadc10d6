"""The values that filters offer: which each dimension had, and on which day last."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import asyncpg

from kouan.operations.monitoring import reading, store
from kouan.operations.monitoring.adding import Cell, Change, spelled
from tests.conftest import Running

SHANGHAI = ZoneInfo("Asia/Shanghai")
CODE = "test.offered"


def cell(day: int, org: int = 0, grain: str = "day", whole: bool = False, **dims: str) -> Cell:
    return Cell(CODE, "", grain, org, whole, datetime(2026, 3, day, tzinfo=UTC), 0, spelled(dims))


async def test_values_are_noted_with_their_last_day_and_gathered_from_what_was_counted_before(platform: Running) -> None:
    folder = json.loads((platform.home / "run" / "ports.json").read_text())["database_socket"]
    conn = await asyncpg.connect(host=folder, user="kouan_app", database="kouan")
    turn = conn.transaction()
    await turn.start()
    try:
        await conn.execute("select set_config('app.orgs', '0,1', true)")
        cells = [
            cell(5, way="in", mode="sea"), cell(9, way="in"), cell(7, way="out"), cell(7, 4, way="out"), cell(20, grain="hour", way="late"),
            cell(21, whole=True),
        ]  # fmt: skip
        for some in (cells[1:], cells[:1]):  # the earlier day is told later
            await store.change(conn, {one: Change(1) for one in some}, dict.fromkeys(some, (0, 1)), {})

        async def stand() -> list[tuple[int, str, str, int]]:
            found = await conn.fetch("select org, dimension, part, last from monitoring_part where indicator = $1 order by 1, 2, 3", CODE)
            return [(row["org"], row["dimension"], row["part"], row["last"].day) for row in found]

        noted = await stand()
        assert noted == [(0, "mode", "sea", 5), (0, "way", "in", 9), (0, "way", "out", 7), (4, "way", "out", 7)]
        assert await reading.values(conn, [CODE], 0, date(2026, 3, 8), SHANGHAI) == {"way": ["in"]}
        assert await reading.values(conn, [CODE], 4, date(2026, 3, 6), SHANGHAI) == {"way": ["in", "out"]}
        await conn.execute("delete from monitoring_part where indicator = $1", CODE)
        await store.gather(conn)
        assert await stand() == noted
        await conn.execute("select set_config('app.orgs', '7', true)")
        assert await stand() == [], "whoever may not see the totals is offered no values of them"
    finally:
        await turn.rollback()
        await conn.close()
