"""Dangerous goods apart: the table of classes, cells of a ship, and what is said of a plan or a place in the yard."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.movement.api import Move, Stowage
from kouan.base.movement.rules import LOOK_BACK, NEIGHBOUR_MOVES
from kouan.base.movement.stowing import apart, clashes, stands
from kouan.kernel.rules import Found, Kept, Need, judge, rules_at
from kouan.standards.codes.api import segregation
from tests.base.conftest import load

load()
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CLASSES = ["1.1D", "1.2", "1.4S", "1.5D", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "6.1", "6.2", "7", "8", "9"]
BOXES = ("MSKU9070323", "CSQU3054383", "TEMU1234561")


def plan(*cells: tuple[str, str], **more: Any) -> Stowage:
    """A plan of boxes in cells, each with goods of the classes named."""
    held = [
        {"position": cell, "equipment": f"container:{box}", "hazards": [{"imdg_class": one} for one in classes.split(",") if one]}
        for (cell, classes), box in zip(cells, BOXES, strict=False)
    ]  # fmt: skip
    return Stowage.model_validate({"number": "P1", "at": NOW, "cells": held, **more})


def said(record: Any) -> dict[str, str]:
    found = judge(rules_at("filing", type(record).facts.name), record, Found(NOW, "carrier"))
    return {one.rule.code: one.unmet.reason.en for one in found if one.unmet}


def test_the_table_is_the_same_both_ways_and_knows_divisions_and_groups() -> None:
    assert all(segregation(one, other) == segregation(other, one) for one, other in product(CLASSES, CLASSES))
    assert (segregation("3", "5.1"), segregation("2.1", "3"), segregation("8", "3"), segregation("1.1D", "3")) == (2, 2, 0, 4)
    assert (segregation("6.2", "4.1"), segregation("4.2", "8"), segregation("1.4S", "2.2")) == (3, 1, 1)
    assert segregation("1.1D", "1.4S") == 0, "compatibility groups decide among explosives"
    assert {segregation("9", other) for other in CLASSES} == {0}
    assert segregation("", "3") == segregation("nonsense", "3") == 0


@pytest.mark.parametrize(("one", "other", "near"), [
    ("0010182", "0010184", True),     # one above the other on deck
    ("0010182", "0010382", True),     # the next row to starboard
    ("0010182", "0010282", True),     # across the centre line, no row 00
    ("0010182", "0010582", False),    # one row between
    ("0010182", "0030182", True),     # the next bay
    ("0010182", "0050182", False),    # a bay between
    ("0020182", "0050182", True),     # a 40' box over 01 and 03 beside bay 05
    ("0020182", "0070182", False),
    ("0010182", "0010104", False),    # the deck is between
    ("0010102", "0010104", True),     # in one hold, one above the other
    ("0010102", "0010502", False),
    ("nowhere", "0010182", False),
])  # fmt: skip
def test_separated_from_is_one_container_space_or_a_deck(one: str, other: str, near: bool) -> None:
    assert bool(list(clashes(plan((one, "3"), (other, "5.1"))))) == near


def test_explosives_stand_24_metres_fore_and_aft_of_flammable_liquids() -> None:
    assert list(clashes(plan(("0010182", "1.1D"), ("0090582", "3"))))
    assert not list(clashes(plan(("0010182", "1.1D"), ("0110582", "3"))))
    assert not list(clashes(plan(("0010102", "1.1D"), ("0110184", "3"))))


def test_a_warning_names_both_boxes_their_cells_classes_and_the_term() -> None:
    told = said(plan(("0010182", "3"), ("0010184", "5.1"), ("0350182", "3,8")))["STOWAGE-SEGREGATION"]
    assert told == (
        "Box MSKU9070323 (0010182, class 3) is to be kept separated from box CSQU3054383 (0010184, class 5.1)"
    )
    inside = said(plan(("0010182", "3,5.1")))["STOWAGE-SEGREGATION"]
    assert inside.startswith("Box MSKU9070323 holds class 3 and class 5.1 together")
    assert "STOWAGE-SEGREGATION" not in said(plan(("0010182", "3"), ("0010184", "9")))


def test_a_class_that_is_not_stated_is_that_of_the_un_number() -> None:
    cells = [{"position": p, "equipment": f"container:{b}", "hazards": [{"un_number": n}]}
             for p, b, n in (("0010182", BOXES[0], "1203"), ("0010184", BOXES[1], "1942"))]  # fmt: skip
    assert "class 5.1" in said(plan(cells=cells))["STOWAGE-SEGREGATION"]


CELLS = st.builds(
    lambda bay, row, tier: f"{bay:03}{row:02}{tier:02}", st.integers(1, 20), st.integers(0, 8), st.sampled_from([2, 4, 82, 84])
)


@given(CELLS, CELLS, st.sampled_from(CLASSES), st.sampled_from(CLASSES), st.text("0123456789", max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_order_of_boxes_is_all_one_and_a_stricter_term_is_never_easier(
    here: str, there: str, one: str, other: str, junk: str
) -> None:
    ways = [plan((here, one), (there, other), (junk, "3")), plan((there, other), (here, one), (junk, "3"))]
    first, second = ({frozenset((c.one.cell.position, c.other.cell.position)) for c in clashes(way)} for way in ways)
    assert first == second
    fore, aft = stands(plan((here, one), (there, other)))
    held = [apart(fore, aft, term) for term in (1, 2, 3, 4)]
    assert held == sorted(held, reverse=True)


def kept_of(move: Move) -> Kept:
    """A kept move."""
    return Kept("1", "move:1", Move.facts.name, 1, "kept", {}, move.at, 10, "terminal", move)


def test_in_one_block_a_box_that_left_warns_nobody() -> None:
    block, other = "place:CNWHH/YARD/C01", "container:CSQU3054383"
    mine = Move.model_validate({
        "equipment": "container:MSKU9070323", "activity": "stack", "at": NOW, "place": block, "dangerous": ["1203"],
    })  # fmt: skip
    theirs = {"equipment": other, "activity": "stack", "at": NOW.replace(hour=2), "place": block, "dangerous": ["1942"]}
    left = {"equipment": other, "activity": "gate-out", "at": NOW.replace(hour=3), "place": "place:CNWHH/GATE"}

    def warned(*moves: dict[str, Any]) -> list[str]:
        kept = [kept_of(Move.model_validate(move)) for move in moves]
        facts = {Need(Move.facts.name, ref=block, most=LOOK_BACK): kept[:1], Need(Move.facts.name, ref=other, most=NEIGHBOUR_MOVES): kept}
        found = judge(rules_at("filing", Move.facts.name), mine, Found(NOW, "terminal", {}, facts))
        return [one.unmet.reason.en for one in found if one.unmet and one.rule.code == "MOVE-SEGREGATION"]

    assert warned(theirs) == ["Class 3 is to be kept separated from class 5.1 in box CSQU3054383 at the same place"]
    assert warned(theirs, left) == []
    assert warned({**theirs, "dangerous": ["1170"]}) == []
