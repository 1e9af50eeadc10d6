"""The windows and totals of all processes' meters as they are kept, the picture that the lookout made of them, and what was measured
of the platform's capacity, by the hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg

from kouan.kernel.database import Connection, Pool

DDL: tuple[str, ...] = (
    """create unlogged table if not exists running_picture (
        one boolean primary key check (one), at timestamptz not null, doc jsonb not null)""",
    "grant select, insert, update, delete on running_picture to kouan_app",
    """create table if not exists running_measure (
        what text not null, hour timestamptz not null, n int not null, total double precision not null, most double precision not null,
        last double precision not null, "limit" double precision, primary key (what, hour))""",
    "grant select, insert, update, delete on running_measure to kouan_app",
)
KEPT = timedelta(days=820)
_MEASURE = """insert into running_measure (what, hour, n, total, most, last, "limit")
    values ($1, date_trunc('hour', $2::timestamptz, 'UTC'), 1, $3, $3, $3, $4)
    on conflict (what, hour) do update set n = running_measure.n + 1, total = running_measure.total + excluded.total,
      most = greatest(running_measure.most, excluded.most), last = excluded.last, "limit" = excluded."limit" """
# The day of an hour is that of the port; the last hour of a day says its level, the busiest its load.
_MEASURED = """select what, (hour at time zone $1)::date as day, (array_agg(last order by hour desc))[1] as last,
      case when what = 'cpu' then max(total / n) else max(most) end as most, (array_agg("limit" order by hour desc))[1] as "limit"
    from running_measure where hour >= $2 group by 1, 2 order by 1, 2"""
_SIZES = """select pg_database_size(current_database())::float8 as database,
      (select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 from pg_class c
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and starts_with(c.relname, 'ledger_')) as ledger,
      (select coalesce(max(leaf_index) + 1, 0)::float8 from ledger_leaf) as facts,
      (select sum(numbackends)::float8 from pg_stat_database) as connections,
      (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - current_setting('reserved_connections')::int)::float8 as most_connections"""
BEHIND = 40
"""Numbers of windows commit out of order: so many before the last one are looked at again."""
_FRESH = """select id, at, seconds, process, pid, doc from meter_window
    where id > $1 and at >= $2 and id <> all($4) order by id limit $3"""
_KEEP = """insert into running_picture (one, at, doc) values (true, $1, $2)
    on conflict (one) do update set at = excluded.at, doc = excluded.doc"""


async def fresh(conn: Connection, after: int, since: datetime, most: int, seen: Sequence[int] = ()) -> list[asyncpg.Record]:
    """Windows behind a number, as far as they began after a moment, without those that were seen already."""
    return list(await conn.fetch(_FRESH, max(after - BEHIND, 0), since, most, list(seen)))


async def keep(conn: Connection, at: datetime, doc: Mapping[str, Any]) -> None:
    """Keep the picture."""
    await conn.execute(_KEEP, at, doc)


async def picture(pool: Pool) -> asyncpg.Record | None:
    """The last picture."""
    return await pool.fetchrow("select at, doc from running_picture")


async def totals(pool: Pool, since: datetime) -> list[asyncpg.Record]:
    """What each process counted since its start, of those that told it after a moment."""
    return list(await pool.fetch("select process, pid, began, at, doc from meter_total where at >= $1 order by process, pid", since))


async def sizes(pool: Pool) -> dict[str, float]:
    """Bytes of the database and of the ledger in it, entries of the ledger, connections in use and how many there may be."""
    row = await pool.fetchrow(_SIZES)
    return dict(row or {})


async def keep_measures(pool: Pool, at: datetime, seen: Sequence[tuple[str, float, float | None]]) -> None:
    """Keep what was seen at a moment (measure, value, limit) with its hour; what is too old goes."""
    await pool.executemany(_MEASURE, [(what, at, value, limit) for what, value, limit in seen])
    await pool.execute("delete from running_measure where hour < $1", at - KEPT)


async def measured(conn: Connection, zone: str, today: date) -> list[asyncpg.Record]:
    """What was measured on each day, in the port's zone, by measure and day; today is not whole yet."""
    since = datetime.fromisoformat(f"{today - timedelta(days=200)}T00:00:00+00:00")
    return list(await conn.fetch(_MEASURED, zone, since))
