"""What the targeting desk reads: live profiles, past declarations, what traders' inspections found, and the counts of selections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kouan.kernel.database import Connection
from kouan.supervision.targeting.lifecycle import ACTIVE
from kouan.supervision.targeting.profiles import Profile

MOST_PROFILES = 5000


async def stamp_of(conn: Connection) -> tuple[Any, ...]:
    """A stamp that changes whenever the set of live profiles does."""
    row = await conn.fetchrow("select count(*), max(updated_at) from r_supervision_targeting_profile where state = $1", ACTIVE)
    return tuple(row) if row else ()


async def live(conn: Connection) -> list[Profile]:
    """The approved profiles."""
    rows = await conn.fetch("select doc from r_supervision_targeting_profile where state = $1 order by seq limit $2", ACTIVE, MOST_PROFILES)
    return [Profile.model_validate(row["doc"]) for row in rows]


async def past(conn: Connection, declarants: Sequence[str], since: datetime) -> dict[str, tuple[int, int]]:
    """For each declarant its inspections since a moment, and those with findings."""
    rows = await conn.fetch(
        """select f_declarant, count(*) seen, count(*) filter (where f_hit) hits from r_supervision_targeting_result
            where f_declarant = any($1) and filed_at >= $2 group by 1""",
        list(declarants),
        since,
    )
    return {row["f_declarant"]: (row["seen"], row["hits"]) for row in rows}


async def selected(conn: Connection, since: datetime) -> dict[str, int]:
    """How many targeted assessments each rule and profile spoke in; `""` counts all of them, `random` those chosen by chance."""
    rows = await conn.fetch(
        """select '' name, count(*) n from r_supervision_targeting_assessment where f_outcome = 'targeted' and filed_at >= $1
            union all
            select 'random', count(*) from r_supervision_targeting_assessment
            where f_outcome = 'targeted' and filed_at >= $1 and doc->>'chosen' = 'random'
            union all
            select r->>'rule', count(*) from r_supervision_targeting_assessment,
              jsonb_array_elements(coalesce(doc->'reasons', '[]'::jsonb)) r
            where f_outcome = 'targeted' and filed_at >= $1 group by 1""",
        since,
    )
    return {row["name"]: row["n"] for row in rows}


async def found(conn: Connection, since: datetime) -> dict[str, tuple[int, int]]:
    """Inspections and those with findings: of each rule and profile, of `random`, of `officer`, and (`""`) of all."""
    rows = await conn.fetch(
        """select '' name, count(*) n, count(*) filter (where f_hit) hits from r_supervision_targeting_result where filed_at >= $1
            union all
            select f_chosen, count(*), count(*) filter (where f_hit) from r_supervision_targeting_result
            where filed_at >= $1 and f_chosen <> 'rules' group by 1
            union all
            select r, count(*), count(*) filter (where f_hit) from r_supervision_targeting_result,
              jsonb_array_elements_text(coalesce(doc->'rules', '[]'::jsonb)) r where filed_at >= $1 group by 1""",
        since,
    )
    return {row["name"]: (row["n"], row["hits"]) for row in rows}


async def inspected(conn: Connection, declarations: Sequence[str]) -> Mapping[str, bool]:
    """Which of some declarations were inspected, and whether with findings."""
    rows = await conn.fetch(
        "select f_declaration ref, bool_or(f_hit) hit from r_supervision_targeting_result where f_declaration = any($1) group by 1",
        list(declarations),
    )
    return {row["ref"]: row["hit"] for row in rows}
