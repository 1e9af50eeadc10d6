"""The life of an instruction: given, acknowledged, replied to or declined, closed by who gave it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.base.exchange.api import Instruction
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Denied, Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

TRACK = "order"
BY_ADDRESSEE = ("acknowledge", "reply", "decline")
BY_ISSUER = ("withdraw", "close")
AUTHORITIES = Instruction.facts.filers
NOT_ADDRESSED = Text("只有收件单位可以办理该指令", "Only the organisation to which it is addressed acts on this instruction")
NOT_ISSUER = Text("只有发出单位可以撤回或办结该指令", "Only the organisation that gave this instruction withdraws or closes it")
NO_OUTCOME = Text("请给出办理结果", "State the outcome")
NO_REASON = Text("请说明不予办理的理由", "State why it is declined")


class InstructionLife(Lifecycle):
    """Acknowledged within two hours, replied to within a day; an addressee that the port does not know ends it."""

    code = Instruction.facts.name
    tracks = (
        Track(
            name=TRACK, title=Text("指令办理", "Instruction"), owner="*", start="issued",
            final=("closed", "withdrawn", "undeliverable"),
            states={
                "issued": Text("已发出", "Given"),
                "acknowledged": Text("已签收", "Acknowledged"),
                "replied": Text("已答复", "Replied to"),
                "declined": Text("不予办理", "Declined"),
                "closed": Text("已办结", "Closed"),
                "withdrawn": Text("已撤回", "Withdrawn"),
                "undeliverable": Text("无此收件单位", "No such addressee"),
            },
            within={"issued": timedelta(hours=2), "acknowledged": timedelta(hours=24)},
            actions=(
                Action(name="acknowledge", title=Text("签收", "Acknowledge"), frm=("issued",), to="acknowledged", by=("*",)),
                Action(name="reply", title=Text("答复", "Reply"), frm=("issued", "acknowledged"), to="replied", by=("*",),
                       sets=("outcome", "reply")),
                Action(name="decline", title=Text("不予办理", "Decline"), frm=("issued", "acknowledged"), to="declined",
                       by=("*",), sets=("reply",)),
                Action(name="close", title=Text("办结", "Close"), frm=("replied", "declined"), to="closed", by=AUTHORITIES),
                Action(name="withdraw", title=Text("撤回", "Withdraw"), frm=("issued", "acknowledged"), to="withdrawn",
                       by=AUTHORITIES),
                Action(name="bounce", title=Text("退回：无此单位", "Return: no such addressee"), frm=("issued",),
                       to="undeliverable", by=("platform",)),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Who is addressed acts on it, who gave it ends it; when it was replied to is the platform's word."""
        addressed = is_addressed(step.before["to"], step.who.slug)
        if action.name in BY_ADDRESSEE and not addressed:
            raise Denied(NOT_ADDRESSED, rule=action.name)
        if action.name in BY_ISSUER and addressed and step.who.org != PLATFORM.org:
            raise Denied(NOT_ISSUER, rule=action.name)
        given = super().change(track, action, step)
        if action.name == "reply" and not given.get("outcome"):
            raise Refused(NO_OUTCOME, field="outcome", rule=action.name, code="outcome_missing")
        if action.name == "decline" and not str(given.get("reply") or "").strip():
            raise Refused(NO_REASON, field="reply", rule=action.name, code="reason_missing")
        return {**given, "replied_at": stamp(step.at)} if action.name in ("reply", "decline") else given


def is_addressed(to: str, slug: str) -> bool:
    """Whether an organisation's short name is the one that an instruction names."""
    return to.removeprefix("org:").lower() == slug.lower()
