"""The lists of a call as parts of a FAL notice: cargo, stores, crew's effects, persons, dangerous goods, health, security, waste."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kouan.base.exchange.formats.imo_fal.lists import HEALTH
from kouan.base.exchange.outgoing.fact import bare

Data = Mapping[str, Any]
EFFECTS = "base.portcall.crew_effects"


def stated(values: Data) -> dict[str, Any]:
    """The values that say something; false and zero do."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], ())}


def dangerous(goods: Data) -> dict[str, Any]:
    """A line of form 7."""
    return stated({
        "UNNumber": goods.get("un_number"), "UNClass": goods.get("imdg_class"), "SubsidiaryRisks": goods.get("subsidiary"),
        "ProperShippingName": goods.get("description"), "PackingGroup": goods.get("packing_group"),
        "NumberOfPackages": goods.get("packages"), "PackageType": goods.get("package_type"), "Mass": goods.get("gross_kg"),
        "FlashPoint": goods.get("flash_point_c"), "MarinePollutant": goods.get("marine_pollutant"),
        "TransportEquipment": bare(goods.get("container")), "OnboardLocation": goods.get("position"),
        "PortOfLoading": goods.get("loading"), "PortOfDischarge": goods.get("discharge"),
    })  # fmt: skip


def _person(data: Data) -> dict[str, Any]:
    document = {
        "Type": data.get("document_type"), "Number": data.get("document_number"), "IssuingCountry": data.get("document_issuer"),
        "ExpiryDate": data.get("document_expires"),
    }  # fmt: skip
    return {
        "FamilyName": data.get("family_name"), "GivenName": data.get("given_names"), "Nationality": data.get("nationality"),
        "Gender": data.get("gender"), "DateOfBirth": data.get("birth_date"), "PlaceOfBirth": data.get("birth_place"),
        "IdentityDocument": stated(document) or None, "VisaNumber": data.get("visa"),
    }  # fmt: skip


def member(data: Data) -> dict[str, Any]:
    """A line of the crew list (form 5)."""
    return stated({**_person(data), "Duty": data.get("rank")})


def passenger(data: Data) -> dict[str, Any]:
    """A line of the passenger list (form 6)."""
    return stated({
        **_person(data), "EmbarkationPort": data.get("embarked"), "DebarkationPort": data.get("disembarks"),
        "Transit": data.get("transit"), "BookingReference": data.get("booking"),
    })  # fmt: skip


def effects(data: Data, aboard: Mapping[str, Data]) -> Iterator[dict[str, Any]]:
    """The lines of form 4, each with its owner's document, or else name, as far as the reader sees them on the crew list."""
    for line in data.get("lines") or ():
        owner = aboard.get(line.get("person"), {})
        number = owner.get("document_number")
        named = {} if number else {"FamilyName": owner.get("family_name"), "GivenName": owner.get("given_names")}
        yield stated({
            "IdentityDocumentNumber": number, **named, "ArticleName": line.get("article"), "Quantity": line.get("quantity"),
            "UnitCode": line.get("unit"),
        })  # fmt: skip


def _cargo(data: Data) -> list[dict[str, Any]]:
    return [
        stated({
            "TransportDocumentNumber": bare(line.get("bill")), "TransportEquipment": bare(line.get("container")),
            "MarksAndNumbers": line.get("marks"), "NumberOfPackages": line.get("packages"), "PackageType": line.get("package_type"),
            "CargoDescription": line.get("description"), "HSCode": line.get("hs"), "GrossMass": line.get("gross_kg"),
            "Measurement": line.get("volume_m3"), "PortOfLoading": line.get("loading"), "PortOfDischarge": line.get("discharge"),
        })
        for line in data.get("lines") or ()
    ]  # fmt: skip


def _stores(data: Data) -> list[dict[str, Any]]:
    return [
        stated({"ArticleName": line.get("article"), "Quantity": line.get("quantity"), "UnitCode": line.get("unit"),
                "OnboardLocation": line.get("location")})
        for line in data.get("lines") or ()
    ]  # fmt: skip


def _health(data: Data) -> dict[str, Any]:
    return stated({name: data.get(ours) for name, ours in HEALTH.items()})


def _security(data: Data) -> dict[str, Any]:
    ports = [
        stated({"UNLoCode": p.get("port"), "Facility": p.get("facility"), "ArrivalDate": p.get("arrived"), "DepartureDate": p.get("left"),
                "ShipSecurityLevel": p.get("level"), "SpecialSecurityMeasures": p.get("measures")})
        for p in data.get("last_ports") or ()
    ]  # fmt: skip
    activities = [
        stated({"Location": a.get("place"), "FromDate": a.get("begun"), "ToDate": a.get("ended"), "Activity": a.get("activity"),
                "SecurityMeasures": a.get("measures")})
        for a in data.get("ship_to_ship") or ()
    ]  # fmt: skip
    return stated({
        "CurrentShipSecurityLevel": data.get("level"), "HasSecurityPlan": data.get("has_plan"),
        "CertificateNumber": data.get("certificate"), "CertificateExpiryDate": data.get("certificate_expires"),
        "CompanySecurityOfficer": data.get("officer"), "LastPortCalls": ports, "ShipToShipActivities": activities,
        "SecurityOtherMattersToReport": data.get("matters"),
    })  # fmt: skip


def _waste(data: Data) -> dict[str, Any]:
    lines = [
        stated({"WasteType": w.get("kind"), "AmountToBeDelivered": w.get("delivered_m3"), "MaximumStorageCapacity": w.get("capacity_m3"),
                "RetainedAmount": w.get("retained_m3"), "PortOfDeliveryOfRemaining": w.get("next_port")})
        for w in data.get("lines") or ()
    ]  # fmt: skip
    return stated({"WasteDelivery": data.get("delivery"), "LastDeliveryPort": data.get("last_port"),
                   "LastDeliveryDate": data.get("last_date"), "WasteItem": lines})  # fmt: skip


MAKERS: Mapping[str, tuple[str, Callable[[Data], Any]]] = {
    "base.portcall.cargo_declaration": ("CargoDeclaration", _cargo), "base.portcall.ship_stores": ("ShipStore", _stores),
    "base.portcall.health_declaration": ("HealthData", _health), "base.portcall.security_declaration": ("Security", _security),
    "base.portcall.waste_declaration": ("WasteInformation", _waste),
}  # fmt: skip
"""Where the record of a list stands in a notice, and how."""
