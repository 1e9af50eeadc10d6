"""IMO FAL general declaration of one port call, with its lists, as JSON after ISO 28005-2 and the IMO Compendium."""

from kouan.base.exchange.codecs.fal.codec import CREW, PASSENGERS, owner, read, schema, warnings, write
from kouan.base.exchange.codecs.fal.notice import PortCallNotice
from kouan.base.exchange.codecs.fal.parts import (
    Berth,
    CargoItem,
    Contact,
    CrewEffect,
    CrewMember,
    DangerousGoods,
    HealthData,
    IdentityDocument,
    Passenger,
    PersonsOnboard,
    PortCallPlace,
    PortFacilityCall,
    Security,
    ShipId,
    ShipToShipActivity,
    StoreItem,
    WasteInformation,
    WasteItem,
)

__all__ = [
    "CREW", "PASSENGERS", "Berth", "CargoItem", "Contact", "CrewEffect", "CrewMember", "DangerousGoods", "HealthData",
    "IdentityDocument", "Passenger", "PersonsOnboard", "PortCallNotice", "PortCallPlace", "PortFacilityCall", "Security",
    "ShipId", "ShipToShipActivity", "StoreItem", "WasteInformation", "WasteItem", "owner", "read", "schema", "warnings",
    "write",
]
