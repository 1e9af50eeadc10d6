"""What others may import of the exchange: the base of connectors, the courier, and writers of sheets."""

from kouan.base.exchange.codecs.sheet import to_csv, to_xlsx
from kouan.base.exchange.connectors import Courier, courier_of
from kouan.base.exchange.party import HttpParty, Party, PartyAway, PartyRefused

__all__ = ["Courier", "HttpParty", "Party", "PartyAway", "PartyRefused", "courier_of", "to_csv", "to_xlsx"]
