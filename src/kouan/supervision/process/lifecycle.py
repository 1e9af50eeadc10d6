"""The life of a case: agencies decide their steps, each when it is its turn; which turn that is the process says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Conflict, Denied, Refused
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Step, Track
from kouan.kernel.text import Text
from kouan.supervision.process.flow import opened
from kouan.supervision.process.records import AGENCIES, Case

OPEN = ("filed", "open")
OUTCOMES = ("granted", "refused")
NO_STEP = Text("请给出步骤和“同意”或“不同意”", "Name a step and whether it is granted or refused")
NOT_YOURS = Text("该步骤由其他单位办理", "Another agency decides this step")
NOT_YET = Text("该步骤尚未轮到或已办结", "It is not this step's turn, or it is decided")
NO_VISIT = Text("该步骤不需要预约，或时间无法识别", "This step needs no visit, or the time cannot be read")
UNBOOKED = Text("该步骤须先预约现场核查", "A visit has to be booked before this step is decided")
NOT_APPLICANT = Text("只有申请单位可以预约或撤回", "Only the applicant books or withdraws")

TRACK = Track(
    name="case", title=Text("审批", "Approval"), owner="portoffice", start="filed", final=("granted", "refused", "withdrawn"),
    states={
        "filed": Text("已申请", "Applied for"),
        "open": Text("办理中", "Under way"),
        "granted": Text("已许可", "Granted"),
        "refused": Text("不予许可", "Refused"),
        "withdrawn": Text("已撤回", "Withdrawn"),
    },
    actions=(
        Action(name="begin", title=Text("分送各部门", "Send to the agencies"), frm=("filed",), to="open", by=("platform",),
               sets=("steps", "version")),
        Action(name="decide", title=Text("办理步骤", "Decide a step"), frm=("open",), to="open", by=tuple(AGENCIES), sets=("steps",)),
        Action(name="book", title=Text("预约现场核查", "Book a visit"), frm=("open",), to="open", by=(FILER,), sets=("steps",)),
        Action(name="grant", title=Text("许可", "Grant"), frm=("open",), to="granted", by=("platform",), sets=("ended_at",)),
        Action(name="refuse", title=Text("不予许可", "Refuse"), frm=("open",), to="refused", by=("platform",), sets=("ended_at",)),
        Action(name="withdraw", title=Text("撤回申请", "Withdraw"), frm=OPEN, to="withdrawn", by=(FILER,)),
    ),
)  # fmt: skip


class CaseLife(Lifecycle):
    """One track; the steps are in the record, because the process, not the code, says which they are."""

    code = Case.facts.name
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """A caller decides or books one step, named by its `key`; the platform alone sets several."""
        given = super().change(track, action, step)
        if action.name not in ("decide", "book"):
            return given
        wanted = given.get("steps")
        said = wanted[0] if isinstance(wanted, list | tuple) and len(wanted) == 1 else None
        steps = [dict(one) for one in step.before.get("steps", ())]
        mine = next((one for one in steps if isinstance(said, dict) and one["key"] == said.get("key")), None)
        if mine is None or not isinstance(said, dict):
            raise Refused(NO_STEP, field="steps", rule=action.name, code="no_such_step")
        if mine["state"] != "ready":
            raise Conflict(NOT_YET, field="steps", rule=action.name, code="not_ready")
        mine.update(_decided(mine, said, step) if action.name == "decide" else _booked(mine, said))
        return {"steps": opened(steps, step.at)}


def _decided(mine: Mapping[str, Any], said: Mapping[str, Any], step: Step) -> dict[str, Any]:
    if step.who.kind != mine["agency"]:
        raise Denied(NOT_YOURS, rule="decide")
    if said.get("state") not in OUTCOMES:
        raise Refused(NO_STEP, field="steps", rule="decide", code="no_outcome")
    if mine.get("visit") and not mine.get("booked_at"):
        raise Conflict(UNBOOKED, field="steps", rule="decide", code="visit_not_booked")
    note = str(said.get("note") or "").replace("\x00", "")[:1000]
    return {"state": said["state"], "note": note, "decided_at": stamp(step.at), "by": step.who.slug}


def _booked(mine: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    try:
        at = datetime.fromisoformat(str(said.get("booked_at")))
    except ValueError:
        at = None
    if not mine.get("visit") or at is None or at.tzinfo is None:
        raise Refused(NO_VISIT, field="steps", rule="book", code="no_visit")
    return {"booked_at": stamp(at)}
