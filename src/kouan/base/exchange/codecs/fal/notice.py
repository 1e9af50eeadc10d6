"""One port call as its agent files it: the FAL general declaration with all lists that go with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kouan.base.exchange.codecs.fal.base import Moment, Name, Part, Text512, named
from kouan.base.exchange.codecs.fal.parts import (
    Berth,
    CargoItem,
    Contact,
    CrewEffect,
    CrewMember,
    DangerousGoods,
    HealthData,
    Metres,
    Passenger,
    PersonsOnboard,
    PortCallPlace,
    Security,
    ShipId,
    StoreItem,
    Tonnage,
    WasteInformation,
)

Purpose = Literal[
    "loading", "unloading", "bunkering", "provisions", "crew-change", "repair", "passengers", "shelter", "waste",
    "other",
]


_SHOWN = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
"""Something that can be read, without control characters: it names the call."""


class PortCallNotice(Part):
    """FAL general declaration (form 1) and its lists, for the arrival or departure of one ship at one port.

    Ship, voyage and port name the call; what was stated of it before need not be stated again. A list that is stated
    (even empty) takes the place of the former one, or with `list_update` "merge" is added to it.
    """

    version: Literal["1.0"] = "1.0"
    ship_message_id: Annotated[str, Field(min_length=1, max_length=35)] | None = None
    list_update: Literal["replace", "merge"] = "replace"
    sent_time: Moment | None = None
    arrival_departure: Literal["arrival", "departure"] = "arrival"
    ship_id: ShipId = named("ShipID")
    ship_type: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    gross_tonnage: Tonnage | None = None
    net_tonnage: Tonnage | None = None
    length_overall: Metres | None = None
    arrival_draught: Metres | None = None
    voyage_number: Annotated[str, Field(min_length=1, max_length=17, pattern=_SHOWN)]
    port_of_arrival: PortCallPlace
    last_port_of_call: PortCallPlace | None = None
    next_port_of_call: PortCallPlace | None = None
    berth_arrival: Berth | None = None
    call_purpose: Annotated[tuple[Purpose, ...], Field(max_length=10)] = ()
    cargo_overview: Text512 | None = None
    agent: Contact | None = None
    company: Contact | None = None
    carrier: Contact | None = None
    master_name: Name | None = None
    master_document: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,35}$")] | None = None
    persons_onboard: PersonsOnboard | None = None
    crew_list: Annotated[tuple[CrewMember, ...], Field(max_length=9_999)] = ()
    passenger_list: Annotated[tuple[Passenger, ...], Field(max_length=20_000)] = ()
    cargo_declaration: Annotated[tuple[CargoItem, ...], Field(max_length=9_999)] = ()
    ship_store: Annotated[tuple[StoreItem, ...], Field(max_length=9_999)] = ()
    dutiable_crew_effects: Annotated[tuple[CrewEffect, ...], Field(max_length=9_999)] = ()
    dangerous_goods_cargo_indicator: bool | None = None
    dangerous_goods: Annotated[tuple[DangerousGoods, ...], Field(max_length=9_999)] = ()
    health_data: HealthData | None = None
    waste_information: WasteInformation | None = None
    security: Security | None = None
    general_remark: Text512 | None = None
