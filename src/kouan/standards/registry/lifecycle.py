"""The life of a proposal: submitted, under review, accepted or rejected; nobody accepts what his own organisation proposed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Step, Track
from kouan.kernel.text import Text
from kouan.standards.registry.records import Proposal

REVIEWERS = ("portoffice", "customs")
OWN = Text("不能通过本单位提出的建议", "Nobody accepts what his own organisation proposed")


class ProposalLife(Lifecycle):
    """One track, that of the review."""

    code = Proposal.facts.name
    tracks = (
        Track(
            name="review", title=Text("审查", "Review"), owner="portoffice", start="submitted",
            final=("accepted", "rejected", "withdrawn"),
            states={
                "submitted": Text("已提交", "Submitted"), "reviewing": Text("审查中", "Under review"),
                "accepted": Text("已通过", "Accepted"), "rejected": Text("未通过", "Rejected"), "withdrawn": Text("已撤回", "Withdrawn"),
            },
            actions=(
                Action(name="review", title=Text("开始审查", "Begin the review"), frm=("submitted",), to="reviewing", by=REVIEWERS),
                Action(name="accept", title=Text("通过", "Accept"), frm=("reviewing",), to="accepted", by=REVIEWERS),
                Action(name="reject", title=Text("不通过", "Reject"), frm=("reviewing",), to="rejected", by=REVIEWERS),
                Action(name="withdraw", title=Text("撤回", "Withdraw"), frm=("submitted", "reviewing"), to="withdrawn", by=(FILER,)),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Refuses acceptance by the proposer's own organisation."""
        if action.name == "accept" and step.before.get("proposed_by") == f"org:{step.who.slug}":
            raise Denied(OWN, rule="four_eyes")
        return super().change(track, action, step)
