"""The latest picture in PostgreSQL, so that a restart shows the last one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kouan.kernel.database import Pool

DDL: tuple[str, ...] = (
    """create table if not exists latest (
        kind text not null, ref text not null, at timestamptz not null, data jsonb not null, primary key (kind, ref))""",
    "create index if not exists latest_at on latest (kind, at)",
    "grant select, insert, update, delete on latest to kouan_app",
)


async def keep(pool: Pool, kind: str, states: Sequence[tuple[str, datetime, dict[str, Any]]]) -> None:
    """Put the latest states of some things; an older state never replaces a newer one."""
    await pool.executemany(
        """insert into latest (kind, ref, at, data) values ($1, $2, $3, $4)
           on conflict (kind, ref) do update set at = excluded.at, data = excluded.data where latest.at <= excluded.at""",
        [(kind, ref, at, data) for ref, at, data in states],
    )


async def everything(pool: Pool, kind: str, since: datetime) -> list[dict[str, Any]]:
    """The states of a kind that are not older than a moment."""
    rows = await pool.fetch("select data from latest where kind = $1 and at >= $2", kind, since)
    return [dict(row["data"]) for row in rows]
