"""CUSCAR, the customs cargo report: EDIFACT to `CargoReport` and back."""

from kouan.base.exchange.codecs.edifact.cuscar.model import (
    CargoReport,
    Consignment,
    Equipment,
    GoodsItem,
    Moment,
    Party,
    Place,
    Placement,
    Reference,
)
from kouan.base.exchange.codecs.edifact.cuscar.reader import is_cargo_report, read, report_of
from kouan.base.exchange.codecs.edifact.cuscar.writer import Envelope, write

__all__ = [
    "CargoReport", "Consignment", "Envelope", "Equipment", "GoodsItem", "Moment", "Party", "Place", "Placement",
    "Reference", "is_cargo_report", "read", "report_of", "write",
]
