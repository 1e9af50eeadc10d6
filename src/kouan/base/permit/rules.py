"""What a permit must be, and what a declaration may draw from it (HS/T 82 7.2.1 a) 3); Customs Law art. 24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from kouan.base.declaration.api import Declaration, GoodsItem, PermitUse
from kouan.base.permit.kinds import KINDS, ORIGIN, named
from kouan.base.permit.records import Permit, Verdict
from kouan.base.reference.api import doubts
from kouan.kernel.references import tidy
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes

PERMIT = Permit.facts.name
DECLARATION = Declaration.facts.name
CLAUSE = "HS/T 82 7.2.1 a) 3)"
DRAWS_NOTHING = ("cancelled", "rejected")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Use:
    """A permit cited by an item: the item's place and line, and where in the record the citation stands."""

    at: int
    item: GoodsItem
    place: int
    use: PermitUse

    @property
    def field(self) -> str:
        """The path of the citation in the declaration."""
        return f"items.{self.at}.permits.{self.place}"


class StatedWell(Rule):
    """A permit that is kept can be drawn upon: known kind, its issuer's own, with dates, goods and a unit to count in."""

    code = "PERMIT-STATED"
    at = "filing"
    of = PERMIT
    title = Text("许可证件内容有效", "Permit is stated well")
    clause = CLAUSE
    severity = "refuse"
    owner = "customs"

    def judge(self, record: Permit, found: Found) -> Unmet | None:
        """Refuses the first thing that is wrong."""
        return next(_misstated(record, found), None)


class NotBelowDrawn(Rule):
    """What was written off cannot be taken back by an amendment; the permit is locked meanwhile."""

    code = "PERMIT-DRAWN"
    at = "filing"
    of = PERMIT
    title = Text("不低于已核销数量", "Not below what was written off")
    clause = CLAUSE
    severity = "refuse"
    owner = "customs"

    def needs(self, record: Permit, filer: str) -> Iterable[Need]:
        """The permit as it is kept, when this is an amendment."""
        return (Need(PERMIT, key=record.key(filer), lock=True),)

    def judge(self, record: Permit, found: Found) -> Unmet | None:
        """Refuses a first filing that states a count, and an amendment below it or into another unit."""
        kept = next(iter(found.of(Need(PERMIT, key=record.key(found.filer), lock=True))), None)
        if kept is None:
            counted = Text("核销数量由平台计算，不填写", "What is written off is counted by the platform and not stated")
            return Unmet(counted, "drawn") if record.drawn or record.used else None
        assert isinstance(kept.data, Permit)
        drawn, used = kept.data.drawn or ZERO, kept.data.used or 0
        limit = limit_of(record)
        if drawn and ((limit is not None and limit < drawn) or record.unit != kept.data.unit):
            reason = Text("已核销 {n} {unit}，不得低于此数或改变单位", "{n} {unit} are written off: not below that, nor in another unit")
            return Unmet(reason.fill(n=shown(drawn), unit=kept.data.unit or ""), "quota")
        if record.uses is not None and record.uses < used:
            return Unmet(Text(f"已使用 {used} 次，不得低于此数", f"Already used {used} times: not below that"), "uses")
        return None


class HolderCode(Rule):
    """A holder's credit code that fails its check is kept, with a warning."""

    code = "PERMIT-HOLDER"
    at = "filing"
    of = PERMIT
    title = Text("持证人代码校验", "Check of the holder's code")
    clause = "GB 32100-2015"
    severity = "warn"
    owner = "customs"

    def judge(self, record: Permit, found: Found) -> Unmet | None:
        """Warns of a holder whose value has the length of a credit code and fails its check."""
        if len(record.holder.partition(":")[2]) != 18:
            return None
        return next((Unmet(reason, field, ref) for field, ref, reason in doubts(record, "enterprise")), None)


class Drawing(Rule):
    """A declaration draws from the permits kept here what they allow; they are locked until it is kept."""

    code = "PERMIT-USE"
    at = "filing"
    of = DECLARATION
    title = Text("许可证件可用且余量足够", "Permits cited are usable and enough is left")
    clause = CLAUSE
    severity = "refuse"
    owner = "trader"

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The permits cited, locked, and the declaration as it was kept before."""
        refs = sorted({one.use.permit for one in uses_of(record)})
        return (*(wanted(ref) for ref in refs), *((before(record, filer),) if refs else ()))

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses the first permit that is not usable for its goods, or of which too little is left."""
        for one in uses_of(record):
            kept = permit_of(one.use.permit, found)
            if kept is not None and (wrong := unusable(kept, one, record, found)) is not None:
                return Unmet(wrong.reason, one.field, kept.ref)
        return _too_much(record, found)


class DrawingAgain(Drawing):
    """A rejected declaration had given back what it drew; it is assessed again when that is still to be had."""

    code = "PERMIT-AGAIN"
    at = "assess"

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses only where the declaration holds nothing now."""
        kept = next(iter(found.of(before(record, found.filer))), None)
        return super().judge(record, found) if kept is not None and kept.state == "rejected" else None


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a permit does not serve for an item: in a word, and in both languages."""

    verdict: Verdict
    reason: Text


def uses_of(record: Declaration) -> Iterator[Use]:
    """Every citation of a permit in a declaration."""
    for at, item in enumerate(record.items):
        for place, use in enumerate(item.permits):
            yield Use(at, item, place, use)


def wanted(ref: str) -> Need:
    """A permit, locked."""
    return Need(PERMIT, ref=ref, lock=True)


def before(record: Declaration, filer: str) -> Need:
    """The declaration as it is kept already."""
    return Need(DECLARATION, key=record.key(filer))


def permit_of(ref: str, found: Found) -> Kept | None:
    """The kept permit of a reference."""
    return next((one for one in found.of(wanted(ref)) if one.ref == ref), None)


def limit_of(permit: Permit) -> Decimal | None:
    """The most that may be drawn: the quota and its tolerance; None when nothing is counted."""
    if permit.quota is None:
        return None
    return permit.quota * (1 + Decimal(str(permit.tolerance or 0)) / 100)


def shown(quantity: Decimal) -> str:
    """A quantity as people write it."""
    return f"{quantity.normalize():f}" if quantity else "0"


def today(found: Found) -> date:
    """The day of the port."""
    return found.at.astimezone(ZoneInfo(found.site.get("zone", "UTC"))).date()


def unusable(kept: Kept, one: Use, record: Declaration, found: Found) -> Wrong | None:
    """Why a kept permit does not serve for an item, but for what is left of it."""
    permit = kept.data
    assert isinstance(permit, Permit)
    what = named(permit.kind, permit.number)
    if not _holds(permit, record, found):
        return Wrong("holder", Text(f"{what.zh} 的持证人不是本单申报单位或收发货人", f"{what.en} is made out to another holder"))
    if kept.state not in ("valid", "kept"):
        return Wrong("withdrawn", Text(f"{what.zh} 已被发证机关中止或撤销", f"{what.en} is suspended or withdrawn by its issuer"))
    day = today(found)
    if day < permit.valid_from:
        return Wrong("not_yet", Text(f"{what.zh} 自 {permit.valid_from} 起有效", f"{what.en} is valid from {permit.valid_from} on"))
    if day > permit.valid_until:
        return Wrong("expired", Text(f"{what.zh} 已于 {permit.valid_until} 到期", f"{what.en} expired on {permit.valid_until}"))
    return _other_goods(permit, what, one) or _other_unit(permit, what, one.use)


def _other_goods(permit: Permit, what: Text, one: Use) -> Wrong | None:
    digits = "".join(char for char in one.item.hs if char.isdigit())
    if permit.goods and not any(digits.startswith(goods.hs) for goods in permit.goods):
        return Wrong("goods", Text(f"{what.zh} 不适用于税号 {one.item.hs}", f"{what.en} is not for commodity {one.item.hs or '?'}"))
    if permit.kind in ORIGIN and permit.origin and one.item.origin and permit.origin != one.item.origin:
        origins = f"{permit.origin} / {one.item.origin}"
        return Wrong("goods", Text(f"{what.zh} 的原产国与申报不符（{origins}）", f"{what.en} is for another origin ({origins})"))
    return None


def _other_unit(permit: Permit, what: Text, use: PermitUse) -> Wrong | None:
    if permit.quota is None:
        return None
    unit = permit.unit or ""
    if use.quantity is None:
        return Wrong("unit", Text(f"请填写 {what.zh} 的核销数量（{unit}）", f"State the quantity ({unit}) to be written off {what.en}"))
    if (use.unit or unit).upper() != unit.upper():
        return Wrong("unit", Text(f"{what.zh} 以 {unit} 计量，申报为 {use.unit}", f"{what.en} counts in {unit}, not in {use.unit}"))
    return None


def _holds(permit: Permit, record: Declaration, found: Found) -> bool:
    stated = (record.importer, record.exporter, record.declarant, found.filer)
    names = {tidy(name) for name in stated if name}
    return permit.holder.partition(":")[2] in names or (permit.holder_name is not None and tidy(permit.holder_name) in names)


def _too_much(record: Declaration, found: Found) -> Unmet | None:
    asked: dict[str, Decimal] = defaultdict(Decimal)
    where: dict[str, str] = {}
    for one in uses_of(record):
        asked[one.use.permit] += one.use.quantity or ZERO
        where.setdefault(one.use.permit, one.field)
    own = _own(record, found)
    for ref, quantity in asked.items():
        kept = permit_of(ref, found)
        reason = exceeded(kept, quantity, own.get(ref)) if kept is not None else None
        if reason is not None:
            return Unmet(reason, f"{where[ref]}.quantity", ref)
    return None


def _own(record: Declaration, found: Found) -> Mapping[str, Decimal]:
    """What the declaration as it was kept draws from permits that were there when it came."""
    kept = next(iter(found.of(before(record, found.filer))), None)
    if kept is None or kept.state in DRAWS_NOTHING or not isinstance(kept.data, Declaration):
        return {}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for one in uses_of(kept.data):
        permit = permit_of(one.use.permit, found)
        if permit is not None and permit.filed_at <= kept.filed_at:
            held[one.use.permit] += one.use.quantity or ZERO
    return held


def exceeded(kept: Kept, quantity: Decimal, own: Decimal | None) -> Text | None:
    """Why a quantity cannot be drawn; `own`: what the same declaration draws already, None when it draws nothing."""
    permit = kept.data
    assert isinstance(permit, Permit)
    what = named(permit.kind, permit.number)
    if permit.uses is not None and own is None and (permit.used or 0) >= permit.uses:
        return Text(f"{what.zh} 的 {permit.uses} 次使用已用完", f"{what.en} allows {permit.uses} declarations, all of them made")
    limit = limit_of(permit)
    left = limit - (permit.drawn or ZERO) + (own or ZERO) if limit is not None else None
    if left is None or quantity <= left:
        return None
    reason = Text(
        "{zh} 余量 {left} {unit}，本次申报 {asked} {unit}，超出 {over} {unit}",
        "{en}: {left} {unit} left, {asked} {unit} declared, {over} {unit} too much",
    )
    numbers = {"left": shown(left), "asked": shown(quantity), "over": shown(quantity - left), "unit": permit.unit or ""}
    return reason.fill(zh=what.zh, en=what.en, **numbers)


def _misstated(record: Permit, found: Found) -> Iterator[Unmet]:
    if record.issuer != f"org:{found.filer}":
        yield Unmet(Text("发证单位应为提交单位", "The issuer is the organisation that files"), "issuer")
    if record.kind not in KINDS:
        yield Unmet(Text(f"证件种类代码 {record.kind} 未知", f"No kind of certificate has the code {record.kind}"), "kind")
    if record.valid_until < record.valid_from:
        yield Unmet(Text("有效期止早于有效期起", "It ends before it begins"), "valid_until")
    if record.quota is not None and (not record.unit or codes.lookup("unit", record.unit) is None):
        yield Unmet(Text("许可数量须有计量单位代码（UN/ECE 第 20 号建议书）", "A quota needs a unit code (UN/ECE Rec. 20)"), "unit")
    for at, goods in enumerate(record.goods):
        if codes.ancestor("hs", goods.hs) is None:
            yield Unmet(Text(f"税则号列 {goods.hs} 不在协调制度中", f"{goods.hs} is not in the Harmonized System"), f"goods.{at}.hs")
    if record.origin and codes.lookup("country", record.origin) is None:
        yield Unmet(Text(f"国别代码 {record.origin} 未知", f"No country has the code {record.origin}"), "origin")



