"""IMO FAL general declaration of one port call, with its lists, as JSON after ISO 28005-2 and the IMO Compendium."""

from kouan.base.exchange.codecs.fal.codec import read, schema, warnings, write
from kouan.base.exchange.codecs.fal.notice import PortCallNotice
from kouan.base.exchange.codecs.fal.parts import (
    Berth,
    Contact,
    CrewEffect,
    CrewMember,
    DangerousGoods,
    HealthData,
    IdentityDocument,
    Passenger,
    PersonsOnboard,
    PortCallPlace,
    Security,
    ShipId,
    StoreItem,
    WasteInformation,
    WasteItem,
)

__all__ = [
    "Berth", "Contact", "CrewEffect", "CrewMember", "DangerousGoods", "HealthData", "IdentityDocument", "Passenger",
    "PersonsOnboard", "PortCallNotice", "PortCallPlace", "Security", "ShipId", "StoreItem", "WasteInformation",
    "WasteItem", "read", "schema", "warnings", "write",
]
