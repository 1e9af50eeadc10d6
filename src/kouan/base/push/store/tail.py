"""Reading what happened, in order, none left out; and numbering it for the subscriptions that it fits, in one transaction.

Numbers of events are drawn before their transactions commit, so that a later one may be seen first. What is missing between
two seen ones is a hole: it is looked for until every transaction that was under way when it was found has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from kouan.base.push.facts import Happened
from kouan.base.push.store.messages import Message
from kouan.kernel.database import Connection

NEWS, ASKED = "kouan_push", "kouan_push_asked"
"""Notified when messages were numbered, and when somebody asked for something at the doors."""
LEADS = 0x6B6F75616E707573
_BEGIN = """insert into push_tail (seq, holes) select coalesce(max(seq), 0), '[]' from event on conflict do nothing"""
_HELD = "select seq, holes from push_tail for update"
_SKIP = "update push_tail set seq = greatest(seq, $1), holes = '[]'"
_READ = """(select seq, id, topic, record, record_id, ref, version, at, org, readers, trace from event
      where seq = any($2) order by seq limit $3)
    union all (select seq, id, topic, record, record_id, ref, version, at, org, readers, trace from event
      where seq > $1 order by seq limit $3)"""
_SNAPSHOT = """select pg_snapshot_xmin(s)::text::bigint as oldest, pg_snapshot_xmax(s)::text::bigint as next
    from pg_current_snapshot() s"""
MARGIN = 64
"""A number may be drawn a moment before its transaction gets its own: a hole is looked for through so many more transactions."""
_MOVE = "update push_tail set seq = $1, holes = $2"
_NUMBER = """with w as (select line, at, row_number() over (partition by line order by at) as nth from
      unnest($1::bigint[], $2::int[]) w(line, at)),
    many as (select line, max(nth) as n from w group by line),
    moved as (update push_line l set last = l.last + many.n from many where l.number = many.line
      returning l.number, l.last - many.n as base, l.org),
    e as (select at, event, record, record_id, ref, version, what, moment from unnest($3::int[], $4::uuid[], $5::text[],
      $6::uuid[], $7::text[], $8::int[], $9::text[], $10::timestamptz[]) e(at, event, record, record_id, ref, version, what,
      moment))
    insert into push_message (line, seq, event, record, record_id, ref, version, what, at, readers)
      select w.line, moved.base + w.nth, e.event, e.record, e.record_id, e.ref, e.version, e.what, e.moment, array[1, moved.org]
      from w join moved on moved.number = w.line join e on e.at = w.at order by w.at
    returning line, seq, event, written"""


@dataclass(frozen=True, slots=True)
class Hole:
    """A number that was passed over, and the next transaction's number when that was noticed."""

    seq: int
    next: int


@dataclass(frozen=True, slots=True)
class Tail:
    """Up to which number facts were read, and what is still missing before it."""

    seq: int
    holes: tuple[Hole, ...]


async def lead(conn: Connection) -> bool:
    """Whether this connection leads from now on; it does until it ends or leaves."""
    return bool(await conn.fetchval("select pg_try_advisory_lock($1)", LEADS))


async def leave(conn: Connection) -> None:
    """Lead no more."""
    await conn.execute("select pg_advisory_unlock($1)", LEADS)


async def begin(conn: Connection) -> None:
    """Start at the present when nothing was ever read."""
    await conn.execute(_BEGIN)


async def moment(conn: Connection) -> datetime:
    """The present by the database's clock."""
    found: datetime = await conn.fetchval("select now()")
    return found


async def top(conn: Connection) -> int:
    """The newest number that is seen now."""
    return int(await conn.fetchval("select coalesce(max(seq), 0) from event"))


async def skip(conn: Connection, to: int) -> None:
    """Nobody subscribed: what happened up to a number is nobody's."""
    await conn.execute(_SKIP, to)


async def held(conn: Connection) -> Tail:
    """The tail, held until the end of the transaction: one reader at a time."""
    row = await conn.fetchrow(_HELD)
    assert row is not None
    return Tail(row["seq"], tuple(Hole(*one) for one in row["holes"]))


async def read(conn: Connection, tail: Tail, most: int) -> tuple[list[Happened], Tail]:
    """What happened since, oldest first, and the tail behind it."""
    # Asked before: what was ended then is seen by the reading. Asked after: what was begun until then may fill a hole.
    before = await conn.fetchrow(_SNAPSHOT) if tail.holes else None
    rows = await conn.fetch(_READ, tail.seq, [hole.seq for hole in tail.holes], most)
    found = [happened(row) for row in rows]
    seen = {one.seq for one in found}
    top = max((tail.seq, *seen))
    gone = [seq for seq in range(tail.seq + 1, top) if seq not in seen]
    after = await conn.fetchrow(_SNAPSHOT) if gone else None
    missing = [Hole(seq, after["next"] + MARGIN) for seq in gone] if after else []
    left = [hole for hole in tail.holes if hole.seq not in seen and before and hole.next >= before["oldest"]]
    return found, Tail(top, (*left, *missing))


def happened(row: asyncpg.Record) -> Happened:
    """A row of events."""
    return Happened(
        row["seq"], row["id"], row["record"], row["record_id"], row["ref"], row["version"],
        row["topic"].partition(":")[2], row["at"], row["org"], row["readers"], row.get("trace") or "",
    )  # fmt: skip


async def number(conn: Connection, fitting: Sequence[tuple[int, Happened]]) -> list[Message]:
    """Number messages, line by line in the order given; those of a line stand in the order of their numbers."""
    if not fitting:
        return []
    facts = {one.event: one for _, one in fitting}
    places: dict[UUID, int] = {event: at for at, event in enumerate(facts)}
    columns = zip(*((places[f.event], f.event, f.record, f.record_id, f.ref, f.version, f.what, f.at) for f in facts.values()),
                  strict=True)  # fmt: skip
    rows = await conn.fetch(_NUMBER, [line for line, _ in fitting], [places[one.event] for _, one in fitting], *map(list, columns))
    return sorted((_numbered(row, facts[row["event"]]) for row in rows), key=lambda one: (one.line, one.seq))


def _numbered(row: asyncpg.Record, of: Happened) -> Message:
    return Message(row["line"], row["seq"], of.event, of.record, of.record_id, of.ref, of.version, of.what, of.at, row["written"], "", None)


async def move(conn: Connection, tail: Tail) -> None:
    """Note how far was read."""
    await conn.execute(_MOVE, tail.seq, [[hole.seq, hole.next] for hole in tail.holes])


async def tell(conn: Connection, *, asked: bool = False) -> None:
    """Wake who waits for messages; `asked`: and the pusher, for something was asked at a door."""
    await conn.execute("select pg_notify($1, '')", ASKED if asked else NEWS)
