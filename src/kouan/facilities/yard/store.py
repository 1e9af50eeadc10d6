"""The stays of boxes as a table, made anew for a box whenever a move of it comes; what is read of the yard.

It is derived: dropped and folded again from the moves it is the same. A row is seen by those who may see every field of
the moves that it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.facilities.gate.api import Passage
from kouan.facilities.yard.folding import Stay
from kouan.kernel.database import Connection
from kouan.kernel.store.schema import secure, table

DDL: tuple[str, ...] = (
    """create table if not exists yard_stay (
        container text not null, n int not null, began timestamptz not null, ended timestamptz, how_in text not null,
        how_out text not null, presence text not null, since timestamptz not null, place text, position text, vessel text,
        voyage text, discharged timestamptz, at_bay timestamptz, left_bay timestamptz, status text,
        gross_kg double precision, size_type text, moves int not null, doubts text[] not null, readers int[] not null,
        primary key (container, n))""",
    "create index if not exists yard_stay_voyage on yard_stay (vessel, voyage)",
    "create index if not exists yard_stay_here on yard_stay (place, container) where ended is null",
    "create index if not exists yard_stay_began on yard_stay (began)",
    "create index if not exists yard_stay_ended on yard_stay (ended) where ended is not null",
    "create index if not exists yard_stay_readers on yard_stay using gin (readers)",
    *secure("yard_stay", "select, insert, update, delete"),
)
FIELDS = (
    "began", "ended", "how_in", "how_out", "presence", "since", "place", "position", "vessel", "voyage", "discharged", "at_bay",
    "left_bay", "status", "gross_kg", "size_type", "moves", "doubts",
)  # fmt: skip
_KEEP = """insert into yard_stay (container, n, began, ended, how_in, how_out, presence, since, place, position, vessel, voyage,
      discharged, at_bay, left_bay, status, gross_kg, size_type, moves, doubts, readers)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"""


@dataclass(frozen=True, slots=True)
class Folded:
    """A box's stays and who may see them."""

    container: str
    stays: Sequence[Stay]
    readers: Sequence[int]


def stay_of(row: asyncpg.Record) -> Stay:
    """A row as a stay."""
    found: dict[str, Any] = {name: row[name] for name in FIELDS}
    return Stay(**{**found, "doubts": tuple(row["doubts"])})


async def lock(conn: Connection, containers: Iterable[str]) -> None:
    """Let nobody else fold these boxes until the transaction ends; what was told before is seen after."""
    for container in sorted(containers):
        await conn.execute("select pg_advisory_xact_lock(hashtextextended('yard:' || $1, 0))", container)


async def keep(conn: Connection, folded: Sequence[Folded]) -> None:
    """Put the stays of some boxes in the place of what was kept of them."""
    await conn.execute("delete from yard_stay where container = any($1)", [one.container for one in folded])
    rows = [
        (one.container, n, *(list(stay.doubts) if name == "doubts" else getattr(stay, name) for name in FIELDS), list(one.readers))
        for one in folded
        for n, stay in enumerate(one.stays)
    ]
    await conn.executemany(_KEEP, rows)


async def containers_of(conn: Connection, records: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The boxes that some records name; a passage that was not let through tells nothing of its boxes."""
    refused = f"select id from {table(Passage)} where id = any($1) and f_decision <> 'open'"  # noqa: S608 - a name of the registry
    boxes = "select record_id, ref from ref where record_id = any($1) and ref >= 'container:' and ref < 'container;'"
    rows = await conn.fetch(f"{boxes} and record_id not in ({refused})", list(records))
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row["record_id"], []).append(row["ref"])
    return found


async def stays_of(conn: Connection, containers: Sequence[str]) -> dict[str, list[Stay]]:
    """The stays of some boxes, the oldest first, in the connection's scope."""
    sql = "select * from yard_stay where container = any($1) order by container, n"
    found: dict[str, list[Stay]] = {}
    for row in await conn.fetch(sql, list(containers)):
        found.setdefault(row["container"], []).append(stay_of(row))
    return found


async def landed(conn: Connection, vessel: str, voyage: str, but: Sequence[str], most: int) -> dict[str, Stay]:
    """The boxes that came off a ship's voyage, but for some, in the connection's scope."""
    sql = """select * from yard_stay where vessel = $1 and voyage = $2 and discharged is not null and container <> all($3)
        order by container, n limit $4"""
    return {row["container"]: stay_of(row) for row in await conn.fetch(sql, vessel, voyage, list(but), most)}


async def here(conn: Connection, place: str, after: str, limit: int) -> list[tuple[str, Stay]]:
    """Boxes at the terminal now, by number; at a place if one is named."""
    sql = """select * from yard_stay where ended is null and container > $1 and ($2 = '' or place = $2)
        order by container limit $3"""
    return [(row["container"], stay_of(row)) for row in await conn.fetch(sql, after, place, limit)]


async def blocks(conn: Connection) -> Sequence[asyncpg.Record]:
    """How many boxes stand at each place now, how many of them full and empty."""
    return await conn.fetch(
        """select place, presence, count(*) boxes, count(*) filter (where status = 'empty') empty, min(began) longest
           from yard_stay where ended is null group by place, presence order by place nulls last, presence"""
    )


async def flows(conn: Connection, starts: Sequence[datetime], end: datetime) -> list[tuple[int, int]]:
    """How many boxes came in, and how many left, from each of these moments to an end."""
    rows = await conn.fetch(
        """select (select count(*) from yard_stay where began >= s and began < $2) came,
             (select count(*) from yard_stay where ended is not null and ended >= s and ended < $2) went
           from unnest($1::timestamptz[]) with ordinality t(s, n) order by n""",
        list(starts),
        end,
    )
    return [(int(row["came"]), int(row["went"])) for row in rows]


async def balance(conn: Connection, start: datetime, end: datetime) -> Mapping[str, int]:
    """The stock at the start of a span, what came in and what left during it, and the stock at its end."""
    row = await conn.fetchrow(
        """select count(*) filter (where began < $1 and (ended is null or ended >= $1)) opening,
             count(*) filter (where began >= $1 and began < $2) came,
             count(*) filter (where ended >= $1 and ended < $2) went,
             count(*) filter (where began < $2 and (ended is null or ended >= $2)) closing
           from yard_stay""",
        start,
        end,
    )
    assert row is not None
    return dict(row)
