"""Queries of the receipt chain: a submission, what was answered about its records, what happened to them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from kouan.base.receipt.records import Response
from kouan.kernel.database import Connection
from kouan.kernel.ledger import store as ledger
from kouan.kernel.records import record_type
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row
from kouan.kernel.store.schema import table

MOST = 2000
_SUBMISSION = "select id, org, format, at, size, records from submission where id = $1"
_REFUSAL = "select id, org, format, at, problem from quarantine where id = $1 and org = $2"
_ANSWERS = "select distinct record_id from ref where ref = any($1) and record = $2 limit $3"
_EVENTS = """select seq, at, org, record, ref, topic, data from event
    where record_id = any($1) and data ->> 'code' <> '' order by seq limit $2"""


async def submission(conn: Connection, receipt: UUID) -> asyncpg.Record | None:
    """A submission in the connection's scope."""
    return await conn.fetchrow(_SUBMISSION, receipt)


async def refusal(conn: Connection, number: UUID, org: int) -> asyncpg.Record | None:
    """A body refused at the door, for its sender."""
    return await conn.fetchrow(_REFUSAL, number, org)


async def rows(conn: Connection, record: str, ids: Sequence[UUID]) -> list[Row]:
    """Records of a type in the connection's scope."""
    sql = f"select {COLUMNS} from {table(record_type(record))} where id = any($1)"  # noqa: S608 - names of the registry
    return [row_of(raw) for raw in await conn.fetch(sql, list(ids))]


async def answers(conn: Connection, refs: Sequence[str]) -> list[Row]:
    """The agencies' answers about some records, in the connection's scope."""
    found = await conn.fetch(_ANSWERS, list(refs), Response.facts.name, MOST)
    named = set(refs)
    kept = await rows(conn, Response.facts.name, [row["record_id"] for row in found])
    return [row for row in kept if row.doc["about"] in named]


async def events(conn: Connection, ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """Lifecycle events with a receipt code, of some records, in the connection's scope."""
    return await conn.fetch(_EVENTS, list(ids), MOST)


async def positions(conn: Connection, receipts: Sequence[UUID]) -> dict[UUID, int]:
    """Where in the ledger entries stand; those still waiting are left out."""
    return await ledger.positions(conn, receipts)
