"""Answers to messages as they were given, for their sender to fetch again; and what stands under a receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg

from kouan.kernel.clock import now
from kouan.kernel.database import Connection
from kouan.kernel.principal import PLATFORM

_KEEP = """insert into message_answer (receipt, org, at, media, body, readers)
    select receipt, $2, $3, $4, $5, $6 from unnest($1::uuid[]) w(receipt) on conflict do nothing"""


async def keep(conn: Connection, receipts: Sequence[UUID], org: int, media: str, body: bytes) -> None:
    """Keep an answer under the receipts, or quarantine numbers, of what it answers."""
    await conn.execute(_KEEP, list(receipts), org, now(), media, body, [PLATFORM.org, org])


async def kept(conn: Connection, receipt: UUID, org: int) -> asyncpg.Record | None:
    """(media, body) of the answer that an organisation was given under a number; None where there is none."""
    return await conn.fetchrow("select media, body from message_answer where receipt = $1 and org = $2", receipt, org)


async def expired(conn: Connection, most: int) -> int:
    """Forget answers to what is neither a receipt nor in quarantine any more; answers how many."""
    sql = """delete from message_answer where receipt in (select a.receipt from message_answer a
        where not exists (select 1 from submission s where s.id = a.receipt)
        and not exists (select 1 from quarantine q where q.id = a.receipt) limit $1) returning 1"""
    return len(await conn.fetch(sql, most))


async def named(conn: Connection, receipt: UUID) -> Sequence[Mapping[str, str]]:
    """The records that were filed under a receipt, each as record, id and ref; none outside the connection's scope."""
    return await conn.fetchval("select records from submission where id = $1", receipt) or ()


async def used(conn: Connection, org: int, key: str) -> asyncpg.Record | None:
    """(body digest, receipt) under which an organisation used an Idempotency-Key; None where it did not."""
    return await conn.fetchrow("select body, submission from idempotency where org = $1 and key = $2", org, key)
