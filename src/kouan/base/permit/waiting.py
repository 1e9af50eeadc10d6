"""Goods under a permit are released when it is verified: what is waited for, and what its issuer denied (at = release)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kouan.base.declaration.api import Declaration
from kouan.base.permit.kinds import named, parts_of
from kouan.base.permit.records import Certificate
from kouan.base.permit.rules import DECLARATION, PERMIT, Use, before, unusable, uses_of
from kouan.kernel.references import make
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text

CERTIFICATE = Certificate.facts.name


class _Verified(Rule):
    """Base of what is asked of permits before release."""

    abstract = True
    at = "release"
    of = DECLARATION
    clause = "HS/T 82 9.1.6 a)"
    severity = "hold"

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The permits cited, their verifications, and the declaration as it is kept."""
        refs = sorted({one.use.permit for one in uses_of(record)})
        if not refs:
            return ()
        return (*(Need(PERMIT, ref=ref) for ref in refs), answers(record, filer), before(record, filer))

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """What `waits` says of the first citation that keeps the goods."""
        told = (self.waits(one, record, found) for one in uses_of(record))
        return next((unmet for unmet in told if unmet is not None), None)

    def waits(self, one: Use, record: Declaration, found: Found) -> Unmet | None:
        """Why a citation keeps the goods."""
        raise NotImplementedError


class Awaited(_Verified):
    """A certificate that nobody has answered about keeps the goods; the question is asked again by itself."""

    code = "REL-PERMIT"
    title = Text("监管证件已联网核查", "Certificates are verified online")
    owner = "portoffice"
    within = timedelta(hours=24)

    def waits(self, one: Use, record: Declaration, found: Found) -> Unmet | None:
        """Unmet until there is an answer."""
        kept = answer_of(one, record, found)
        if _drawn_here(one, record, found) is not None or (kept is not None and kept.state in ("valid", "invalid")):
            return None
        what = named(*parts_of(one.use.permit))
        data = kept.data if kept is not None else None
        if isinstance(data, Certificate) and data.reason_zh and data.reason_en:
            return Unmet(Text(f"{what.zh}：{data.reason_zh}", f"{what.en}: {data.reason_en}"), one.field, one.use.permit)
        return Unmet(Text(f"{what.zh} 正在联网核查", f"{what.en} is being verified online"), one.field, one.use.permit)


class Denied(_Verified):
    """Goods are not released under a certificate that its issuer does not stand by."""

    code = "REL-PERMIT-VALID"
    title = Text("监管证件核查通过", "Certificates are valid")
    owner = "trader"
    within = timedelta(days=14)

    def waits(self, one: Use, record: Declaration, found: Found) -> Unmet | None:
        """Unmet where the answer is no, or where the issuer has withdrawn a permit since."""
        permit = _drawn_here(one, record, found)
        if permit is not None:
            wrong = unusable(permit, one, record, found)
            return Unmet(wrong.reason, one.field, permit.ref) if wrong is not None and wrong.verdict == "withdrawn" else None
        kept = answer_of(one, record, found)
        if kept is None or kept.state != "invalid" or not isinstance(kept.data, Certificate):
            return None
        what = named(*parts_of(one.use.permit))
        reason = Text(kept.data.reason_zh or what.zh, kept.data.reason_en or what.en)
        return Unmet(reason, one.field, one.use.permit)


def answers(record: Declaration, filer: str) -> Need:
    """The verifications of what a declaration cites."""
    return Need(CERTIFICATE, ref=make(Declaration.facts.ref, record.key(filer).replace("|", "/")))


def answer_of(one: Use, record: Declaration, found: Found) -> Kept | None:
    """The verification of one citation."""
    mark = (one.item.sequence, one.use.permit, one.use.quantity)
    kept = ((k, k.data) for k in found.of(answers(record, found.filer)))
    return next((k for k, d in kept if isinstance(d, Certificate) and (d.line, d.permit, d.quantity) == mark), None)


def _drawn_here(one: Use, record: Declaration, found: Found) -> Kept | None:
    """The permit kept here that was drawn upon when the declaration was filed."""
    permit = next((k for k in found.of(Need(PERMIT, ref=one.use.permit)) if k.ref == one.use.permit), None)
    kept = next(iter(found.of(before(record, found.filer))), None)
    return permit if permit is not None and kept is not None and permit.filed_at <= kept.filed_at else None
