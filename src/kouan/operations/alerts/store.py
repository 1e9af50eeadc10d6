"""What the engine keeps beside its records: how often a warning was met, how the engine does; and what is read of warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.place.api import Place
from kouan.kernel.database import Connection, Pool, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.finding import by_ids, equal, in_track
from kouan.kernel.store.ops import Row
from kouan.operations.alerts import thresholds
from kouan.operations.alerts.lifecycle import HANDLING, LIVE
from kouan.operations.alerts.records import Warned
from kouan.operations.alerts.rulebook import StaffRule

DDL: tuple[str, ...] = (
    # How often an alarm was met and last seen would be a version each second; here it is a row. The record gets it at its turns.
    """create table if not exists alerts_live (
        warning uuid primary key, count bigint not null, last timestamptz not null, value double precision)""",
    "create table if not exists alerts_engine (code text primary key, doc jsonb not null, at timestamptz not null)",
    "grant select, insert, update, delete on alerts_live, alerts_engine to kouan_app",
)
MOST = 10_000
_MARK = """select (select (count(*), max(updated_at))::text from r_operations_alerts_rule),
    (select (count(*), max(updated_at))::text from r_operations_alerts_setting),
    (select (count(*), max(updated_at))::text from r_base_place_place)"""
_LIVE = """insert into alerts_live (warning, count, last, value)
    select * from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::float8[])
    on conflict (warning) do update set count = excluded.count, last = excluded.last, value = excluded.value"""
_ENGINE = """insert into alerts_engine (code, doc, at) select c, d, $3 from unnest($1::text[], $2::jsonb[]) t(c, d)
    on conflict (code) do update set doc = excluded.doc, at = excluded.at"""
_HELD = """select id from r_operations_alerts_warning where f_at < $2 and (f_until is null or f_until > $1)
    and ($3::text[] is null or state = any($3)) order by f_at desc limit $4"""
_WEEKS = """select doc->>'alert' alert, doc->>'rule' rule, date_trunc('week', (doc->>'at')::timestamptz) week,
    count(*) filter (where doc->>'verdict' = 'true') genuine, count(*) filter (where doc->>'verdict' = 'false') wrong,
    count(*) filter (where doc->>'verdict' = 'undecided') undecided,
    percentile_cont(0.5) within group (order by extract(epoch from (tracks->'handling'->>'since')::timestamptz - filed_at))
      filter (where state <> 'open') handled_s
    from r_operations_alerts_warning where filed_at >= $1 and ($2 = '' or doc->>'alert' = $2) and ($3 = '' or doc->>'rule' like $3 || '/%')
    group by 1, 2, 3 order by 3, 1, 2"""


async def holding(conn: Connection, limit: int) -> list[Row]:
    """Warnings whose condition held when it was looked at last, the longest there first."""
    return await in_track(conn, Warned, tuple(HANDLING.states), "condition", ("holds",), limit=limit)


async def current(conn: Connection, limit: int, *, open_only: bool) -> list[Row]:
    """Warnings that wait for somebody, the newest first; all of them if wanted."""
    return await equal(conn, Warned, {}, states=LIVE if open_only else (), newest=True, limit=limit)


async def held(conn: Connection, since: datetime, until: datetime, limit: int, *, open_only: bool) -> list[Row]:
    """Warnings whose condition held at some time of a span, the newest first."""
    found = await conn.fetch(_HELD, since, until, list(LIVE) if open_only else None, limit)
    return sorted(await by_ids(conn, Warned, [raw["id"] for raw in found]), key=lambda row: row.seq, reverse=True)


async def live(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Count, last time and value of some warnings."""
    rows = await conn.fetch("select * from alerts_live where warning = any($1)", list(ids))
    return {row["warning"]: dict(row) for row in rows}


async def keep_live(conn: Connection, rows: Sequence[tuple[str, int, datetime, float | None]]) -> None:
    """Keep counts, last times and values."""
    await conn.execute(_LIVE, [UUID(r[0]) for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[3] for r in rows])


async def keep_engine(conn: Connection, docs: Mapping[str, Mapping[str, Any]], at: datetime) -> None:
    """Keep how the engine does; what it does not run any more goes."""
    await keep_beat(conn, docs, at)
    await conn.execute("delete from alerts_engine where code <> all($1)", list(docs))


async def keep_beat(conn: Connection, docs: Mapping[str, Mapping[str, Any]], at: datetime) -> None:
    """Keep how some parts of the engine do, and leave the others as they are."""
    await conn.execute(_ENGINE, list(docs), [dict(doc) for doc in docs.values()], at)


async def engine(conn: Connection) -> Sequence[asyncpg.Record]:
    """How the engine does, by word and rule."""
    return await conn.fetch("select code, doc, at from alerts_engine order by code")


async def rules_mark(conn: Connection) -> tuple[Any, ...]:
    """What changes when a live rule, a setting or a place does."""
    row = await conn.fetchrow(_MARK)
    assert row is not None
    return tuple(row)


async def live_rules(conn: Connection) -> list[dict[str, Any]]:
    """The newest live revision of each rule, as documents."""
    newest: dict[str, dict[str, Any]] = {}
    for row in await equal(conn, StaffRule, {}, states=("live",), limit=MOST):
        known = newest.get(row.doc["code"])
        if known is None or known["revision"] < row.doc["revision"]:
            newest[row.doc["code"]] = dict(row.doc)
    return list(newest.values())


async def live_revisions(conn: Connection, code: str) -> list[str]:
    """The live revisions of a rule, by id."""
    return [str(row.id) for row in await equal(conn, StaffRule, {"code": code}, states=("live",), limit=100)]


async def settings(conn: Connection) -> list[dict[str, Any]]:
    """What staff set of alerts and a second person approved, the newest revision of each."""
    rows = await equal(conn, thresholds.AlertSetting, {}, states=(thresholds.LIVE, thresholds.KEPT), newest=True, limit=MOST)
    return thresholds.newest([row.doc for row in rows])


async def outlines(conn: Connection) -> dict[str, dict[str, Any]]:
    """Every place's outline by its reference."""
    return {row.ref: dict(row.doc["geometry"]) for row in await equal(conn, Place, {}, limit=MOST)}


async def weeks(conn: Connection, since: datetime, alert: str, rule: str) -> Sequence[asyncpg.Record]:
    """Fates by alert, rule and week: true, false, undecided; median seconds until it was handled."""
    return await conn.fetch(_WEEKS, since, alert, rule)


async def metrics(pool: Pool, org: str, clearance: int) -> Sequence[asyncpg.Record]:
    """Metrics and devices that an organisation may see."""
    async with scope(pool, (PLATFORM.org,), clearance=4) as conn:
        return await conn.fetch(
            """select metric, unit, device from telemetry_series where level <= $1 and (orgs = '{}' or $2 = any(orgs))
               order by metric, unit, device limit 5000""",
            clearance, org,
        )  # fmt: skip


async def numbers_of(pool: Pool, metric: str) -> list[int]:
    """The series of a metric, of all devices."""
    async with scope(pool, (PLATFORM.org,), clearance=4) as conn:
        return [row["number"] for row in await conn.fetch("select number from telemetry_series where metric = $1", metric)]
