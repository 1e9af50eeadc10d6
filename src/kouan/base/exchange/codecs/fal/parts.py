"""Parts of the FAL general declaration and of the lists that go with it (IMO FAL forms 1 to 7, MDH, waste, ISPS).

Names are those of ISO 28005-2 and the IMO Compendium where they have one; JSON carries them in PascalCase.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from kouan.base.exchange.codecs.fal.base import (
    Count,
    Country,
    LoCode,
    Moment,
    Name,
    Nationality,
    Part,
    Text256,
    Text512,
    named,
)

Tonnage = Annotated[Decimal, Field(strict=False, ge=0, le=1_000_000, max_digits=14, decimal_places=3)]
Kilograms = Annotated[Decimal, Field(strict=False, ge=0, max_digits=16, decimal_places=6)]
Quantity = Annotated[Decimal, Field(strict=False, ge=0, max_digits=16, decimal_places=6)]
Metres = Annotated[Decimal, Field(strict=False, gt=0, le=1_000, max_digits=7, decimal_places=3)]
CubicMetres = Annotated[Decimal, Field(strict=False, ge=0, max_digits=12, decimal_places=3)]
Level = Literal[1, 2, 3]
"""Security level of the ISPS Code."""


class ShipId(Part):
    """ShipID: who the ship is."""

    ship_name: Name | None = None
    imo_number: str = named("IMONumber", pattern=r"^[0-9]{7}$", examples=["9321483"])
    call_sign: str | None = named("CallSign", None, pattern=r"^[A-Z0-9]{3,7}$")
    mmsi_number: str | None = named("MMSINumber", None, pattern=r"^[0-9]{9}$")
    flag_state: Country | None = None


class PortCallPlace(Part):
    """A port with its times: PortOfArrival, LastPortOfCall, NextPortOfCall."""

    un_lo_code: LoCode = named("UNLoCode")
    name: Text256 | None = None
    arrival_time: Moment | None = None
    departure_time: Moment | None = None


class Berth(Part):
    """BerthArrival: the berth wished for."""

    facility_code: Annotated[str, Field(min_length=1, max_length=35)]
    facility_name: Text256 | None = None


class Contact(Part):
    """ContactInfo: a firm, and whom to ask there."""

    company: Name
    company_id: Annotated[str, Field(max_length=35)] | None = None
    person: Name | None = None
    business_telephone: Annotated[str, Field(max_length=35)] | None = None
    e_mail: Annotated[str, Field(max_length=100, pattern=r"^[^@\s]+@[^@\s]+$")] | None = named("EMail", None)


class PersonsOnboard(Part):
    """How many are aboard; stowaways are in neither of the first two."""

    number_of_crew: Count
    number_of_passengers: Count = 0
    number_of_stowaways: Count = 0


class IdentityDocument(Part):
    """A passport, seafarer's book or the like."""

    type: Literal["passport", "seafarers-identity-document", "identity-card", "travel-permit", "other"]
    number: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,35}$")]
    issuing_country: Nationality | None = None
    expiry_date: date | None = None


class Person(Part):
    """PersonOnboard: what crew and passengers have in common."""

    family_name: Name
    given_name: Name
    nationality: Nationality
    gender: Literal["male", "female", "unspecified"] | None = None
    date_of_birth: date
    place_of_birth: Text256 | None = None
    identity_document: IdentityDocument
    visa_number: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,35}$")] | None = None


class CrewMember(Person):
    """A line of the crew list (FAL form 5). `duty` is the rank or rating."""

    duty: Name


class Passenger(Person):
    """A line of the passenger list (FAL form 6)."""

    embarkation_port: LoCode | None = None
    debarkation_port: LoCode | None = None
    transit: bool = False
    booking_reference: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,35}$")] | None = None


class CargoItem(Part):
    """A line of the cargo declaration (FAL form 2). `gross_mass` in kg, `measurement` in m³."""

    transport_document_number: Annotated[str, Field(min_length=1, max_length=70)] | None = None
    transport_equipment: Annotated[str, Field(min_length=4, max_length=17)] | None = None
    marks_and_numbers: Text512 = ""
    number_of_packages: Count | None = None
    package_type: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] | None = None
    cargo_description: Annotated[str, Field(min_length=1, max_length=512)]
    hs_code: Annotated[str, Field(pattern=r"^[0-9]{4,12}$")] | None = named("HSCode", None)
    gross_mass: Kilograms | None = None
    measurement: CubicMetres | None = None
    port_of_loading: LoCode | None = None
    port_of_discharge: LoCode | None = None


class StoreItem(Part):
    """A line of the ship's stores declaration (FAL form 3). `unit_code` is of Recommendation 20."""

    article_name: Name
    quantity: Quantity
    unit_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")]
    onboard_location: Text256 | None = None


class CrewEffect(Part):
    """A line of the crew's effects declaration (FAL form 4): whose it is by document, or by the name on the crew list."""

    family_name: Name | None = None
    given_name: Name | None = None
    identity_document_number: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,35}$")] | None = None
    article_name: Name
    quantity: Quantity
    unit_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,3}$")]


class DangerousGoods(Part):
    """A line of the dangerous goods manifest (FAL form 7). `mass` is gross, in kg; `flash_point` in °C."""

    un_number: str = named("UNNumber", pattern=r"^[0-9]{4}$")
    un_class: str = named("UNClass", pattern=r"^[1-9](\.[1-9][A-S]?)?$")
    subsidiary_risks: tuple[Annotated[str, Field(pattern=r"^[1-9](\.[1-9])?$")], ...] = ()
    proper_shipping_name: Annotated[str, Field(min_length=1, max_length=350)]
    packing_group: Literal["I", "II", "III"] | None = None
    number_of_packages: Count | None = None
    package_type: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] | None = None
    mass: Kilograms
    flash_point: Annotated[Decimal, Field(strict=False, ge=-100, le=400)] | None = None
    marine_pollutant: bool = False
    transport_equipment: Annotated[str, Field(min_length=4, max_length=17)] | None = None
    onboard_location: Text256 | None = None
    port_of_loading: LoCode | None = None
    port_of_discharge: LoCode | None = None


class HealthData(Part):
    """Answers of the Maritime Declaration of Health (International Health Regulations 2005, annex 8)."""

    valid_ship_sanitation_control_certificate: bool
    re_inspection_required: bool = False
    visited_infected_area: bool
    person_died: bool
    number_of_deaths: Count = 0
    infection_condition_on_board: bool
    ill_persons_greater_than_expected: bool = False
    number_of_ill_persons: Count = 0
    ill_persons_on_board_now: bool = False
    medical_consulted: bool = False
    condition_leading_to_infection: bool = False
    sanitary_measure_applied: bool = False
    stowaways_found: bool
    sick_animal: bool
    remarks: Text512 | None = None


class WasteItem(Part):
    """A kind of waste (MARPOL; advance notification for waste delivery). Amounts in m³."""

    waste_type: Name
    amount_to_be_delivered: CubicMetres
    maximum_storage_capacity: CubicMetres | None = None
    retained_amount: CubicMetres | None = None
    port_of_delivery_of_remaining: LoCode | None = None


class WasteInformation(Part):
    """What is delivered, and where and when it was last."""

    waste_delivery: Literal["all", "some", "none"]
    last_delivery_port: LoCode | None = None
    last_delivery_date: date | None = None
    waste_item: tuple[WasteItem, ...] = ()


class PortFacilityCall(Part):
    """One of the last ten calls at port facilities (SOLAS XI-2 regulation 9)."""

    un_lo_code: LoCode = named("UNLoCode")
    facility: Annotated[str, Field(max_length=70)] = ""
    arrival_date: date | None = None
    departure_date: date | None = None
    ship_security_level: Level = 1
    special_security_measures: Text512 = ""


class ShipToShipActivity(Part):
    """A ship-to-ship activity during the last ten calls."""

    location: Annotated[str, Field(min_length=1, max_length=120)]
    from_date: date | None = None
    to_date: date | None = None
    activity: Annotated[str, Field(max_length=256)] = ""
    security_measures: Text512 = ""


class Security(Part):
    """Ship security (SOLAS XI-2): level now, certificate, last ports, anything to report."""

    current_ship_security_level: Level
    has_security_plan: bool | None = None
    certificate_number: Annotated[str, Field(max_length=35)] | None = None
    certificate_expiry_date: date | None = None
    company_security_officer: Annotated[str, Field(max_length=140)] | None = None
    last_port_calls: Annotated[tuple[PortFacilityCall, ...], Field(max_length=10)] = ()
    ship_to_ship_activities: Annotated[tuple[ShipToShipActivity, ...], Field(max_length=100)] = ()
    security_other_matters_to_report: Text512 | None = None


__all__ = [
    "Berth", "CargoItem", "Contact", "CrewEffect", "CrewMember", "DangerousGoods", "HealthData", "IdentityDocument", "Level",
    "Metres", "Passenger", "Person", "PersonsOnboard", "PortCallPlace", "PortFacilityCall", "Security", "ShipId",
    "ShipToShipActivity", "StoreItem", "Tonnage", "WasteInformation", "WasteItem",
]
