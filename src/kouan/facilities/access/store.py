"""Who is inside, out of the passages: for each person and area the last one up to a moment. The connection's scope decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kouan.facilities.access.records import AreaPassage
from kouan.kernel.database import Connection
from kouan.kernel.store.schema import table

DDL: tuple[str, ...] = (
    f"create index if not exists area_inside on {table(AreaPassage)} (f_area, f_person, f_at desc, seq desc) include (f_direction)",
)


_INSIDE = """select * from (
    select distinct on (f_area, f_person) id, f_person, f_area, f_at, f_reader, f_direction, warnings <> '[]' flagged
    from r_facilities_access_passage where ($1 = '' or f_area = $1) and f_at <= $2
    order by f_area, f_person, f_at desc, seq desc) last
    where f_direction = 'in' order by f_at, id limit $3"""


@dataclass(frozen=True, slots=True)
class Inside:
    """A person in an area since a moment, by the passage that says so."""

    passage: UUID
    person: str
    area: str
    since: datetime
    reader: str
    flagged: bool


async def inside(conn: Connection, area: str, at: datetime, most: int) -> list[Inside]:
    """Those whose last passage of an area (of every area: "") up to a moment led in, the longest there first."""
    rows = await conn.fetch(_INSIDE, area, at, most)
    return [Inside(r["id"], r["f_person"], r["f_area"], r["f_at"], r["f_reader"], r["flagged"]) for r in rows]
