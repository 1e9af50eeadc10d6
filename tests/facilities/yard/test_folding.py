"""A box's stays out of its moves: any order of telling gives the same stock, and the stock is what came in less what left."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.yard.folding import OUT, Stay, Told, effective, fold

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACTIVITIES = ("discharge", "gate-in", "stack", "shift", "to-bay", "from-bay", "strip", "stuff", "gate-out", "load", "restow")


def told(activity: str, minute: int, name: str = "", **more: Any) -> Told:
    return Told(name or f"move:{activity}/{minute}", activity, START + timedelta(minutes=minute), **more)


def last(*reports: Told) -> Stay:
    return fold(reports)[-1]


reports = st.lists(
    st.builds(
        lambda activity, minute, n, place: told(activity, minute, f"move:{n}", place=place, position=place and f"{place}-{n}"),
        st.sampled_from(ACTIVITIES), st.integers(0, 5000), st.integers(0, 10**6), st.sampled_from([None, "A1", "B2"]),
    ),
    max_size=14, unique_by=lambda one: one.name,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(reports, st.randoms(use_true_random=False))
def test_any_order_of_telling_gives_the_same_stays(stated: list[Told], chance: random.Random) -> None:
    shuffled = list(stated)
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(stated)
    assert fold([*shuffled, *stated]) == fold(stated)


@settings(max_examples=300, deadline=None)
@given(reports)
def test_stays_follow_each_other_and_only_the_last_is_open(stated: list[Told]) -> None:
    stays = fold(stated)
    assert all(stay.ended is not None for stay in stays[:-1])
    assert all(before.ended <= after.began for before, after in pairwise(stays) if before.ended)
    for stay in stays:
        assert (stay.presence in ("out", "aboard")) == (stay.ended is not None)
        assert stay.began <= stay.since
    ends = [one.activity for one in effective(stated) if one.activity != "restow"][-1:]
    assert bool(stays) == bool(ends)
    if ends:
        assert (stays[-1].ended is not None) == (ends[0] in OUT)


def test_a_call_from_ship_to_gate() -> None:
    whole = [
        told("discharge", 0, place="place:B1", vessel="vessel:imo:9321483", voyage="2611E", gross_kg=15_000.0, status="full"),
        told("stack", 12, place="place:YARD/A1", position="A1-03-2"), told("to-bay", 60, place="place:BAY/1"),
        told("from-bay", 120, place="place:YARD/A1", position="A1-07-1"), told("gate-out", 200, place="place:GATE"),
    ]  # fmt: skip
    seen = [(stay.presence, stay.place, stay.position) for stay in (last(*whole[:n]) for n in range(1, 6))]
    assert seen == [
        ("yard", "place:B1", None), ("yard", "place:YARD/A1", "A1-03-2"), ("bay", "place:BAY/1", None),
        ("yard", "place:YARD/A1", "A1-07-1"), ("out", "place:GATE", None),
    ]  # fmt: skip
    (stay,) = fold(whole)
    assert (stay.discharged, stay.at_bay, stay.left_bay, stay.ended) == (
        START, START + timedelta(minutes=60), START + timedelta(minutes=120), START + timedelta(minutes=200),
    )  # fmt: skip
    assert stay.doubts == ()


def test_a_second_reporter_of_the_same_event_adds_no_stay() -> None:
    voyage = {"vessel": "vessel:imo:9321483", "voyage": "2611E"}
    assert len(fold([told("discharge", 0, "a", **voyage), told("discharge", 400, "b", **voyage)])) == 1
    assert len(fold([told("gate-in", 0, "a"), told("gate-in", 10, "b"), told("gate-out", 90, "c"), told("gate-out", 95, "d")])) == 1


def test_contradictions_are_told_not_hidden() -> None:
    first, second = fold([told("gate-in", 0), told("discharge", 500)])
    assert first.doubts == second.doubts == ("in_twice",)
    assert last(told("gate-out", 5)).doubts == ("not_told_in",)
    assert last(told("stack", 5)).doubts == ("not_told_in",)
    assert last(told("gate-in", 0), told("gate-out", 50), told("gate-out", 500)).doubts == ("out_twice",)


def test_a_report_taken_back_or_corrected_counts_no_more() -> None:
    came, left = told("gate-in", 0, "move:1"), told("gate-out", 60, "move:2")
    assert last(came, left).presence == "out"
    assert last(came, left, told("gate-out", 60, "move:3", function="cancellation", corrects="move:2")).presence == "yard"
    moved = told("gate-out", 90, "move:4", function="correction", corrects="move:2")
    assert last(moved, left, came).ended == START + timedelta(minutes=90)


def test_a_box_that_comes_back_has_two_stays() -> None:
    stays = fold([told("discharge", 0), told("gate-out", 100), told("gate-in", 4000), told("load", 4100)])
    assert [(stay.how_in, stay.how_out, stay.presence) for stay in stays] == [
        ("discharge", "gate-out", "out"), ("gate-in", "load", "aboard"),
    ]  # fmt: skip
