"""Past erasures: the record that each left, and its place in the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kouan.base.erasure.records import Erasure
from kouan.base.receipt.api import proof as proof_of
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound
from kouan.kernel.ledger.store import positions
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.finding import equal


async def past(port: Port, after: int, limit: int) -> dict[str, Any]:
    """Erasures, the newest first; `ledger` is the leaf of each, None for a second or two."""
    async with scope(port.pool, (PLATFORM.org,), clearance=1) as conn:
        rows = await equal(conn, Erasure, {}, after=after, limit=limit, newest=True)
        leaves = await positions(conn, [row.submission for row in rows])
    items = [
        {"id": str(row.id), **{name: row.doc[name] for name in ("number", "ground", "records", "salts", "at")},
         "receipt": str(row.submission), "ledger": leaves.get(row.submission)} for row in rows
    ]  # fmt: skip
    return {"items": items, "next": rows[-1].seq if len(rows) == limit else None}


async def proof(port: Port, number: UUID) -> dict[str, Any]:
    """The proof of an erasure's receipt. Raises NotFound, and Unavailable while the ledger has not taken it up."""
    async with scope(port.pool, (PLATFORM.org,), clearance=1) as conn:
        row = await reading.one(conn, Erasure, number)
    if row is None:
        raise NotFound(MISSING)
    return await proof_of(port, PLATFORM, row.submission)
