"""A tenant reads until its host ends that."""

from __future__ import annotations

from kouan.base.province.records import Tenant
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Track
from kouan.kernel.text import Text

READING = Track(
    name="reading", title=Text("读取", "Reading"), owner="portoffice", start="reading", final=("ended",),
    states={"reading": Text("读取中", "Reads the base"), "ended": Text("已结束", "Ended")},
    actions=(Action(name="end", title=Text("结束", "End"), frm=("reading",), to="ended", by=(FILER,)),),
)  # fmt: skip


class TenantLife(Lifecycle):
    """From the host's word to the host's word."""

    code = Tenant.facts.name
    tracks = (READING,)
