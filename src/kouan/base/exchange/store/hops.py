"""What became of a delivery on its way: failed tries (equal ones in a row counted, not repeated) and what people did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

What = Literal["away", "refused", "dead", "resent", "skipped"]
_NOTE = """with last as (select id, what, why from delivery_hop where delivery = $1 order by id desc limit 1),
      again as (update delivery_hop h set last = now(), times = h.times + 1 from last
                where h.id = last.id and last.what = $2 and last.why = $3 and $2 in ('away', 'refused') returning h.id)
    insert into delivery_hop (delivery, what, why, by, first, last, readers)
      select d.id, $2, $3, $4, now(), now(), d.readers from delivery d where d.id = $1 and not exists (select 1 from again)"""


async def note(conn: Connection, hops: Sequence[tuple[UUID, What, str, str]]) -> None:
    """Note hops: delivery, what, why, by whom (an organisation's short name, "" for the courier)."""
    if hops:
        await conn.executemany(_NOTE, hops)


async def of(conn: Connection, delivery: UUID) -> Sequence[asyncpg.Record]:
    """The noted hops of a delivery, in order."""
    sql = "select what, why, by, first, last, times from delivery_hop where delivery = $1 order by id"
    return await conn.fetch(sql, delivery)
