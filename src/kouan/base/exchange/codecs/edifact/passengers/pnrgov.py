"""PNRGOV (IATA/ICAO/WCO implementation guide), thin: flights, persons, documents (SSR DOCS) and the booking locator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from kouan.base.exchange.codecs.edifact.model import Message, Segment
from kouan.base.exchange.codecs.edifact.passengers.model import (
    COUNT,
    NO_FLIGHT,
    Document,
    Flight,
    Flown,
    Manifest,
    day_of,
    flight_number,
    joined,
)

GENDERS = {"M": "male", "MI": "male", "F": "female", "FI": "female", "U": "unspecified", "X": "unspecified"}


def read_pnrgov(message: Message, number: int) -> Manifest:
    """What a message tells; the flight in its head is the one that crosses the border. Raises CodecError without one."""
    found = Manifest(reference=joined(message.reference))
    head, *records = _records(message.segments)
    for segment in head:
        if segment.tag == "TVL":
            _add(found, segment, border=True)
    for record in records:
        _record(found, record)
    if not found.flights:
        raise NO_FLIGHT.error(f"message {number}", "TVL")
    stated = sum(_count(segment) for segment in head if segment.tag == "EQN")
    if stated and stated != len(found.persons) and stated != len(records):
        found.warnings.append(COUNT.at(f"message {number}", "EQN", stated=stated, listed=len(found.persons)))
    return found


def _records(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """The head, and then one list for each name record: each begins with SRC."""
    part: list[Segment] = []
    for segment in segments:
        if segment.tag == "SRC":
            yield part
            part = []
        part.append(segment)
    yield part


def _count(segment: Segment) -> int:
    text = joined(segment.get(0))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _record(found: Manifest, segments: Sequence[Segment]) -> None:
    booking, itinerary = "", False
    mine: list[Flown] = []
    early: list[Segment] = []
    for segment in segments:
        match segment.tag:
            case "ABI":
                break  # what follows is the record's history
            case "RCI" if not booking:
                booking = joined(segment.get(0, 1)).upper()
            case "TVL":
                itinerary = True  # who is named behind it was named before, with a ticket or a seat of this leg
                _add(found, segment)
            case "TIF" if not itinerary:
                mine.append(Flown(joined(segment.get(0)), joined(segment.get(1)), booking=booking))
            case "TKT" if mine and not itinerary:
                mine[-1].ticket = joined(segment.get(0))
            case "SSR" if joined(segment.get(0)) == "DOCS":
                if mine:
                    _document(mine, segment, itinerary)
                else:
                    early.append(segment)
            case "SSD" if mine and itinerary and len(mine) == 1 and not mine[0].seat:
                mine[0].seat = joined(segment.get(0)).upper()
    for segment in early:
        _document(mine, segment, True)
    found.persons += mine


def _add(found: Manifest, segment: Segment, *, border: bool = False) -> None:
    carrier, number = joined(segment.get(3)).upper(), joined(segment.get(4))
    if not (number and segment.get(1) and segment.get(2)):
        return  # a hotel, a car, a gap, or the codeshare's other number
    departs, arrives = _times([joined(part) for part in segment.element(0)])
    flight = Flight(
        flight_number(carrier, number), carrier, joined(segment.get(1)).upper(), joined(segment.get(2)).upper(), departs,
        arrives, border,
    )  # fmt: skip
    same = next((at for at, one in enumerate(found.flights) if one.mark == flight.mark), None)
    if same is None:
        found.flights.append(flight)
    elif found.flights[same].arrives is None:
        found.flights[same] = replace(found.flights[same], arrives=flight.arrives)


def _times(parts: Sequence[str]) -> tuple[datetime | None, datetime | None]:
    """Departure and arrival of C310: date, time, date, time (DDMMYY, HHMM); a time without date is of the day before it."""
    moments: list[datetime | None] = [None, None]
    day, slot = "", 0
    for at, part in enumerate(parts[:4]):
        slot = 1 if at >= 2 else 0
        if len(part) == 6 and part.isascii() and part.isdigit():
            day = part
            moments[slot] = _moment(day, "0000")
        elif len(part) == 4 and part.isascii() and part.isdigit() and day:
            moments[slot] = _moment(day, part)
    return moments[0], moments[1]


def _moment(day: str, time: str) -> datetime | None:
    try:
        return datetime.strptime(f"{day}{time}", "%d%m%y%H%M")  # noqa: DTZ007  # local to its airport
    except ValueError:
        return None


def _document(mine: Sequence[Flown], segment: Segment, itinerary: bool) -> None:
    """/kind/issuer/number/nationality/birth/sex/expiry/family/given …: of whom it names, else of the person before it."""
    text = joined(next((part for part in reversed(segment.element(0)) if "/" in part), ""))
    parts = [*(part.strip().upper() for part in text.split("/")), *[""] * 9][:11]
    _, kind, issuer, number, nationality, birth, sex, expires, family, *_ = parts
    person = _owner(mine, family, itinerary)
    if person is None:
        return
    person.nationality = person.nationality or nationality
    person.birth = person.birth or day_of(birth, past=True)
    person.gender = person.gender or GENDERS.get(sex, "")
    if number:
        document = Document(kind or "P", number, issuer, day_of(expires, past=False))
        if document not in person.documents:
            person.documents.append(document)


def _owner(mine: Sequence[Flown], family: str, itinerary: bool) -> Flown | None:
    if not mine:
        return None
    if not itinerary:
        return mine[-1]
    named = [one for one in mine if "".join(one.family.upper().split()) == "".join(family.split())]
    return named[0] if len(named) == 1 else (mine[0] if len(mine) == 1 else None)
