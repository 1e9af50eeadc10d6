"""The document domain (单证业务域) and the chain of a shipment (跨境贸易全链条): its papers by domain, what follows what, what is missing.

Any key that the trace takes opens it: order, invoice, payment, policy, bill, declaration, container, packing list, receipt. All is read
by the trace, in the asker's scope: whoever may not see a payment learns neither its amount nor that there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kouan.base.identity.api import KINDS
from kouan.base.trace.api import state_of, trace
from kouan.base.trade.api import PurchaseOrder
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text
from kouan.operations.subjects import errors, seen
from kouan.operations.subjects.papers import CHAIN, DOMAINS, RELEASE, SLOTS, VOID, Slot, domain_of, slot_of

Doc = Mapping[str, Any]
ROUNDING = Decimal("0.05")
BILLED = ("number", "bill", "waybill", "master", "master_bill")
"""Where a transport document says its own number, and that of the one above it."""
MISSING = Text("没有收到{title}", "{title}: none was received")
UNSEEN = Text("没有贵单位可见的{title}", "{title}: none that your organisation may see")
RELEASED = "released"
NOT_RELEASED = Text("尚未放行：{state}", "Not released yet: {state}")
UNPAID = Text("已收付 {paid} {currency}，订单金额 {asked} {currency}", "{paid} {currency} of {asked} {currency} ordered are paid")
INVOICED = Text("发票合计 {told} {currency}，订单金额 {asked} {currency}", "Invoices come to {told} {currency}, ordered are {asked} {currency}")
DECLARED = Text("报关单发票金额 {told} {currency}，发票合计 {asked} {currency}", "Declared are {told} {currency}, invoices come to {asked} {currency}")
UNINSURED = Text("保险金额 {told} {currency}，发票合计 {asked} {currency}", "Insured are {told} {currency}, invoices come to {asked} {currency}")
NO_PAPER = Text("所引 {ref} 没有可见的单证", "No paper of the {ref} that is cited can be seen")


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing or does not agree, at which place, whose it is; `ref`: the paper that says so."""

    slot: Slot
    reason: Text
    ref: str = ""
    code: str = "missing"

    def out(self) -> dict[str, Any]:
        """The JSON shape."""
        owner = {"org": self.slot.owner, "title": KINDS[self.slot.owner].out()}
        return {
            "slot": self.slot.code, "title": self.slot.title.out(), "code": self.code, "reason": self.reason.out(), "owner": owner,
            "ref": self.ref,
        }  # fmt: skip


_SLOT = {slot.code: slot for slot in SLOTS}


async def shipment(port: Port, who: Principal, key: str) -> dict[str, Any]:
    """The shipment of a key. NotFound without a paper that the caller may see; Refused when a number means several orders."""
    told = await trace(port, who, key)
    documents: list[Doc] = told["documents"]
    if not documents:
        raise NotFound(errors.NO_SHIPMENT, field="of", rule="shipment")
    _one_order(documents, key)
    filled = {slot.code: [one for one in documents if slot_of(one["record"]) is slot] for slot in SLOTS}
    standing = {code: [one for one in found if _stands(one)] for code, found in filled.items()}
    found = [*_missing(who, standing), *differences(standing), *_uncited(standing)]
    return {
        "of": told["ref"], "orders": sorted({str(ref) for one in documents if (ref := one["data"].get("order"))}),
        "domains": [_domain(code, title, filled, documents) for code, title in DOMAINS.items()],
        "chain": [_step(code, standing) for code in CHAIN], "gaps": [one.out() for one in found],
    }  # fmt: skip


def _one_order(documents: Sequence[Doc], key: str) -> None:
    name = PurchaseOrder.facts.name
    same = (one for one in documents if one["record"] == name and str(one["data"].get("number")).casefold() == key.strip().casefold())
    refs = sorted({str(one["data"].get("order")) for one in same})
    if len(refs) > 1:
        raise Refused(errors.WHICH.fill(refs=", ".join(refs)), field="of", rule="one_order", code="ambiguous")


def _stands(one: Doc) -> bool:
    return one["state"] not in VOID and one["data"].get("status") not in VOID


def _domain(code: str, title: Text, filled: Mapping[str, Sequence[Doc]], documents: Sequence[Doc]) -> dict[str, Any]:
    slots = [
        {"slot": slot.code, "title": slot.title.out(), "needed": slot.needed, "documents": [_document(one) for one in filled[slot.code]]}
        for slot in SLOTS if slot.domain == code
    ]  # fmt: skip
    beside = [_document(one) for one in documents if slot_of(one["record"]) is None and domain_of(one["record"]) == code]
    return {"code": code, "title": title.out(), "papers": slots, "beside": beside}


def _document(one: Doc) -> dict[str, Any]:
    state = state_of(one)
    data = one["data"]
    amount, currency = data.get("amount", data.get("invoice_amount")), data.get("currency", data.get("invoice_currency"))
    return {
        "record": one["record"], "id": one["id"], "ref": one["ref"], "title": one["title"], "state": one["state"],
        "state_title": state.out() if state else None, "at": one["at"], "by": one["by"], "links": one["links"],
        "amount": None if amount is None else str(amount), "currency": currency,
    }  # fmt: skip


def _step(code: str, standing: Mapping[str, Sequence[Doc]]) -> dict[str, Any]:
    found = standing["declaration" if code == "release" else code]
    done = [one for one in found if code != "release" or one["state"] == RELEASED]
    title = RELEASE if code == "release" else _SLOT[code].title
    return {
        "step": code, "title": title.out(), "done": bool(found) and len(done) == len(found), "refs": [one["ref"] for one in done],
        "at": min((one["at"] for one in done), default=None) if code != "release" else _released_at(done),
    }  # fmt: skip


def _released_at(done: Sequence[Doc]) -> str | None:
    """When the last of some declarations was released."""
    return max((str(track["since"]) for one in done for track in one["tracks"].values() if track["state"] == RELEASED), default=None)


def _missing(who: Principal, standing: Mapping[str, Sequence[Doc]]) -> Iterator[Gap]:
    for slot in SLOTS:
        if slot.needed and not standing[slot.code]:
            everything = all(seen.whole(cls, frozenset({cls.facts.label}), who) for cls in slot.records)
            words, title = MISSING if everything else UNSEEN, slot.title
            yield Gap(slot, Text(words.zh.format(title=title.zh), words.en.format(title=title.en)))
    for one in standing["declaration"]:
        if one["state"] != RELEASED:
            state = state_of(one) or Text(one["state"], one["state"])
            reason = Text(NOT_RELEASED.zh.format(state=state.zh), NOT_RELEASED.en.format(state=state.en.lower()))
            yield Gap(_SLOT["declaration"], reason, one["ref"], "not_released")


def differences(standing: Mapping[str, Sequence[Doc]]) -> Iterator[Gap]:
    """Where the money of order, payments, invoices, declarations and policies does not agree, as far as all of it can be seen."""
    ordered, paid = _money(standing["order"]), _paid(standing)
    invoiced, insured = _money(standing["invoice"]), _money(standing["policy"])
    declared = _money(standing["declaration"], "invoice_")
    for currency, asked in sorted(ordered.items()):
        if paid and paid.get(currency, Decimal(0)) < asked - ROUNDING:
            yield Gap(_SLOT["payment"], _told(UNPAID, currency, asked, paid=paid.get(currency, Decimal(0))), code="unpaid")
        if invoiced and abs(invoiced.get(currency, Decimal(0)) - asked) > ROUNDING:
            yield Gap(_SLOT["invoice"], _told(INVOICED, currency, asked, told=invoiced.get(currency, Decimal(0))), code="invoiced")
    for currency, asked in sorted(invoiced.items()):
        if declared and abs(declared.get(currency, Decimal(0)) - asked) > ROUNDING:
            yield Gap(_SLOT["declaration"], _told(DECLARED, currency, asked, told=declared.get(currency, Decimal(0))), code="declared")
        if insured and insured.get(currency, Decimal(0)) < asked - ROUNDING:
            yield Gap(_SLOT["policy"], _told(UNINSURED, currency, asked, told=insured.get(currency, Decimal(0))), code="uninsured")


def _paid(standing: Mapping[str, Sequence[Doc]]) -> dict[str, Decimal]:
    """What was paid for imports, or received for exports, less what went back."""
    due = "received" if any(one["data"].get("way") == "out" for one in standing["order"]) else "paid"
    forth = [one for one in standing["payment"] if one["data"].get("way") == due]
    there = _money(standing["payment"])
    return {currency: 2 * _money(forth).get(currency, Decimal(0)) - total for currency, total in there.items()}


def _told(words: Text, currency: str, asked: Decimal, **more: Decimal) -> Text:
    return words.fill(currency=currency, asked=f"{asked:f}", **{name: f"{value:f}" for name, value in more.items()})


def _money(found: Sequence[Doc], start: str = "") -> dict[str, Decimal]:
    """What some papers come to by currency; nothing when one of them hides its amount, for then nothing can be compared."""
    sums: dict[str, Decimal] = {}
    for one in found:
        try:
            amount = Decimal(str(one["data"][f"{start}amount"]))
        except (KeyError, InvalidOperation):
            return {}
        currency = str(one["data"].get(f"{start}currency") or "")
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return sums


def _uncited(standing: Mapping[str, Sequence[Doc]]) -> Iterator[Gap]:
    """Bills and declarations that a trade paper cites and of which no paper is among these."""
    bills = {ref for one in standing["bill"] for name in BILLED if (ref := one["data"].get(name))}
    bills |= {ref for one in standing["bill"] for ref in one["data"].get("houses") or ()}
    declarations = {one["ref"] for one in standing["declaration"]}
    told: set[str] = set()
    for one in (*standing["order"], *standing["invoice"], *standing["policy"]):
        for field, code, known in (("bills", "bill", bills), ("declarations", "declaration", declarations)):
            for ref in one["data"].get(field) or ():
                if known and ref not in known and ref not in told:
                    told.add(ref)
                    title = _SLOT[code].title
                    name = Text(f"{title.zh} {ref.partition(':')[2]}", f"{title.en.lower()} {ref.partition(':')[2]}")
                    yield Gap(_SLOT[code], Text(NO_PAPER.zh.format(ref=name.zh), NO_PAPER.en.format(ref=name.en)), one["ref"], "cited")
