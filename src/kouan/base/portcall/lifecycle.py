"""The life of a port call: five authorities look at it side by side (串联变并联; HS/T 82 7.2.1, mission W04)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

STATES = {
    "submitted": Text("已提交", "Submitted"),
    "received": Text("已收到", "Received"),
    "accepted": Text("已接受", "Accepted"),
    "rejected": Text("已退回", "Rejected"),
}
UNDER_REVIEW = "under_review"
PARTIES = {
    "customs": Text("海关", "Customs"),
    "maritime": Text("海事", "Maritime"),
    "border": Text("边检", "Border inspection"),
    "portoffice": Text("口岸管理部门", "Port office"),
    "terminal": Text("码头", "Terminal"),
}
WITHIN = {"submitted": timedelta(hours=2), "received": timedelta(hours=12)}
ACTIONS = {"received": "receive", "accepted": "accept", "rejected": "reject"}
"""The action that a response's code takes on its agency's track."""


def _track(kind: str, title: Text) -> Track:
    return Track(
        name=kind, title=title, owner=kind, start="submitted", states=STATES, final=("accepted",), within=WITHIN,
        actions=(
            Action(name="accept", title=Text("接受", "Accept"), frm=("submitted", "received", "rejected"),
                   to="accepted", by=(kind,), receipt="accepted"),
            Action(name="receive", title=Text("确认收到", "Confirm receipt"), frm=("submitted",), to="received",
                   by=(kind,), receipt="received"),
            Action(name="reject", title=Text("退回", "Reject"), frm=("submitted", "received", "accepted"),
                   to="rejected", by=(kind,), receipt="rejected"),
        ),
    )  # fmt: skip


class PortCallLife(Lifecycle):
    """One track for each authority; an agency may change its mind until the ship has come."""

    code = "base.portcall.port_call"
    tracks = tuple(_track(kind, title) for kind, title in PARTIES.items())

    @classmethod
    def overall(cls, states: Mapping[str, str]) -> str:
        """Rejected when one rejects, accepted when all accept, else under review."""
        held = set(states.values())
        if "rejected" in held:
            return "rejected"
        return "accepted" if held == {"accepted"} else UNDER_REVIEW
