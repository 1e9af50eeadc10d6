"""The one process that gives entries their place in the tree and signs it, while it holds the lead."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kouan.kernel import clock
from kouan.kernel.ledger import entry, tiles, witness
from kouan.kernel.ledger.failures import LedgerRefused
from kouan.kernel.ledger.keys import KeyFolder, SigningKey
from kouan.kernel.ledger.rotation import rotate_if_asked
from kouan.kernel.ledger.statements import Checkpoint
from kouan.kernel.ledger.tree import Frontier, Tile, leaf_hash
from kouan.kernel.text import Text

if TYPE_CHECKING:
    from kouan.kernel.database import Connection

_log = logging.getLogger(__name__)

BATCH = 10_000
"""Entries placed by one checkpoint at most; more wait for the next, which follows at once."""
VACUUM_EVERY = 20_000
"""Entries taken from the queue between two clean-ups of it."""

LATE_SECONDS = 30.0
"""A transaction that stays open longer than this may wait as long again for its checkpoint."""

# The queue is read in order of its sequence; a number that commits late is simply taken by a later pass.
# One range and no join: the queue's size swings too fast for the planner's statistics to choose a join by.
_TAKE = """
    WITH taken AS (
        DELETE FROM ledger_pending WHERE seq > $3 AND seq <= (
            SELECT max(seq) FROM (SELECT seq FROM ledger_pending WHERE seq > $3 ORDER BY seq LIMIT $1) first)
        RETURNING seq, entry, leaf
    ), placed AS (
        INSERT INTO ledger_leaf (leaf_index, entry, hash)
        SELECT $2::bigint + row_number() OVER (ORDER BY seq) - 1, entry, leaf FROM taken
        RETURNING leaf_index, hash
    )
    SELECT hash, (SELECT max(seq) FROM taken) AS seq FROM placed ORDER BY leaf_index"""
# Where PostgreSQL cannot compute the leaf: what is taken, then the bodies. In two, for the same reason.
_TAKE_PLACES = """
    DELETE FROM ledger_pending WHERE seq > $2 AND seq <= (
        SELECT max(seq) FROM (SELECT seq FROM ledger_pending WHERE seq > $2 ORDER BY seq LIMIT $1) first)
    RETURNING seq, entry"""
_BODIES = "SELECT id, body FROM ledger_entry WHERE id = ANY ($1)"
_PLACE = """
    INSERT INTO ledger_leaf (leaf_index, entry, hash)
    SELECT $1::bigint + at - 1, entry, hash FROM unnest($2::uuid[], $3::bytea[]) WITH ORDINALITY AS placed (entry, hash, at)"""
_WAITING = """
    SELECT (SELECT seq FROM ledger_pending WHERE seq > $1 ORDER BY seq LIMIT 1) IS NOT NULL
        OR EXISTS (SELECT FROM ledger_request WHERE done IS NULL)"""
_LATEST = """
    SELECT c.body, c.signature, c.root, k.spki FROM ledger_checkpoint c
    JOIN ledger_key k ON k.fingerprint = c.key ORDER BY c.size DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the log stands: its right edge, its last checkpoint and the key for the next."""

    frontier: Frontier
    checkpoint: Checkpoint
    signature: bytes
    key: SigningKey

    def seen(self) -> witness.Seen:
        return witness.Seen(self.checkpoint, self.signature, self.key.spki)


class _Queue:
    """From which number on the queue is read.

    A row that was taken stays in the table, to be stepped over, as long as any snapshot that is older lives (a
    backup may take hours). So reading starts above what was taken a while ago; every LATE_SECONDS the whole
    queue is read, for transactions that stayed open so long.
    """

    def __init__(self) -> None:
        self.start = -1
        self._highest = self._mark = self._floor = -1
        self._turn = time.monotonic() + LATE_SECONDS

    def turn(self) -> int:
        """Begin a reading; returns the number above which it starts."""
        self.start = self._floor
        if time.monotonic() >= self._turn:
            self._turn = time.monotonic() + LATE_SECONDS
            self._floor, self._mark = self._mark, self._highest
            self.start = -1
        return self.start

    def taken(self, seq: int) -> None:
        """Note the highest number of a committed pass."""
        self._highest = max(self._highest, seq)


class Leader:
    """Places and signs; create it with a connection that holds the lead, `load`, then `step` for ever."""

    def __init__(self, conn: Connection, keys: KeyFolder, origin: str, witnesses: Sequence[Path]) -> None:
        self._conn = conn
        self._keys, self._suite = keys, keys.suite
        self._origin = witness.check_origin(origin)
        self._witnesses = tuple(witnesses)
        self._head: _Head | None = None
        self._queue = _Queue()
        self._taken = 0
        self._unwritten: set[Path] = set()

    async def load(self) -> None:
        """Take up the log, or found it; raises LedgerRefused if database, witness and keys disagree."""
        try:
            await witness.check(self._conn, self._suite, self._origin, self._witnesses)
            self._head = await self._resume() or await self._found()
        except tiles.BrokenTree as error:
            raise LedgerRefused(_broken(str(error))) from error
        await self._retire_keys()
        await self._witness(self._head)

    async def is_waited_for(self) -> bool:
        """Whether committed entries or requests wait for the next checkpoint."""
        return bool(await self._conn.fetchval(_WAITING, self._queue.turn()))

    async def step(self) -> int:
        """Place what has committed and sign, in one durable transaction; returns how many were placed."""
        assert self._head is not None, "load comes first"
        head, frontier = self._head, self._head.frontier.copy()
        async with self._conn.transaction():
            new_key = await rotate_if_asked(self._conn, self._keys, head.key, self._origin, frontier.size)
            leaves, highest = await self._take(frontier.size)
            if not leaves:
                return 0
            await self._store_tiles(frontier.extend(leaves))
            # A clock set back must not make the log's own time run backwards.
            now = max(clock.now(), datetime.fromisoformat(head.checkpoint.at))
            signed = await self._sign(frontier, new_key or head.key, now)
        self._head = signed
        self._queue.taken(highest)
        await self._witness(signed)
        if new_key is not None:
            _log.info("the ledger signs with a new key, %s", new_key.fingerprint)
            self._keys.destroy(head.key.fingerprint)
        await self._clean(len(leaves))
        return len(leaves)

    async def _take(self, first: int) -> tuple[list[bytes], int]:
        """Give what waits its places from `first` on; answers the leaves in their order, and the highest number of the queue."""
        start = self._queue.start
        if self._suite.sql_leaf is not None:
            rows = await self._conn.fetch(_TAKE, BATCH, first, start)
            return [row["hash"] for row in rows], rows[0]["seq"] if rows else start
        taken = sorted((row["seq"], row["entry"]) for row in await self._conn.fetch(_TAKE_PLACES, BATCH, start))
        entries = [entry_id for _, entry_id in taken]
        bodies = {row["id"]: row["body"] for row in await self._conn.fetch(_BODIES, entries)}
        leaves = [leaf_hash(self._suite, bodies[one]) for one in entries]
        if leaves:
            await self._conn.execute(_PLACE, first, entries, leaves)
        return leaves, taken[-1][0] if taken else start

    async def _sign(self, frontier: Frontier, key: SigningKey, at: datetime) -> _Head:
        root = frontier.root()
        checkpoint = Checkpoint(self._origin, frontier.size, root.hex(), clock.stamp(at), key.fingerprint, self._suite.code)
        body = checkpoint.body()
        signature = key.sign(body)
        await self._conn.execute(
            "INSERT INTO ledger_checkpoint (size, root, at, key, signature, body)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            frontier.size, root, at, key.fingerprint, signature, body,
        )  # fmt: skip
        return _Head(frontier, checkpoint, signature, key)

    async def _store_tiles(self, done: list[Tile]) -> None:
        if done:
            await self._conn.executemany(
                "INSERT INTO ledger_tile (level, index, root, hashes) VALUES ($1, $2, $3, $4)",
                [(tile.level, tile.index, tile.root, tile.hashes) for tile in done],
            )

    async def _resume(self) -> _Head | None:
        row = await self._conn.fetchrow(_LATEST)
        if row is None:
            return None
        stated = entry.fields(row["body"])
        checkpoint = Checkpoint(
            str(stated["origin"]), int(str(stated["size"])), str(stated["root"]), str(stated["at"]),
            str(stated["key"]), str(stated["suite"]) if "suite" in stated else None,
        )  # fmt: skip
        if checkpoint.origin != self._origin:
            raise LedgerRefused(_other_origin(checkpoint.origin, self._origin))
        if checkpoint.suite != self._suite.code:
            raise LedgerRefused(_other_suite(checkpoint.suite, self._suite.code))
        if checkpoint.body() != row["body"] or not self._suite.is_signed(row["spki"], row["body"], row["signature"]):
            raise LedgerRefused(_broken("the last checkpoint is not validly signed"))
        frontier = await tiles.load_frontier(self._conn, self._suite, checkpoint.size)
        placed = await self._conn.fetchval("SELECT coalesce(max(leaf_index) + 1, 0) FROM ledger_leaf")
        if frontier.root().hex() != checkpoint.root or placed != checkpoint.size:
            raise LedgerRefused(_broken("the stored tree is not the one last signed"))
        current = await self._conn.fetchval("SELECT fingerprint FROM ledger_key WHERE until IS NULL")
        if current != checkpoint.key:
            raise LedgerRefused(_broken("the current key did not sign the last checkpoint"))
        return _Head(frontier, checkpoint, row["signature"], self._keys.load(checkpoint.key))

    async def _found(self) -> _Head:
        key, at = self._keys.make(), clock.now()
        async with self._conn.transaction():
            await self._conn.execute("INSERT INTO ledger_key VALUES ($1, $2, $3)", key.fingerprint, key.spki, at)
            return await self._sign(Frontier(self._suite), key, at)

    async def _retire_keys(self) -> None:
        # A crash between a rotation's commit and the removal of the old key leaves the old key behind.
        self._keys.clean()
        for row in await self._conn.fetch("SELECT fingerprint FROM ledger_key WHERE until IS NOT NULL"):
            self._keys.destroy(row["fingerprint"])

    async def _witness(self, head: _Head) -> None:
        failed = set(await asyncio.to_thread(witness.write, self._witnesses, head.seen()))
        for path in failed - self._unwritten:
            _log.warning("the witness %s cannot be written; signing goes on without it", path)
        for path in self._unwritten - failed:
            _log.info("the witness %s is written again", path)
        self._unwritten = failed

    async def _clean(self, taken: int) -> None:
        self._taken += taken
        if self._taken >= VACUUM_EVERY:
            self._taken = 0
            await self._conn.execute("VACUUM (SKIP_LOCKED, TRUNCATE off) ledger_pending")


def _broken(detail: str) -> Text:
    return Text(
        zh=f"数据库中的账本已损坏（{detail}）。拒绝继续签名；请从备份恢复，并运行 kouan check。",
        en=f"The ledger in the database is damaged ({detail}). Refusing to sign on; restore a backup and run"
        " kouan check.",
    )


def _other_suite(found: str, stated: str) -> Text:
    return Text(
        zh=f"数据库中的账本以密码套件 {found} 签名，而数据目录写明 {stated}；账本的密码套件一经建立不可更改。拒绝启动。",
        en=f"The ledger in the database is signed by the cryptographic suite {found}, and the data folder states {stated}; a log's"
        " suite never changes. Refusing to start.",
    )


def _other_origin(found: str, asked: str) -> Text:
    return Text(
        zh=f"数据库中的账本名为 {found}，而非 {asked}；账本的名称一经建立不可更改。拒绝启动。",
        en=f"The ledger in the database is called {found}, not {asked}; a log's name never changes. Refusing to start.",
    )
