"""The exclusion that keeps two ships off one berth, and the plans of a span of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kouan.base.place.api import Place
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import by_ids, equal
from kouan.kernel.store.ops import Row
from kouan.operations.berth.records import BerthPlan

# The extension is one that the owner of a database may add. Adding minutes to an instant does not depend on the zone,
# which PostgreSQL cannot know of intervals in general. The states are those of `OPEN`.
DDL = (
    "create extension if not exists btree_gist",
    """create or replace function kouan_berth_span(timestamptz, timestamptz, bigint) returns tstzrange
       language sql immutable parallel safe as
       $$ select tstzrange(least($1, $2), greatest($1, $2) + make_interval(mins => $3::int)) $$""",
    """do $$ begin
       if not exists (select 1 from pg_constraint where conname = 'berth_held_once') then
         alter table r_operations_berth_plan add constraint berth_held_once exclude using gist
           (f_berth with =, kouan_berth_span(f_planned_from, f_planned_to, f_gap_minutes) with &&)
           where (state in ('planned', 'confirmed', 'arrived', 'alongside', 'halted'));
       end if; end $$""",
)
_BETWEEN = """select id from r_operations_berth_plan where f_planned_from < $2 and state = any($3)
    and f_planned_to + make_interval(mins => f_gap_minutes::int) > $1 order by f_planned_from limit $4"""


async def berths(conn: Connection) -> list[Row]:
    """The berths of the port."""
    rows = await equal(conn, Place, {"kind": "berth"}, limit=200)
    return sorted(rows, key=lambda row: row.ref)


async def between(conn: Connection, begin: datetime, end: datetime, states: Sequence[str], limit: int = 2000) -> list[Row]:
    """Plans in some states that hold a berth within a span, by when they were made."""
    found = await conn.fetch(_BETWEEN, begin, end, list(states), limit)
    return await by_ids(conn, BerthPlan, [raw["id"] for raw in found])
