"""The lists of a FAL notice as records beside the call: cargo, stores, crew's effects, health, security, waste."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.fal import PortCallNotice
from kouan.kernel.formats import Draft

DOCUMENTS = {
    "passport": "P",
    "seafarers-identity-document": "S",
    "identity-card": "I",
    "travel-permit": "T",
    "other": "O",
}


def person(document: fal.IdentityDocument, nationality: str) -> str:
    """The reference of whoever holds a document."""
    return f"person:{DOCUMENTS[document.type]}/{document.issuing_country or nationality}/{document.number}"


def stated(values: dict[str, Any]) -> dict[str, Any]:
    """What a notice states; nothing stands for what it leaves out."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def lists_of(notice: PortCallNotice, call: str) -> tuple[Draft, ...]:
    """A draft for each list that the notice holds; each takes the place of the call's former one."""
    found = ((record, pointer, make(notice)) for record, (pointer, make) in _LISTS.items())
    return tuple(
        Draft(f"base.portcall.{record}", {"call": call, **data}, pointer, renew=True)
        for record, pointer, data in found if data is not None
    )  # fmt: skip


def dangerous(goods: fal.DangerousGoods) -> dict[str, Any]:
    """A line of FAL form 7 as a part of the call."""
    return stated({
        "un_number": goods.un_number, "imdg_class": goods.un_class, "description": goods.proper_shipping_name[:200],
        "gross_kg": float(goods.mass), "position": (goods.onboard_location or goods.transport_equipment or "")[:40],
        "packing_group": goods.packing_group, "subsidiary": list(goods.subsidiary_risks)[:4],
        "flash_point_c": _float(goods.flash_point), "marine_pollutant": goods.marine_pollutant,
        "packages": goods.number_of_packages, "package_type": goods.package_type, "container": goods.transport_equipment,
        "loading": goods.port_of_loading, "discharge": goods.port_of_discharge,
    })  # fmt: skip


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _cargo(notice: PortCallNotice) -> dict[str, Any] | None:
    lines = [
        stated({
            "bill": c.transport_document_number, "container": c.transport_equipment, "marks": c.marks_and_numbers,
            "packages": c.number_of_packages, "package_type": c.package_type, "description": c.cargo_description,
            "hs": c.hs_code, "gross_kg": _float(c.gross_mass), "volume_m3": _float(c.measurement),
            "loading": c.port_of_loading, "discharge": c.port_of_discharge,
        })
        for c in notice.cargo_declaration
    ]  # fmt: skip
    return {"lines": lines} if lines else None


def _stores(notice: PortCallNotice) -> dict[str, Any] | None:
    lines = [
        stated({"article": s.article_name, "quantity": float(s.quantity), "unit": s.unit_code, "location": s.onboard_location})
        for s in notice.ship_store
    ]
    return {"lines": lines} if lines else None


def _effects(notice: PortCallNotice) -> dict[str, Any] | None:
    lines = []
    for effect in notice.dutiable_crew_effects:
        owner = fal.owner(notice, effect)
        assert owner is not None  # a notice in which nobody owns an article was refused when it was read
        lines.append({
            "person": person(owner.identity_document, owner.nationality), "rank": owner.duty[:60],
            "article": effect.article_name, "quantity": float(effect.quantity), "unit": effect.unit_code,
        })  # fmt: skip
    return {"lines": lines} if lines else None


_HEALTH = {
    "valid_ship_sanitation_control_certificate": "sanitation_certificate", "re_inspection_required": "reinspection_required",
    "visited_infected_area": "infected_area", "person_died": "died", "number_of_deaths": "deaths",
    "infection_condition_on_board": "infection_suspected", "ill_persons_greater_than_expected": "more_ill_than_expected",
    "number_of_ill_persons": "ill", "ill_persons_on_board_now": "ill_now", "medical_consulted": "doctor_consulted",
    "condition_leading_to_infection": "spread_condition", "sanitary_measure_applied": "measures_applied",
    "stowaways_found": "stowaways", "sick_animal": "sick_animal", "remarks": "remarks",
}  # fmt: skip
HEALTH = {fal.HealthData.model_fields[theirs].alias or theirs: ours for theirs, ours in _HEALTH.items()}
"""The answers of the declaration of health: fields of the record by their names of ISO 28005-2."""


def _health(notice: PortCallNotice) -> dict[str, Any] | None:
    data = notice.health_data
    return None if data is None else stated({ours: getattr(data, theirs) for theirs, ours in _HEALTH.items()})


def _security(notice: PortCallNotice) -> dict[str, Any] | None:
    data = notice.security
    if data is None:
        return None
    ports = [
        stated({"port": p.un_lo_code, "facility": p.facility, "arrived": p.arrival_date, "left": p.departure_date,
                "level": p.ship_security_level, "measures": p.special_security_measures})
        for p in data.last_port_calls
    ]  # fmt: skip
    activities = [
        stated({"place": a.location, "begun": a.from_date, "ended": a.to_date, "activity": a.activity,
                "measures": a.security_measures})
        for a in data.ship_to_ship_activities
    ]  # fmt: skip
    return stated({
        "level": data.current_ship_security_level, "has_plan": data.has_security_plan, "certificate": data.certificate_number,
        "certificate_expires": data.certificate_expiry_date, "officer": data.company_security_officer, "last_ports": ports,
        "ship_to_ship": activities, "matters": data.security_other_matters_to_report,
    })  # fmt: skip


def _waste(notice: PortCallNotice) -> dict[str, Any] | None:
    data = notice.waste_information
    if data is None:
        return None
    lines = [
        stated({"kind": w.waste_type, "delivered_m3": float(w.amount_to_be_delivered),
                "capacity_m3": _float(w.maximum_storage_capacity), "retained_m3": _float(w.retained_amount),
                "next_port": w.port_of_delivery_of_remaining})
        for w in data.waste_item
    ]  # fmt: skip
    return stated({"delivery": data.waste_delivery, "last_port": data.last_delivery_port,
                   "last_date": data.last_delivery_date, "lines": lines})  # fmt: skip


_LISTS: dict[str, tuple[str, Callable[[PortCallNotice], dict[str, Any] | None]]] = {
    "cargo_declaration": ("/CargoDeclaration", _cargo), "ship_stores": ("/ShipStore", _stores),
    "crew_effects": ("/DutiableCrewEffects", _effects), "health_declaration": ("/HealthData", _health),
    "security_declaration": ("/Security", _security), "waste_declaration": ("/WasteInformation", _waste),
}  # fmt: skip
