"""The lives of visits and approaches; an approach opens the steps of those who prepare for the ship, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.records import Record
from kouan.kernel.text import Text
from kouan.operations.traffic.records import Approach, Visit

PRESENT, LEFT = "present", "left"
EXPECTED, ARRIVED, PASSED = "expected", "arrived", "passed"
DUE, COMPLETE, READY = "due", "complete", "ready"
BY = ("platform",)


class VisitLife(Lifecycle):
    """There, then gone."""

    code = Visit.facts.name
    tracks = (
        Track(
            name="visit", title=Text("停留", "Stay"), owner="platform", start=PRESENT, final=(LEFT,),
            states={PRESENT: Text("在场", "Present"), LEFT: Text("已离开", "Left")},
            actions=(
                Action(name="leave", title=Text("离开", "Leave"), frm=(PRESENT,), to=LEFT, by=BY, sets=("left", "duration_s", "estimated")),
            ),
        ),
    )  # fmt: skip


def _prepares(kind: str, title: Text) -> Track:
    return Track(
        name=kind, title=title, owner=kind, start=DUE, final=(READY,), within={DUE: timedelta(hours=2)},
        states={DUE: Text("待安排查验", "Inspection to be arranged"), READY: Text("已安排", "Arranged")},
        actions=(Action(name="arrange", title=Text("确认已安排查验", "Inspection is arranged"), frm=(DUE,), to=READY, by=(kind,)),),
    )  # fmt: skip


class ApproachLife(Lifecycle):
    """The ship comes; her agent completes what she declares in advance, the agencies prepare."""

    code = Approach.facts.name
    tracks = (
        Track(
            name="approach", title=Text("来港", "Approach"), owner="platform", start=EXPECTED, final=(ARRIVED, PASSED),
            states={EXPECTED: Text("预计来港", "Expected"), ARRIVED: Text("已抵达", "Arrived"), PASSED: Text("未来港", "Did not come")},
            actions=(
                Action(name="revise", title=Text("更新推算", "Revise"), frm=(EXPECTED,), to=EXPECTED, by=BY,
                       sets=("seen", "eta", "distance_nm", "speed_kn")),
                Action(name="arrive", title=Text("抵达", "Arrive"), frm=(EXPECTED,), to=ARRIVED, by=BY, sets=("seen", "eta", "distance_nm")),
                Action(name="pass", title=Text("未来港", "Did not come"), frm=(EXPECTED,), to=PASSED, by=BY),
            ),
        ),
        Track(
            name="declaration", title=Text("提前申报", "Advance declaration"), owner="agent", start=DUE, final=(COMPLETE,),
            states={DUE: Text("待补齐申报", "Declarations are due"), COMPLETE: Text("已齐全", "Complete")},
            within={DUE: timedelta(hours=4)},
            actions=(
                Action(name="count", title=Text("核对申报", "Count declarations"), frm=(DUE,), to=DUE, by=BY, sets=("lacking",)),
                Action(name="complete", title=Text("申报已齐全", "Declarations are complete"), frm=(DUE,), to=COMPLETE, by=BY,
                       sets=("lacking",)),
            ),
        ),
        _prepares("customs", Text("海关准备", "Customs")),
        _prepares("border", Text("边检准备", "Border inspection")),
        _prepares("maritime", Text("海事准备", "Maritime administration")),
    )  # fmt: skip

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """Nothing is due from the agent when nothing is lacking."""
        states = {track.name: track.start for track in cls.tracks}
        if isinstance(record, Approach) and not record.lacking:
            states["declaration"] = COMPLETE
        return states
