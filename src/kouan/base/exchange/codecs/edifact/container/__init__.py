"""Container messages of UN/EDIFACT: what COARRI, CODECO, COPARN, COPRAR, BAPLIE, IFTSTA and CUSREP share."""

from kouan.base.exchange.codecs.edifact.container import faults
from kouan.base.exchange.codecs.edifact.container.model import (
    Facts,
    Hazard,
    Means,
    Moment,
    Party,
    Place,
    Reference,
    Sheet,
    Status,
    Unit,
)
from kouan.base.exchange.codecs.edifact.container.walker import sheet_of
from kouan.base.exchange.codecs.edifact.container.writer import Envelope, write

__all__ = [
    "Envelope", "Facts", "Hazard", "Means", "Moment", "Party", "Place", "Reference", "Sheet", "Status", "Unit",
    "faults", "sheet_of", "write",
]
