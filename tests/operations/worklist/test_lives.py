"""Which states of a lifecycle are somebody's work, and the indexed states in which to look for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kouan.app import registry
from kouan.base.portcall import lifecycle as _calls
from kouan.kernel.lifecycles import Action, Lifecycle, Track, lifecycle_of
from kouan.kernel.text import Text
from kouan.operations.worklist.lives import moves, overalls

WORD = Text("词", "word")
TRACK = Track(
    name="desk", title=WORD, owner="customs", start="new", states={"new": WORD, "seen": WORD, "done": WORD}, final=("done",),
    within={"new": timedelta(hours=1)},
    actions=(
        Action(name="look", title=WORD, frm=("new", "seen"), to="seen", by=("customs",)),
        Action(name="finish", title=WORD, frm=("new", "seen"), to="done", by=("customs",)),
        Action(name="withdraw", title=WORD, frm=("new",), to="done", by=("trader",)),
        Action(name="open", title=WORD, frm=("done",), to="new", by=("*",)),
    ),
)  # fmt: skip


def test_the_next_step_is_suggested_as_it_is_declared() -> None:
    assert [action.name for action in moves(TRACK, "new", "customs")] == ["look", "finish"]
    assert [action.name for action in moves(TRACK, "seen", "customs")] == ["finish", "look"], "what changes nothing comes last"
    assert moves(TRACK, "new", "trader") == [], "to withdraw is a right, not work"
    assert [action.name for action in moves(TRACK, "done", "trader")] == ["open"]


@pytest.mark.parametrize(
    ("record", "track", "state", "kind", "expected"),
    [
        ("base.portcall.port_call", "customs", "submitted", "customs", "accept"),
        ("base.movement.handling_order", "terminal", "ordered", "terminal", "accept"),
        ("base.movement.handling_order", "terminal", "ordered", "customs", None),
        ("facilities.yard.instruction", "terminal", "issued", "portoffice", None),
        ("facilities.access.permit", "permit", "applied", "border", "issue"),
        ("operations.alerts.warning", "handling", "open", "maritime", "acknowledge"),
        ("operations.alerts.warning", "handling", "acknowledged", "portoffice", "act"),
        ("supervision.radiation.case", "response", "measured", "customs", "close"),
        ("assurance.running.ticket", "handling", "open", "portoffice", "take"),
    ],
)
def test_what_the_house_suggests(record: str, track: str, state: str, kind: str, expected: str | None) -> None:
    registry.load()
    life = lifecycle_of(record)
    assert life is not None
    found = moves(next(one for one in life.tracks if one.name == track), state, kind)
    assert (found[0].name if found else None) == expected


def test_overall_states_of_parallel_tracks() -> None:
    life = lifecycle_of("base.portcall.port_call")
    assert life is _calls.PortCallLife
    assert overalls(life, "customs", ("submitted", "received")) == ("rejected", "under_review")
    assert overalls(life, "customs", ("accepted",)) == ("accepted", "rejected", "under_review")


def test_overall_states_of_a_single_track_are_its_own() -> None:
    class Single(Lifecycle):
        abstract = True
        code = "tests.worklist.single"
        tracks = (TRACK,)

    assert overalls(Single, "desk", ("new", "seen")) == ("new", "seen")


@pytest.mark.parametrize("kind", ["customs", "border", "maritime", "portoffice", "terminal"])
def test_each_agency_finds_its_own_track_of_a_port_call(kind: str) -> None:
    life = lifecycle_of("base.portcall.port_call")
    assert life is not None
    mine = [track.name for track in life.tracks if any(moves(track, state, kind) for state in track.within or ())]
    assert mine == [kind]
