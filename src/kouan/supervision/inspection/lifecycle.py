"""The life of a joint inspection: agencies beside each other, the terminal beside them (串联变并联)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.records import Record
from kouan.kernel.text import Text
from kouan.supervision.inspection.records import CLASSES, InspectionOrder

AGENCIES = {
    "customs": Text("海关", "Customs"),
    "border": Text("边检", "Border inspection"),
    "maritime": Text("海事", "Maritime"),
}
LEAD = "customs"
UNCONCERNED, WAITING, ENTERED = "unconcerned", "waiting", "entered"
OVER = Text("查验已结束，不能再加入部门", "The visit is over; no agency can join it any more")
NOT_OVER = Text("查验尚未结束，箱须留在查验位", "The visit is not over; the box stays at the bay")
NO_RESULT = Text("请给出本部门的处置类别", "State the class that the agency gives the goods")


def _agency(kind: str, title: Text) -> Track:
    return Track(
        name=kind, title=title, owner=kind, start=WAITING, final=(ENTERED, UNCONCERNED),
        states={
            UNCONCERNED: Text("不涉及", "Not concerned"),
            WAITING: Text("待录入结果", "Result awaited"),
            ENTERED: Text("已录入", "Result entered"),
        },
        within={WAITING: timedelta(hours=24)},
        actions=(
            Action(name="enter", title=Text("录入查验结果", "Enter the result"), frm=(WAITING,), to=ENTERED,
                   by=tuple(dict.fromkeys((kind, LEAD))), sets=("findings",)),
            Action(name="join", title=Text("加入查验", "Join the visit"), frm=(UNCONCERNED,), to=WAITING,
                   by=tuple(dict.fromkeys((kind, LEAD))), sets=("reasons",)),
        ),
    )  # fmt: skip


PLATFORM = ("platform",)
TERMINAL = Track(
    name="terminal", title=Text("码头调箱", "Terminal's move"), owner="terminal", start="planned", final=("moved", "returned"),
    states={
        "planned": Text("已计划", "Planned"),
        "notified": Text("已通知", "Notified"),
        "moved": Text("已移至查验位", "Moved to the bay"),
        "returned": Text("已移离查验位", "Moved back"),
    },
    within={"planned": timedelta(hours=4), "notified": timedelta(hours=4)},
    actions=(
        Action(name="notify", title=Text("确认收到通知", "Acknowledge the notice"), frm=("planned",), to="notified",
               by=("terminal", LEAD)),
        Action(name="move", title=Text("箱已移至查验位", "Box moved to the bay"), frm=("planned", "notified"), to="moved",
               by=("terminal",)),
        Action(name="back", title=Text("箱已移离查验位", "Box moved back"), frm=("moved",), to="returned", by=("terminal",)),
        # The terminal's own reports of its moves take these; nobody states by hand when a box was moved.
        Action(name="arrive", title=Text("作业动态：已到查验位", "Reported at the bay"), frm=("planned", "notified"), to="moved",
               by=PLATFORM, sets=("moved_at",)),
        Action(name="leave", title=Text("作业动态：查验未完已移离", "Reported off the bay before the visit was over"), frm=("moved",),
               to="notified", by=PLATFORM),
        Action(name="clear", title=Text("作业动态：已移离查验位", "Reported moved back"), frm=("moved",), to="returned",
               by=PLATFORM, sets=("returned_at",)),
    ),
)  # fmt: skip

STAMPED = {"move": "moved_at", "back": "returned_at"}


class InspectionLife(Lifecycle):
    """Agencies that the order does not name are not concerned; it is finished when all concerned have entered."""

    code = InspectionOrder.facts.name
    tracks = (TERMINAL, *(_agency(kind, title) for kind, title in AGENCIES.items()))

    @classmethod
    def overall(cls, states: Mapping[str, str]) -> str:
        """`finished` when no agency is waited for, else what the terminal has done."""
        waiting = any(states[kind] == WAITING for kind in AGENCIES)
        return states["terminal"] if waiting else "finished"

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """Agencies that the order names begin as waited for."""
        assert isinstance(record, InspectionOrder)
        named = {kind: WAITING if kind in record.agencies else UNCONCERNED for kind in AGENCIES}
        return {"terminal": TERMINAL.start, **named}

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """An agency adds its own finding or itself, nothing else; who and when is the platform's word, not the caller's."""
        given = super().change(track, action, step)
        if action.name == "enter":
            return _entered(track.name, step, given.get("findings"))
        if action.name == "join":
            return _joined(track.name, step, given.get("reasons"))
        if action.name == "back" and not step.before.get("result"):
            raise Conflict(NOT_OVER, rule="back", code="visit_not_over")
        stamped = STAMPED.get(action.name)
        return {stamped: stamp(step.at)} if stamped else given


def worst(outcomes: Iterable[str]) -> str:
    """The class that decides."""
    return max(outcomes, key=list(CLASSES).index)


def _entered(agency: str, step: Step, given: Any) -> Mapping[str, Any]:
    said = next((f for f in _parts(given) if f.get("agency") == agency), None)
    if said is None or said.get("outcome") not in CLASSES:
        raise Refused(NO_RESULT, field="findings", rule="enter", code="finding_missing")
    finding = {
        "agency": agency,
        "outcome": said["outcome"],
        "note": str(said.get("note") or "")[:2000],
        "officer": step.who.user[:80],
        "by": step.who.slug,
        "at": stamp(step.at),
    }
    findings = [f for f in _parts(step.before.get("findings")) if f["agency"] != agency] + [finding]
    if {f["agency"] for f in findings} < set(step.before["agencies"]):
        return {"findings": findings}
    return {"findings": findings, "result": worst(f["outcome"] for f in findings)}


def _joined(agency: str, step: Step, given: Any) -> Mapping[str, Any]:
    if step.before.get("result"):
        raise Conflict(OVER, rule="join", code="visit_over")
    reasons = [str(r)[:200] for r in given][:5] if isinstance(given, list | tuple) else []
    return {
        "agencies": [*step.before["agencies"], agency],
        "reasons": [*step.before.get("reasons", ()), *reasons][:50],
    }


def _parts(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list | tuple) else []
