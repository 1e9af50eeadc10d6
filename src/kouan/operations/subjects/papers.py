"""Which papers belong to a shipment, in five domains of the trade chain (HS/T 82 7.2.2 c), 7.2.4 a) 5)), and who brings each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.base.movement.api import HandlingOrder, Move
from kouan.base.permit.api import Permit
from kouan.base.portcall.api import PortCall
from kouan.base.trade.api import Invoice, Payment, Policy, PurchaseOrder
from kouan.base.transport.api import DeliveryOrder, Document, Interchange, PackingList
from kouan.kernel.records import Record
from kouan.kernel.text import Text

DOMAINS: Mapping[str, Text] = {
    "clearance": Text("通关", "Clearance"), "logistics": Text("物流", "Logistics"), "transaction": Text("交易", "Transaction"),
    "finance": Text("金融保险", "Finance and insurance"), "trade": Text("贸易", "Trade"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one kind of paper. `owner`: the kind of organisation that brings it; `needed`: without it a gap is named."""

    code: str
    domain: str
    title: Text
    records: tuple[type[Record], ...]
    owner: str
    needed: bool = True


SLOTS: tuple[Slot, ...] = (
    Slot("order", "transaction", Text("订单", "Order"), (PurchaseOrder,), "trader"),
    Slot("payment", "finance", Text("付款", "Payment"), (Payment,), "trader"),
    Slot("invoice", "trade", Text("发票", "Invoice"), (Invoice,), "trader"),
    Slot("packing_list", "trade", Text("装箱单", "Packing list"), (PackingList,), "trader"),
    Slot("permit", "trade", Text("许可证件", "Permit"), (Permit,), "trader", needed=False),
    Slot("policy", "finance", Text("保险单", "Insurance policy"), (Policy,), "trader"),
    Slot("bill", "logistics", Text("提运单", "Transport document"), (Document, Consignment), "carrier"),
    Slot("delivery", "logistics", Text("提货与交接", "Delivery and interchange"), (DeliveryOrder, Interchange), "carrier", needed=False),
    Slot("moves", "logistics", Text("作业动态", "Moves"), (HandlingOrder, Move, PortCall), "terminal", needed=False),
    Slot("declaration", "clearance", Text("报关单", "Declaration"), (Declaration,), "trader"),
)
CHAIN = ("order", "payment", "bill", "declaration", "release")
"""The steps of the chain, of which the last is a state of the declarations."""
RELEASE = Text("放行", "Release")
VOID = ("rejected", "cancelled", "withdrawn")
"""States of a paper that is there for its history alone."""
_SLOT_OF: Mapping[str, Slot] = {cls.facts.name: slot for slot in SLOTS for cls in slot.records}
_PLACES: tuple[tuple[str, str], ...] = (
    ("base.parcel.order", "transaction"), ("base.parcel.payment", "finance"), ("base.parcel.list", "clearance"),
    ("supervision.", "clearance"), ("base.permit.", "trade"), ("base.receipt.", "clearance"),
)  # fmt: skip


def slot_of(record: str) -> Slot | None:
    """The place of a record type among the papers of a shipment; None when it is beside them."""
    return _SLOT_OF.get(record)


def domain_of(record: str) -> str:
    """The domain that a record type belongs to; what moves goods, and all that is not named, is logistics."""
    slot = slot_of(record)
    return slot.domain if slot else next((domain for start, domain in _PLACES if record.startswith(start)), "logistics")
