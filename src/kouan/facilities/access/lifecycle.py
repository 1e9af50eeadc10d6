"""The life of a permit: border inspection issues, suspends and revokes it."""

from __future__ import annotations

from datetime import timedelta

from kouan.facilities.access.records import AreaPermit
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

BORDER = ("border",)
ISSUED = "issued"


class PermitLife(Lifecycle):
    """Applied for, issued, and until its end suspended or revoked; the end of its validity needs no action."""

    code = AreaPermit.facts.name
    tracks = (
        Track(
            name="permit", title=Text("通行证", "Permit"), owner="border", start="applied", final=("refused", "revoked"),
            within={"applied": timedelta(days=1)},
            states={
                "applied": Text("待审批", "Applied for"), ISSUED: Text("已签发", "Issued"), "refused": Text("不予签发", "Refused"),
                "suspended": Text("已暂停", "Suspended"), "revoked": Text("已吊销", "Revoked"),
            },
            actions=(
                Action(name="issue", title=Text("签发", "Issue"), frm=("applied",), to=ISSUED, by=BORDER),
                Action(name="refuse", title=Text("不予签发", "Refuse"), frm=("applied",), to="refused", by=BORDER),
                Action(name="suspend", title=Text("暂停", "Suspend"), frm=(ISSUED,), to="suspended", by=BORDER),
                Action(name="restore", title=Text("恢复", "Restore"), frm=("suspended",), to=ISSUED, by=BORDER),
                Action(name="revoke", title=Text("吊销", "Revoke"), frm=(ISSUED, "suspended"), to="revoked", by=BORDER),
            ),
        ),
    )  # fmt: skip
