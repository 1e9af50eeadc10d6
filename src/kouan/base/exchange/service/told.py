"""When parties were told of a record: what other modules show of deliveries, without what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kouan.kernel.database import Connection

_TOLD = """select distinct on (record_id, org) record_id, org, created, delivered_at, attempts, last_error
    from delivery where record_id = any($1) and version = 1 order by record_id, org, delivered_at nulls last"""


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
    rows = await conn.fetch(_TOLD, list(records))
    return [
        Receipt(row["record_id"], row["org"], row["created"], row["delivered_at"], row["attempts"], row["last_error"] or "")
        for row in rows
    ]
