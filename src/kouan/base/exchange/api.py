"""What others may import of the exchange: the base of connectors, the courier, and writers of sheets."""

from kouan.base.exchange.codecs.edifact.container import Envelope
from kouan.base.exchange.codecs.sheet import to_csv, to_xlsx
from kouan.base.exchange.connectors import Courier, courier_of
from kouan.base.exchange.formats.edifact.outgoing import write_moves
from kouan.base.exchange.party import HttpParty, Party, PartyAway, PartyRefused
from kouan.base.exchange.records import MEASURES, OUTCOMES, Instruction
from kouan.base.exchange.service.told import Receipt, receipts

__all__ = [
    "MEASURES", "OUTCOMES", "Courier", "Envelope", "HttpParty", "Instruction", "Party", "PartyAway", "PartyRefused", "Receipt",
    "courier_of", "receipts", "to_csv", "to_xlsx", "write_moves",
]
