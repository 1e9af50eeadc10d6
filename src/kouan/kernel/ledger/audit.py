"""Recomputing the whole tree from the entries, in constant memory: the ledger's own examination."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kouan.kernel.ledger import tree
from kouan.kernel.suites.suite import Suite
from kouan.kernel.text import Text

if TYPE_CHECKING:
    import asyncpg

    from kouan.kernel.database import Connection

PREFETCH = 2_000
MOST_PROBLEMS = 20

_LEAVES = """
    SELECT l.leaf_index, l.hash, e.body FROM ledger_leaf l
    LEFT JOIN ledger_entry e ON e.id = l.entry ORDER BY l.leaf_index"""
_CHECKPOINTS = """
    SELECT c.size, c.root, c.signature, c.body, k.spki FROM ledger_checkpoint c
    JOIN ledger_key k ON k.fingerprint = c.key ORDER BY c.size"""
_UNQUEUED = """
    SELECT (SELECT count(*) FROM ledger_entry)
         - (SELECT count(*) FROM ledger_leaf) - (SELECT count(*) FROM ledger_pending)"""


@dataclass(slots=True)
class Audit:
    """What the examination found; no `problems` means that every entry is the one that was signed."""

    size: int = 0
    root: str = ""
    checkpoints: int = 0
    problems: list[Text] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether stored entries, tree and every signed checkpoint agree."""
        return not self.problems


async def audit(conn: Connection, suite: Suite) -> Audit:
    """Recompute the tree from the bodies and hold it against leaves, tiles and every signed checkpoint.

    Takes one snapshot and reads each entry once, in order; works beside a running signer.
    """
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        examiner = _Examiner(conn, suite)
        signed = aiter(conn.cursor(_CHECKPOINTS, prefetch=PREFETCH))
        due = await anext(signed, None)
        while due is not None and due["size"] == 0:
            await examiner.hold(due)
            due = await anext(signed, None)
        async for leaf in conn.cursor(_LEAVES, prefetch=PREFETCH):
            await examiner.take(leaf)
            if due is not None and due["size"] <= examiner.found.size:
                await examiner.hold(due)
                due = await anext(signed, None)
        await examiner.end(due)
    return examiner.found


class _Examiner:
    """Rebuilds the tree leaf by leaf and notes what differs."""

    def __init__(self, conn: Connection, suite: Suite) -> None:
        self.found = Audit()
        self._conn, self._suite = conn, suite
        self._edge = tree.Frontier(suite)
        self._row: list[bytes] = []

    def _note(self, zh: str, en: str) -> None:
        if len(self.found.problems) < MOST_PROBLEMS:
            self.found.problems.append(Text(zh, en))

    async def take(self, leaf: asyncpg.Record) -> None:
        index, at = leaf["leaf_index"], self.found.size
        if index != at:
            self._note(f"第 {at} 条之后序号跳至 {index}", f"after leaf {at - 1} comes leaf {index}")
        if leaf["body"] is None:
            self._note(f"第 {index} 条的记录缺失", f"the entry of leaf {index} is missing")
        elif tree.leaf_hash(self._suite, leaf["body"]) != leaf["hash"]:
            self._note(f"第 {index} 条的记录被改动", f"the entry of leaf {index} was changed")
        self._row.append(tree.leaf_hash(self._suite, leaf["body"] or b""))
        self.found.size += 1
        if len(self._row) >= PREFETCH:
            await self._flush()

    async def hold(self, signed: asyncpg.Record) -> None:
        """Hold a checkpoint against the tree as rebuilt so far."""
        await self._flush()
        size = signed["size"]
        self.found.checkpoints += 1
        if self._edge.size != size or self._edge.root() != signed["root"]:
            self._note(f"第 {size} 条处的根与检查点不符", f"the root at {size} is not the one signed")
        if not self._suite.is_signed(signed["spki"], signed["body"], signed["signature"]) or not _states(signed):
            self._note(f"第 {size} 条处的签名无效", f"the checkpoint at {size} is not validly signed")

    async def end(self, due: asyncpg.Record | None) -> None:
        """Hold what must be true at the end of the log."""
        await self._flush()
        self.found.root = self._edge.root().hex()
        if due is not None:
            self._note(
                f"检查点已签到 {due['size']} 条，账本只有 {self.found.size} 条",
                f"a checkpoint signed {due['size']} leaves, only {self.found.size} are kept",
            )
        if astray := await self._conn.fetchval(_UNQUEUED):
            self._note(f"{astray} 条记录既未入树也未排队", f"{astray} entries are neither placed nor queued")
        kept = await self._conn.fetchval("SELECT count(*) FROM ledger_tile")
        levels = (self._edge.size >> tree.TILE_BITS * n for n in range(1, 8))
        if kept != sum(levels):
            self._note("瓦片数量不符", "the number of stored tiles is wrong")

    async def _flush(self) -> None:
        for tile in self._edge.extend(self._row):
            stored = await self._conn.fetchrow(
                "SELECT hashes, root FROM ledger_tile WHERE level = $1 AND index = $2", tile.level, tile.index
            )
            if stored is None or stored["hashes"] != tile.hashes or stored["root"] != tile.root:
                place = f"{tile.level}/{tile.index}"
                self._note(f"瓦片 {place} 不符", f"the stored tile {place} is wrong")
        self._row.clear()


def _states(signed: asyncpg.Record) -> bool:
    """Whether the signed body states the stored size and root."""
    body: bytes = signed["body"]
    return f'"root":"{signed["root"].hex()}","size":{signed["size"]},'.encode() in body
