"""What an enterprise must be: a code that exists, a credit level that fits, violations that are not taken away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kouan.base.enterprise.records import Enterprise, Production
from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check, uscc

ENTERPRISE = Enterprise.facts.name
SUGGESTED = 3


class _OfEnterprise(Rule):
    """Base of rules for enterprises."""

    abstract = True
    at = "filing"
    of = ENTERPRISE
    clause = "HS/T 82 7.2.1 c)"
    severity: ClassVar[Severity] = "refuse"
    owner = "customs"


class CreditCode(_OfEnterprise):
    """A firm is known by its code: a wrong character would make another firm of it."""

    code = "ENT-CODE"
    title = Text("统一社会信用代码校验", "Check of the unified social credit code")
    clause = "GB 32100"

    def judge(self, record: Enterprise, found: Found) -> Unmet | None:
        """Refuses a code that fails, and suggests the likeliest right ones."""
        verdict = check("uscc", record.code)
        if verdict.ok:
            return None
        reason = verdict.reason or Text("代码不成立", "The code does not hold")
        right = (verdict.value[:17] + uscc.check_character(verdict.value[:17]),) if verdict.code == "uscc.check_character" else ()
        if repairs := tuple(dict.fromkeys((*right, *verdict.repairs)))[:SUGGESTED]:
            zh, en = "、".join(repairs), ", ".join(repairs)
            reason = Text(f"{reason.zh}；可能应为 {zh}", f"{reason.en}; it may be {en}")
        return Unmet(reason, "code")


class FittingGrade(_OfEnterprise):
    """Who is revoked or dishonest is no authorised economic operator."""

    code = "ENT-GRADE"
    title = Text("信用等级与登记状态相符", "Credit level fits the registration")

    def judge(self, record: Enterprise, found: Found) -> Unmet | None:
        """Refuses an AEO that is no longer registered, and an AEO code without the level."""
        if record.grade == "aeo" and record.status != "active":
            return Unmet(Text("已吊销或注销的企业不能是高级认证企业", "A revoked or dissolved firm is no authorised operator"), "grade")
        if record.aeo_code and record.grade != "aeo":
            return Unmet(Text("只有高级认证企业有 AEO 编码", "Only an authorised operator has an AEO code"), "aeo_code")
        return None


class ViolationsStay(_OfEnterprise):
    """A finding is closed, not deleted."""

    code = "ENT-VIOLATIONS"
    title = Text("违法违规记录不可删除", "Violations are not deleted")

    def needs(self, record: Enterprise, filer: str) -> Iterable[Need]:
        """The firm as it is kept, when it is amended."""
        return (Need(ENTERPRISE, key=record.key(filer)),)

    def judge(self, record: Enterprise, found: Found) -> Unmet | None:
        """Refuses a number that stands twice, and an amendment that takes a finding away."""
        numbers = [one.number for one in record.violations]
        if len(set(numbers)) < len(numbers):
            return Unmet(Text("同一文书编号出现两次", "A decision's number stands twice"), "violations")
        for kept in found.of(Need(ENTERPRISE, key=record.key(found.filer))):
            gone = {one.number for one in getattr(kept.data, "violations", ())} - set(numbers)
            if gone:
                return Unmet(Text("已有的违法违规记录不能删除", "A finding that stands is not taken away"), "violations", kept.ref)
        return None


class LapsedQualification(_OfEnterprise):
    """A licence that is over is told, so that nobody relies on it."""

    code = "ENT-QUALIFICATION"
    title = Text("资质在有效期内", "Qualifications are in force")
    severity = "warn"

    def judge(self, record: Enterprise, found: Found) -> Unmet | None:
        """Warns of the first qualification that has ended, and of one that ends before it begins."""
        for at, one in enumerate(record.qualifications):
            if one.since and one.until and one.until < one.since:
                return Unmet(Text("资质的止期早于起期", "A qualification ends before it begins"), f"qualifications.{at}.until")
            if one.until and one.until < found.at.date():
                reason = Text(f"资质 {one.number} 已过期", f"The qualification {one.number} is no longer in force")
                return Unmet(reason, f"qualifications.{at}.until")
        return None


class ReportingFirm(Rule):
    """A report belongs to a firm whose code holds."""

    code = "ENT-REPORT-FIRM"
    at = "filing"
    of = Production.facts.name
    title = Text("企业代码有效", "The firm's code holds")
    clause = "GB 32100"
    severity = "refuse"
    owner = "filer"

    def judge(self, record: Production, found: Found) -> Unmet | None:
        """Refuses a code that fails its check."""
        verdict = check("uscc", record.firm.partition(":")[2])
        if verdict.ok and f"enterprise:{verdict.value}" == record.firm:
            return None
        return Unmet(verdict.reason or Text("统一社会信用代码不成立", "The credit code does not hold"), "firm", record.firm)
