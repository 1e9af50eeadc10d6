"""What an agreement must be, and in which order copies are kept (HS/T 82 7.2.5 a) 2))."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kouan.base.exchange.api import address_of
from kouan.cooperation.link.records import Agreement, Copy, Given
from kouan.cooperation.link.sealing import public_of
from kouan.cooperation.link.sharing import givable, givable_fields, narrowable
from kouan.cooperation.link.terms import slug_of
from kouan.kernel.errors import Refused
from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text

OLD = "LINK-ORDER"


class _OfAgreement(Rule):
    """Base of rules for agreements."""

    abstract = True
    at = "filing"
    of = Agreement.facts.name
    clause = "HS/T 82 7.2.5 a) 2)"
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"


class Reachable(_OfAgreement):
    """A partner has an address and a key that is one."""

    code = "LINK-PARTNER"
    title = Text("对方平台的地址与公钥有效", "The partner's address and key are such")

    def judge(self, record: Agreement, found: Found) -> Unmet | None:
        """Refuses an address that is none, a text that is no key, and an agreement with oneself."""
        try:
            address_of(record.address, demo=True)
        except Refused as refused:
            return Unmet(refused.reason, "address")
        try:
            public_of(record.partner_key)
        except ValueError:
            reason = Text("不是 Ed25519 公钥（whpk_ 加 base64）", "This is no Ed25519 public key (whpk_ and base64)")
            return Unmet(reason, "partner_key")
        if slug_of(record) in (record.own_name, found.filer):
            return Unmet(Text("对方平台不能是本单位", "The partner is another than oneself"), "partner")
        return None


class Agreed(_OfAgreement):
    """Something is exchanged, for a time that ends after it begins; what the partner signs is not stated by the filer."""

    code = "LINK-TERMS"
    title = Text("协定内容完整", "The agreement says something")

    def judge(self, record: Agreement, found: Found) -> Unmet | None:
        """Refuses empty agreements, times the wrong way round, and a signature that the filer states."""
        if not record.gives and not record.takes:
            return Unmet(Text("请填写提供或接收的数据", "State what is given or taken"), "gives")
        if record.until is not None and record.until <= record.since:
            return Unmet(Text("截止时间应晚于生效时间", "It ends after it begins"), "until")
        if record.partner_signature is not None:
            return Unmet(Text("对方签名由平台登记", "The partner's signature is noted by the platform"), "partner_signature")
        return None


class Givable(_OfAgreement):
    """Only types and fields are exchanged that there are, of levels 1 and 2, naming no person."""

    code = "LINK-FIELDS"
    title = Text("种类与字段可以互换", "Types and fields can be exchanged")

    def judge(self, record: Agreement, found: Found) -> Unmet | None:
        """Refuses the first that cannot, and says which can."""
        for side in ("gives", "takes"):
            for at, given in enumerate(getattr(record, side)):
                if unmet := _wrong(given, f"{side}.{at}"):
                    return unmet
        return None


def _wrong(given: Given, where: str) -> Unmet | None:
    cls = givable().get(given.record)
    if cls is None:
        reason = Text(f"没有可互换的记录类型 {given.record}", f"There is no record type to exchange called {given.record}")
        return Unmet(reason, f"{where}.record")
    usable = givable_fields(cls)
    if others := sorted(set(given.fields) - usable):
        names = ", ".join(sorted(usable))
        return Unmet(Text(f"不能互换字段 {others[0]}，可用：{names}", f"{others[0]} is not exchanged; there are: {names}"), f"{where}.fields")
    if others := sorted({one.name for one in given.where} - narrowable(cls)):
        names = ", ".join(sorted(narrowable(cls)))
        return Unmet(Text(f"不能按 {others[0]} 筛选，可用：{names}", f"Not narrowed by {others[0]}; there are: {names}"), f"{where}.where")
    return None


class LaterThanKept(Rule):
    """A copy never goes back to an older version of its original; the copy that is kept is locked meanwhile."""

    code = OLD
    at = "filing"
    of = Copy.facts.name
    title = Text("副本不倒退", "A copy does not go back")
    clause = "HS/T 82 7.2.5 a) 2)"
    severity = "refuse"
    owner = "platform"

    def needs(self, record: Copy, filer: str) -> Iterable[Need]:
        """The copy that is kept of the same original."""
        return (Need(Copy.facts.name, key=record.key(filer), lock=True),)

    def judge(self, record: Copy, found: Found) -> Unmet | None:
        """Refuses a version older than the one that is kept."""
        kept = next((one.data for need in self.needs(record, found.filer) for one in found.of(need)), None)
        if not isinstance(kept, Copy) or kept.origin_version <= record.origin_version:
            return None
        return Unmet(Text("已有更新的版本", "A later version is kept already"), "origin_version")
