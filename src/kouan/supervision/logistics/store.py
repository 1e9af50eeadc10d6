"""What the customs view reads: lines as the caller may see them, and, set by set, what is known of their boxes and bills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.facilities.yard.api import voyage_of
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import by_ids, equal, mentioning
from kouan.kernel.store.ops import Row

DECLARATION = Declaration.facts.name
MOST_LINES = 20_000
"""Lines of one call that are followed at once; the largest ships land some ten thousand boxes at a port."""



@dataclass(frozen=True, slots=True)
class Ship:
    """A ship's voyage as a call or a manifest states it."""

    ref: str
    vessel: str
    voyage: str
    name: str
    eta: datetime | None
    etd: datetime | None


def _of_call(row: asyncpg.Record) -> Ship:
    etd = row["doc"].get("etd")
    left = datetime.fromisoformat(etd) if etd else None
    return Ship(row["ref"], row["f_vessel"], voyage_of(row["f_voyage"]) or "", row["doc"].get("ship_name") or "", row["f_eta"], left)


def _of_manifest(row: asyncpg.Record) -> Ship:
    doc = row["doc"]
    return Ship(row["ref"], row["f_vessel"] or "", voyage_of(row["f_voyage"]) or "", doc.get("ship_name") or "", row["f_arrival"], None)


async def call(conn: Connection, ref: str) -> Ship | None:
    """A ship's call by its reference."""
    row = await conn.fetchrow("select * from r_base_portcall_port_call where ref = $1", ref)
    return _of_call(row) if row else None


async def calls_of(conn: Connection, vessels: Sequence[str]) -> list[Ship]:
    """The calls of some ships, the newest first."""
    rows = await conn.fetch("select * from r_base_portcall_port_call where f_vessel = any($1) order by seq desc limit 500", list(vessels))
    return [_of_call(row) for row in rows]


async def newest_calls(conn: Connection, most: int) -> list[Ship]:
    """The calls that were filed last, in the connection's scope."""
    return [_of_call(row) for row in await conn.fetch("select * from r_base_portcall_port_call order by seq desc limit $1", most)]


async def manifests_of(conn: Connection, vessel: str, voyage: str) -> list[Ship]:
    """The manifests of a ship's voyage, without those taken back."""
    rows = await conn.fetch("select * from r_base_manifest_manifest where f_vessel = $1 order by seq desc limit 2000", vessel)
    kept = [_of_manifest(row) for row in rows if row["doc"].get("function") != "cancel"]
    return [one for one in kept if one.voyage == voyage]


async def manifests(conn: Connection, refs: Sequence[str]) -> list[Ship]:
    """Some manifests."""
    return [_of_manifest(row) for row in await conn.fetch("select * from r_base_manifest_manifest where ref = any($1)", list(refs))]


async def lines_of(conn: Connection, manifest_refs: Sequence[str]) -> list[Row]:
    """The bills of some manifests, in the connection's scope."""
    return await equal(conn, Consignment, {"manifest": list(manifest_refs)}, limit=MOST_LINES)


async def boxes_of(conn: Connection, manifest_refs: Sequence[str]) -> tuple[list[str], set[int]]:
    """The boxes of some manifests, and who filed their bills."""
    rows = await conn.fetch(
        "select org, f_containers boxes from r_base_manifest_consignment where f_manifest = any($1)", list(manifest_refs)
    )
    return sorted({box for row in rows for box in row["boxes"] or ()}), {row["org"] for row in rows}


async def newest_lines(conn: Connection, most: int) -> list[Row]:
    """The newest bills, in the connection's scope."""
    return await equal(conn, Consignment, {}, limit=most, newest=True)


async def lines_about(conn: Connection, ref: str, most: int) -> list[Row]:
    """The bills that mention a box or bill, the newest first, in the connection's scope."""
    found = await mentioning(conn, Consignment.facts.name, [ref], limit=most)
    return list(reversed(await by_ids(conn, Consignment, found.get(ref, []))))


async def listed(conn: Connection, boxes: Sequence[str]) -> set[str]:
    """Those of some boxes that are on any manifest."""
    return set(await mentioning(conn, Consignment.facts.name, boxes, limit=1))


async def declared(conn: Connection, refs: Sequence[str], office: str) -> Sequence[asyncpg.Record]:
    """For some bills and boxes the declarations at this port's office that cite them, the newest first."""
    return await conn.fetch(
        """select r.ref about, d.ref, d.state, (d.tracks->'customs'->>'since')::timestamptz since, d.f_bills bills, d.readers, d.seq
           from ref r join r_base_declaration_declaration d on d.id = r.record_id
           where r.ref = any($1) and r.record = $2 and d.f_office = $3 order by d.seq desc""",
        list(refs),
        DECLARATION,
        office,
    )


async def visits(conn: Connection, declarations: Sequence[str]) -> Sequence[asyncpg.Record]:
    """The newest visit to each of some declarations."""
    return await conn.fetch(
        """select distinct on (f_declaration) f_declaration declaration, id, ref, state, tracks, filed_at, updated_at,
             f_planned_at planned, readers
           from r_supervision_inspection_order where f_declaration = any($1) order by f_declaration, seq desc""",
        list(declarations),
    )


async def discharges(conn: Connection, vessels: Sequence[str]) -> Sequence[asyncpg.Record]:
    """For some ships the first and last discharge of each voyage, and how many boxes were landed and have left."""
    return await conn.fetch(
        """select vessel, voyage, min(discharged) first, max(discharged) last, count(*) landed,
             count(*) filter (where ended is not null) gone
           from yard_stay where vessel = any($1) and voyage is not null and discharged is not null group by vessel, voyage""",
        list(vessels),
    )
