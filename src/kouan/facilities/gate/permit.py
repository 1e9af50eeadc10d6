"""The offline permit of a booking (离线通行证): lets one vehicle through one gate once while the platform is away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.base.reference.api import BookingRef, ContainerRef, VehicleRef
from kouan.facilities.gate.records import WAYS
from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

ISSUED, USED, REVOKED = "issued", "used", "revoked"
NOT_YOURS = Text("只有持证企业或卡口单位可以撤销", "Only its holder or the gate's people may revoke it")
SEEN = ("number", "booking", "vehicle", "containers", "direction", "opens", "closes", "trucker", "revoked_at", "revoked_why")


class OfflinePermit(Record):
    """A signed permit; the platform alone makes it, by the gate's own rules, for the holder of a booking."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.gate.permit",
        title=Text("离线通行证", "Offline gate permit"),
        summary=Text("平台中断时凭签名放行一次", "Signed; lets a vehicle through once while the platform is away"),
        clause="6.3",
        kind="state",
        ref="gatepass",
        key=("number",),
        parties=(
            Party.filer("gate"), Party.field("trucker", "trucker"), Party.kind("terminal", *SEEN), Party.kind("portoffice", *SEEN),
            Party.kind("customs", *SEEN),
        ),
        filers=("platform",),
        retention=3,
        label="number",
        amendable=False,
    )  # fmt: skip
    number: str = field("通行证编号", "Permit number", filter=True, max_length=40)
    booking: BookingRef | None = field("预约", "Booking", filter=True, default=None)
    vehicle: VehicleRef = field("车牌", "Vehicle", filter=True)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=4)
    direction: Literal["in", "out"] = field("方向", "Direction", filter=True, values=WAYS)
    opens: datetime = field("有效期自", "Valid from", filter=True)
    closes: datetime = field("有效期至", "Valid until", filter=True)
    trucker: str = field("运输企业", "Trucker", filter=True, max_length=40)
    token: str = field("签名凭证", "Signed token", level=2, max_length=2048)
    revoked_at: datetime | None = field("撤销时间", "Revoked at", default=None)
    revoked_why: str | None = field("撤销原因", "Why it was revoked", default=None, max_length=400)


TRACK = Track(
    name="permit", title=Text("通行证", "Permit"), owner="trucker", start=ISSUED, final=(USED, REVOKED),
    states={ISSUED: Text("有效", "Issued"), USED: Text("已使用", "Used"), REVOKED: Text("已撤销", "Revoked")},
    actions=(
        Action(name="revoke", title=Text("撤销", "Revoke"), frm=(ISSUED,), to=REVOKED,
               by=("trucker", "trader", "agent", "terminal", "portoffice", "customs"), sets=("revoked_why",)),
        Action(name="use", title=Text("已使用", "Used"), frm=(ISSUED,), to=USED, by=("platform",)),
    ),
)  # fmt: skip


class OfflinePermitLife(Lifecycle):
    """Issued, then used once or revoked; lanes hear of a revocation with their next list."""

    code = OfflinePermit.facts.name
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """When and why it was revoked. Denied to whoever is neither its holder nor of the gate."""
        given = super().change(track, action, step)
        if action.name != "revoke":
            return given
        gate = step.who.kind in ("terminal", "portoffice", "customs") or step.who.org == PLATFORM.org
        if not gate and step.before.get("trucker") != step.who.slug:
            raise Denied(NOT_YOURS, rule=action.name)
        return {**given, "revoked_at": step.at.isoformat()}
