"""The outbox: one row a fact and party; claimed with a lease, in order per record, never two versions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

LEASE = timedelta(seconds=15)
_ADD = """insert into delivery (id, event, connector, org, record, record_id, ref, version, filer, fields, typed,
      next_try, created, readers) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13)
    on conflict (event, connector, org) do nothing"""
_CLAIM = """with due as (
      select id from delivery d where connector = $1 and org = $2 and state = 'waiting' and next_try <= now()
        and (lease_until is null or lease_until < now())
        and not exists (select 1 from delivery e where e.record_id = d.record_id and e.connector = d.connector
                        and e.org = d.org and e.version < d.version and e.state = 'waiting')
      order by next_try, id limit $3 for update skip locked)
    update delivery set lease_until = now() + $4, attempts = attempts + 1 from due where delivery.id = due.id
    returning delivery.id, event, record, record_id, ref, version, filer, attempts"""
_DONE = """update delivery set state = case when state = 'waiting' then 'delivered' else state end, reference = $2,
      delivered_at = now(), lease_until = null, last_error = null where id = $1"""
_AGAIN = """update delivery set lease_until = null, last_error = $2, next_try = now() + $3,
      refused = refused + $4, state = case when state = 'waiting' and refused + $4 >= $5 then 'dead' else state end
    where id = $1"""
_INBOX = """select id, event, connector, record, record_id, ref, version, filer, created, state, attempts, next_try, last_error,
      reference, answer from delivery
    where org = $1 and ($2 = '' or state = $2 or ($2 = 'waiting' and state = 'dead')) and ($3::uuid is null or id < $3)
    order by id desc limit $4"""
_ONE = """select id, connector, record, record_id, ref, version, state, reference from delivery where id = $1 and org = $2"""
_ANSWERED = """update delivery set answer = $4, answered_at = now(),
      state = case when $5 and state <> 'dead' then 'answered' else state end
    where org = $1 and ref = $2 and ($3::uuid is null or id = $3)"""
_RETRY = """update delivery set state = 'waiting', refused = 0, next_try = now(), lease_until = null
    where id = $1 and org = $2 and state in ('waiting', 'dead') returning id"""
_METER = """with latest as (
      select distinct on (ref, connector, org) ref, connector, org, fields, typed, state, answer, reference, created
      from delivery where record = $1 order by ref, connector, org, version desc)
    select ref, org, fields, typed, state, answer, created from latest order by ref, org"""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact to be handed to one party."""

    id: UUID
    event: UUID
    connector: str
    org: int
    record: str
    record_id: UUID
    ref: str
    version: int
    filer: int
    fields: int
    typed: int
    at: datetime
    readers: Sequence[int]


async def add(conn: Connection, told: Sequence[Told]) -> None:
    """Put facts in the outbox; one that stands there already is left as it is."""
    await conn.executemany(
        _ADD,
        [
            (t.id, t.event, t.connector, t.org, t.record, t.record_id, t.ref, t.version, t.filer, t.fields, t.typed,
             t.at, list(t.readers))
            for t in told
        ],
    )  # fmt: skip


async def claim(conn: Connection, connector: str, org: int, most: int) -> Sequence[asyncpg.Record]:
    """Take what is due for a party, oldest try first; another process leaves it alone while the lease runs."""
    return await conn.fetch(_CLAIM, connector, org, most, LEASE)


@dataclass(frozen=True, slots=True)
class Again:
    """A delivery that failed: to be tried again after a while. `refused`: the party answered and did not take it."""

    id: UUID
    error: str
    wait: timedelta
    refused: bool


async def done(conn: Connection, taken: Sequence[tuple[UUID, str]]) -> None:
    """The party took these, each under its own reference."""
    if taken:
        await conn.executemany(_DONE, taken)


async def again(conn: Connection, failed: Sequence[Again], most: int) -> None:
    """Try these again; one that the party refused `most` times becomes a dead letter."""
    if failed:
        await conn.executemany(_AGAIN, [(one.id, one.error, one.wait, int(one.refused), most) for one in failed])


async def inbox(
    conn: Connection, org: int, state: str, before: UUID | None, most: int
) -> Sequence[asyncpg.Record]:
    """An organisation's deliveries, newest first."""
    return await conn.fetch(_INBOX, org, state, before, most)


async def one(conn: Connection, delivery: UUID, org: int) -> asyncpg.Record | None:
    """A delivery of an organisation."""
    return await conn.fetchrow(_ONE, delivery, org)


async def answered(
    conn: Connection, org: int, ref: str, delivery: UUID | None, code: str, *, decided: bool
) -> None:
    """The party said something about a record: note it on the delivery named, or on all about that record."""
    await conn.execute(_ANSWERED, org, ref, delivery, code, decided)


async def retry(conn: Connection, delivery: UUID, org: int) -> bool:
    """Make a delivery due now, a dead letter included; False when there is none that waits."""
    return await conn.fetchval(_RETRY, delivery, org) is not None


async def due_now(conn: Connection, connector: str, org: int) -> None:
    """Everything that waits for a party is due: it is back."""
    await conn.execute(
        "update delivery set next_try = now() where connector = $1 and org = $2 and state = 'waiting' and refused = 0",
        connector, org,
    )  # fmt: skip


async def meter(conn: Connection, record: str) -> Sequence[asyncpg.Record]:
    """The latest delivery of each record to each party, in the connection's scope."""
    return await conn.fetch(_METER, record)
