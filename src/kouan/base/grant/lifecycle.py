"""The life of a grant: applied for, approved or refused by the owner, revoked by the owner, ended by its date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.base.grant.records import Grant
from kouan.base.identity.api import KINDS
from kouan.kernel import clock
from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import FILER, Action, Lifecycle, Step, Track
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record, record_types
from kouan.kernel.text import Text

GRANTED = "granted"
ANYONE = tuple(KINDS)
NOT_OWNER = Text("只有数据提供方可以批准、拒绝或撤销授权", "Only the owner of the data approves, refuses or revokes a grant")
TOO_HIGH = Text("所授字段的级别高于您的数据级别", "A field granted is above your own clearance")

TRACK = Track(
    name="grant", title=Text("授权", "Grant"), owner="portoffice", start="applied",
    final=("refused", "withdrawn", "revoked", "expired"),
    states={
        "applied": Text("待审核", "Applied for"), GRANTED: Text("已授权", "Granted"), "refused": Text("未批准", "Refused"),
        "withdrawn": Text("已撤回申请", "Withdrawn"), "revoked": Text("已撤销", "Revoked"), "expired": Text("已到期", "Expired"),
    },
    actions=(
        Action(name="approve", title=Text("批准", "Approve"), frm=("applied",), to=GRANTED, by=ANYONE, rules_at="filing",
               sets=("shows", "where", "valid_until", "reason")),
        Action(name="refuse", title=Text("不予批准", "Refuse"), frm=("applied",), to="refused", by=ANYONE, sets=("reason",)),
        Action(name="withdraw", title=Text("撤回申请", "Withdraw"), frm=("applied",), to="withdrawn", by=(FILER,)),
        Action(name="revoke", title=Text("撤销授权", "Revoke"), frm=(GRANTED,), to="revoked", by=ANYONE, sets=("reason",)),
        Action(name="expire", title=Text("到期", "Expire"), frm=("applied", GRANTED), to="expired", by=("platform",)),
    ),
)  # fmt: skip
OWNERS = frozenset({"approve", "refuse", "revoke"})


class GrantLife(Lifecycle):
    """An owner's own grant stands at once; an application waits for the owner. Each ends at its date by itself."""

    code = Grant.facts.name
    tracks = (TRACK,)

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """What an owner grants unasked needs no approval."""
        assert isinstance(record, Grant)
        return {TRACK.name: GRANTED if record.kind == "grant" else TRACK.start}

    @classmethod
    def limit(cls, track: Track, state: str, record: Record) -> timedelta | None:
        """Until the date of the grant."""
        assert isinstance(record, Grant)
        return None if state in track.final else max(record.valid_until - clock.now(), timedelta(0))

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Denied to all but the owner, and to one who would grant more than its own level reads."""
        given = super().change(track, action, step)
        if action.name in OWNERS and step.who.org != PLATFORM.org and step.before.get("grantor") != f"org:{step.who.slug}":
            raise Denied(NOT_OWNER, rule=action.name)
        if action.name == "approve" and _highest({**step.before, **given}) > step.who.clearance:
            raise Denied(TOO_HIGH, field="shows", rule="level")
        return given


def _highest(stated: Mapping[str, Any]) -> int:
    """The highest level among the fields that a grant names."""
    cls = next((one for one in record_types() if one.facts.name == stated["record"]), None)
    named = stated.get("shows") or ()
    return max((cls.fields[name].level for name in named if cls and name in cls.fields), default=1)
