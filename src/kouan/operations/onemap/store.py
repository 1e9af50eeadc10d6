"""What the map reads of the port's records, always in the scope of who asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.records import record_type
from kouan.kernel.store.schema import table

MOST_CALLS, MOST_BOXES = 60, 50_000
_CALLS = """select c.ref, c.f_vessel vessel, c.f_voyage voyage, c.f_eta eta, c.doc->>'ship_name' ship, c.state,
      p.state plan_state, p.f_berth berth, p.ref plan, p.doc->>'planned_to' leaves,
      (p.tracks->'plan'->>'since')::timestamptz since
    from r_base_portcall_port_call c
    left join lateral (select * from r_operations_berth_plan b where b.f_call = c.ref and b.state <> 'cancelled'
      order by (b.state = 'departed'), b.seq desc limit 1) p on true
    where p.ref is null or p.state <> 'departed' or p.updated_at > $1
    order by (p.state = 'alongside') desc nulls last, c.seq desc limit $2"""
_STAYS = """select vessel, voyage, container, began, ended, how_in, how_out, presence, discharged, gross_kg
    from yard_stay where vessel = any($1) limit $2"""
_PUT_DOWN = """select f_equipment box, f_at at from r_base_movement_move
    where f_equipment = any($1) and f_activity in ('stack', 'shift') and coalesce(doc->>'function', 'original') <> 'cancellation'"""
_ORDERED = """select o.f_vessel vessel, o.doc->>'voyage' voyage, o.f_task task, u->>'equipment' box, coalesce((u->>'count')::int, 1) number
    from r_base_movement_handling_order o, jsonb_array_elements(o.doc->'units') u
    where o.f_vessel = any($1) and o.f_task in ('load', 'discharge') and coalesce(o.doc->>'function', 'original') <> 'cancel' limit $2"""
_LISTED = """select m.f_vessel vessel, m.f_voyage voyage, unnest(c.f_containers) box
    from r_base_manifest_manifest m join r_base_manifest_consignment c on c.f_manifest = m.ref
    where m.f_vessel = any($1) and coalesce(m.doc->>'function', 'original') <> 'cancel' and c.f_status = 'declared'
      and coalesce(c.f_discharge, $2) = $2 limit $3"""


async def calls(conn: Connection, since: datetime) -> Sequence[asyncpg.Record]:
    """The newest calls with their berth plans, ships alongside first; those that left before a moment are left out."""
    return await conn.fetch(_CALLS, since, MOST_CALLS)


async def stays(conn: Connection, vessels: Sequence[str]) -> Sequence[asyncpg.Record]:
    """The boxes at the terminal that came off or are to go aboard some ships, now and formerly."""
    return await conn.fetch(_STAYS, list(vessels), MOST_BOXES)


async def put_down(conn: Connection, boxes: Sequence[str]) -> dict[str, list[datetime]]:
    """When some boxes were put down in the yard."""
    found: dict[str, list[datetime]] = {}
    for row in await conn.fetch(_PUT_DOWN, list(boxes)):
        found.setdefault(row["box"], []).append(row["at"])
    return found


async def ordered(conn: Connection, vessels: Sequence[str]) -> Sequence[asyncpg.Record]:
    """What terminals are asked to load on and discharge from some ships, unit by unit."""
    return await conn.fetch(_ORDERED, list(vessels), MOST_BOXES)


async def listed(conn: Connection, vessels: Sequence[str], port: str) -> Sequence[asyncpg.Record]:
    """The boxes that manifests state for this port, by ship and voyage."""
    return await conn.fetch(_LISTED, list(vessels), port, MOST_BOXES)


async def counts(conn: Connection, record: str, by: str, since: datetime, at: str) -> dict[str, int]:
    """How many records of a type there are since a moment, by their state or by a filterable field.

    `at`: the filterable field that says when, or empty for when they were filed. The names are a declaration's, not a caller's.
    """
    column, moment = by if by == "state" else f"f_{by}", f"f_{at}" if at else "filed_at"
    name = table(record_type(record))
    sql = f"select {column} value, count(*) number from {name} where {moment} >= $1 group by 1"  # noqa: S608 - names of the registry
    rows = await conn.fetch(sql, since)
    return {row["value"]: row["number"] for row in rows if row["value"] is not None}
