"""What is said of moves when they are told, and which reports are the same event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kouan.base.movement.api import Move
from kouan.kernel.rules import Found, judge, rules_at
from tests.base.conftest import load

load()
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
BOX = {"equipment": "MSKU9070323", "activity": "discharge", "at": "2026-11-22T03:20:00Z"}


def move(**told: Any) -> Move:
    return Move.model_validate({**BOX, **told})


def said(record: Move) -> dict[str, str]:
    found = judge(rules_at("filing", Move.facts.name), record, Found(NOW, "terminal"))
    return {one.rule.code: one.unmet.reason.en for one in found if one.unmet}


def test_the_same_event_told_again_has_the_same_key() -> None:
    first = move()
    assert first.key("terminal") == move(at="2026-11-22T11:20:00+08:00", seals=["X1"], voyage="2611E").key("terminal")
    others = [
        move(equipment="CSQU3054383"), move(activity="load"), move(at=NOW + timedelta(minutes=1)),
        move(function="correction"), move(function="cancellation", corrects="move:X"),
    ]  # fmt: skip
    keys = {one.key("terminal") for one in (first, *others)}
    assert len(keys) == 6
    assert first.key("carrier") != first.key("terminal")


def test_two_slots_in_one_minute_are_two_moves() -> None:
    here, there = (move(activity="shift", position=slot) for slot in ("A01", "B02"))
    assert here.key("terminal") != there.key("terminal")


def test_cargo_and_trucks_have_keys_of_their_own() -> None:
    cargo = {"equipment": None, "activity": "discharge"}
    keys = {move(**cargo, bill="B1").key("t"), move(**cargo, bill="B2").key("t"), move(**cargo, vehicle="鲁B12345").key("t")}
    assert len(keys) == 3


def test_a_wrong_box_number_is_kept_and_its_repair_named() -> None:
    assert said(move()) == {}
    assert "perhaps" in said(move(equipment="MSKU9070324"))["MOVE-IDENTIFIERS"]


def test_a_move_of_nothing_is_refused() -> None:
    assert set(said(move(equipment=None))) == {"MOVE-UNIT"}
    assert said(move(equipment=None, bill="WHBL1")) == {}


def test_future_and_late_reports_are_flagged() -> None:
    assert "future" in said(move(at=NOW + timedelta(minutes=16)))["MOVE-TIME"]
    assert "late" in said(move(at=NOW - timedelta(hours=25)))["MOVE-TIME"]
