"""The latest picture in columns: equal to a dictionary folded row by row, in any order and with any keys."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.telemetry.signals import Position
from kouan.facilities.telemetry.state import Index, State
from kouan.kernel.signals import Frame

KEYS = st.sampled_from([0, 1, 2, 3, 414999001, 2**56 - 1, 2**56 + 7, 2**63 + 5])


def positions(rows: list[tuple[int, int, float]]) -> Frame:
    columns: dict[str, Any] = {
        "key": np.array([r[0] for r in rows], np.uint64), "at": np.array([r[1] for r in rows], np.int64),
        "lon": np.array([r[2] for r in rows]),
    }  # fmt: skip
    return Frame("position", columns)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(KEYS, st.integers(0, 9), st.floats(-180, 180)), max_size=12), max_size=6))
def test_folding_frames_equals_folding_rows(frames: list[list[tuple[int, int, float]]]) -> None:
    state, expected = State(), dict[int, tuple[int, float]]()
    for rows in frames:
        state.fold(positions(rows))
        for key, at, lon in rows:
            if at >= expected.get(key, (-1, 0.0))[0]:
                expected[key] = at, lon
    found = state.latest("position")
    assert dict(zip(found["key"].tolist(), zip(found["at"].tolist(), found["lon"].tolist(), strict=True), strict=True)) == expected


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 2**64 - 1), max_size=300), st.integers(1, 40))
def test_the_index_finds_what_was_added_and_nothing_else(keys: set[int], size: int) -> None:
    index, every = Index(), np.array(sorted(keys), np.uint64)
    for start in range(0, len(every), size):
        assert (index.find(every[start : start + size]) == -1).all()
        index.add(every[start : start + size])
    assert index.find(every).tolist() == list(range(len(every)))


def test_only_what_changed_is_told_and_old_states_are_forgotten() -> None:
    state = State()
    state.fold(positions([(1, 10, 1.0), (2, 20, 2.0)]))
    frame, mark = state.since("position", 0)
    assert len(frame) == 2
    state.fold(positions([(1, 5, 9.0), (2, 30, 3.0)]))
    frame, mark = state.since("position", mark)
    assert frame["key"].tolist() == [2]
    assert len(state.since("position", mark)[0]) == 0
    assert state.forget(20) == 1
    assert state.of(1) is None
    assert (state.of(2) or {})["lon"] == 3.0


def test_a_part_of_a_ships_particulars_leaves_the_rest_as_it_was() -> None:
    state = State()
    one = {"key": np.array([7], np.uint64), "at": np.array([1], np.int64)}
    state.fold(Frame("vessel_static", {**one, "name": np.array([b"SIM STAR"]), "imo": np.array([9321483], np.uint32)}))
    state.fold(Frame("vessel_static", {**one, "at": np.array([2], np.int64), "call_sign": np.array([b"BOAB"])}))
    known = state.of(7, "vessel_static") or {}
    assert (known["name"], known["imo"], known["call_sign"]) == (b"SIM STAR", 9321483, b"BOAB")


def test_a_hundred_thousand_latest_values_are_read_in_a_tenth_of_a_second() -> None:
    state, count = State(), 100_000
    keys = np.arange(count, dtype=np.uint64) * np.uint64(7919)
    columns = {"key": keys, "at": np.full(count, 5, np.int64), "value": np.arange(count, dtype=float)}
    state.fold(Frame("reading", columns))
    began = time.process_time()
    found = state.latest("reading", keys[::-1])
    assert time.process_time() - began < 0.1
    assert found["value"][0] == count - 1
    assert {c.name for c in Position.columns} == set(state.latest("position").columns)
