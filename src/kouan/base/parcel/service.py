"""From a logistics number to everything that belongs to the parcel: list, payer, order, payment; and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kouan.base.parcel import store
from kouan.base.parcel.records import Parcel, ParcelList, ParcelOrder, ParcelPayment
from kouan.kernel.database import scope
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.references import make
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

Item = Mapping[str, Any]
NO_LIST = Text("没有清单", "There is no list")
NO_ORDER = Text("没有收到订单", "The order has not come")
NO_PAYMENT = Text("没有收到支付单", "The payment has not come")
NO_LOGISTICS = Text("没有收到物流单", "The logistics paper has not come")
ORDERED = Text("订单金额与清单不符", "The order's amount is not the list's")
PAID = Text("支付金额与清单不符", "The amount paid is not the list's")
PAYMENT = Text("支付流水号与清单不符", "The payment's number is not the one that the list names")


@dataclass(frozen=True, slots=True)
class Joined:
    """Papers of one reading by what joins them."""

    lists: Mapping[str, Item]
    parcels: Mapping[str, Item]
    orders: Mapping[tuple[str, str], Item]
    payments: Mapping[str, Item]

    def of(self, ref: str) -> tuple[Item | None, Item | None, Item | None, Item | None]:
        """List, logistics, order and payment of a parcel."""
        listed = self.lists.get(ref)
        named = self.names(listed) if listed is not None else ("", "")
        return listed, self.parcels.get(ref), self.orders.get(named), self.payments.get(named[1])

    @staticmethod
    def names(paper: Item) -> tuple[str, str]:
        """Platform and order number that a list names, or an order has."""
        doc = paper["data"]
        return str(doc["platform"]), str(doc.get("order_number") or doc.get("number"))


async def resolve(port: Port, who: Principal, numbers: Sequence[str]) -> list[dict[str, Any]]:
    """For each logistics number its papers as the caller may see them; who sees the list learns where they do not agree."""
    refs = {number: _ref(number) for number in numbers}
    wanted = sorted({ref for ref in refs.values() if ref})
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        papers = await store.papers(conn, wanted)
        seen = _joined(
            await shown(port, who, ParcelList, papers.lists, conn), await shown(port, who, Parcel, papers.parcels, conn),
            await shown(port, who, ParcelOrder, papers.orders, conn), await shown(port, who, ParcelPayment, papers.payments, conn),
        )  # fmt: skip
    async with scope(port.pool, (0, PLATFORM.org), clearance=1) as conn:
        kept = await store.papers(conn, [ref for ref in wanted if ref in seen.lists])
    known = _joined(*([{"data": row.doc, "ref": row.ref} for row in rows] for rows in
                      (kept.lists, kept.parcels, kept.orders, kept.payments)))  # fmt: skip
    return [_resolved(number, ref, seen, known) for number, ref in refs.items()]


def _joined(lists: Sequence[Item], parcels: Sequence[Item], orders: Sequence[Item], payments: Sequence[Item]) -> Joined:
    return Joined(
        {one["data"]["parcel"]: one for one in lists}, {one["ref"]: one for one in parcels},
        {Joined.names(one): one for one in orders}, {one["data"]["order_number"]: one for one in payments},
    )  # fmt: skip


def _ref(number: str) -> str:
    try:
        return make("parcel", number)
    except ValueError:
        return ""


def _resolved(number: str, ref: str, seen: Joined, known: Joined) -> dict[str, Any]:
    listed, parcel, order, payment = seen.of(ref)
    said = differences(*known.of(ref)) if listed is not None else [NO_LIST]
    return {
        "number": ref.partition(":")[2] or number, "ref": ref, "list": listed, "parcel": parcel, "order": order,
        "payment": payment, "payer": _payer(listed, payment), "differences": [one.out() for one in said],
    }  # fmt: skip


def _payer(listed: Item | None, payment: Item | None) -> str | None:
    """Who paid, as the payment firm tells it, else as the list does; masked as each of them is."""
    told = [one["data"].get("payer") for one in (payment, listed) if one is not None]
    return next((str(name) for name in told if name), None)


def differences(listed: Item | None, parcel: Item | None, order: Item | None, payment: Item | None) -> list[Text]:
    """Where the list, the order, the payment and the logistics paper do not agree (三单比对)."""
    if listed is None:
        return [NO_LIST]
    said = []
    if order is None:
        said.append(NO_ORDER)
    elif _money(order) != _money(listed):
        said.append(ORDERED)
    if payment is None:
        said.append(NO_PAYMENT)
    elif _money(payment) != _money(listed):
        said.append(PAID)
    elif listed["data"].get("payment_number") not in (None, payment["data"].get("number")):
        said.append(PAYMENT)
    return [*said, NO_LOGISTICS] if parcel is None else said


def _money(item: Item) -> tuple[Decimal, str]:
    return Decimal(str(item["data"]["amount"])), str(item["data"]["currency"])
