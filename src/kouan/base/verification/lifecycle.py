"""An interface is verified as often as its owner asks; how it stands is what the latest report says."""

from __future__ import annotations

from kouan.base.verification.records import Interface
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Track
from kouan.kernel.text import Text

TRACK = Track(
    name="verification", title=Text("验证", "Verification"), owner="@filer", start="submitted",
    states={
        "submitted": Text("待验证", "To be verified"), "verifying": Text("验证中", "Being verified"),
        "passed": Text("通过", "Passed"), "failed": Text("未通过", "Failed"),
    },
    actions=(
        Action(name="verify", title=Text("开始验证", "Verify"), frm=("submitted", "passed", "failed"), to="verifying", by=(FILER,)),
        Action(name="pass", title=Text("通过", "Pass"), frm=("verifying",), to="passed", by=("platform",), sets=("report",)),
        Action(name="fail", title=Text("未通过", "Fail"), frm=("verifying",), to="failed", by=("platform",), sets=("report",)),
    ),
)  # fmt: skip


class InterfaceLife(Lifecycle):
    """Submitted, verified, verified again."""

    code = Interface.facts.name
    tracks = (TRACK,)
