"""The latest picture in PostgreSQL, so that a restart shows the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kouan.kernel.database import Pool, scope
from kouan.kernel.principal import PLATFORM

MOST = 20_000
"""Trackers that one process knows."""

DDL: tuple[str, ...] = (
    """create table if not exists latest (
        kind text not null, ref text not null, at timestamptz not null, data jsonb not null, primary key (kind, ref))""",
    "create index if not exists latest_at on latest (kind, at)",
    "grant select, insert, update, delete on latest to kouan_app",
)


async def keep(pool: Pool, kind: str, states: Sequence[tuple[str, datetime, dict[str, Any]]]) -> None:
    """Put the latest states of some things; an older state never replaces a newer one."""
    newest = {ref: (at, data) for ref, at, data in sorted(states, key=lambda state: state[:2])}
    await pool.execute(
        """insert into latest (kind, ref, at, data)
           select $1, r, a, d from unnest($2::text[], $3::timestamptz[], $4::jsonb[]) as t(r, a, d)
           on conflict (kind, ref) do update set at = excluded.at, data = excluded.data where latest.at <= excluded.at""",
        kind, list(newest), [at for at, _ in newest.values()], [data for _, data in newest.values()],
    )  # fmt: skip


async def everything(pool: Pool, kind: str, since: datetime) -> list[dict[str, Any]]:
    """The states of a kind that are not older than a moment."""
    rows = await pool.fetch("select data from latest where kind = $1 and at >= $2", kind, since)
    return [dict(row["data"]) for row in rows]


async def trackers(pool: Pool, mark: tuple[Any, ...] | None) -> tuple[tuple[Any, ...], list[tuple[dict[str, Any], list[int]]]]:
    """The registered trackers with the numbers of those who may read of them, unless nothing changed since a mark."""
    async with scope(pool, (0, PLATFORM.org), clearance=4) as conn:
        row = await conn.fetchrow("select count(*) n, coalesce(sum(version), 0) v from r_facilities_telemetry_tracker")
        found = tuple(row) if row else ()
        if found == mark:
            return found, []
        rows = await conn.fetch(
            "select doc, readers from r_facilities_telemetry_tracker where state <> 'withdrawn' order by seq limit $1", MOST
        )
        return found, [(dict(one["doc"]), [number for number in one["readers"] if number > PLATFORM.org]) for one in rows]
