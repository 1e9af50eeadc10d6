"""Messages: one a fact and subscription, under the subscription's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

_NEXT = """select m.* from unnest($1::bigint[], $2::bigint[]) w(line, behind)
    cross join lateral (select * from push_message m where m.line = w.line and m.seq > w.behind and m.fate = ''
      order by m.seq limit $3) m order by m.line, m.seq"""
_BEHIND_EACH = """select m.* from unnest($1::bigint[], $2::bigint[]) w(line, behind)
    cross join lateral (select * from push_message m where m.line = w.line and m.seq > w.behind
      order by m.seq limit $3) m order by m.line, m.seq"""
_BEHIND = "select * from push_message where line = $1 and seq > $2 order by seq limit $3"
_LATEST = "select * from push_message where line = $1 order by seq desc limit $2"
_FRESH = """select coalesce(max(position), $1) as position, array_agg(distinct line) filter (where line = any($2)) as fresh
    from push_message where position > $1"""
_FATE = """update push_message m set fate = w.fate, why = w.why from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
    w(line, seq, fate, why) where m.line = w.line and m.seq = w.seq"""
_TRIED = """update push_message m set tries = w.tries from unnest($1::bigint[], $2::bigint[], $3::int[]) w(line, seq, tries)
    where m.line = w.line and m.seq = w.seq"""
_DEAD = "select * from push_message where line = $1 and fate = 'dead' and seq > $2 order by seq limit $3"
_AGAIN = """with it as (update push_message set fate = 'again' where line = $1 and fate = 'dead' and ($2::bigint[] is null or seq = any($2))
      returning *),
    many as (select *, row_number() over (order by seq) as nth from it),
    moved as (update push_line set last = last + (select count(*) from it), touched = now() where number = $1
      returning last - (select count(*) from it) as base)
    insert into push_message (line, seq, event, record, record_id, ref, version, what, at, readers)
      select line, base + nth, event, record, record_id, ref, version, what, at, readers from many, moved returning seq"""
_SWEEP = """delete from push_message where written < now() - make_interval(days => $1)
    and (fate <> 'dead' or written < now() - make_interval(days => $2))"""
DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Message:
    """A numbered message. `fate`: empty, withheld (not the subscriber's to read any more), dead (set aside: refused for good, left by its
    takers, too old) or again (it was dead, and stands under a new number). `tries`: how often takers of a queue left it."""

    line: int
    seq: int
    event: UUID
    record: str
    record_id: UUID
    ref: str
    version: int
    what: str
    at: datetime
    written: datetime
    fate: str
    why: str | None
    tries: int = 0

    @property
    def mark(self) -> tuple[UUID, int]:
        """The version that it tells."""
        return self.record_id, self.version

    @classmethod
    def of(cls, row: asyncpg.Record) -> Message:
        """A row of messages."""
        return cls(*(row[name] for name in cls.__slots__))


async def following(conn: Connection, behind: Mapping[int, int], most: int) -> dict[int, list[Message]]:
    """The next messages of some lines, behind a number each, that are still to be told."""
    return _by_line(await conn.fetch(_NEXT, list(behind), list(behind.values()), most))


async def behind_each(conn: Connection, behind: Mapping[int, int], most: int) -> dict[int, list[Message]]:
    """The next messages of some lines, behind a number each, whatever became of them."""
    return _by_line(await conn.fetch(_BEHIND_EACH, list(behind), list(behind.values()), most))


def _by_line(rows: Sequence[asyncpg.Record]) -> dict[int, list[Message]]:
    found: dict[int, list[Message]] = {}
    for row in rows:
        found.setdefault(row["line"], []).append(Message.of(row))
    return found


async def behind(conn: Connection, line: int, seq: int, most: int) -> list[Message]:
    """The messages of a line behind a number, in order."""
    return [Message.of(row) for row in await conn.fetch(_BEHIND, line, seq, most)]


async def latest(conn: Connection, line: int, most: int) -> list[Message]:
    """The latest messages of a line, newest first."""
    return [Message.of(row) for row in await conn.fetch(_LATEST, line, most)]


async def oldest(conn: Connection, line: int) -> int | None:
    """The number of the oldest message that is still kept."""
    found: int | None = await conn.fetchval("select min(seq) from push_message where line = $1", line)
    return found


async def position(conn: Connection) -> int:
    """How far messages of all lines have come."""
    return int(await conn.fetchval("select coalesce(max(position), 0) from push_message"))


async def fresh(conn: Connection, position: int, lines: Sequence[int]) -> tuple[int, set[int]]:
    """How far messages have come, and which of some lines have got any behind a position."""
    row = await conn.fetchrow(_FRESH, position, list(lines))
    assert row is not None
    return row["position"], set(row["fresh"] or ())


async def fate(conn: Connection, told: Sequence[tuple[int, int, str, str]]) -> None:
    """Note what became of messages that were not told: line, number, fate, why."""
    if told:
        await conn.execute(_FATE, *map(list, zip(*told, strict=True)))


async def tried(conn: Connection, left: Sequence[tuple[int, int, int]]) -> None:
    """Note how often takers left messages: line, number, how often."""
    if left:
        await conn.execute(_TRIED, *map(list, zip(*left, strict=True)))


async def dead(conn: Connection, line: int, seq: int, most: int) -> list[Message]:
    """The messages of a line behind a number that were set aside, in order."""
    return [Message.of(row) for row in await conn.fetch(_DEAD, line, seq, most)]


async def count_dead(conn: Connection, line: int) -> int:
    """How many are set aside."""
    return int(await conn.fetchval("select count(*) from push_message where line = $1 and fate = 'dead'", line))


async def again(conn: Connection, line: int, seqs: Sequence[int] | None) -> list[int]:
    """Number messages that were set aside anew, behind all others; their new numbers. The tail is held, so that messages stand in
    order."""
    await conn.execute("select 1 from push_tail for update")
    return sorted(row["seq"] for row in await conn.fetch(_AGAIN, line, None if seqs is None else list(seqs)))


async def sweep(conn: Connection, days: int, dead_days: int) -> str:
    """Forget messages that have stood for so many days; those that were set aside stand longer."""
    return str(await conn.execute(_SWEEP, days, dead_days))
