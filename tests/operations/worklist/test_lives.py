"""Which states of a lifecycle are somebody's work, and the indexed states in which to look for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kouan.base.portcall import lifecycle as _calls
from kouan.kernel.lifecycles import Action, Lifecycle, Track, lifecycle_of
from kouan.kernel.text import Text
from kouan.operations.worklist.lives import moves, overalls

WORD = Text("词", "word")
TRACK = Track(
    name="desk", title=WORD, owner="customs", start="new", states={"new": WORD, "seen": WORD, "done": WORD}, final=("done",),
    within={"new": timedelta(hours=1)},
    actions=(
        Action(name="look", title=WORD, frm=("new",), to="seen", by=("customs",)),
        Action(name="finish", title=WORD, frm=("new", "seen"), to="done", by=("customs",)),
        Action(name="open", title=WORD, frm=("done",), to="new", by=("*",)),
    ),
)  # fmt: skip


def test_what_ends_the_work_is_suggested_first() -> None:
    assert [action.name for action in moves(TRACK, "new", "customs")] == ["finish", "look"]
    assert moves(TRACK, "new", "trader") == []
    assert [action.name for action in moves(TRACK, "done", "trader")] == ["open"]


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
