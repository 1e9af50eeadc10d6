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
      next_try, created, readers, what)
    select w.id, event, connector, org, record, record_id, ref, version, filer, fields, typed, at, at, readers::int[], what
    from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::uuid[], $7::text[], $8::int[], $9::int[],
      $10::int[], $11::int[], $12::timestamptz[], $13::text[], $14::text[]) w(id, event, connector, org, record, record_id,
      ref, version, filer, fields, typed, at, readers, what)
    on conflict (event, connector, org) do nothing"""
EVER = timedelta(days=36_500)
_CLAIM = """with due as (
      select id from delivery d where connector = $1 and org = $2 and state = 'waiting' and next_try <= now()
        and next_try > now() - $5::interval and (lease_until is null or lease_until < now())
        and (select true from delivery e where e.record_id = d.record_id and e.connector = d.connector
             and e.org = d.org and e.version < d.version and e.state || '' = 'waiting' limit 1) is null
      order by next_try, id limit $3 for update skip locked)
    update delivery set lease_until = now() + $4, attempts = attempts + 1 from due where delivery.id = due.id
    returning delivery.id, event, record, record_id, ref, version, filer, attempts, what"""
# What was delivered stands in the index of what waits until it is vacuumed: a look that begins at the oldest passes all of it each time.
# Not `not exists` above: that is planned as a join of all that waits, for the few that are taken. Not `e.state = 'waiting'`: that is
# looked up in the index of what is due, which is thought to be all but empty, so that each is compared with each.
_DONE = """update delivery d set state = case when state = 'waiting' then 'delivered' else state end, reference = w.said,
      delivered_at = now(), lease_until = null, last_error = null
    from unnest($1::uuid[], $2::text[]) w(id, said) where d.id = w.id"""
_AGAIN = """update delivery set lease_until = null, last_error = $2, next_try = now() + $3,
      refused = refused + $4, state = case when state = 'waiting' and refused + $4 >= $5 then 'dead' else state end
    where id = $1 returning id, state"""
_RENEW = "update delivery set lease_until = now() + $2 where id = any($1) and lease_until is not null"
_INBOX = """select id, event, connector, record, record_id, ref, version, filer, created, state, attempts, next_try, last_error,
      reference, answer, what from delivery
    where org = $1 and ($2 = '' or state = $2 or ($2 = 'waiting' and state = 'dead')) and ($3::uuid is null or id < $3)
      and ($5::text[] is null or (record = any($5) and state <> 'answered' and what in ('filed', 'amend')))
    order by id desc limit $4"""
_ONE = """select id, connector, record, record_id, ref, version, state, reference from delivery where id = $1 and org = $2"""
_ANSWERED = """update delivery set answer = $4, answered_at = now(),
      state = case when $5 and state <> 'dead' then 'answered' else state end
    where org = $1 and ref = $2 and ($3::uuid is null or id = $3)"""
_RESEND = """update delivery set state = 'waiting', refused = 0, next_try = now(), lease_until = null
    where id = $1 and org = $2 and state in ('waiting', 'dead') returning id"""
_SKIP = """update delivery set state = 'skipped', lease_until = null where id = $1 and org = $2
      and state in ('waiting', 'dead') and (lease_until is null or lease_until < now()) returning id"""
_LATER = """select 1 from delivery d join delivery e on e.record_id = d.record_id and e.connector = d.connector
      and e.org = d.org and e.version > d.version and e.state in ('delivered', 'answered')
    where d.id = $1 and d.state = 'dead' limit 1"""
_LISTED = """select d.id, d.connector, d.org, d.record, d.record_id, d.ref, d.version, d.filer, d.created, d.state, d.attempts,
      d.next_try, d.last_error, d.refused, d.what, d.delivered_at, a.outage_since, a.next_probe, a.last_error as line_error,
      a.org is not null as reached
    from delivery d left join connector_address a on a.connector = d.connector and a.org = d.org
    where (($1 and d.org = $3) or ($2 and d.filer = $3)) and ($4 = '' or d.state = $4 or ($4 = 'undelivered'
      and (d.state = 'dead' or (d.state = 'waiting' and a.org is not null))))
      and ($5::uuid is null or d.id < $5) order by d.id desc limit $6"""
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
    what: str = "filed"


async def add(conn: Connection, told: Sequence[Told]) -> None:
    """Put facts in the outbox; one that stands there already is left as it is."""
    if told:
        rows = (
            (t.id, t.event, t.connector, t.org, t.record, t.record_id, t.ref, t.version, t.filer, t.fields, t.typed, t.at,
             f"{{{','.join(map(str, t.readers))}}}", t.what)
            for t in told
        )  # fmt: skip
        await conn.execute(_ADD, *map(list, zip(*rows, strict=True)))


async def claim(conn: Connection, connector: str, org: int, most: int, *, since: timedelta = EVER) -> Sequence[asyncpg.Record]:
    """Take what is due for a party, oldest try first; another process leaves it alone while the lease runs. `since`: only what
    became due within this time."""
    return await conn.fetch(_CLAIM, connector, org, most, LEASE, since)


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
        await conn.execute(_DONE, *map(list, zip(*taken, strict=True)))


async def again(conn: Connection, failed: Sequence[Again], most: int) -> frozenset[UUID]:
    """Try these again; one that the party refused `most` times becomes a dead letter. Answers the dead ones."""
    dead = set()
    for one in failed:
        row = await conn.fetchrow(_AGAIN, one.id, one.error, one.wait, int(one.refused), most)
        if row and row["state"] == "dead":
            dead.add(one.id)
    return frozenset(dead)


async def renew(conn: Connection, held: Sequence[UUID]) -> None:
    """These are still under way: other processes go on leaving them alone."""
    await conn.execute(_RENEW, list(held), LEASE)


async def inbox(
    conn: Connection, org: int, state: str, before: UUID | None, most: int, asking: Sequence[str] | None = None
) -> Sequence[asyncpg.Record]:
    """An organisation's deliveries, newest first; `asking`: only those of some records that have no answer yet."""
    return await conn.fetch(_INBOX, org, state, before, most, asking)


async def one(conn: Connection, delivery: UUID, org: int) -> asyncpg.Record | None:
    """A delivery of an organisation."""
    return await conn.fetchrow(_ONE, delivery, org)


async def answered(
    conn: Connection, org: int, ref: str, delivery: UUID | None, code: str, *, decided: bool
) -> None:
    """The party said something about a record: note it on the delivery named, or on all about that record."""
    await conn.execute(_ANSWERED, org, ref, delivery, code, decided)


async def resend(conn: Connection, delivery: UUID, org: int) -> bool:
    """Make a delivery due now, a dead letter included; False when there is none that waits."""
    return await conn.fetchval(_RESEND, delivery, org) is not None


async def skip(conn: Connection, delivery: UUID, org: int) -> bool:
    """Do not try a delivery any more; False when it does not wait, or is just under way."""
    return await conn.fetchval(_SKIP, delivery, org) is not None


async def overtaken(conn: Connection, delivery: UUID) -> bool:
    """Whether a dead letter's record was delivered in a later version since: it would come out of order."""
    return bool(await conn.fetchval(_LATER, delivery))


async def dead_of(conn: Connection, org: int, most: int) -> Sequence[UUID]:
    """The dead letters of an organisation, oldest first."""
    rows = await conn.fetch("select id from delivery where org = $1 and state = 'dead' order by id limit $2", org, most)
    return [row["id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Page:
    """Which deliveries a list shows: those to (`inward`) or from (`outward`) an organisation, in a state, behind one."""

    inward: bool
    outward: bool
    state: str
    before: UUID | None
    most: int


async def listed(conn: Connection, org: int, page: Page) -> Sequence[asyncpg.Record]:
    """Deliveries to or from an organisation, newest first, with how the party's system does."""
    return await conn.fetch(_LISTED, page.inward, page.outward, org, page.state, page.before, page.most)


async def trail(conn: Connection, delivery: UUID) -> asyncpg.Record | None:
    """A delivery with the moment and the ledger entry of the version that it tells."""
    return await conn.fetchrow(
        """select d.id, d.connector, d.org, d.record, d.record_id, d.ref, d.version, d.filer, d.created, d.state, d.attempts,
             d.next_try, d.reference, d.delivered_at, d.answer, d.answered_at, d.what, d.event, v.at as kept_at, v.entry,
             v.org as by
           from delivery d left join version v on v.record_id = d.record_id and v.version = d.version where d.id = $1""",
        delivery,
    )


async def due_now(conn: Connection, connector: str, org: int) -> None:
    """Everything that waits for a party is due: it is back."""
    await conn.execute(
        "update delivery set next_try = now() where connector = $1 and org = $2 and state = 'waiting' and refused = 0",
        connector, org,
    )  # fmt: skip


async def meter(conn: Connection, record: str) -> Sequence[asyncpg.Record]:
    """The latest delivery of each record to each party, in the connection's scope."""
    return await conn.fetch(_METER, record)
