"""The tree's arithmetic against RFC 6962: published vectors, and the RFC's own recursive definitions."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.ledger import tree
from kouan.kernel.suites.intl import INTL

# Test vectors of the Certificate Transparency project for RFC 6962: inputs, and the root at each size.
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATH_0_OF_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
PROOF_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
LEAVES = [sha256(str(at).encode()).digest() for at in range(70_000)]
SIZES = st.one_of(st.integers(1, 40), st.integers(1, 1_200), st.sampled_from([255, 256, 257, 512, 513, 1024]))


def root_of(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return sha256(b"\x01" + root_of(leaves[:middle]) + root_of(leaves[middle:])).digest()


def path_of(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of section 2.1.1."""
    if len(leaves) == 1:
        return []
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    if index < middle:
        return [*path_of(index, leaves[:middle]), root_of(leaves[middle:])]
    return [*path_of(index - middle, leaves[middle:]), root_of(leaves[:middle])]


def subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    if old <= middle:
        return [*subproof(old, leaves[:middle], whole), root_of(leaves[middle:])]
    return [*subproof(old - middle, leaves[middle:], False), root_of(leaves[:middle])]


def resolve(ranges: list[tuple[int, int]], leaves: list[bytes]) -> list[bytes]:
    """Hashes of planned ranges, by way of complete subtrees as the database keeps them."""
    return [
        tree.fold(INTL, [tree.merge(INTL, leaves[index << height : index + 1 << height]) for height, index in nodes])
        for nodes in map(tree.subtrees, ranges)
    ]


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size: int) -> None:
    edge = tree.Frontier(INTL)
    edge.extend(tree.leaf_hash(INTL, one) for one in INPUTS[:size])
    assert edge.root().hex() == ROOTS[size - 1]


def test_published_paths() -> None:
    leaves = [tree.leaf_hash(INTL, one) for one in INPUTS]
    assert [one.hex() for one in resolve(tree.inclusion_ranges(0, 8), leaves)] == PATH_0_OF_8
    assert [one.hex() for one in resolve(tree.consistency_ranges(6, 8), leaves)] == PROOF_6_TO_8


def test_empty_tree() -> None:
    assert tree.Frontier(INTL).root().hex() == sha256(b"").hexdigest()


@settings(max_examples=60, deadline=None)
@given(size=SIZES, data=st.data())
def test_inclusion_is_the_rfcs(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    path = resolve(tree.inclusion_ranges(index, size), leaves)
    root = root_of(leaves)
    assert path == path_of(index, leaves)
    assert tree.root_of_path(INTL, leaves[index], index, size, path) == root
    other = data.draw(st.integers(0, size).filter(lambda one: one != index))
    assert tree.root_of_path(INTL, leaves[index], other, size, path) != root
    assert tree.root_of_path(INTL, leaves[index], index, size, [*path, root]) is None
    assert not path or tree.root_of_path(INTL, leaves[index], index, size, path[:-1]) != root


@settings(max_examples=60, deadline=None)
@given(new=SIZES.filter(lambda size: size > 1), data=st.data())
def test_consistency_is_the_rfcs(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    leaves = LEAVES[:new]
    path = resolve(tree.consistency_ranges(old, new), leaves)
    roots = root_of(leaves[:old]), root_of(leaves)
    assert path == subproof(old, leaves, True)
    assert tree.is_consistent(INTL, old, new, *roots, path)
    assert not tree.is_consistent(INTL, old, new, roots[1], roots[0], path)
    assert not tree.is_consistent(INTL, old, new, *roots, path[:-1])
    assert not tree.is_consistent(INTL, old, new, *roots, [*path, path[0]])
    at = data.draw(st.integers(0, len(path) - 1))
    changed = [*path[:at], sha256(path[at]).digest(), *path[at + 1 :]]
    assert not tree.is_consistent(INTL, old, new, *roots, changed)
    if old > 1:
        assert not tree.is_consistent(INTL, old - 1, new, *roots, path)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.integers(0, 700), max_size=6))
def test_frontier_in_any_steps(steps: list[int]) -> None:
    edge, tiles = tree.Frontier(INTL), {}
    for step in steps:
        before = edge.copy()
        grown = edge.extend(LEAVES[edge.size : edge.size + step])
        assert before.size == edge.size - step
        tiles.update({(tile.level, tile.index): tile for tile in grown})
    size = sum(steps)
    assert edge.root() == root_of(LEAVES[:size])
    assert set(tiles) == {(0, at) for at in range(size >> 8)}
    for (_, at), tile in tiles.items():
        part = LEAVES[at << 8 : at + 1 << 8]
        assert tile.hashes == b"".join(part)
        assert tile.root == root_of(part)


def test_frontier_over_three_levels() -> None:
    edge = tree.Frontier(INTL)
    tiles = [tile for at in range(0, 70_000, 9_999) for tile in edge.extend(LEAVES[at : at + 9_999])]
    assert edge.size == 70_000
    assert edge.root() == root_of(LEAVES)
    assert [tile.index for tile in tiles if tile.level == 1] == [0]
    assert [len(tail) for tail in edge.tails] == [70_000 % 256, (70_000 >> 8) % 256, 1]


@pytest.mark.parametrize(("old", "new"), [(0, 3), (3, 3), (4, 3), (-1, 3)])
def test_no_consistency_between_such_sizes(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="smaller tree"):
        tree.consistency_ranges(old, new)
    assert tree.is_consistent(INTL, old, new, b"a" * 32, b"a" * 32, []) is (old == new)


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_no_path_outside(index: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        tree.inclusion_ranges(index, 3)
    assert tree.root_of_path(INTL, b"a" * 32, index, 3, []) is None
