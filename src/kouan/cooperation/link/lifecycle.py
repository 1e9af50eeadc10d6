"""The life of an agreement: each side signs it, each side may end it; it is in force between the two."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.cooperation.link.records import AUTHORITIES, Agreement
from kouan.cooperation.link.terms import IN_FORCE
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Track
from kouan.kernel.text import Text

OURS, THEIRS = "ours", "theirs"
DRAFTED, SIGNED, ENDED = "drafted", "signed", "ended"
PROPOSED = "proposed"
PLATFORM = ("platform",)
_STATES = {
    DRAFTED: Text("待签署", "Not signed yet"), SIGNED: Text("已签署", "Signed"), ENDED: Text("已终止", "Ended"),
}  # fmt: skip


class AgreementLife(Lifecycle):
    """Proposed until both have signed, in force until one ends it."""

    code = Agreement.facts.name
    tracks = (
        Track(
            name=OURS, title=Text("本平台", "This side"), owner="portoffice", start=DRAFTED, final=(ENDED,), states=_STATES,
            actions=(
                Action(name="sign", title=Text("签署", "Sign"), frm=(DRAFTED,), to=SIGNED, by=(FILER,)),
                Action(name="end", title=Text("终止", "End"), frm=(DRAFTED, SIGNED), to=ENDED, by=(FILER, *AUTHORITIES[:1])),
            ),
        ),
        Track(
            name=THEIRS, title=Text("对方平台", "The partner"), owner="partner", start=DRAFTED, final=(ENDED,), states=_STATES,
            actions=(
                Action(name="countersign", title=Text("对方签署", "The partner signed"), frm=(DRAFTED,), to=SIGNED, by=PLATFORM,
                       sets=("partner_signature",)),
                Action(name="withdraw", title=Text("对方终止", "The partner ended it"), frm=(DRAFTED, SIGNED), to=ENDED, by=PLATFORM),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def overall(cls, states: Mapping[str, str]) -> str:
        """`in-force` while both stand signed, `ended` when one has ended it, `proposed` before."""
        if ENDED in states.values():
            return ENDED
        return IN_FORCE if set(states.values()) == {SIGNED} else PROPOSED
