"""The boxes in the port, out of the reports of their moves: each is there or not, however often it was told to have come or left.

A box comes by discharge or by the gate and leaves by loading or by the gate. What was corrected or taken back counts for nothing,
whoever tells twice that a box came says nothing new, and one that leaves without having been told to come was never counted: so
there are never fewer boxes than none, and each of them is the move that brought it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

from kouan.base.movement.api import Move
from kouan.kernel.database import Connection
from kouan.kernel.principal import Principal
from kouan.kernel.store.schema import table
from kouan.operations.subjects import seen
from kouan.operations.subjects.measures import Measure

_FUNCTION = "coalesce(r.doc->>'function', 'original')"
_ABOUT = "nullif(r.doc->>'corrects', '')"
# A correction that names nothing is about its teller's report before it of the same box, activity and voyage.
_TURNS = f"""
with told as (
  select r.id, r.ref, r.seq, r.org, r.f_at as at, r.f_equipment as unit, r.f_activity in ('discharge', 'gate-in') as comes,
    {_FUNCTION} as function, {_ABOUT} as about, coalesce((r.doc->>'simulated')::boolean, false) as simulated,
    lead({_FUNCTION} <> 'original' and {_ABOUT} is null) over (
      partition by r.org, r.f_equipment, r.f_activity, coalesce(r.doc->>'voyage', '') order by r.seq) as replaced
  from {table(Move)} r
  where r.f_activity in ('discharge', 'gate-in', 'load', 'gate-out') and r.f_equipment is not null
    and {seen.seen("r", "$2::int", "$3::text[]")}
), stands as (
  select * from told t where function <> 'cancellation' and replaced is not true and at < $1
    and not exists (select from told c where c.function <> 'original' and c.about = t.ref and c.org = t.org)
), known as (
  select *, coalesce(lag(comes) over (partition by unit order by at, seq), false) as was from stands
), turns as (
  select *, lead(id) over (partition by unit order by at, seq) is null as last from known where comes <> was
)"""  # noqa: S608 - names of the registry


def _given(of: Measure, who: Principal, until: datetime) -> list[Any]:
    return [until, who.org, seen.parties(of.record, of.uses)]


async def hours(
    conn: Connection, of: Measure, who: Principal, span: tuple[datetime, datetime], zone: str
) -> tuple[float, list[asyncpg.Record]]:
    """How many boxes there were when a day began, and by hour (0 to 23 of the port's zone) and kind (in, out) how many came or left
    and by how much that changes the level."""
    sql = f"""{_TURNS} select case when at >= $4 then extract(hour from at at time zone $5)::int end as hour,
        case when at < $4 then '' when comes then 'in' else 'out' end as kind, count(*)::bigint n,
        sum(case when comes then 1 else -1 end)::float8 total, bool_or(simulated) simulated
      from turns group by 1, 2 order by 1, 2"""  # noqa: S608 - names of the registry
    rows = await conn.fetch(sql, *_given(of, who, span[1]), span[0], zone)
    return sum(row["total"] for row in rows if row["hour"] is None), [row for row in rows if row["hour"] is not None]


async def behind(
    conn: Connection, of: Measure, who: Principal, until: datetime, port: str, after: tuple[datetime, int] | None, limit: int
) -> tuple[int, Sequence[asyncpg.Record]]:
    """The boxes that are in the port just before a moment, each by the move that brought it: how many, and a page of them."""
    beyond = "where (at, seq) > ($5, $6)" if after else ""
    sql = f"""{_TURNS}, there as materialized (select * from turns where last and comes)
      select id, ref, seq, at, 'in' as kind, 1::float8 as value, simulated, $4::text as port, n
      from (select count(*) n from there) counted left join (select * from there {beyond} order by at, seq limit {int(limit)}) page on true
      order by at, seq"""  # noqa: S608 - names of the registry
    rows = await conn.fetch(sql, *_given(of, who, until), port, *(after or ()))
    return rows[0]["n"], [row for row in rows if row["id"] is not None]
