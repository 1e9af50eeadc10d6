"""A FAL notice as records: the port call, and one entry for each person aboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.fal import DangerousGoods, HealthData, IdentityDocument, PortCallNotice
from kouan.kernel.formats import Draft
from kouan.kernel.references import make

CALL = "base.portcall.port_call"
PERSON = "base.portcall.person_aboard"
DOCUMENTS = {
    "passport": "P",
    "seafarers-identity-document": "S",
    "identity-card": "I",
    "travel-permit": "T",
    "other": "O",
}


def drafts_of(notice: PortCallNotice) -> tuple[Draft, ...]:
    """The call first, then crew and passengers, each person once."""
    warnings = tuple(warning.out() for warning in fal.warnings(notice))
    return (Draft(CALL, _call(notice), "/", warnings), *_persons(notice))


def _vessel(notice: PortCallNotice) -> str:
    return make("vessel", f"imo:{notice.ship_id.imo_number}")


def _call(n: PortCallNotice) -> dict[str, Any]:
    ship, port = n.ship_id, n.port_of_arrival
    return _stated({
        "vessel": _vessel(n), "ship_name": ship.ship_name, "call_sign": ship.call_sign, "mmsi": ship.mmsi_number,
        "flag": ship.flag_state, "ship_type": n.ship_type, "gross_tonnage": n.gross_tonnage,
        "length_m": n.length_overall, "draught_m": n.arrival_draught, "voyage": n.voyage_number,
        "port": port.un_lo_code, "last_port": n.last_port_of_call.un_lo_code if n.last_port_of_call else None,
        "next_port": n.next_port_of_call.un_lo_code if n.next_port_of_call else None,
        "eta": port.arrival_time or port.departure_time, "etd": port.departure_time,
        "berth_wish": n.berth_arrival.facility_code if n.berth_arrival else None,
        "purpose": ", ".join(n.call_purpose)[:80], "cargo_summary": (n.cargo_overview or "")[:400],
        "dangerous": [_dangerous(goods) for goods in n.dangerous_goods][:2000],
        "crew_count": n.persons_onboard.number_of_crew, "passenger_count": n.persons_onboard.number_of_passengers,
        "stores": _stores(n), "waste": _waste(n),
        "security_level": n.security.current_ship_security_level if n.security else None,
        "health": _health(n.health_data), "agent_name": n.agent.company if n.agent else None,
        "carrier": _carrier(n), "master": _master(n), "master_name": n.master_name,
    })  # fmt: skip


def _carrier(notice: PortCallNotice) -> str | None:
    code = notice.carrier.company_id if notice.carrier else None
    return "".join(code.split()) or None if code else None


def _dangerous(goods: DangerousGoods) -> dict[str, Any]:
    return {
        "un_number": goods.un_number, "imdg_class": goods.un_class, "description": goods.proper_shipping_name[:200],
        "gross_kg": float(goods.mass), "position": (goods.onboard_location or goods.transport_equipment or "")[:40],
    }  # fmt: skip


def _stores(notice: PortCallNotice) -> str:
    return "; ".join(f"{s.article_name} {s.quantity.normalize():f} {s.unit_code}" for s in notice.ship_store)[:2000]


def _waste(notice: PortCallNotice) -> str | None:
    found = notice.waste_information
    if found is None:
        return None
    items = (f"{w.waste_type} {w.amount_to_be_delivered.normalize():f} m³" for w in found.waste_item)
    return "; ".join((found.waste_delivery, *items))[:2000]


def _health(data: HealthData | None) -> str | None:
    """The answers of the declaration of health, by their ISO 28005-2 names."""
    if data is None:
        return None
    return "; ".join(f"{name}={value}" for name, value in data.model_dump(by_alias=True).items() if value is not None)[:2000]


def _master(notice: PortCallNotice) -> str | None:
    number = notice.master_document
    if number is None:
        return None
    listed = (person.identity_document for person in notice.crew_list if person.identity_document.number == number)
    found = next(listed, None)
    return _person(found, notice.ship_id.flag_state) if found else f"person:O/{notice.ship_id.flag_state}/{number}"


def _person(document: IdentityDocument, nationality: str) -> str:
    return f"person:{DOCUMENTS[document.type]}/{document.issuing_country or nationality}/{document.number}"


def _persons(notice: PortCallNotice) -> Iterator[Draft]:
    call = make("portcall", f"{notice.port_of_arrival.un_lo_code}/{_vessel(notice)}/{notice.voyage_number}")
    seen: set[str] = set()
    lists = (("crew", "CrewList", notice.crew_list), ("passenger", "PassengerList", notice.passenger_list))
    for role, name, persons in lists:
        for at, person in enumerate(persons):
            ref = _person(person.identity_document, person.nationality)
            if ref in seen:
                continue
            seen.add(ref)
            data = {
                "call": call, "person": ref, "role": role, "nationality": person.nationality,
                "rank": str(getattr(person, "duty", ""))[:60] or None, "family_name": person.family_name,
                "given_names": person.given_name, "birth_date": person.date_of_birth,
                "document_number": person.identity_document.number,
            }  # fmt: skip
            yield Draft(PERSON, _stated(data), f"/{name}/{at}")


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}
