"""RFC 6962 Merkle tree arithmetic over the hash of a suite: pure, no storage.

A range `(start, end)` stands for the leaves D[start:end] and for the hash MTH(D[start:end]). Proofs are
first planned as ranges, then resolved into hashes by whoever holds the nodes. A node `(height, index)`
is the complete subtree over the leaves [index * 2**height, (index + 1) * 2**height).

Leaves are also grouped in tiles of 256 hashes (the tile layout of C2SP tlog-tiles): tile `(level, index)`
holds the nodes of height 8 * level from index * 256 on. Only complete tiles are ever stored, so no stored
hash changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kouan.kernel.suites.suite import Suite

Range = tuple[int, int]
Node = tuple[int, int]

TILE_BITS = 8
TILE_WIDTH = 1 << TILE_BITS


def leaf_hash(suite: Suite, body: bytes) -> bytes:
    """Hash of a leaf: H(0x00 || body), RFC 6962 section 2.1."""
    return suite.hash(b"\x00" + body)


def node_hash(suite: Suite, left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: H(0x01 || left || right), RFC 6962 section 2.1."""
    return suite.hash(b"\x01" + left + right)


def merge(suite: Suite, hashes: Sequence[bytes]) -> bytes:
    """Root of a complete subtree over `hashes`, whose number must be a power of two."""
    row = list(hashes)
    if not row or len(row) & (len(row) - 1):
        raise ValueError("a complete subtree has a power of two of leaves")
    while len(row) > 1:
        row = [suite.hash(b"\x01" + row[i] + row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def fold(suite: Suite, hashes: Sequence[bytes]) -> bytes:
    """Root of neighbouring complete subtrees given from left (largest) to right (smallest)."""
    if not hashes:
        return suite.hash(b"")
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(suite, left, root)
    return root


def subtrees(span: Range) -> list[Node]:
    """Complete subtrees that make up a proof's range, from left to right."""
    start, end = span
    nodes: list[Node] = []
    for height in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> height & 1:
            at = nodes[-1] if nodes else None
            first = (at[1] + 1 << at[0]) if at else start
            nodes.append((height, first >> height))
    return nodes


def _split(count: int) -> int:
    """Largest power of two smaller than `count` (> 1)."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1 as ranges, from the leaf upwards."""
    if not 0 <= index < size:
        raise ValueError("the leaf lies outside the tree")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2 as ranges; needs 0 < old < new."""
    if not 0 < old < new:
        raise ValueError("a consistency proof leads from a smaller tree that is not empty to a larger one")
    ranges: list[Range] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def root_of_path(suite: Suite, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Root that an inclusion path leads to (RFC 9162 section 2.1.3.2); None if its length is wrong."""
    if not 0 <= index < size:
        return None
    node, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(suite, step, root)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            root = node_hash(suite, root, step)
        node >>= 1
        last >>= 1
    return root if last == 0 else None


def is_consistent(suite: Suite, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the tree of `new` leaves extends that of `old` (RFC 9162 section 2.1.4.2).

    None is needed between equal trees.
    """
    if 0 < old == new:
        return old_root == new_root and not path
    if not 0 < old < new or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    node, last = old - 1, new - 1
    while node & 1:
        node >>= 1
        last >>= 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(suite, step, first), node_hash(suite, step, second)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            second = node_hash(suite, second, step)
        node >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


@dataclass(frozen=True, slots=True)
class Tile:
    """256 complete nodes of one height, and the node of height + 8 above them."""

    level: int
    index: int
    hashes: bytes
    root: bytes


@dataclass(slots=True)
class Frontier:
    """The right edge of a growing tree: for each tile level the hashes of its incomplete tile."""

    suite: Suite
    size: int = 0
    tails: list[list[bytes]] = field(default_factory=list)

    def copy(self) -> Frontier:
        """An independent copy, so that a failed transaction leaves the original as it was."""
        return Frontier(self.suite, self.size, [list(tail) for tail in self.tails])

    def extend(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Append leaf hashes; returns the tiles that became complete."""
        done: list[Tile] = []
        rising = list(leaves)
        count = self.size = self.size + len(rising)
        level = 0
        while rising:
            if level == len(self.tails):
                self.tails.append([])
            row = self.tails[level] + rising
            index = (count - len(row)) >> TILE_BITS
            rising = []
            for at in range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH):
                hashes = row[at : at + TILE_WIDTH]
                rising.append(merge(self.suite, hashes))
                done.append(Tile(level, index + (at >> TILE_BITS), b"".join(hashes), rising[-1]))
            self.tails[level] = row[len(rising) << TILE_BITS :]
            level += 1
            count >>= TILE_BITS
        return done

    def root(self) -> bytes:
        """MTH(D[size]) of RFC 6962."""
        peaks: list[bytes] = []
        for tail in reversed(self.tails):
            at = 0
            for height in range(TILE_BITS - 1, -1, -1):
                if len(tail) >> height & 1:
                    peaks.append(merge(self.suite, tail[at : at + (1 << height)]))
                    at += 1 << height
        return fold(self.suite, peaks)
