"""What others may import of transport papers: the records, and what the gate asks of a delivery order."""

from kouan.base.transport.legs import Gap, Paper, gaps, legs, same_place
from kouan.base.transport.records.document import FORMS, MODE_OF, Document
from kouan.base.transport.records.papers import Collected, DeliveryOrder, Interchange, PackedLine, PackingList
from kouan.base.transport.records.parts import MODES, Goods, Stage, TradeParty, Unit
from kouan.base.transport.service import collect, holder_of, release_for, release_need, shipment

__all__ = [
    "FORMS", "MODES", "MODE_OF", "Collected", "DeliveryOrder", "Document", "Gap", "Goods", "Interchange", "PackedLine",
    "PackingList", "Paper", "Stage", "TradeParty", "Unit", "collect", "gaps", "holder_of", "legs", "release_for", "release_need",
    "same_place", "shipment",
]  # fmt: skip
