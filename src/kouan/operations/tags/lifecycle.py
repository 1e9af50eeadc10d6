"""The life of a tag: drafted, proposed, approved by a second person, revised, retired (四眼原则)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.text import Text
from kouan.operations.tags.records import AUTHORS, Tag

TAG = Tag.facts.name
DRAFT, PROPOSED, IN_FORCE, RETIRED = "draft", "proposed", "in_force", "retired"
APPROVE, REVISE, RETIRE = "approve", "revise", "retire"
SAID = ("name_zh", "name_en", "definition_zh", "definition_en", "terms", "since", "until", "hours", "running")
SAME_PERSON = Text("提请人不能批准自己提请的标签，须由另一人批准", "Whoever proposed a tag cannot approve it; a second person has to")
A_PERSON = Text("只有人员账户可以提请或批准标签", "Tags are proposed and approved by persons, not by services")
UNSTATED = {"proposed_by": None, "approved_by": None, "approved_at": None}

TRACK = Track(
    name="tag", title=Text("数据标签", "Tag"), owner="portoffice", start=DRAFT, final=(RETIRED,),
    states={
        DRAFT: Text("草稿", "Draft"), PROPOSED: Text("待批准", "Awaiting approval"), IN_FORCE: Text("已生效", "In force"),
        RETIRED: Text("已停用", "Retired"),
    },
    actions=(
        Action(name="propose", title=Text("提请批准", "Propose"), frm=(DRAFT,), to=PROPOSED, by=AUTHORS),
        Action(name=APPROVE, title=Text("批准生效", "Approve"), frm=(PROPOSED,), to=IN_FORCE, by=AUTHORS),
        # A tag that is revised is on no record until it is approved again.
        Action(name=REVISE, title=Text("修订", "Revise"), frm=(DRAFT, PROPOSED, IN_FORCE), to=DRAFT, by=AUTHORS, sets=SAID,
               rules_at="filing"),
        Action(name=RETIRE, title=Text("停用", "Retire"), frm=(DRAFT, PROPOSED, IN_FORCE), to=RETIRED, by=AUTHORS),
    ),
)  # fmt: skip


class TagLife(Lifecycle):
    """Who proposed and who approved, and when, is the platform's word."""

    code = TAG
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Denied to services, and to the proposer when it comes to approving."""
        given = super().change(track, action, step)
        if action.name == "propose":
            return {**UNSTATED, "proposed_by": _person(step, action)}
        if action.name == APPROVE:
            me = _person(step, action)
            if me == step.before.get("proposed_by"):
                raise Denied(SAME_PERSON, rule="approve.second_person")
            return {"approved_by": me, "approved_at": stamp(step.at)}
        return {**given, **UNSTATED} if action.name == REVISE else given


def _person(step: Step, action: Action) -> str:
    if step.who.service or not step.who.user:
        raise Denied(A_PERSON, rule=action.name)
    return f"{step.who.slug}/{step.who.user}"[:80]
