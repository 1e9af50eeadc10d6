"""What others may import of port calls."""

from kouan.base.portcall.lists import (
    LISTS,
    CargoDeclaration,
    CrewEffects,
    HealthDeclaration,
    SecurityDeclaration,
    ShipStores,
    WasteDeclaration,
)
from kouan.base.portcall.records import DOCUMENTS, GENDERS, DocumentType, Gender, PersonAboard, PortCall

__all__ = [
    "DOCUMENTS", "GENDERS", "LISTS", "CargoDeclaration", "CrewEffects", "DocumentType", "Gender", "HealthDeclaration",
    "PersonAboard", "PortCall", "SecurityDeclaration", "ShipStores", "WasteDeclaration",
]
