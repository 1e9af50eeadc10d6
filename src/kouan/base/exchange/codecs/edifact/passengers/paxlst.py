"""PAXLST (UN/EDIFACT D.02B and later; WCO/IATA/ICAO guidelines on API): passengers or crew of one flight, train or vehicle."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from kouan.base.exchange.codecs.edifact.model import Message, Segment
from kouan.base.exchange.codecs.edifact.passengers.model import (
    COUNT,
    DATE,
    NO_FLIGHT,
    NO_NAME,
    SHIP,
    Document,
    Flight,
    Flown,
    Manifest,
    digits_of,
    flight_number,
    joined,
)
from kouan.base.exchange.codecs.edifact.values import date_time

ROLES = {"FL": "passenger", "FM": "crew", "DDU": "transit", "DDT": "crew"}
GENDERS = {"M": "male", "F": "female", "U": "unspecified", "X": "unspecified"}
MODES = {"2": "rail", "3": "road"}
WATER = ("1", "8")
"""Modes of transport (DE 8067, Recommendation 19); any other is the air, for which the message was made."""
_LEG = ("125", "87", "92", "130")


def read_paxlst(message: Message, number: int) -> Manifest:
    """What a message tells. Raises CodecError for one without a flight, and for a ship's."""
    reader = _Reader(number)
    for segment in message.segments:
        reader.take(segment)
    found = reader.found
    if not found.flights:
        raise NO_FLIGHT.error(f"message {number}", "TDT")
    if unnamed := [one for one in found.persons if not (one.family or one.given)]:
        found.warnings += [NO_NAME.at(f"message {number}", "NAD")] * len(unnamed)
        found.persons = [one for one in found.persons if one.family or one.given]
    if reader.stated is not None and reader.stated != len(found.persons):
        found.warnings.append(COUNT.at(f"message {number}", "CNT", stated=reader.stated, listed=len(found.persons)))
    return found


class _Reader:
    """Takes segments one by one; a segment belongs to the flight, person or document before it."""

    def __init__(self, number: int) -> None:
        self.found = Manifest()
        self.stated: int | None = None
        self._number = number
        self._person: Flown | None = None
        self._document = -1

    def take(self, segment: Segment) -> None:
        """Take one segment."""
        match segment.tag:
            case "BGM":
                self.found.reference = joined(segment.get(1))
            case "TDT":
                self._flight(segment)
            case "NAD":
                self._name(segment)
            case "CNT":
                count = joined(segment.get(0, 1))
                if joined(segment.get(0)) in ("41", "42") and count.isascii() and count.isdigit():
                    self.stated = (self.stated or 0) + int(count[:6])
            case "LOC" | "DTM" if self._person is None:
                self._leg(segment)
            case _ if self._person is not None:
                self._detail(self._person, segment)

    def _flight(self, segment: Segment) -> None:
        carrier, mode = joined(segment.get(4)), joined(segment.get(2))
        if mode in WATER:
            raise SHIP.error(f"message {self._number}, byte {segment.position}", "TDT", found=mode)
        self.found.mode = MODES.get(mode, self.found.mode)
        number = flight_number(carrier, segment.get(1))
        if number:
            self.found.flights.append(Flight(number, carrier or number[:2]))
            self._person = None

    def _leg(self, segment: Segment) -> None:
        if not self.found.flights:
            return
        flight, what, value = self.found.flights[-1], joined(segment.get(0)), joined(segment.get(1))
        if segment.tag == "LOC" and what in _LEG:
            if what == "125" or (what == "92" and not flight.origin):
                flight = replace(flight, origin=value.upper(), border=flight.border or what == "125")
            else:
                flight = replace(flight, destination=value.upper(), border=flight.border or what == "87")
        elif segment.tag == "DTM" and what in ("189", "136", "133", "232", "178", "132"):
            at = self._moment(segment)
            flight = replace(flight, departs=at or flight.departs) if what in ("189", "136", "133") else replace(
                flight, arrives=at or flight.arrives
            )  # fmt: skip
        self.found.flights[-1] = flight

    def _moment(self, segment: Segment) -> datetime | None:
        text = joined(segment.get(0, 1))
        try:
            return date_time(text, joined(segment.get(0, 2)))[0].replace(tzinfo=None)
        except ValueError:
            self._no_date(segment)
            return None

    def _day(self, segment: Segment, *, past: bool) -> date | None:
        found = digits_of(segment.get(0, 1), past=past)
        if found is None and segment.get(0, 1):
            self._no_date(segment)
        return found

    def _no_date(self, segment: Segment) -> None:
        at = f"message {self._number}, byte {segment.position}"
        self.found.warnings.append(DATE.at(at, "DTM", found=joined(segment.get(0, 1))))

    def _name(self, segment: Segment) -> None:
        role = ROLES.get(joined(segment.get(0)))
        self._person, self._document = (Flown(role=role) if role else None), -1
        if self._person:
            name = [joined(part) for part in segment.element(3)]
            self._person.family = name[0] if name else ""
            self._person.given = " ".join(part for part in name[1:3] if part)
            self.found.persons.append(self._person)

    def _detail(self, person: Flown, segment: Segment) -> None:
        what, value = joined(segment.get(0)), joined(segment.get(1))
        match segment.tag, what:
            case "ATT", "2":
                person.gender = GENDERS.get(joined(segment.get(2)).upper()[:1], "")
            case "DTM", "329":
                person.birth = self._day(segment, past=True)
            case "DTM", _ if self._document >= 0:
                self._expires(person, segment)
            case "NAT", _:
                person.nationality = value.upper()
            case "LOC", "178":
                person.embarked = value.upper()
            case "LOC", "179":
                person.disembarks = value.upper()
            case "LOC", "91" if self._document >= 0:
                person.documents[self._document] = replace(person.documents[self._document], issuer=value.upper())
            case "RFF", _:
                self._reference(person, what, joined(segment.get(0, 1)))
            case "DOC", _:
                person.documents.append(Document(what.upper(), value.upper()))
                self._document = len(person.documents) - 1

    def _expires(self, person: Flown, segment: Segment) -> None:
        if joined(segment.get(0)) == "36":
            expires = self._day(segment, past=False)
            person.documents[self._document] = replace(person.documents[self._document], expires=expires)

    def _reference(self, person: Flown, what: str, value: str) -> None:
        if what == "AVF":
            person.booking = value.upper()
        elif what == "SEA":
            person.seat = value.upper()
