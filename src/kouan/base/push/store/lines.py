"""Lines: one a subscription, with the number of its last message, how far it was told, its key, and how its system does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from kouan.base.push.matching import Wish
from kouan.base.push.records import Subscription
from kouan.kernel.database import Connection
from kouan.kernel.store.ops import Row
from kouan.kernel.vault import Vault

_OPEN = """insert into push_line (subscription, org, readers)
    select id, org, array[1, org] from unnest($1::uuid[], $2::int[]) w(id, org) on conflict (subscription) do nothing"""
_KNOWN = """select l.number, r.id, r.ref, r.org, r.state, r.filed_at, r.doc from r_base_push_subscription r
    join push_line l on l.subscription = r.id where case when $1::uuid[] is null then r.state <> 'ended' else r.id = any($1) end"""
_UNOPENED = """select r.id, r.org from r_base_push_subscription r where not exists (select 1 from push_line l
      where l.subscription = r.id) and case when $1::uuid[] is null then r.state <> 'ended' else r.id = any($1) end"""
_LINES = """select number, subscription, org, last, told, epoch, failures, refused, away_since, next_try, last_ok, last_error, keyed_at,
    wrapped, case when keyed_at > now() - interval '1 day' then former end as former, touched from push_line
    where ($1::bigint[] is null or number = any($1)) and ($2::uuid is null or subscription = $2)
      and ($3::timestamptz is null or touched >= $3)"""
_TOLD = """update push_line l set told = w.told, failures = w.failures, refused = w.refused, next_try = w.next_try,
      last_error = w.error, last_ok = case when w.ok then now() else l.last_ok end,
      away_since = case when w.failures = 0 then null else coalesce(l.away_since, now()) end
    from unnest($1::bigint[], $2::int[], $3::bigint[], $4::int[], $5::int[], $6::timestamptz[], $7::text[], $8::boolean[])
      w(number, epoch, told, failures, refused, next_try, error, ok) where l.number = w.number and l.epoch = w.epoch"""
_KEY = """update push_line set former = wrapped, wrapped = $2, keyed_at = now(), touched = now() where number = $1"""
_FIRST_KEYS = """update push_line l set wrapped = w.wrapped from unnest($1::bigint[], $2::bytea[]) w(number, wrapped)
    where l.number = w.number and l.wrapped is null"""
_REWIND = """update push_line set told = $2, epoch = epoch + 1, failures = 0, refused = 0, next_try = null, touched = now()
    where number = $1 and last >= $2 returning last"""
_REVIVE = "update push_message set fate = '', why = null where line = $1 and seq > $2 and fate = 'dead'"
_TEST = """with moved as (update push_line set last = last + 1, failures = 0, refused = 0, next_try = null, touched = now()
      where number = $1 returning number, last, org)
    insert into push_message (line, seq, event, record, record_id, ref, version, what, at, readers)
      select number, last, $2, $3, $4, $5, $6, 'test', now(), array[1, org] from moved returning seq"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a line's tries: told up to which number, under which epoch, and since when it fails."""

    number: int
    epoch: int
    told: int
    failures: int
    refused: int
    next_try: datetime | None
    error: str | None
    ok: bool


def wish_of(row: asyncpg.Record) -> Wish:
    """A subscription's row with its line."""
    told = Subscription.model_validate(row["doc"])
    return Wish.of(row["number"], row["id"], row["ref"], row["org"], row["state"], row["filed_at"], told)


async def open_lines(conn: Connection, subscriptions: Iterable[tuple[UUID, int]]) -> None:
    """Give subscriptions lines, each with its organisation; one that has one keeps it."""
    found = list(subscriptions)
    if found:
        await conn.execute(_OPEN, [one[0] for one in found], [one[1] for one in found])


async def wishes(conn: Connection, only: Sequence[UUID] | None = None) -> list[Wish]:
    """Subscriptions that have not ended, with their lines; `only`: those of them, ended ones too."""
    named = None if only is None else list(only)
    await open_lines(conn, [(row["id"], row["org"]) for row in await conn.fetch(_UNOPENED, named)])
    return [wish_of(row) for row in await conn.fetch(_KNOWN, named)]


async def anyone(conn: Connection) -> bool:
    """Whether anybody subscribes."""
    return bool(await conn.fetchval("select exists (select 1 from r_base_push_subscription where state <> 'ended')"))


async def lines(conn: Connection, numbers: list[int]) -> Sequence[asyncpg.Record]:
    """Lines in the connection's scope."""
    return await conn.fetch(_LINES, numbers, None, None)


async def touched(conn: Connection, since: datetime) -> Sequence[asyncpg.Record]:
    """Lines of which somebody asked something at the doors since a moment."""
    return await conn.fetch(_LINES, None, None, since)


async def line_of(conn: Connection, subscription: UUID, org: int) -> asyncpg.Record:
    """The line of a subscription; opened when the pusher has not seen it yet."""
    row = await conn.fetchrow(_LINES, None, subscription, None)
    if row is None:
        await open_lines(conn, [(subscription, org)])
        row = await conn.fetchrow(_LINES, None, subscription, None)
    assert row is not None
    return row


async def note(conn: Connection, standings: Sequence[Standing]) -> None:
    """Note how lines stand; one that was rewound meanwhile is left as it is."""
    if standings:
        rows = [(s.number, s.epoch, s.told, s.failures, s.refused, s.next_try, s.error, s.ok) for s in standings]
        await conn.execute(_TOLD, *map(list, zip(*rows, strict=True)))


async def rewind(conn: Connection, number: int, to: int) -> int | None:
    """Tell again from behind a number on, what was given up included; None when the line has not got so far."""
    found: int | None = await conn.fetchval(_REWIND, number, to)
    if found is not None:
        await conn.execute(_REVIVE, number, to)
    return found


async def test(conn: Connection, number: int, event: UUID, about: Row) -> int:
    """Number a message that says nothing but that the line works. The tail is held, so that messages stand in order."""
    await conn.execute("select 1 from push_tail for update")
    return int(await conn.fetchval(_TEST, number, event, Subscription.facts.name, about.id, about.ref, about.version))


def _place(number: int) -> str:
    return f"push:{number}"


async def new_key(conn: Connection, vault: Vault, number: int, key: bytes) -> None:
    """Keep a new signing key; the one before it signs for a day more."""
    await conn.execute(_KEY, number, vault.wrap(key, _place(number)))


async def first_keys(conn: Connection, vault: Vault, keys: Mapping[int, bytes]) -> None:
    """Keep keys of lines that have none: nothing goes out unsigned."""
    if keys:
        await conn.execute(_FIRST_KEYS, list(keys), [vault.wrap(key, _place(number)) for number, key in keys.items()])


def keys_of(vault: Vault, row: asyncpg.Record) -> tuple[bytes, ...]:
    """The keys that sign for a line, newest first."""
    wrapped = [bytes(one) for one in (row["wrapped"], row["former"]) if one is not None]
    return tuple(vault.unwrap(one, _place(row["number"])) for one in wrapped)
