"""PAXLST and PNRGOV as records: the flight that crosses the border, and everybody on it, with documents and bookings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from kouan.base.exchange.codecs import edifact
from kouan.base.exchange.codecs.edifact.passengers import Document, Flight, Flown, Manifest, read_paxlst, read_pnrgov
from kouan.base.exchange.codecs.edifact.passengers.model import NO_FLIGHT, NO_PLACE, NO_TIME
from kouan.base.exchange.codecs.problem import Problem
from kouan.kernel.formats import Draft, Submission, Unread
from kouan.kernel.references import make
from kouan.standards.codes.api import lookup

CONVEYANCE = "base.conveyance.conveyance"
TRAVELLER = "base.conveyance.person_aboard"
READERS = {"PAXLST": read_paxlst, "PNRGOV": read_pnrgov}
KINDS = {"P": ("P", "passport"), "I": ("I", "identity-card"), "C": ("I", "identity-card"), "A": ("I", "identity-card")}
SLIPS = ("edifact.unt.", "edifact.unz.", "edifact.une.")
"""Counts and references of trailers. These messages tell what the carrier's system holds: such slips are kept, and flagged."""


def read(message: edifact.Message, number: int, notices: tuple[Problem, ...]) -> list[Submission | Unread]:
    """One submission: the flight, and each person once. Raises CodecError for a message without a flight."""
    found = READERS[message.type](message, number)
    flight = found.crossing
    if not (flight.departs or flight.arrives):
        raise NO_TIME.error(f"message {number}", "TDT")
    if not flight.number:
        raise NO_FLIGHT.error(f"message {number}", "TDT")
    if not (flight.destination or flight.origin):
        raise NO_PLACE.error(f"message {number}", "LOC")
    warnings = tuple(problem.out() for problem in (*notices, *found.warnings))
    head = Draft(CONVEYANCE, _conveyance(found, flight, message), f"message {number}", warnings, renew=True)
    data = head.data
    name = "/".join(str(data[part]) for part in ("mode", "number", "day", "trip", "direction", "port"))
    return [Submission((head, *_travellers(found, make("conveyance", name), number)), f"message {number}")]


def forgiven(reading: edifact.Reading) -> bool:
    """Whether an interchange holds passenger data alone, and nothing is wrong with it but what its trailers count."""
    messages = [message for interchange in reading.interchanges for message in interchange.messages]
    slips = all(problem.code.startswith(SLIPS) for problem in reading.problems)
    return slips and bool(messages) and all(message.type in READERS and message.trailer for message in messages)


def _conveyance(found: Manifest, flight: Flight, message: edifact.Message) -> dict[str, Any]:
    moment = flight.arrives or flight.departs
    crew = sum(1 for one in found.persons if one.role == "crew")
    assert moment is not None
    return _stated({
        "mode": found.mode, "number": flight.number[:20], "day": (flight.departs or moment).date(), "trip": 1,
        "direction": "entry", "port": flight.destination or flight.origin, "scheduled": moment,
        "carrier_code": flight.carrier[:35], "last_place": flight.origin,
        "next_place": _next(found, flight), "crew_count": crew or None,
        "passenger_count": (len(found.persons) - crew) or None, "route": [_stop(leg) for leg in found.flights][:40],
        "source": f"{message.type} {found.reference}"[:70].strip(),
    })  # fmt: skip


def _next(found: Manifest, flight: Flight) -> str:
    after = (leg.destination for leg in found.flights if leg is not flight and leg.origin == flight.destination)
    return next(after, "")


def _stop(leg: Flight) -> dict[str, Any]:
    return _stated({"place": leg.origin or leg.destination, "departs": leg.departs})


def _travellers(found: Manifest, conveyance: str, number: int) -> Iterator[Draft]:
    seen: set[str] = set()
    for at, one in enumerate(found.persons, 1):
        passes = [document for document in one.documents if document.kind[:1] != "V"]
        visa = next((document.number for document in one.documents if document.kind[:1] == "V"), "")
        document = passes[0] if passes else None
        ref = _reference(one, document)
        if ref in seen:
            continue
        seen.add(ref)
        data = {
            "conveyance": conveyance, "person": ref, "role": one.role, "nationality": _country(one.nationality),
            "family_name": one.family[:80], "given_names": one.given[:80], "gender": one.gender, "birth_date": one.birth,
            "visa": visa[:40], "embarked": one.embarked[:10], "disembarks": one.disembarks[:10], "booking": one.booking[:35],
            "ticket": one.ticket[:35], "seat": one.seat[:10],
        }  # fmt: skip
        yield Draft(TRAVELLER, _stated({**data, **_document(document)}), f"message {number}, person {at}", renew=True)


def _document(document: Document | None) -> dict[str, Any]:
    if document is None:
        return {}
    return {
        "document_type": KINDS.get(document.kind[:1], ("O", "other"))[1], "document_number": document.number[:40],
        "document_issuer": _country(document.issuer), "document_expires": document.expires,
    }  # fmt: skip


def _reference(one: Flown, document: Document | None) -> str:
    """A person by document; without one by name, birth date and booking, which together name nobody else of the flight."""
    if document and document.number:
        issuer = _country(document.issuer or one.nationality) or "XX"
        return make("person", f"{KINDS.get(document.kind[:1], ('O', ''))[0]}/{issuer}/{document.number}"[:200])
    born = one.birth.isoformat() if isinstance(one.birth, date) else ""
    return make("person", f"N/{one.family}/{one.given}/{born}/{one.booking}"[:200])


def _country(code: str) -> str:
    """ISO 3166-1 alpha-2, so that the same document is the same person by sea and by air; else the code as it stands."""
    found = lookup("country", code) if code else None
    text = found.code if found else code.upper()
    return text if 2 <= len(text) <= 3 and text.isalpha() and text.isascii() else ""


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}
