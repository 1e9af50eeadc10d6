"""After the judgement: a person may let a vehicle through against it, with a reason; at a radiation alarm only two may.

What another agency's rule stopped only that agency lets through: the terminal does not overrule customs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.facilities.gate.records import Passage
from kouan.kernel.errors import Conflict, Denied, Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

KEPT, ASKED, LET = "kept", "asked", "let_through"
RADIATION = "GATE-RADIATION"
GATE = frozenset({"terminal", "portoffice", "trucker"})
"""Owners whose rules the gate's own people may set aside."""
OPERATORS = ("terminal", "portoffice", "customs", "border", "maritime")
NO_REASON = Text("请写明改判理由", "State why it is let through")
OPEN_ALREADY = Text("该车已放行，无需改判", "The vehicle was let through already")
NOT_OURS = Text("“{rule}”由主管单位负责，须由其改判", "“{rule}” is another agency's: only that agency sets it aside")
TWO = Text("辐射报警须由两人确认：请用“申请改判”", "A radiation alarm takes two persons: use “ask for an override”")
ONE = Text("没有辐射报警，一人即可改判", "There is no radiation alarm: one person decides")
SAME = Text("须由另一人确认", "Another person must confirm")

TRACK = Track(
    name="gate", title=Text("卡口处置", "At the gate"), owner="terminal", start=KEPT,
    states={
        KEPT: Text("已判定", "Judged"), ASKED: Text("待第二人确认", "Waits for a second person"), LET: Text("人工放行", "Let through by a person"),
    },
    actions=(
        Action(name="override", title=Text("人工放行", "Let through"), frm=(KEPT,), to=LET, by=OPERATORS, sets=("override_reason",)),
        Action(name="ask", title=Text("申请改判", "Ask for an override"), frm=(KEPT,), to=ASKED, by=OPERATORS, sets=("override_reason",)),
        Action(name="confirm", title=Text("第二人确认放行", "Confirm as second person"), frm=(ASKED,), to=LET, by=OPERATORS),
        Action(name="withdraw", title=Text("不予放行", "Do not let through"), frm=(ASKED,), to=KEPT, by=OPERATORS),
    ),
)  # fmt: skip


class PassageLife(Lifecycle):
    """The judgement stands beside what a person decided: `judged` keeps it when `decision` becomes open."""

    code = Passage.facts.name
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Who let the vehicle through, why, and what was judged. Refused, Denied or Conflict as the module says."""
        given = super().change(track, action, step)
        if action.name == "withdraw":
            return {"override_reason": None, "override_by": None}
        if step.before.get("decision") == "open":
            raise Conflict(OPEN_ALREADY, rule=action.name)
        _may(action, step)
        if action.name == "confirm":
            return {**_opened(step), "override_second": _who(step)}
        if not str(given.get("override_reason") or "").strip():
            raise Refused(NO_REASON, field="override_reason", rule=action.name, code="no_reason")
        alarmed = any(said["rule"] == RADIATION for said in _stopping(step))
        if alarmed == (action.name == "override"):
            raise Refused(TWO if alarmed else ONE, rule=action.name, code="two_persons" if alarmed else "one_person")
        return {**given, "override_by": _who(step), **(_opened(step) if action.name == "override" else {})}


def _may(action: Action, step: Step) -> None:
    if action.name == "confirm" and step.before.get("override_by") == _who(step):
        raise Denied(SAME, rule=action.name, code="same_person")
    kind = step.who.kind
    for said in _stopping(step):
        owner = said["owner"]
        own = kind in ("terminal", "portoffice") if owner in GATE or not owner else kind == owner
        if not own and step.who.org != PLATFORM.org:
            raise Denied(NOT_OURS.fill(rule=str(said["rule"])), rule=action.name, code="not_ours")


def _stopping(step: Step) -> list[Mapping[str, Any]]:
    said: list[Mapping[str, Any]] = [dict(one) for one in step.before.get("judgements") or ()]
    return [one for one in said if not one["met"] and one["severity"] != "warn"]


def _who(step: Step) -> str:
    return f"{step.who.slug}/{step.who.user}"[:80]


def _opened(step: Step) -> dict[str, Any]:
    return {"judged": step.before["decision"], "decision": "open", "to": None}
