"""When parties were told of a record: what other modules show of deliveries, without what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kouan.base.exchange.store import versions
from kouan.kernel.database import Connection


@dataclass(frozen=True, slots=True)
class Receipt:
    """One organisation told of the first version of a record. `inbox`: when it stood in its inbox; `taken`: when its own
    system took it, None while it has not (or has none); `tries` and `trouble` of handing it over.
    """

    record: UUID
    org: int
    inbox: datetime
    taken: datetime | None
    tries: int
    trouble: str


async def receipts(conn: Connection, records: Sequence[UUID]) -> list[Receipt]:
    """The parties that some records were told to, in the connection's scope."""
    rows = await versions.told(conn, records)
    return [
        Receipt(row["record_id"], row["org"], row["created"], row["delivered_at"], row["attempts"], row["last_error"] or "")
        for row in rows
    ]
