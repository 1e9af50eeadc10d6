"""Runs, rows set aside, places allowed and credentials as they lie in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from kouan.base.quality.api import sql
from kouan.kernel import owners
from kouan.kernel.database import Connection
from kouan.kernel.waking import wake

LEASE = timedelta(seconds=60)
_RUN = """id, source, code, org, sender, principal, state, created, ended, position, pieces, counts, causes, error, name, told"""
# One run of a source at a time: a partial unique index sees to it. A run whose process died is taken over after its lease.
_CLAIM = sql("""update ingest_run
    set state = case when state = 'waiting' then 'running' else state end, lease = $1, lease_until = now() + $2
    where id = (select id from ingest_run where state = 'waiting' or (state in ('running', 'stopping') and lease_until < now())
      order by created limit 1 for update skip locked)
    returning {run}""", run=_RUN)
_TAKEN = """update ingest_run set position = $3, pieces = $4, counts = $5, causes = $6, lease_until = now() + $7
    where id = $1 and lease = $2 and state in ('running', 'stopping') returning state"""
_ONE = sql("select {run} from ingest_run where id = $1", run=_RUN)
_LATEST = sql("select {run} from ingest_run where source = $1 order by created desc limit $2", run=_RUN)
_UNTOLD = sql(
    "select {run} from ingest_run where state in ('done', 'stopped', 'failed') and not told order by created limit $1", run=_RUN
)
_ROW = """insert into ingest_row (run, piece, row, item, sealed, problems, at, readers) values ($1, $2, $3, $4, $5, $6, now(), $7)
    on conflict (run, piece, row) do nothing"""


@dataclass(frozen=True, slots=True)
class Aside:
    """A row to be set aside: sealed content, and what is wrong with it."""

    row: int
    item: str
    sealed: str
    problems: Sequence[Mapping[str, Any]]


async def add(
    conn: Connection, run: UUID, source: UUID, code: str, org: int, sender: int | None, principal: Mapping[str, Any],
    position: Mapping[str, Any], name: str, readers: Sequence[int],
) -> bool:  # fmt: skip
    """A run that waits to begin; False when the source has one already that has not ended."""
    said = """insert into ingest_run (id, source, code, org, sender, principal, state, created, position, name, readers)
        values ($1, $2, $3, $4, $5, $6, 'waiting', now(), $7, $8, $9) on conflict (source)
        where state in ('waiting', 'running', 'stopping') do nothing returning id"""
    args = (run, source, code, org, sender, dict(principal), dict(position), name, list(readers))
    added = await conn.fetchval(said, *args) is not None
    await wake(conn)
    return added


async def claim(conn: Connection, lease: str) -> asyncpg.Record | None:
    """The run that waits longest, or whose process died, for this process."""
    return await conn.fetchrow(_CLAIM, lease, LEASE)


async def free(conn: Connection) -> int:
    """End the leases of runs whose processes are known to be dead; answers how many."""
    running = "state in ('running', 'stopping') and lease_until >= now()"
    held = await conn.fetch(sql("select distinct coalesce(lease, '') as lease from ingest_run where {running}", running=running))
    gone = [row["lease"] for row in held if owners.dead(row["lease"].partition(" ")[2])]
    said = "update ingest_run set lease_until = now() - interval '1 second' where lease = any($1) and lease_until >= now() returning id"
    return len(await conn.fetch(said, gone)) if gone else 0


async def renew(conn: Connection, run: UUID, lease: str) -> bool:
    """Go on holding a run; False when another process has it."""
    said = "update ingest_run set lease_until = now() + $3 where id = $1 and lease = $2 returning id"
    return await conn.fetchval(said, run, lease, LEASE) is not None


async def taken(
    conn: Connection, run: UUID, lease: str, piece: int, position: Mapping[str, Any], counts: Mapping[str, int],
    causes: Mapping[str, int], rows: Sequence[Aside], readers: Sequence[int],
) -> str | None:  # fmt: skip
    """State that a piece was taken, with its rows that were set aside; the run's state, None when another process has it."""
    state: str | None = await conn.fetchval(_TAKEN, run, lease, dict(position), piece + 1, dict(counts), dict(causes), LEASE)
    if state is not None and rows:
        await conn.executemany(
            _ROW, [(run, piece, one.row, one.item, one.sealed, list(one.problems), list(readers)) for one in rows]
        )
    return state


async def finish(conn: Connection, run: UUID, lease: str, state: str, position: Mapping[str, Any], error: Mapping[str, Any] | None) -> None:
    """A run ended."""
    said = """update ingest_run set state = $3, position = $4, error = $5, ended = now(), lease = null, lease_until = null
        where id = $1 and lease = $2"""
    await conn.execute(said, run, lease, state, dict(position), error)


async def told(conn: Connection, run: UUID) -> None:
    """The record of a run that ended is filed."""
    await conn.execute("update ingest_run set told = true where id = $1", run)


async def run(conn: Connection, run_id: UUID) -> asyncpg.Record | None:
    """A run in the connection's scope."""
    return await conn.fetchrow(_ONE, run_id)


async def runs(conn: Connection, source: UUID, most: int) -> Sequence[asyncpg.Record]:
    """The latest runs of a source."""
    return await conn.fetch(_LATEST, source, most)


async def untold(conn: Connection, most: int) -> Sequence[asyncpg.Record]:
    """Runs that ended without their record being filed, as a process that died leaves them."""
    return await conn.fetch(_UNTOLD, most)


async def move(conn: Connection, run_id: UUID, before: Sequence[str], after: str) -> bool:
    """Put a run from one of some states into another."""
    said = "update ingest_run set state = $3, told = false, ended = null where id = $1 and state = any($2) returning id"
    moved = await conn.fetchval(said, run_id, list(before), after) is not None
    await wake(conn)
    return moved


async def aside(conn: Connection, run_id: UUID, after: int, most: int, state: str = "") -> Sequence[asyncpg.Record]:
    """Rows of a run that were set aside, behind a place in their order."""
    said = """select piece, row, item, sealed, mended, problems, state, note, by, at from ingest_row
        where run = $1 and ($4 = '' or state = $4) order by piece, row offset $2 limit $3"""
    return await conn.fetch(said, run_id, after, most, state)


async def one_aside(conn: Connection, run_id: UUID, piece: int, row: int) -> asyncpg.Record | None:
    """One row that was set aside, locked."""
    said = """select piece, row, item, sealed, problems, state, note, at, readers from ingest_row
        where run = $1 and piece = $2 and row = $3 for update"""
    return await conn.fetchrow(said, run_id, piece, row)


async def settle_aside(conn: Connection, run_id: UUID, place: tuple[int, int], state: str, note: str, by: str, mended: str | None) -> None:
    """What became of a row that was set aside, by whom and why; `mended`: the values put in place of the original ones, sealed."""
    said = """update ingest_row set state = $4, note = $5, by = $6, mended = coalesce($7, mended), at = now()
        where run = $1 and piece = $2 and row = $3"""
    await conn.execute(said, run_id, *place, state, note, by, mended)


async def aside_behind(conn: Connection, run_id: UUID, piece: int, row: int, most: int) -> Sequence[asyncpg.Record]:
    """The next rows that were set aside, of all runs in the connection's scope, behind one; locked."""
    said = """select run, piece, row, sealed, mended, problems, note from ingest_row
        where (run, piece, row) > ($1, $2, $3) order by run, piece, row limit $4 for update"""
    return await conn.fetch(said, run_id, piece, row, most)


async def erase_aside(conn: Connection, run_id: UUID, place: tuple[int, int], problems: Sequence[Mapping[str, Any]], note: str) -> None:
    """Destroy the content of a row that was set aside; what was wrong with it stays, as it is given here."""
    said = """update ingest_row set sealed = '', mended = null, problems = $4, note = $5 where run = $1 and piece = $2 and row = $3"""
    await conn.execute(said, run_id, *place, list(problems), note)


async def run_behind(conn: Connection, run_id: UUID) -> asyncpg.Record | None:
    """The next run in the connection's scope, by number."""
    return await conn.fetchrow(sql("select {run} from ingest_run where id > $1 order by id limit 1", run=_RUN), run_id)


async def fates(conn: Connection, run_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Of some runs how many rows that were set aside are in each state."""
    said = "select run, state, count(*) n from ingest_row where run = any($1) group by run, state"
    found: dict[UUID, dict[str, int]] = {}
    for row in await conn.fetch(said, list(run_ids)):
        found.setdefault(row["run"], {})[row["state"]] = row["n"]
    return found


async def with_aside(conn: Connection, most: int) -> Sequence[asyncpg.Record]:
    """The latest runs of which rows were set aside."""
    said = sql("""select {run} from ingest_run where exists (select 1 from ingest_row where ingest_row.run = ingest_run.id)
        order by created desc limit $1""", run=_RUN)
    return await conn.fetch(said, most)


async def last_runs(conn: Connection, sources: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """The latest run of each of some sources."""
    said = sql("select distinct on (source) {run} from ingest_run where source = any($1) order by source, created desc", run=_RUN)
    return {row["source"]: row for row in await conn.fetch(said, list(sources))}


async def entered(conn: Connection, sources: Sequence[UUID]) -> set[UUID]:
    """Those of some sources for which a credential is kept."""
    return {row["source"] for row in await conn.fetch("select source from ingest_secret where source = any($1)", list(sources))}


async def allow(conn: Connection, place: str, reason: str, by: str) -> None:
    """Let sources reach a place."""
    said = """insert into ingest_allowed (place, reason, by) values ($1, $2, $3)
        on conflict (place) do update set reason = $2, by = $3, at = now()"""
    await conn.execute(said, place, reason, by)


async def forbid(conn: Connection, place: str) -> bool:
    """Let sources reach a place no longer; False when none might."""
    return await conn.fetchval("delete from ingest_allowed where place = $1 returning place", place) is not None


async def allowed(conn: Connection) -> Sequence[asyncpg.Record]:
    """The places that sources may reach."""
    return await conn.fetch("select place, reason, by, at from ingest_allowed order by place")


async def put_secret(conn: Connection, source: UUID, org: int, wrapped: bytes, by: str, readers: Sequence[int]) -> None:
    """Keep how a source is entered."""
    said = """insert into ingest_secret (source, org, wrapped, by, at, readers) values ($1, $2, $3, $4, now(), $5)
        on conflict (source) do update set wrapped = $3, by = $4, at = now()"""
    await conn.execute(said, source, org, wrapped, by, list(readers))


async def secret(conn: Connection, source: UUID) -> bytes | None:
    """How a source is entered, sealed."""
    found: bytes | None = await conn.fetchval("select wrapped from ingest_secret where source = $1", source)
    return found


async def expired(conn: Connection, days: int, behind: tuple[datetime, UUID] | None, most: int) -> Sequence[asyncpg.Record]:
    """Runs that ended longer ago than so many days, the oldest first; `behind`: after the one that ended then, and its number."""
    said = """select id, source, ended from ingest_run where ended < now() - make_interval(days => $1) and told
        and ($2::timestamptz is null or (ended, id) > ($2, $3::uuid)) order by ended, id limit $4"""
    return await conn.fetch(said, days, *(behind or (None, None)), most)


async def forget(conn: Connection, run_id: UUID) -> None:
    """Forget a run's rows that were set aside, with their key, and the run."""
    await conn.execute("delete from ingest_row where run = $1", run_id)
    await conn.execute("delete from subject_key where subject = $1", f"ingest:{run_id}")
    await conn.execute("delete from ingest_run where id = $1", run_id)


async def scheduled(conn: Connection) -> Sequence[asyncpg.Record]:
    """The last run of every source whose schedule says that the next one is due, and none has begun."""
    said = """select r.source, r.code, r.org, r.sender, r.principal, r.position from (
          select distinct on (source) source, code, org, sender, principal, position, created, state from ingest_run
          order by source, created desc) r
        join r_base_ingest_source s on s.id = r.source
        where r.state in ('done', 'failed') and (s.doc->>'every_minutes') is not null
          and r.created + make_interval(mins => (s.doc->>'every_minutes')::int) <= now() limit 100"""
    return await conn.fetch(said)


async def append(conn: Connection, run_id: UUID) -> int:
    """The number of one piece more of a run that has ended."""
    said = "update ingest_run set pieces = pieces + 1 where id = $1 returning pieces - 1"
    number: int = await conn.fetchval(said, run_id)
    return number
