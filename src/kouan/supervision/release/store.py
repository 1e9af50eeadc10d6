"""Which declarations wait for release when something that may have been missing arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import by_ids, equal, sharing

WAITING = ("assessed", "inspected")
BATCH = 200


async def under(conn: Connection, lines: list[UUID]) -> dict[UUID, list[UUID]]:
    """For some manifest lines the declarations that cite their bills and wait."""
    found = await sharing(conn, lines, "bill", Declaration.facts.name)
    ids = sorted({one for group in found.values() for one in group})
    waiting = {row.id for row in await by_ids(conn, Declaration, ids) if row.state in WAITING} if ids else set()
    return {line: [one for one in group if one in waiting] for line, group in found.items()}


async def of_vessel(conn: Connection, vessel: str) -> AsyncIterator[list[UUID]]:
    """Declarations of a ship's cargo that wait, in batches, the oldest first."""
    after = 0
    while True:
        rows = await equal(conn, Declaration, {"vessel": vessel}, states=WAITING, after=after, limit=BATCH)
        if not rows:
            return
        yield [row.id for row in rows]
        after = rows[-1].seq
