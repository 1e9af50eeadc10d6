"""Handlers, deadlines and jobs: claimed in batches with a lease, in order per record, retried, dead-lettered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from kouan.kernel import calls, clock, owners
from kouan.kernel.database import GONE, Connection
from kouan.kernel.errors import Failure
from kouan.kernel.events import Event
from kouan.kernel.handlers import Follower, Handler, Job, Told
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.meters import measured
from kouan.kernel.principal import Principal
from kouan.kernel.room import Room
from kouan.kernel.store.sheet import DEADLINE
from kouan.kernel.waking import either
from kouan.kernel.words import every

if TYPE_CHECKING:
    import asyncpg

    from kouan.kernel.port import Port

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
_LATER = "update task set lease_until = null, attempts = attempts - 1, run_at = now() + $2 where id = $1"
SOON, MOST_WAIT = timedelta(seconds=1), timedelta(hours=1)
"""How soon, and after how long at most, a deadline that is still to come is looked at again."""
IDLE, DEAF, AT_REST = 0.25, 2.0, 5.0
"""Seconds until work is looked for again when there was none: until some is due, the first at least, the last at most. What is filed is
told of; while nobody would tell, the second at most."""
_DUE = """select extract(epoch from least((select min(run_at) from task where not dead),
    (select min(next_at) from job_run where code = any($1))) - now())::float8"""
RESTING = 0.5
"""Seconds between two looks at whether there is room to work in."""
GATHER, MOST_GATHER = 0.04, 0.6
"""Seconds that work may gather before a batch is claimed: one transaction for several tasks instead of one each. The
more there was the last time, the longer."""
_CLAIM = """
with due as (
  select id from task t where not dead and run_at <= now() and (lease_until is null or lease_until < now())
    and (t.handler = 'kernel.deadline' or not exists (select 1 from task e where e.handler = t.handler
         and e.record_id = t.record_id and e.id < t.id and not e.dead))
  order by run_at, id limit $1 for update skip locked)
update task set lease_until = now() + $2, attempts = attempts + 1, owner = $3 from due where task.id = due.id
returning task.id, handler, record_id, payload, attempts"""

_REST = """select code from job_run join unnest($1::text[], $2::interval[]) j(code, every) using (code)
    where (next_at > now() and not ($3 and next_at > now() + every)) or lease_until >= now()"""
_TAKE = """insert into job_run (code, next_at, lease_until, owner) values ($1, now() + $2, now() + $3, $5)
    on conflict (code) do update set next_at = now() + $2, lease_until = now() + $3, owner = $5
    where (job_run.next_at <= now() or ($4 and job_run.next_at > now() + $2))
      and (job_run.lease_until is null or job_run.lease_until < now())
    returning code"""
_RAN = """update job_run set lease_until = null, last_at = $2, last_error = $3, runs = runs + 1,
    next_at = case when $4::interval is null then next_at else greatest(next_at, now() + $4) end where code = $1"""
_OWNERS = """select distinct owner from task where lease_until > now() and owner <> ''
    union select owner from job_run where lease_until > now() and owner <> ''"""
_FREE = ("update task set lease_until = null where owner = any($1) and lease_until > now()",
         "update job_run set lease_until = null where owner = any($1) and lease_until > now()")  # fmt: skip


def event_of(payload: Mapping[str, Any]) -> Event:
    """The event that a task carries."""
    who = payload["principal"]
    principal = Principal(
        org=who["org"],
        slug=who["slug"],
        kind=who["kind"],
        user=who["user"],
        roles=frozenset(who["roles"]),
        clearance=who["clearance"],
        grant=who["grant"],
        service=who["service"],
    )
    return Event(
        id=payload["id"],
        seq=0,
        topic=payload["topic"],
        record=payload["record"],
        record_id=payload["record_id"],
        ref=payload["ref"],
        version=payload["version"],
        at=datetime.fromisoformat(payload["at"]),
        principal=principal,
        data=payload["data"],
    )


def told_of(payload: Mapping[str, Any]) -> Told:
    """What a follower could not follow with others."""
    return Told(payload["topic"], payload["record"], payload["record_id"], payload.get("event", ""), payload.get("version", 0))


async def claim(conn: Connection, most: int, owner: str) -> list[asyncpg.Record]:
    """What is due, at most so much, for a process that holds it by lease."""
    return list(await conn.fetch(_CLAIM, most, LEASE, owner))


async def free(conn: Connection) -> list[str]:
    """End the leases of processes that are known to be dead; answers these. What each has tried counts as tried."""
    gone = [row["owner"] for row in await conn.fetch(_OWNERS) if owners.dead(row["owner"])]
    for sql in _FREE if gone else ():
        await conn.execute(sql, gone)
    return gone


class Worker:
    """Claims what is due and does it; several workers share the load and take over from each other."""

    def __init__(self, port: Port, *, batch: int = 400, room: Room | None = None) -> None:
        self._port, self._batch, self._room = port, batch, room or Room.endless()
        self._handlers = {h.code: h for h in every(Handler)}
        self._followers = {f.code: f for f in every(Follower)}
        self._me, self._freed = owners.me(), False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; a database that is away, or out of room, only delays."""
        ear, told = self._port.ear(), True
        while not stop.is_set():
            if self._room.scarce():
                await either(stop, asyncio.sleep(RESTING))
                continue
            try:
                await self._free()
                done = await self.step(told=told)
            except Exception as fault:  # noqa: BLE001 - the worker outlives whatever one task or connection does
                log.warning("work waits: %s: %s", type(fault).__name__, fault)
                done = 0
                await asyncio.sleep(0.5)
            told = False
            if done < self._batch:
                rest = IDLE if done else await self._rest()
                told = await either(stop, ear.wait(min(rest, DEAF), rest))
                await either(stop, asyncio.sleep(min(GATHER + done * 0.002, MOST_GATHER)))
            told = told or done > 0

    async def _free(self) -> None:
        """Once, at the beginning: who comes after a worker that was killed does not wait for its leases."""
        if not self._freed:
            async with self._port.pool.acquire() as conn:
                if gone := await free(conn):
                    log.warning("work of processes that died is taken up: %d", len(gone))
            self._freed = True

    async def step(self, *, told: bool = True) -> int:
        """Claim one batch, do it, answer how many tasks there were; runs jobs that are due, too. `told`: something was accepted, so that
        jobs rest no longer."""
        await self._jobs(told=told)
        async with self._port.pool.acquire() as conn:
            rows = await claim(conn, self._batch, self._me)
        if not rows:
            return 0
        results = await asyncio.gather(*(self._do(row) for row in rows))
        done = [row["id"] for row, error in zip(rows, results, strict=True) if error is None]
        failed = [(row, error) for row, error in zip(rows, results, strict=True) if isinstance(error, str)]
        later = [(row["id"], wait) for row, wait in zip(rows, results, strict=True) if isinstance(wait, timedelta)]
        async with self._port.pool.acquire() as conn:
            if done:
                await conn.execute("delete from task where id = any($1)", done)
            for row, error in failed:
                await self._retry(conn, row, error)
            if later:
                await conn.executemany(_LATER, later)
        return len(rows)

    async def _rest(self) -> float:
        """For how long nothing is due, as far as is known now."""
        try:
            async with self._port.pool.acquire() as conn:
                due = await conn.fetchval(_DUE, [job.code for job in every(Job)])
        except GONE:
            return IDLE
        return AT_REST if due is None else min(max(due, IDLE), AT_REST)

    async def _do(self, row: asyncpg.Record) -> str | timedelta | None:
        """Do a task: None when it is done, else why it failed, or how long it is still to wait."""
        call = calls.follow(row["payload"].get("trace", ""))
        try:
            async with measured(f"handler {row['handler']}"):
                return await self._done(row)
        except Failure as failure:
            return f"{failure.code}: {failure.reason.en}"
        except Exception as fault:
            log.exception("handler %s failed", row["handler"])
            return f"{type(fault).__name__}: {fault}"
        finally:
            call.over = True

    async def _done(self, row: asyncpg.Record) -> timedelta | None:
        if row["handler"] == DEADLINE:
            return await self._overdue(row)
        if handler := self._handlers.get(row["handler"]):
            await handler().handle(event_of(row["payload"]), self._port)
        elif follower := self._followers.get(row["handler"]):
            await follower().follow([told_of(row["payload"])], self._port)
        return None

    async def _retry(
        self, conn: asyncpg.pool.PoolConnectionProxy[asyncpg.Record], row: asyncpg.Record, error: str
    ) -> None:
        handler = self._handlers.get(row["handler"]) or self._followers.get(row["handler"])
        most = handler.attempts if handler else 8
        wait = min(2.0 ** row["attempts"] * 0.1, 300.0)
        await conn.execute(
            """update task set lease_until = null, error = $2, dead = $3, run_at = now() + make_interval(secs => $4)
               where id = $1""",
            row["id"],
            error[:2000],
            row["attempts"] >= most,
            wait,
        )

    async def _overdue(self, row: asyncpg.Record) -> timedelta | None:
        payload = row["payload"]
        if lifecycle_of(payload["record"]) is None:
            return None
        asked = (payload["record"], row["record_id"], payload["track"], payload["state"], payload.get("due", ""))
        due = await self._port.overdue(*asked)
        # A clock that was set back, or that goes behind the database's, must not let a deadline go by untold.
        return None if due is None else min(max(due - clock.now(), SOON), MOST_WAIT)

    async def _jobs(self, *, told: bool) -> None:
        jobs = every(Job)
        async with self._port.pool.acquire() as conn:
            known = await conn.fetch(_REST, [job.code for job in jobs], [job.every for job in jobs], told)
        resting = {row["code"] for row in known}
        for job in jobs:
            if job.code in resting:
                continue
            async with self._port.pool.acquire() as conn:
                mine = await conn.fetchval(_TAKE, job.code, job.every, LEASE, told, self._me)
            if mine:
                await self._job(job())

    async def _job(self, job: Job) -> None:
        error, rests = None, None
        try:
            async with measured(f"job {job.code}"):
                if await job.run(self._port) is False:
                    rests = job.rests
        except Exception as fault:  # noqa: BLE001 - the worker outlives whatever one task or connection does
            log.warning("job %s: %s", job.code, fault)
            error = f"{type(fault).__name__}: {fault}"[:2000]
        async with self._port.pool.acquire() as conn:
            await conn.execute(_RAN, job.code, clock.now(), error, rests)
