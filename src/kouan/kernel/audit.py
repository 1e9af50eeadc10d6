"""Security audit: who was allowed or denied what (GB/T 22239-2019 8.1.4.3), append-only for the application.

An entry names its actor by account number and its object by reference; a personal reference stands as its keyed
token, so that the trail holds no personal data. What must not happen unseen (a read of restricted data) waits until
its entry is durable and is refused when it cannot be written.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Self

import asyncpg

from kouan.kernel import clock, references
from kouan.kernel.database import Connection, Pool
from kouan.kernel.errors import Unavailable
from kouan.kernel.principal import Principal
from kouan.kernel.room import Room, refusal
from kouan.kernel.text import Text

Outcome = Literal["allowed", "denied"]
Token = Callable[[str], str]

RESTRICTED = 3
"""From this level on, a read is audited before its answer leaves."""

BATCH = 500
PATIENCE = 2.0
PAUSE = 0.2
LONGEST = 300

DDL: tuple[str, ...] = (
    """create table if not exists audit (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        org int not null,
        account text not null,
        action text not null,
        ref text not null,
        level smallint not null check (level between 1 and 4),
        outcome text not null check (outcome in ('allowed', 'denied')),
        reason text not null,
        request text not null)""",
    "create index if not exists audit_at on audit (at)",
    "create index if not exists audit_org on audit (org, id)",
    "create index if not exists audit_account on audit (account, id)",
    "create index if not exists audit_ref on audit (ref, id)",
    "revoke all on audit from kouan_app",
    "grant select, insert on audit to kouan_app",
)

_INSERT = """insert into audit (at, org, account, action, ref, level, outcome, reason, request)
    select * from unnest($1::timestamptz[], $2::int[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[],
        $8::text[], $9::text[])"""
_NOT_NOW = Text("安全审计暂时无法写入，请稍后再试", "The security audit cannot be written now; try again later")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit. `level` is that of the data concerned; `reason`, why it was denied or what changed."""

    action: str
    outcome: Outcome
    org: int = 0
    account: str = ""
    ref: str = ""
    level: int = 1
    reason: str = ""
    request: str = ""
    at: datetime = field(default_factory=clock.now)

    @classmethod
    def of(
        cls,
        who: Principal | None,
        action: str,
        outcome: Outcome,
        *,
        ref: str = "",
        level: int = 1,
        reason: str = "",
        request: str = "",
    ) -> Self:
        """An entry about what a principal (or a stranger) did or was denied."""
        return cls(action, outcome, who.org if who else 0, who.user if who else "", ref, level, reason, request)


def shade(ref: str, token: Token | None) -> str:
    """A reference as the audit keeps it: a personal one as its keyed token, or as its bare kind without a key."""
    name = ref.partition(":")[0]
    kind = references.kinds().get(name)
    if kind is None or not kind.personal:
        return ref
    return token(ref) if token else f"{name}:*"


def _clean(text: str) -> str:
    return text[:LONGEST].replace("\0", "").encode("utf-8", "replace").decode()


def _columns(entries: Sequence[Entry], token: Token | None) -> list[list[object]]:
    rows = [
        (
            e.at,
            e.org,
            _clean(e.account),
            _clean(e.action),
            _clean(shade(e.ref, token)),
            min(max(e.level, 1), 4),
            e.outcome,
            _clean(e.reason),
            _clean(e.request),
        )
        for e in entries
    ]
    return [list(column) for column in zip(*rows, strict=True)]


async def note(source: Connection | Pool, *entries: Entry, token: Token | None = None) -> None:
    """Write entries at once: durable on return from a pool, or together with the caller's own transaction."""
    if entries:
        await source.execute(_INSERT, *_columns(entries, token))


@dataclass(slots=True)
class _Waiting:
    entry: Entry
    done: asyncio.Future[None] | None


class AuditWriter:
    """Writes entries in batches: those that came while the last batch was committed go out together.

    It never drops an entry: a full queue refuses (Unavailable). `write` returns once the entry is durable and refuses
    when that fails; `offer` returns at once, for what is refused anyway (denials). While room is low, restricted reads are
    refused; while it is scarce, entries wait.
    """

    def __init__(self, pool: Pool, *, token: Token | None = None, limit: int = 10_000, room: Room | None = None) -> None:
        self._pool, self._token, self._limit, self._room = pool, token, limit, room or Room.endless()
        self._queue: deque[_Waiting] = deque()
        self._more = asyncio.Event()
        self._failing = False
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, pool: Pool, *, token: Token | None = None, limit: int = 10_000, room: Room | None = None) -> Self:
        """A writer that runs in this event loop until `close`. `token`: the vault's, for personal references."""
        writer = cls(pool, token=token, limit=limit, room=room)
        writer._task = asyncio.create_task(writer._run(), name="audit-writer")
        return writer

    async def write(self, entry: Entry) -> None:
        """Write an entry and wait until it is durable; Unavailable when it cannot be written in two seconds."""
        if self._room.scarce():
            raise refusal()
        if self._failing:
            raise Unavailable(_NOT_NOW, retry_after=1)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put(_Waiting(entry, done))
        try:
            await asyncio.wait_for(done, PATIENCE)
        except TimeoutError:
            raise Unavailable(_NOT_NOW, retry_after=1) from None

    def offer(self, entry: Entry) -> None:
        """Take an entry to be written soon; Unavailable when the queue is full."""
        self._put(_Waiting(entry, None))

    async def read(self, who: Principal, action: str, ref: str, level: int, *, request: str = "") -> None:
        """Account for a read before it is answered: restricted levels (3-4) only, Unavailable when that fails."""
        if level >= RESTRICTED:
            if self._room.low():
                raise refusal()
            await self.write(Entry.of(who, action, "allowed", ref=ref, level=level, request=request))

    async def settle(self, seconds: float = PATIENCE) -> bool:
        """Wait until all entries taken so far are written; False when that takes longer."""
        limit = asyncio.get_running_loop().time() + seconds
        while self._queue and asyncio.get_running_loop().time() < limit:
            await asyncio.sleep(0.005)
        return not self._queue

    async def close(self) -> None:
        """Write what is left, for two seconds at most, and stop."""
        self._closing = True
        self._more.set()
        if self._task is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._task), PATIENCE)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self._queue:
            _log.error("audit: %d entries could not be written before the end", len(self._queue))

    def _put(self, waiting: _Waiting) -> None:
        if self._closing or len(self._queue) >= self._limit:
            raise Unavailable(_NOT_NOW, retry_after=1)
        waiting.entry = replace(waiting.entry, ref=shade(waiting.entry.ref, self._token))
        self._queue.append(waiting)
        self._more.set()

    async def _run(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._more.clear()
                await self._more.wait()
                continue
            if self._room.scarce() and not self._closing:
                await asyncio.sleep(PAUSE)
                continue
            batch = [self._queue[n] for n in range(min(BATCH, len(self._queue)))]
            try:
                async with asyncio.timeout(PATIENCE):
                    await note(self._pool, *(w.entry for w in batch), token=self._token)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as problem:
                self._fail(batch, problem)
                await asyncio.sleep(PAUSE)
                continue
            self._failing = False
            for _ in batch:
                self._queue.popleft()
            _tell(batch)

    def _fail(self, batch: Iterable[_Waiting], problem: Exception) -> None:
        if not self._failing:
            _log.error("audit cannot be written: %s", type(problem).__name__)
        self._failing = True
        for waiting in batch:
            if waiting.done and not waiting.done.done():
                waiting.done.set_exception(Unavailable(_NOT_NOW, retry_after=1))


def _tell(batch: Iterable[_Waiting]) -> None:
    for waiting in batch:
        if waiting.done and not waiting.done.done():
            waiting.done.set_result(None)
