"""Record of use: which account was shown which record, when, and at which door; append-only for the application.

No row is written for a row that is read. What an account is shown of one record type at one door within a second goes down as one
row that lists the records, and a record that it is shown again there within some minutes (a screen that refreshes itself) is not
listed again. A question in SQL that goes through more records of a type than are listed goes down with their number. Reads of
restricted data (levels 3-4) stand in the security audit besides, before they are answered. What leaves as a file is on record before
it leaves; of what is shown on a screen a kill may cost the last second. While room is scarce, what is noted waits. What is older than
a running parameter says (half a year at the least) is thinned to counts by day (`assurance/datause/jobs.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

import asyncpg

from kouan.kernel import calls, clock
from kouan.kernel.database import GONE, Pool
from kouan.kernel.errors import Unavailable
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.room import Room, refusal
from kouan.kernel.text import Text

EVERY, PATIENCE = 1.0, 2.0
"""Seconds between two writings; how long one who must not go on before may wait."""
AGAIN = 300.0
"""Seconds: what was listed in this span or in the one before is not listed again."""
MOST = 200_000
"""Records that may wait to be written, and that are remembered as listed."""
NOT_NOW = Text("数据使用记录暂时无法写入，请稍后再试", "The record of use cannot be written now; try again later")
DDL: tuple[str, ...] = (
    """create table if not exists data_use (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        org int not null,
        account text not null,
        service boolean not null,
        record text not null,
        door text not null,
        ids uuid[] not null,
        n int not null,
        masked int not null)""",
    # Records that a question over very many went through, which are not listed one by one.
    "alter table data_use add column if not exists unlisted int not null default 0",
    "create index if not exists data_use_at on data_use (at)",
    "create index if not exists data_use_account on data_use (account, at)",
    "create index if not exists data_use_ids on data_use using gin (ids)",
    "create index if not exists data_use_many on data_use (record, at) where unlisted > 0",
    "revoke all on data_use from kouan_app",
    "grant select, insert on data_use to kouan_app",
    # What one account was shown of a record type at a door on a day of long ago: how often, without the records themselves.
    """create table if not exists data_use_day (
        day date not null, org int not null, account text not null, service boolean not null, record text not null, door text not null,
        rows bigint not null, n bigint not null, masked bigint not null, first timestamptz not null, last timestamptz not null,
        primary key (day, account, record, door, org, service))""",
    "revoke all on data_use_day from kouan_app",
    "grant select on data_use_day to kouan_app",
    # The application can take nothing away by itself. This thins what is older than half a year, at the least, and nothing else:
    # whole rows become counts, those of accounts that are evidence stay. The index of records shrinks with them.
    """create or replace function data_use_thin(before timestamptz, evidence text[], most int) returns int
        language plpgsql security definer set search_path = pg_catalog, public as $$
        declare thinned int;
        begin
            if before > now() - interval '180 days' then
                raise exception 'data use is kept for 180 days at the least';
            end if;
            with old as (
                delete from data_use where id in (
                    select id from data_use where at < before and not account = any(evidence) order by at limit most)
                returning at, org, account, service, record, door, n, masked),
            summed as (
                insert into data_use_day as d (day, org, account, service, record, door, rows, n, masked, first, last)
                select (at at time zone 'UTC')::date, org, account, service, record, door, count(*), sum(n), sum(masked), min(at), max(at)
                from old group by 1, 2, 3, 4, 5, 6
                on conflict (day, account, record, door, org, service) do update set rows = d.rows + excluded.rows, n = d.n + excluded.n,
                    masked = d.masked + excluded.masked, first = least(d.first, excluded.first), last = greatest(d.last, excluded.last)
                returning 1)
            select count(*) from old into thinned;
            return thinned;
        end $$""",
    "revoke all on function data_use_thin(timestamptz, text[], int) from public",
    "grant execute on function data_use_thin(timestamptz, text[], int) to kouan_app",
)
_INSERT = """insert into data_use (at, org, account, service, record, door, ids, n, masked, unlisted)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Group:
    org: int
    account: str
    service: bool
    record: str
    door: str


@dataclass(slots=True)
class _Shown:
    """What waits of a group: since when, which records (in the order in which they were shown), how many of them masked; how many at most
    that are not listed."""

    at: datetime
    ids: dict[UUID, None] = field(default_factory=dict)
    masked: int = 0
    unlisted: int = 0


class Uses:
    """Takes down what accounts are shown. It drops nothing: while too much waits to be written, reads are refused (Unavailable)."""

    def __init__(self, pool: Pool | None, *, room: Room | None = None, clock_: Callable[[], float] = time.monotonic) -> None:
        self._pool, self._room, self._clock = pool, room or Room.endless(), clock_
        self._waiting: dict[_Group, _Shown] = {}
        self._held = 0
        self._listed: dict[_Group, set[UUID]] = {}
        self._before: dict[_Group, set[UUID]] = {}
        self._remembered = 0
        self._turn = self._clock() + AGAIN
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def nowhere(cls) -> Self:
        """For a port that answers nobody outside."""
        return cls(None)

    @classmethod
    async def open(cls, pool: Pool, *, room: Room | None = None) -> Self:
        """A writer that runs in this event loop until `close`."""
        made = cls(pool, room=room)
        made._task = asyncio.create_task(made._run(), name="uses")
        return made

    def note(self, who: Principal, record: str, ids: Iterable[UUID], *, masked: int = 0, whole: bool = False) -> None:
        """An account is shown some records of a type. `whole`: list them also when they were listed lately (a file leaves)."""
        if self._pool is None or who.org == PLATFORM.org:
            return
        if self._held > MOST:
            raise Unavailable(NOT_NOW, retry_after=2)
        call = calls.current()
        group = _Group(who.org, who.user, who.service, record, call.door if call else "")
        self._forget()
        known, former = self._listed.setdefault(group, set()), self._before.get(group, set())
        fresh = [one for one in ids if whole or (one not in known and one not in former)]
        if not fresh:
            return
        shown = self._waiting.get(group) or self._waiting.setdefault(group, _Shown(clock.now()))
        held = len(shown.ids)
        shown.ids.update(dict.fromkeys(fresh))
        shown.masked += min(masked, len(fresh))
        self._held += len(shown.ids) - held
        self._remembered += len(fresh)
        known.update(fresh)

    def note_many(self, who: Principal, record: str, count: int) -> None:
        """A question of an account went through very many records of a type: that it did goes down with their number, without a list."""
        if self._pool is None or who.org == PLATFORM.org or not count:
            return
        call = calls.current()
        group = _Group(who.org, who.user, who.service, record, call.door if call else "")
        shown = self._waiting.get(group) or self._waiting.setdefault(group, _Shown(clock.now()))
        self._held += not shown.unlisted
        shown.unlisted = max(shown.unlisted, count)

    async def settle(self) -> None:
        """Wait until all that was noted is durable; Unavailable when that takes longer than two seconds."""
        if self._pool is None or not self._held:
            return
        if self._room.scarce():
            raise refusal()
        try:
            await asyncio.wait_for(self._write(), PATIENCE)
        except (*GONE, asyncpg.PostgresError) as problem:
            raise Unavailable(NOT_NOW, retry_after=2) from problem

    async def close(self) -> None:
        """Write what is left, for two seconds at most, and stop."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with contextlib.suppress(*GONE, asyncpg.PostgresError):
            await asyncio.wait_for(self._write(), PATIENCE)
        if self._held:
            _log.error("record of use: %d reads could not be written before the end", self._held)

    async def _run(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(EVERY)
            if self._room.scarce():
                continue
            try:
                await self._write()
                failing = False
            except (*GONE, asyncpg.PostgresError) as problem:
                if not failing:
                    _log.error("the record of use cannot be written: %s", type(problem).__name__)
                failing = True

    async def _write(self) -> None:
        async with self._writing:
            taken, self._waiting = self._waiting, {}
            if not taken or self._pool is None:
                return
            rows = [
                (s.at, g.org, g.account, g.service, g.record, g.door, list(s.ids), len(s.ids) + s.unlisted, s.masked, s.unlisted)
                for g, s in taken.items()
            ]
            try:
                async with self._pool.acquire() as conn:
                    await conn.executemany(_INSERT, rows)
            except BaseException:
                self._give_back(taken)
                raise
            self._held -= sum(len(shown.ids) + bool(shown.unlisted) for shown in taken.values())

    def _give_back(self, taken: dict[_Group, _Shown]) -> None:
        for group, shown in taken.items():
            newer = self._waiting.get(group)
            if newer is not None:
                self._held -= len(newer.ids.keys() & shown.ids.keys()) + bool(newer.unlisted and shown.unlisted)
                shown.unlisted = max(shown.unlisted, newer.unlisted)
                shown.ids.update(newer.ids)
                shown.masked += newer.masked
            self._waiting[group] = shown

    def _forget(self) -> None:
        """What was listed long ago, or would fill the memory, is listed anew."""
        if self._clock() >= self._turn or self._remembered > MOST:
            self._before, self._listed = self._listed, {}
            self._remembered, self._turn = 0, self._clock() + AGAIN
