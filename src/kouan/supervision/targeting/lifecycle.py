"""The life of a selection profile: drafted, tried, proposed, approved by a second person, retired (四眼原则)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Conflict, Denied
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.text import Text
from kouan.supervision.targeting.profiles import Profile

CUSTOMS = ("customs",)
ACTIVE = "active"
SAME_PERSON = Text("提请人不能批准自己提请的模板，须由另一人批准", "Whoever proposed a profile cannot approve it; a second person has to")
A_PERSON = Text("只有人员账户可以提请或批准模板", "Profiles are proposed and approved by persons, not by services")
NOBODY = Text("模板没有提请人，请重新提请", "Nobody is known to have proposed this profile; propose it again")

TRACK = Track(
    name="desk", title=Text("布控模板", "Profile"), owner="customs", start="draft", final=("retired",),
    states={
        "draft": Text("草稿", "Draft"), "proposed": Text("待批准", "Awaiting approval"), ACTIVE: Text("已生效", "Active"),
        "retired": Text("已停用", "Retired"),
    },
    actions=(
        Action(name="propose", title=Text("提请批准", "Propose"), frm=("draft",), to="proposed", by=CUSTOMS, rules_at="propose"),
        Action(name="approve", title=Text("批准生效", "Approve"), frm=("proposed",), to=ACTIVE, by=CUSTOMS),
        Action(name="return", title=Text("退回修改", "Return"), frm=("proposed",), to="draft", by=CUSTOMS),
        Action(name="retire", title=Text("停用", "Retire"), frm=("draft", "proposed", ACTIVE), to="retired", by=CUSTOMS),
    ),
)  # fmt: skip


class ProfileLife(Lifecycle):
    """One track: customs'. Who proposed and who approved are the platform's word, not the caller's."""

    code = Profile.facts.name
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Denied to services, and to the proposer when it comes to approving."""
        given = super().change(track, action, step)
        if action.name == "propose":
            return {"proposed_by": _person(step, action), "proposed_at": stamp(step.at), "approved_by": None, "approved_at": None}
        if action.name == "approve":
            return _approved(step, _person(step, action))
        if action.name == "return":
            return {"proposed_by": None, "proposed_at": None}
        return given


def _person(step: Step, action: Action) -> str:
    if step.who.service or not step.who.user:
        raise Denied(A_PERSON, rule=action.name)
    return step.who.user[:80]


def _approved(step: Step, who: str) -> Mapping[str, Any]:
    proposer = step.before.get("proposed_by")
    if not proposer:
        raise Conflict(NOBODY, rule="approve", code="not_proposed")
    if proposer == who:
        raise Denied(SAME_PERSON, rule="approve.second_person")
    return {"approved_by": who, "approved_at": stamp(step.at)}
