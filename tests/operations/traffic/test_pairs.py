"""Pairs of ships: found as if every ship were compared with every other; in a crowd a bounded share each look, and none for ever."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo, pairs
from kouan.operations.traffic.pairs import AHEAD, NEAR, RANGE, UNDER_WAY, Encounters, Near, Sailing, approaches


def ships(count: int, seed: int, span: float, middle: tuple[float, float]) -> Sailing:
    random = np.random.default_rng(seed)
    lon = (middle[0] + span * random.random(count) + 180) % 360 - 180
    lat = middle[1] + span * random.random(count)
    speed, course = 12 * random.random(count) * (random.random(count) > 0.3), 2 * np.pi * random.random(count)
    return Sailing(lon, lat, speed * np.sin(course), speed * np.cos(course), random.random(count) > 0.9)


def plainly(sea: Sailing) -> set[tuple[int, int]]:
    """Every ship with every other."""
    first, second = np.triu_indices(len(sea.lon), 1)
    east, north = geo.offset(sea.lon[first], sea.lat[first], sea.lon[second], sea.lat[second])
    de, dn = sea.ve[second] - sea.ve[first], sea.vn[second] - sea.vn[first]
    speed = np.hypot(sea.ve, sea.vn)
    with np.errstate(all="ignore"):
        tcpa = -(east * de + north * dn) / (de**2 + dn**2)
        cpa = np.hypot(east + de * tcpa, north + dn * tcpa)
    near = (np.hypot(east, north) <= RANGE) & (tcpa > 0) & (tcpa <= AHEAD) & (cpa <= NEAR) & (de**2 + dn**2 > 1e-6)
    near &= ((speed[first] > UNDER_WAY) | (speed[second] > UNDER_WAY)) & ~sea.quiet[first] & ~sea.quiet[second]
    return set(zip(first[near].tolist(), second[near].tolist(), strict=True))


def told(near: Near) -> set[tuple[int, int]]:
    return set(zip(near.first.tolist(), near.second.tolist(), strict=True))


def number(sea: Sailing) -> Array:
    return np.arange(10, 10 + len(sea.lon), dtype=np.uint64)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 160), st.integers(0, 10**6), st.sampled_from([0.02, 0.2, 1.5]),
    st.sampled_from([(121.0, 36.0), (179.9, -10.0), (-0.1, -0.1), (20.0, 69.0), (20.0, 84.0)]),
)  # fmt: skip
def test_the_search_finds_what_comparing_all_with_all_finds(count: int, seed: int, span: float, middle: tuple[float, float]) -> None:
    sea = ships(count, seed, span, middle)
    assert told(approaches(sea.lon, sea.lat, sea.ve, sea.vn, sea.quiet)) == plainly(sea)


def test_a_crowd_is_compared_in_turns_and_soon_whole() -> None:
    sea, search = ships(400, 3, 0.2, (121.0, 36.0)), Encounters()
    every = plainly(sea)
    found, looks = search.look(number(sea), sea, most=5000), 1
    assert not found.whole
    assert told(found) < every
    assert search.compared <= 5000
    while told(found) != every:
        found, looks = search.look(number(sea), sea, most=5000), looks + 1
        assert looks < 40, "some pairs never get their turn"
    assert len(found) == len(every), "no pair twice"
    assert search.facts()["deferred"] > 0


def test_a_pair_that_is_held_goes_when_it_has_passed_or_a_ship_has_left() -> None:
    sea, search = ships(300, 5, 0.1, (121.0, 36.0)), Encounters()
    for _ in range(60):
        before = search.look(number(sea), sea, most=4000)
    gone = np.delete(np.arange(300), before.first[:5])
    less = Sailing(sea.lon[gone], sea.lat[gone], -sea.ve[gone], -sea.vn[gone], sea.quiet[gone])
    found = search.look(number(sea)[gone], less, most=4000)
    assert told(found) <= plainly(less)


def test_more_close_pairs_than_are_held_are_counted_and_the_soonest_stay() -> None:
    sea = ships(500, 7, 0.1, (121.0, 36.0))
    every = approaches(sea.lon, sea.lat, sea.ve, sea.vn, sea.quiet)
    held, pairs.MOST_HELD = pairs.MOST_HELD, 100
    try:
        found = approaches(sea.lon, sea.lat, sea.ve, sea.vn, sea.quiet)
    finally:
        pairs.MOST_HELD = held
    assert (len(found), found.beyond) == (100, len(every) - 100)
    assert found.tcpa.max() <= np.sort(every.tcpa)[100]


def test_pairs_stay_the_same_ships_when_others_come_and_go() -> None:
    sea, search = ships(200, 11, 0.1, (121.0, 36.0)), Encounters()
    found, all_ = search.look(number(sea), sea), number(sea)
    named = {(int(all_[a]), int(all_[b])): c for a, b, c in zip(found.first, found.second, found.cpa, strict=True)}
    gone = set(all_[found.first[:3]].tolist())
    later = np.array(sorted({*all_.tolist(), 5000, 5001} - gone), np.uint64)
    moved = found.moved(all_, later)
    left = {(int(later[a]), int(later[b])): c for a, b, c in zip(moved.first, moved.second, moved.cpa, strict=True)}
    assert left == {pair: c for pair, c in named.items() if not gone & set(pair)}
    assert 0 < len(left) < len(named)
    assert not len(found.moved(all_, later[:0]))
