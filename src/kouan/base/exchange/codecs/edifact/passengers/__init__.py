"""Advance passenger information (PAXLST) and passenger name records (PNRGOV): flights, persons, documents, bookings."""

from kouan.base.exchange.codecs.edifact.passengers.model import Document, Flight, Flown, Manifest
from kouan.base.exchange.codecs.edifact.passengers.paxlst import read_paxlst
from kouan.base.exchange.codecs.edifact.passengers.pnrgov import read_pnrgov

__all__ = ["Document", "Flight", "Flown", "Manifest", "read_paxlst", "read_pnrgov"]
