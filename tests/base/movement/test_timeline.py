"""The timeline of a box is the same whatever the order of its reports, and says what jars and what no longer counts."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from kouan.base.movement.api import Activity, Move
from kouan.base.movement.timeline import AFTER, JARS, Told, open_end, standing, timeline
from kouan.kernel.rules import Found, Kept, Need, judge, rules_at
from tests.base.conftest import load

load()
START = datetime(2026, 11, 22, tzinfo=UTC)
numbers = itertools.count()


def told(activity: str, hours: float, recorded: float | None = None, filer: str = "terminal", **more: Any) -> Told:
    move = Move.model_validate({
        "equipment": "MSKU9070323", "activity": activity, "at": START + timedelta(hours=hours), "voyage": "1E", **more
    })  # fmt: skip
    return Told(filer, f"move:{next(numbers)}", START + timedelta(hours=hours if recorded is None else recorded), move)


@given(st.lists(st.tuples(st.sampled_from(get_args(Activity)), st.integers(0, 40), st.integers(0, 90)), max_size=9),
       st.randoms(use_true_random=False))  # fmt: skip
def test_any_order_of_arrival_gives_the_same_timeline(events: list[tuple[str, int, int]], shuffle: Any) -> None:
    reports = [told(activity, hours, recorded) for activity, hours, recorded in events]
    once = timeline(reports)
    mixed = list(reports)
    shuffle.shuffle(mixed)
    assert timeline([*mixed, *mixed]) == once
    assert [step.at for step in once] == sorted(step.at for step in once)
    assert standing(once) in {"aboard", "port", "away", "unknown"}


def test_a_whole_import_is_complete_and_nothing_jars() -> None:
    steps = timeline([told("gate-out", 9), told("stack", 2), told("discharge", 1), told("to-bay", 4), told("from-bay", 6)])
    assert [step.told.move.activity for step in steps] == ["discharge", "stack", "to-bay", "from-bay", "gate-out"]
    assert not any(step.jars for step in steps)
    assert open_end(steps) == ()
    assert standing(steps) == "away"
    assert open_end(timeline([told("stack", 2)])) == ("arrival", "departure")


def test_each_impossible_step_jars() -> None:
    reaches = {where: activity for activity, where in AFTER.items()}
    for activity, wheres in JARS.items():
        for where in wheres:
            steps = timeline([told(reaches[where], 1), told(activity, 2)])
            assert steps[-1].jars, (activity, where)


def test_a_correction_takes_the_place_of_what_it_names_and_a_cancellation_leaves_nothing() -> None:
    wrong = told("discharge", 1)
    right = told("discharge", 3, 4, function="correction", corrects=wrong.ref)
    steps = timeline([right, wrong])
    assert [(step.told.ref, step.stands) for step in steps] == [(wrong.ref, False), (right.ref, True)]
    gone = timeline([wrong, told("discharge", 1, 4, function="cancellation", corrects=wrong.ref)])
    assert not any(step.stands for step in gone)


def test_a_correction_that_names_nothing_is_about_the_last_report_of_its_kind_and_teller() -> None:
    first, foreign = told("gate-out", 5, 5), told("gate-out", 5, 5, filer="carrier")
    steps = timeline([first, foreign, told("gate-out", 6, 7, function="correction")])
    assert {step.told.ref for step in steps if not step.stands} == {first.ref}


def said(record: Move, others: list[Told]) -> str:
    need = Need(Move.facts.name, ref=str(record.equipment), most=60)
    kept = [Kept(t.ref, t.ref, Move.facts.name, 1, "kept", {}, t.recorded_at, 1, t.filer, t.move) for t in others]
    found = Found(START + timedelta(hours=10), "terminal", {}, {need: kept})
    verdicts = {v.rule.code: v.unmet for v in judge(rules_at("filing", Move.facts.name), record, found)}
    unmet = verdicts["MOVE-SEQUENCE"]
    return unmet.reason.en if unmet else ""


def test_the_rule_flags_a_contradiction_and_a_late_report_once() -> None:
    kept = [told("discharge", 1), told("gate-out", 8)]
    assert said(told("gate-in", 9).move, kept) == ""
    assert "outside the port" in said(told("load", 9).move, kept)
    assert "outside the port" in said(told("gate-out", 5).move, kept)
    assert "out of order" in said(told("stack", 5).move, kept)
