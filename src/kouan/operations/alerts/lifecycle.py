"""The life of a warning: handled to its end beside whether its condition still holds; overdue, it rises a level."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.records import Record
from kouan.kernel.text import Text
from kouan.operations.alerts.records import LEVELS, Warned

STAFF = ("customs", "border", "maritime", "transport", "portoffice", "terminal")
PLATFORM = ("platform",)
OPEN, ACKNOWLEDGED, ACTED, CLOSED, FALSE = "open", "acknowledged", "acted", "closed", "false"
UNDONE = (OPEN, ACKNOWLEDGED)
LIVE = (*UNDONE, ACTED)
REASON = Text("请写明理由或处置措施", "State the reason, or what was done")
HANDLING = Track(
    name="handling", title=Text("处置", "Handling"), owner="portoffice", start=OPEN, final=(CLOSED, FALSE),
    states={
        OPEN: Text("待确认", "Open"), ACKNOWLEDGED: Text("已确认", "Acknowledged"), ACTED: Text("已处置", "Acted on"),
        CLOSED: Text("已关闭", "Closed"), FALSE: Text("误报", "False alarm"),
    },
    within={OPEN: timedelta(minutes=15), ACKNOWLEDGED: timedelta(hours=1)},
    actions=(
        Action(name="acknowledge", title=Text("确认", "Acknowledge"), frm=(OPEN,), to=ACKNOWLEDGED, by=STAFF, sets=("measures",)),
        Action(name="act", title=Text("登记处置措施", "State what was done"), frm=UNDONE, to=ACTED, by=STAFF, sets=("measures",)),
        Action(name="close", title=Text("关闭", "Close"), frm=LIVE, to=CLOSED, by=STAFF, sets=("measures", "verdict")),
        Action(name="dismiss", title=Text("判定为误报", "Dismiss as false"), frm=LIVE, to=FALSE, by=STAFF, sets=("measures",)),
        # Staff raise it by hand, the platform when it is overdue; the state stays and the deadline runs anew.
        Action(name="raise", title=Text("升级", "Escalate"), frm=(OPEN,), to=OPEN, by=STAFF, sets=("measures",)),
        Action(name="press", title=Text("升级", "Escalate"), frm=(ACKNOWLEDGED,), to=ACKNOWLEDGED, by=STAFF, sets=("measures",)),
    ),
)  # fmt: skip
CONDITION = Track(
    name="condition", title=Text("报警条件", "Condition"), owner="platform", start="holds", final=("cleared",),
    states={"holds": Text("持续中", "Holds"), "cleared": Text("已解除", "Cleared")},
    actions=(
        Action(name="clear", title=Text("条件解除", "Condition cleared"), frm=("holds",), to="cleared", by=PLATFORM,
               sets=("until", "count", "last_at")),
        Action(name="again", title=Text("条件再次成立", "Condition holds again"), frm=("cleared",), to="holds", by=PLATFORM,
               sets=("count", "last_at")),
    ),
)  # fmt: skip
RESPOND = {OPEN: 1.0, ACKNOWLEDGED: 4.0}
"""What of the warning's time to respond each state may take."""
ESCALATE = {OPEN: "raise", ACKNOWLEDGED: "press"}
NEEDS_REASON = ("act", "close", "dismiss")
OVERDUE = Text("超过处置时限，自动升级", "Not handled in time; raised a level")


class WarningLife(Lifecycle):
    """Handling leads. Who, when and which organisation is the platform's word, not the caller's."""

    code = Warned.facts.name
    tracks = (HANDLING, CONDITION)

    @classmethod
    def limit(cls, track: Track, state: str, record: Record) -> timedelta | None:
        """The warning's own time to respond; four times as long once somebody has acknowledged it."""
        assert isinstance(record, Warned)
        share = RESPOND.get(state) if track is HANDLING else None
        return timedelta(seconds=record.respond_s * share) if share else None

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Each step of handling leaves a line; a warning is not ended without a reason."""
        given = dict(super().change(track, action, step))
        if track is not HANDLING:
            return given
        text = said(given.pop("measures", None))
        if action.name in NEEDS_REASON and not text:
            raise Refused(REASON, field="measures", rule=action.name, code="reason_missing")
        line = {"at": stamp(step.at), "by": step.who.user[:80], "org": step.who.slug[:40], "action": action.name, "text": text}
        changed: dict[str, Any] = {"measures": [*step.before.get("measures", ()), line][-200:]}
        return {**changed, **_outcome(action.name, given, step.before)}


def _outcome(action: str, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    if action == "act":
        return {"verdict": "true"}
    if action == "dismiss":
        return {"verdict": "false"}
    if action == "close":
        return {"verdict": given.get("verdict") or before.get("verdict") or "undecided"}
    if action in ESCALATE.values():
        return {"severity": higher(str(before["severity"])), "escalated": int(before.get("escalated") or 0) + 1,
                "owner": NEXT_OWNER, "orgs": list(dict.fromkeys([*before.get("orgs", ()), str(before["owner"])]))}  # fmt: skip
    return {}


NEXT_OWNER = "org:portoffice"
"""Where an alarm goes that its owner left: the office that coordinates all of them (HS/T 82 8.1.5 g))."""


def higher(severity: str) -> str:
    """The next level; the highest stays."""
    return LEVELS[min(LEVELS.index(severity) + 1, len(LEVELS) - 1)]


def said(measures: Any) -> str:
    """The text of what a caller gave as measure: a text, or a list whose last line has one."""
    if isinstance(measures, list | tuple) and measures:
        measures = measures[-1]
    if isinstance(measures, Mapping):
        measures = measures.get("text")
    return " ".join(measures.split())[:2000] if isinstance(measures, str) else ""
