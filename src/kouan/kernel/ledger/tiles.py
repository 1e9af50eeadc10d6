"""Reading hashes of the stored tree.

What is read never changes once written (complete tiles, leaves, roots of tiles), so a proof for any signed
size comes out right whatever is appended meanwhile, without a lock or a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kouan.kernel.ledger import tree
from kouan.kernel.ledger.tree import TILE_BITS, TILE_WIDTH, Frontier, Node, Range
from kouan.kernel.suites.suite import HASH_BYTES, Suite

if TYPE_CHECKING:
    from kouan.kernel.database import Connection

_TILES = (
    "SELECT level, index, hashes FROM ledger_tile"
    " WHERE (level, index) IN (SELECT * FROM unnest($1::int[], $2::bigint[]))"
)
_LEAVES = "SELECT hash FROM ledger_leaf WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index"
_ROOTS = "SELECT root FROM ledger_tile WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index"

Tiles = dict[Node, list[bytes]]


class BrokenTree(RuntimeError):
    """A stored hash that must exist does not."""


async def range_hashes(conn: Connection, suite: Suite, ranges: Sequence[Range], size: int) -> list[bytes]:
    """MTH of each range of a tree of `size` leaves, which must all be stored."""
    planned = [tree.subtrees(span) for span in ranges]
    tiles = await _read(conn, {_tile_of(node) for nodes in planned for node in nodes}, size)
    return [tree.fold(suite, [_node(suite, tiles, node) for node in nodes]) for nodes in planned]


async def root_at(conn: Connection, suite: Suite, size: int) -> bytes:
    """MTH(D[size])."""
    return (await range_hashes(conn, suite, [(0, size)], size))[0]


async def load_frontier(conn: Connection, suite: Suite, size: int) -> Frontier:
    """The right edge of the tree of `size` leaves."""
    tails: list[list[bytes]] = []
    while size >> TILE_BITS * len(tails):
        level = len(tails)
        tails.append(await _incomplete(conn, level, size))
    return Frontier(suite, size, tails)


def _tile_of(node: Node) -> Node:
    height, index = node
    return height // TILE_BITS, (index << height % TILE_BITS) >> TILE_BITS


def _node(suite: Suite, tiles: Tiles, node: Node) -> bytes:
    height, index = node
    width = 1 << height % TILE_BITS
    start = index * width % TILE_WIDTH
    return tree.merge(suite, tiles[_tile_of(node)][start : start + width])


async def _read(conn: Connection, wanted: Iterable[Node], size: int) -> Tiles:
    tiles: Tiles = {}
    complete: list[Node] = []
    for level, index in wanted:
        if (index + 1) << TILE_BITS * (level + 1) <= size:
            complete.append((level, index))
        else:
            tiles[level, index] = await _incomplete(conn, level, size)
    if complete:
        for level, index, hashes in await conn.fetch(_TILES, *map(list, zip(*complete, strict=True))):
            tiles[level, index] = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
        if missing := [place for place in complete if place not in tiles]:
            raise BrokenTree(f"tile {missing[0]} is missing")
    return tiles


async def _incomplete(conn: Connection, level: int, size: int) -> list[bytes]:
    """Hashes of the last tile of `level`, which is not complete in a tree of `size` leaves."""
    count = size >> TILE_BITS * level
    start = count >> TILE_BITS << TILE_BITS
    if level:
        rows = await conn.fetch(_ROOTS, level - 1, start, count)
    else:
        rows = await conn.fetch(_LEAVES, start, count)
    if len(rows) != count - start:
        raise BrokenTree(f"{count - start - len(rows)} hashes are missing at level {level}")
    return [row[0] for row in rows]
