"""The life of a goods declaration at this port's office (HS/T 82 9.1.6 c): declare, review, inspect, release)."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.declaration.api import Declaration
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

CUSTOMS = ("customs",)
STATES = {
    "lodged": Text("已申报", "Lodged"),
    "assessed": Text("已审核", "Assessed"),
    "targeted": Text("已布控", "Targeted"),
    "inspected": Text("已查验", "Inspected"),
    "released": Text("已放行", "Released"),
    "held": Text("已扣留", "Held"),
    "rejected": Text("已退单", "Rejected"),
    "cancelled": Text("已撤销", "Cancelled"),
}
AMENDABLE = ("lodged", "assessed", "rejected")
"""States in which the declarant may still change what it declares; each change is assessed anew."""

TRACK = Track(
    name="customs", title=Text("通关", "Clearance"), owner="customs", start="lodged", states=STATES,
    final=("released", "cancelled"),
    within={"inspected": timedelta(hours=4), "held": timedelta(hours=72)},
    actions=(
        Action(name="assess", title=Text("审核", "Assess"), frm=AMENDABLE, to="assessed",
               by=CUSTOMS, rules_at="assess", receipt="accepted"),
        Action(name="release", title=Text("放行", "Release"), frm=("assessed", "inspected", "held"), to="released",
               by=CUSTOMS, rules_at="release", receipt="released"),
        Action(name="target", title=Text("布控", "Target"), frm=("assessed", "inspected", "released", "held"),
               to="targeted", by=CUSTOMS, rules_at="assess", receipt="targeted"),
        Action(name="inspect", title=Text("查验完毕", "Inspect"), frm=("targeted",), to="inspected",
               by=CUSTOMS, receipt="inspected"),
        Action(name="hold", title=Text("扣留", "Hold"), frm=("assessed", "inspected", "released"), to="held",
               by=CUSTOMS, receipt="held"),
        Action(name="reject", title=Text("退单", "Reject"), frm=("lodged", "assessed", "inspected", "held"),
               to="rejected", by=CUSTOMS, rules_at="assess", receipt="rejected"),
        Action(name="cancel", title=Text("撤销申报", "Cancel"), frm=AMENDABLE, to="cancelled",
               by=("trader", "agent"), receipt="cancelled"),
    ),
)  # fmt: skip


class DeclarationLife(Lifecycle):
    """One track: customs'. A declaration for another office, or none, stays lodged: it is not this port's to decide."""

    code = Declaration.facts.name
    tracks = (TRACK,)
