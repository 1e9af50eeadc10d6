"""The life of a permit in its issuer's hands, and of a verification in the platform's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.base.permit.records import ISSUERS, Certificate, Permit, Verifier
from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record
from kouan.kernel.text import Text

KEEPER = ("platform",)
NOT_ISSUER = Text("只有发证单位可以中止、恢复或撤销", "Only its issuer suspends, resumes or revokes a permit")
ANSWER = (
    "verdict", "reason_zh", "reason_en", "source", "verified_at", "issuer_name", "valid_until", "write_off", "remaining",
    "tries", "next_try",
)  # fmt: skip

VALIDITY = Track(
    name="validity", title=Text("效力", "Validity"), owner="customs", start="valid", final=("revoked",),
    states={
        "valid": Text("有效", "Valid"), "suspended": Text("已中止", "Suspended"), "revoked": Text("已撤销", "Revoked"),
    },
    actions=(
        Action(name="suspend", title=Text("中止", "Suspend"), frm=("valid",), to="suspended", by=ISSUERS),
        Action(name="resume", title=Text("恢复", "Resume"), frm=("suspended",), to="valid", by=ISSUERS),
        Action(name="revoke", title=Text("撤销", "Revoke"), frm=("valid", "suspended"), to="revoked", by=ISSUERS),
    ),
)  # fmt: skip

ANSWERED = Track(
    name="answer", title=Text("核查", "Verification"), owner="portoffice", start="pending", final=("returned",),
    states={
        "pending": Text("等待核查", "To be verified"), "valid": Text("核查通过", "Valid"),
        "invalid": Text("核查不通过", "Not valid"), "returning": Text("正在退回", "Being given back"),
        "returned": Text("已退回", "Given back"),
    },
    within={"pending": timedelta(hours=24)},
    actions=(
        Action(name="try", title=Text("核查未果", "Tried in vain"), frm=("pending",), to="pending", by=KEEPER, sets=ANSWER),
        Action(name="confirm", title=Text("核查通过", "Confirm"), frm=("pending",), to="valid", by=KEEPER, sets=ANSWER),
        Action(name="deny", title=Text("核查不通过", "Deny"), frm=("pending",), to="invalid", by=KEEPER, sets=ANSWER),
        Action(name="withdraw", title=Text("不再需要", "Withdraw"), frm=("pending", "valid", "invalid"), to="returning",
               by=KEEPER, sets=ANSWER),
        Action(name="wait", title=Text("退回未果", "Return in vain"), frm=("returning",), to="returning", by=KEEPER, sets=ANSWER),
        Action(name="return", title=Text("退回", "Give back"), frm=("returning",), to="returned", by=KEEPER, sets=ANSWER),
        Action(name="again", title=Text("重新核查", "Verify again"), frm=("returned", "invalid"), to="pending", by=KEEPER,
               sets=ANSWER),
    ),
)  # fmt: skip


USE = Track(
    name="use", title=Text("启用", "Use"), owner="portoffice", start="in_use",
    states={"in_use": Text("启用", "In use"), "stopped": Text("停用", "Out of use")},
    actions=(
        Action(name="stop", title=Text("停用", "Stop using"), frm=("in_use",), to="stopped", by=("portoffice",)),
        Action(name="start", title=Text("启用", "Use again"), frm=("stopped",), to="in_use", by=("portoffice",)),
    ),
)  # fmt: skip


class PermitLife(Lifecycle):
    """A permit stands until its issuer suspends or revokes it; what it is for and until when, its fields say."""

    code = Permit.facts.name
    tracks = (VALIDITY,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Denied to every organisation but the issuer."""
        if step.who.org != PLATFORM.org and step.before.get("issuer") != f"org:{step.who.slug}":
            raise Denied(NOT_ISSUER, rule=action.name)
        return super().change(track, action, step)


class CertificateLife(Lifecycle):
    """A verification is tried until there is an answer; what was written off is given back when it is no more wanted."""

    code = Certificate.facts.name
    tracks = (ANSWERED,)

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """One that needed no question begins as valid."""
        assert isinstance(record, Certificate)
        return {"answer": "valid" if record.verdict == "valid" else "pending"}


class VerifierLife(Lifecycle):
    """A service is asked while it is in use."""

    code = Verifier.facts.name
    tracks = (USE,)
