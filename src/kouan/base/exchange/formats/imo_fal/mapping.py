"""A FAL notice as records: the port call, one entry for each person aboard, and the lists that are filed beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.fal import PortCallNotice
from kouan.base.exchange.formats.imo_fal.lists import dangerous, lists_of, person, stated
from kouan.kernel.formats import Draft, Submission
from kouan.kernel.references import make

CALL = "base.portcall.port_call"
PERSON = "base.portcall.person_aboard"
RECORDS = (
    CALL, PERSON,
    *(f"base.portcall.{name}" for name in ("cargo_declaration", "ship_stores", "crew_effects", "health_declaration",
                                           "security_declaration", "waste_declaration")),
)  # fmt: skip
WANTED = {
    "ship_name": "/ShipID/ShipName", "flag": "/ShipID/FlagState", "eta": "/PortOfArrival/ArrivalTime",
    "crew_count": "/PersonsOnboard/NumberOfCrew",
}  # fmt: skip
"""What a call needs when it is first stated, and where it stands in a notice."""


@dataclass(frozen=True, slots=True)
class FalSubmission(Submission):
    """A notice. `roles`: whose lists it replaces, so that persons who are no longer on them leave the call."""

    roles: tuple[str, ...] = ()
    listed: tuple[tuple[str, int], ...] = ()


def submission_of(notice: PortCallNotice) -> FalSubmission:
    """The call first, then crew and passengers, each person once, then the lists."""
    warnings = tuple(warning.out() for warning in fal.warnings(notice))
    call = make("portcall", f"{notice.port_of_arrival.un_lo_code}/{_vessel(notice)}/{notice.voyage_number}")
    drafts = (Draft(CALL, _call(notice), "/", warnings, renew=True), *_persons(notice, call), *lists_of(notice, call))
    stated_lists = {"crew": "crew_list", "passenger": "passenger_list"}
    roles = tuple(role for role, name in stated_lists.items() if name in notice.model_fields_set)
    counts = tuple((role, len(getattr(notice, stated_lists[role]))) for role in roles)
    return FalSubmission(drafts, "", roles if notice.list_update == "replace" else (), counts)


def _vessel(notice: PortCallNotice) -> str:
    return make("vessel", f"imo:{notice.ship_id.imo_number}")


def _call(n: PortCallNotice) -> dict[str, Any]:
    ship, port, aboard = n.ship_id, n.port_of_arrival, n.persons_onboard
    return stated({
        "vessel": _vessel(n), "ship_name": ship.ship_name, "call_sign": ship.call_sign, "mmsi": ship.mmsi_number,
        "flag": ship.flag_state, "ship_type": n.ship_type, "gross_tonnage": n.gross_tonnage,
        "length_m": n.length_overall, "draught_m": n.arrival_draught, "voyage": n.voyage_number,
        "port": port.un_lo_code, "last_port": n.last_port_of_call.un_lo_code if n.last_port_of_call else None,
        "next_port": n.next_port_of_call.un_lo_code if n.next_port_of_call else None,
        "eta": port.arrival_time or (port.departure_time if n.arrival_departure == "departure" else None),
        "etd": port.departure_time, "berth_wish": n.berth_arrival.facility_code if n.berth_arrival else None,
        "purpose": ", ".join(n.call_purpose)[:80], "cargo_summary": (n.cargo_overview or "")[:400],
        "dangerous": [dangerous(goods) for goods in n.dangerous_goods][:2000],
        "crew_count": aboard.number_of_crew if aboard else None,
        "passenger_count": aboard.number_of_passengers if aboard else None, "stores": _stores(n), "waste": _waste(n),
        "security_level": n.security.current_ship_security_level if n.security else None,
        "health": _health(n.health_data), "agent_name": n.agent.company if n.agent else None,
        "carrier": _carrier(n), "master": _master(n), "master_name": n.master_name,
    })  # fmt: skip


def _carrier(notice: PortCallNotice) -> str | None:
    code = notice.carrier.company_id if notice.carrier else None
    return "".join(code.split()) or None if code else None


def _stores(notice: PortCallNotice) -> str:
    return "; ".join(f"{s.article_name} {s.quantity.normalize():f} {s.unit_code}" for s in notice.ship_store)[:2000]


def _waste(notice: PortCallNotice) -> str | None:
    found = notice.waste_information
    if found is None:
        return None
    items = (f"{w.waste_type} {w.amount_to_be_delivered.normalize():f} m³" for w in found.waste_item)
    return "; ".join((found.waste_delivery, *items))[:2000]


def _health(data: fal.HealthData | None) -> str | None:
    """The answers of the declaration of health, by their ISO 28005-2 names."""
    if data is None:
        return None
    return "; ".join(f"{name}={value}" for name, value in data.model_dump(by_alias=True).items() if value is not None)[:2000]


def _master(notice: PortCallNotice) -> str | None:
    number = notice.master_document
    if number is None:
        return None
    listed = (one.identity_document for one in notice.crew_list if one.identity_document.number == number)
    found, flag = next(listed, None), notice.ship_id.flag_state or "XX"
    return person(found, flag) if found else f"person:O/{flag}/{number}"


def _persons(notice: PortCallNotice, call: str) -> Iterator[Draft]:
    seen: set[str] = set()
    lists: tuple[tuple[str, str, Sequence[fal.CrewMember | fal.Passenger]], ...] = (
        ("crew", "CrewList", notice.crew_list), ("passenger", "PassengerList", notice.passenger_list),
    )  # fmt: skip
    for role, name, persons in lists:
        for at, one in enumerate(persons):
            ref = person(one.identity_document, one.nationality)
            if ref in seen:
                continue
            seen.add(ref)
            yield Draft(PERSON, stated({"call": call, "person": ref, "role": role, **_person(one)}), f"/{name}/{at}", renew=True)


def _person(one: fal.CrewMember | fal.Passenger) -> dict[str, Any]:
    document = one.identity_document
    shared = {
        "nationality": one.nationality, "family_name": one.family_name, "given_names": one.given_name,
        "birth_date": one.date_of_birth, "birth_place": one.place_of_birth, "gender": one.gender,
        "document_number": document.number, "document_type": document.type, "document_issuer": document.issuing_country,
        "document_expires": document.expiry_date, "visa": one.visa_number,
    }  # fmt: skip
    if isinstance(one, fal.CrewMember):
        return {**shared, "rank": one.duty[:60]}
    return {
        **shared, "embarked": one.embarkation_port, "disembarks": one.debarkation_port, "transit": one.transit,
        "booking": one.booking_reference,
    }  # fmt: skip
