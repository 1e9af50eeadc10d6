"""The life of an agreement, of a message that came in, of the certificate made of it, and of what is sent."""

from __future__ import annotations

from collections.abc import Mapping

from kouan.cooperation.gateway.records import KEEPERS, Certificate, Dispatch, Message, Partner
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.records import Record
from kouan.kernel.text import Text

KEEPER = ("platform",)
CAME = ("certificate", "steps", "tries", "next_try")
WENT = ("document", "mapped", "envelope", "reference", "reply", "steps", "tries", "next_try")

AGREEMENT = Track(
    name="agreement", title=Text("协定", "Agreement"), owner="portoffice", start="in_force", final=("ended",),
    states={"in_force": Text("生效", "In force"), "suspended": Text("中止", "Suspended"), "ended": Text("终止", "Ended")},
    actions=(
        Action(name="suspend", title=Text("中止", "Suspend"), frm=("in_force",), to="suspended", by=KEEPERS),
        Action(name="resume", title=Text("恢复", "Resume"), frm=("suspended",), to="in_force", by=KEEPERS),
        Action(name="end", title=Text("终止", "End"), frm=("in_force", "suspended"), to="ended", by=KEEPERS),
    ),
)  # fmt: skip

ARRIVAL = Track(
    name="arrival", title=Text("来文处理", "Processing"), owner="portoffice", start="received", final=("acknowledged", "unanswered"),
    states={
        "received": Text("已验签收存", "Verified and kept"), "mapped": Text("已映射入库", "Mapped and filed"),
        "acknowledged": Text("已回执", "Acknowledged"), "unanswered": Text("回执未能送达", "Acknowledgement not delivered"),
    },
    actions=(
        Action(name="map", title=Text("映射入库", "Map and file"), frm=("received",), to="mapped", by=KEEPER, sets=CAME),
        Action(name="wait", title=Text("回执未送达", "Not acknowledged yet"), frm=("mapped",), to="mapped", by=KEEPER, sets=CAME),
        Action(name="acknowledge", title=Text("送达回执", "Acknowledge"), frm=("mapped",), to="acknowledged", by=KEEPER, sets=CAME),
        Action(name="give_up", title=Text("停止发送回执", "Give up"), frm=("mapped",), to="unanswered", by=KEEPER, sets=CAME),
    ),
)  # fmt: skip

LINK = Track(
    name="link", title=Text("关联", "Link"), owner="customs", start="unlinked",
    states={
        "unlinked": Text("未关联报关单", "Not linked yet"), "linked": Text("已关联报关单", "Linked to its declaration"),
        "standing": Text("不属于单票货物", "Of no single consignment"),
    },
    actions=(
        Action(name="link", title=Text("关联报关单", "Link to a declaration"), frm=("unlinked",), to="linked", by=KEEPER,
               sets=("declaration", "declarant", "declarations", "declarants")),
        Action(name="cite", title=Text("又一报关单引用", "Cited by another declaration"), frm=("linked",), to="linked", by=KEEPER,
               sets=("declarations", "declarants")),
    ),
)  # fmt: skip

DEPARTURE = Track(
    name="departure", title=Text("外发处理", "Processing"), owner="@filer", start="asked", final=("acknowledged", "refused", "failed"),
    states={
        "asked": Text("待处理", "Asked for"), "mapped": Text("已映射", "Mapped"), "signed": Text("已签名，待对方回执", "Signed, to be acknowledged"),
        "acknowledged": Text("对方已回执", "Acknowledged"), "refused": Text("对方拒收", "Refused by the partner"),
        "failed": Text("未能发送", "Not sent"),
    },
    actions=(
        Action(name="map", title=Text("映射", "Map"), frm=("asked",), to="mapped", by=KEEPER, sets=WENT),
        Action(name="sign", title=Text("签名", "Sign"), frm=("mapped",), to="signed", by=KEEPER, sets=WENT),
        Action(name="wait", title=Text("未收到回执", "No acknowledgement yet"), frm=("signed",), to="signed", by=KEEPER, sets=WENT),
        Action(name="acknowledge", title=Text("收到回执", "Acknowledged"), frm=("signed",), to="acknowledged", by=KEEPER, sets=WENT),
        Action(name="refuse", title=Text("对方拒收", "Refused"), frm=("signed",), to="refused", by=KEEPER, sets=WENT),
        Action(name="fail", title=Text("未能发送", "Fail"), frm=("asked", "mapped", "signed"), to="failed", by=KEEPER, sets=WENT),
    ),
)  # fmt: skip


class PartnerLife(Lifecycle):
    """Documents cross while the agreement is in force."""

    code = Partner.facts.name
    tracks = (AGREEMENT,)


class MessageLife(Lifecycle):
    """What was verified is mapped, filed and acknowledged."""

    code = Message.facts.name
    tracks = (ARRIVAL,)


class CertificateLife(Lifecycle):
    """A certificate is linked to the declaration that cites it, whichever comes first."""

    code = Certificate.facts.name
    tracks = (LINK,)

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """What is of no single consignment waits for none."""
        assert isinstance(record, Certificate)
        return {"link": "standing" if record.doc_kind == "aeo" else "linked" if record.declaration or record.declarations else "unlinked"}


class DispatchLife(Lifecycle):
    """What is sent is mapped, signed, handed over until it is acknowledged or refused."""

    code = Dispatch.facts.name
    tracks = (DEPARTURE,)
