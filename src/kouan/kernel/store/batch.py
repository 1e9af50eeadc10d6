"""Group commit: what concurrent callers ask of the store is written together, in one durable transaction."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import cast

import asyncpg

from kouan.kernel import clock
from kouan.kernel.database import GONE, Connection, Pool, set_scope
from kouan.kernel.errors import Conflict, Failure, Unavailable
from kouan.kernel.ledger.entry import Entry, seal_many
from kouan.kernel.ledger.store import append
from kouan.kernel.meters import measured
from kouan.kernel.principal import PLATFORM
from kouan.kernel.room import Room, refusal
from kouan.kernel.rules import Kept
from kouan.kernel.store.acting import apply_acts
from kouan.kernel.store.filing import Env, Later, apply_files
from kouan.kernel.store.ops import ActOp, Filed, FileOp, Op
from kouan.kernel.store.sheet import Fact, Sheet
from kouan.kernel.text import Text
from kouan.kernel.vault import Vault

log = logging.getLogger(__name__)
COMMIT = "commit"
"""The service that filings and actions wait for."""
AWAY = Text(
    "数据库暂不可用，未受理；请稍后用同一幂等键重试",
    "The database is away; nothing was accepted. Try again with the same Idempotency-Key",
)
EXCLUDED = Text("与同时受理的另一记录冲突", "It conflicts with another record that holds the same thing at the same time")
FULL = Text("受理队列已满，请稍后重试", "Too much is waiting to be accepted; try again shortly")
GATHER = 0.1
"""Seconds between the beginnings of two transactions under load, so that more filings share one."""
BUSY = 8
"""Filings of one transaction from which on the next waits for all of `GATHER`; a lone one never waits."""
PRESSING = 0.02
"""`GATHER` for what someone stands and waits for: two such filings of one moment share a transaction, and no more."""
_AGAIN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class Batcher:
    """The one way into the database for filings and acts of a process.

    `size`: the most operations of one transaction; `depth`: the most that may wait (then callers get 503);
    `lanes`: transactions under way at once, so that one is prepared while another is synced to disk; `room`: when it
    is scarce, callers get 503 (`disk_low`); `gather`: see GATHER; `busy`: see BUSY.
    """

    def __init__(
        self, pool: Pool, env: Env, *, size: int = 128, depth: int = 4096, lanes: int = 2, room: Room | None = None,
        gather: float = GATHER, busy: int = BUSY,
    ) -> None:  # fmt: skip
        self._pool, self._env, self._room = pool, env, room or Room.endless()
        self._size, self._depth, self._lanes = size, depth, lanes
        self._gather, self._busy = gather, busy
        self._waiting: deque[Op] = deque()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._taking = asyncio.Lock()
        self._next = 0.0

    def start(self) -> None:
        """Begin to commit."""
        self._tasks = [asyncio.create_task(self._run(), name=f"commit-{n}") for n in range(self._lanes)]

    async def stop(self) -> None:
        """Let what is under way end, refuse what still waits."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._waiting:
            _fail(self._waiting.popleft(), Unavailable(AWAY, retry_after=2))

    def put(self, op: Op) -> None:
        """Hand an operation over; its `done` future tells the outcome. Raises Unavailable when too much waits or room is scarce."""
        if self._room.scarce():
            raise refusal()
        if len(self._waiting) >= self._depth:
            raise Unavailable(FULL, retry_after=1)
        self._waiting.append(op)
        self._wake.set()

    async def _run(self) -> None:
        while True:
            async with self._taking:
                ops = await self._taken()
            if ops:
                await self._commit(ops)

    async def _taken(self) -> list[Op]:
        """What waits. The more the last transaction held, the longer others may gather for the next."""
        await self._wake.wait()
        loop = asyncio.get_running_loop()
        if (pause := self._next - loop.time()) > 0 and len(self._waiting) < self._size:
            await asyncio.sleep(pause)
        ops = [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]
        if not self._waiting:
            self._wake.clear()
        share = max(len(ops) - 1, 0) / (self._busy - 1) if self._busy > 1 else 1.0
        self._next = loop.time() + self._gather * min(share, 1.0)
        return ops

    async def _commit(self, ops: Sequence[Op]) -> None:
        try:
            for attempt in range(4):
                try:
                    await self._transaction(ops)
                    return
                except _AGAIN:
                    await asyncio.sleep(0.01 * attempt)
            await self._singly(ops)
        except asyncio.CancelledError:
            for op in ops:
                _fail(op, Unavailable(AWAY, retry_after=2))
            raise
        except GONE as gone:
            log.warning("the database is away: %s", type(gone).__name__)
            for op in ops:
                _fail(op, Unavailable(AWAY, retry_after=2))
        except asyncpg.DiskFullError:
            self._room.full()
            for op in ops:
                _fail(op, refusal())
        except Exception as fault:
            if len(ops) > 1:
                await self._singly(ops)
                return
            clash = _clash(fault)
            if clash is None:
                log.exception("an operation failed for a cause that nobody foresaw")
            _fail(ops[0], clash or fault)

    async def _singly(self, ops: Sequence[Op]) -> None:
        if len(ops) == 1:
            _fail(ops[0], Unavailable(FULL, retry_after=1))
            return
        for op in ops:
            await self._commit([op])

    async def _transaction(self, ops: Sequence[Op]) -> None:
        files = [op for op in ops if isinstance(op, FileOp)]
        acts = [op for op in ops if isinstance(op, ActOp)]
        async with measured(COMMIT), self._pool.acquire(timeout=10) as conn, conn.transaction():
            await set_scope(conn, (0, PLATFORM.org), clearance=4, again=True)
            sheet = Sheet(clock.now(), self._env.vault)
            filed = await apply_files(conn, files, self._env, sheet) if files else []
            acted = await apply_acts(conn, acts, self._env, sheet) if acts else []
            await sheet.write(conn)
            await _ledger(conn, sheet.facts, self._env.vault)
        for filing, filed_as in zip(files, filed, strict=True):
            self._answer(filing, filed_as)
        for act, acted_as in zip(acts, acted, strict=True):
            self._answer(act, acted_as)

    def _answer(self, op: Op, outcome: Filed | Kept | Failure | Later) -> None:
        if isinstance(outcome, Later):
            self._waiting.append(outcome.rest or op)
            self._wake.set()
        elif isinstance(outcome, Failure):
            if isinstance(op, ActOp) and op.reached and not op.done.done():
                op.done.set_result(op.reached)
            _fail(op, outcome)
        elif not op.done.done():
            cast("asyncio.Future[Filed | Kept]", op.done).set_result(outcome)


def _fail(op: Op, why: BaseException) -> None:
    if not op.done.done():
        op.done.set_exception(why)


def _clash(fault: Exception) -> Conflict | None:
    """What the database excludes is a conflict that its caller can mend; anything else is a fault of ours."""
    if isinstance(fault, asyncpg.ExclusionViolationError):
        return Conflict(EXCLUDED, rule=fault.constraint_name or "exclusion", code="excluded")
    return None


async def _ledger(conn: Connection, facts: Sequence[Fact], vault: Vault) -> None:
    if not facts:
        return
    digests: dict[int, bytes] = {}
    actors: dict[str, str] = {}
    pairs = []
    for fact in facts:
        digest = digests.get(id(fact.body)) or digests.setdefault(id(fact.body), vault.suite.hash(fact.body))
        who = fact.principal
        name = f"actor:{who.slug}/{who.user}"
        actor = actors.get(name) or actors.setdefault(name, vault.token(name))
        entry = Entry(
            id=fact.id,
            at=fact.at,
            action=fact.action,
            record=fact.record,
            subject=vault.token(f"subject:{fact.ref}"),
            version=fact.version,
            org=who.slug,
            actor=actor,
            grant=who.grant or None,
            format=fact.format or None,
        )
        pairs.append((entry, digest))
    await append(conn, seal_many(vault.suite, pairs))
