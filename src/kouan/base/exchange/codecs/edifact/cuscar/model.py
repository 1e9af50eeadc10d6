"""What a customs cargo report (CUSCAR) says, in neutral terms: weights in kg, volumes in m³, times aware."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kouan.base.exchange.codecs.problem import Problem

BILLS = ("BM", "BH", "HWB", "AWB", "ABH", "AEX", "AFA", "AAS", "AAM", "AEY", "WY", "AKH")
"""Reference qualifiers (DE 1153) of the transport document of a consignment."""

MASTERS = ("MB", "MWB")
"""Reference qualifiers (DE 1153) of a master bill or master air waybill."""


@dataclass(frozen=True, slots=True)
class Place:
    """LOC: `qualifier` is DE 3227 (9 loading, 11 discharge, 60 arrival …), `code` mostly a UN/LOCODE."""

    qualifier: str
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """DTM outside a consignment: `qualifier` is DE 2005, `place` the code of the LOC that it stands under."""

    qualifier: str
    at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """RFF: `qualifier` is DE 1153."""

    qualifier: str
    number: str


@dataclass(frozen=True, slots=True)
class Party:
    """NAD: `role` is DE 3035 (CZ consignor, CN consignee, N1 NI notify, CA carrier, MS sender …)."""

    role: str
    code: str = ""
    name: str = ""
    address: tuple[str, ...] = ()
    city: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """SGP: which part of the goods is in which container."""

    container: str
    packages: int | None = None
    gross_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Equipment:
    """EQD: a container or other unit. `load` is DE 8169 (4 empty, 5 full), `status` DE 8249 (2 export, 3 import …)."""

    id: str
    kind: str = "CN"
    size_type: str = ""
    status: str = ""
    load: str = ""
    seals: tuple[str, ...] = ()
    gross_kg: Decimal | None = None
    tare_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class GoodsItem:
    """GID and what belongs to it."""

    sequence: int | None = None
    packages: int | None = None
    package_type: str = ""
    description: str = ""
    gross_kg: Decimal | None = None
    net_kg: Decimal | None = None
    volume_m3: Decimal | None = None
    marks: str = ""
    hs: tuple[str, ...] = ()
    un_numbers: tuple[str, ...] = ()
    hazard_classes: tuple[str, ...] = ()
    placements: tuple[Placement, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers that hold these goods, each once."""
        return tuple(dict.fromkeys(p.container for p in self.placements if p.container))


@dataclass(frozen=True, slots=True)
class Consignment:
    """One bill: a CNI, or one of the reference groups (RFF with its own LOC, NAD, GID) within a CNI."""

    sequence: int | None = None
    bill: str = ""
    document: str = ""
    places: tuple[Place, ...] = ()
    parties: tuple[Party, ...] = ()
    goods: tuple[GoodsItem, ...] = ()
    references: tuple[Reference, ...] = ()
    placements: tuple[Placement, ...] = ()
    remarks: tuple[str, ...] = ()
    position: str = field(default="", compare=False)

    @property
    def master_bill(self) -> str:
        """The master bill that this one hangs under; "" where none is named or it is this one."""
        found = next((r.number for r in self.references if r.qualifier in MASTERS), "")
        return "" if found == self.bill else found

    @property
    def loading(self) -> str:
        """Place of loading (LOC 9)."""
        return place_of(self.places, "9", "76")

    @property
    def discharge(self) -> str:
        """Place of discharge (LOC 11)."""
        return place_of(self.places, "11", "12")

    @property
    def delivery(self) -> str:
        """Place of delivery (LOC 7), or of destination (LOC 8)."""
        return place_of(self.places, "7", "8", "20")

    @property
    def consignor(self) -> Party | None:
        """NAD CZ, EX or OS."""
        return party_of(self.parties, "CZ", "EX", "OS", "GO")

    @property
    def consignee(self) -> Party | None:
        """NAD CN."""
        return party_of(self.parties, "CN", "IM")

    @property
    def notify(self) -> Party | None:
        """NAD N1, NI or N2."""
        return party_of(self.parties, "N1", "NI", "N2")

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers that hold this consignment, each once."""
        own = [p.container for p in self.placements if p.container]
        return tuple(dict.fromkeys([*own, *(c for item in self.goods for c in item.containers)]))

    @property
    def gross_kg(self) -> Decimal | None:
        """The sum of the goods' gross weights; None where no item states one."""
        stated = [item.gross_kg for item in self.goods if item.gross_kg is not None]
        return sum(stated, Decimal(0)) if stated else None

    @property
    def packages(self) -> int | None:
        """The sum of the goods' packages; None where no item states them."""
        stated = [item.packages for item in self.goods if item.packages is not None]
        return sum(stated) if stated else None


@dataclass(frozen=True, slots=True)
class CargoReport:
    """A manifest as its carrier reports it. `warnings` are slips that do not refuse it."""

    reference: str
    function: str = "9"
    type_code: str = "785"
    version: str = ""
    release: str = ""
    mode: str = ""
    voyage: str = ""
    carrier: str = ""
    carrier_name: str = ""
    conveyance_id: str = ""
    conveyance_name: str = ""
    nationality: str = ""
    places: tuple[Place, ...] = ()
    moments: tuple[Moment, ...] = ()
    parties: tuple[Party, ...] = ()
    transport_references: tuple[Reference, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    consignments: tuple[Consignment, ...] = ()
    remarks: tuple[str, ...] = ()
    position: str = field(default="", compare=False)
    warnings: tuple[Problem, ...] = field(default=(), compare=False)

    @property
    def imo(self) -> str:
        """The seven digits of the ship's IMO number; "" where the conveyance is named otherwise."""
        found = re.fullmatch(r"(?:IMO ?)?(\d{7})", self.conveyance_id, re.IGNORECASE | re.ASCII)
        return found.group(1) if found else ""

    @property
    def call_sign(self) -> str:
        """The conveyance's identity where it is no IMO number: for a ship, the call sign."""
        return "" if self.imo else self.conveyance_id

    @property
    def place(self) -> str:
        """Where the conveyance arrives (LOC 60), or else the customs office or port that the report names."""
        return place_of(self.places, "60", "11", "8", "22", "41", "61")

    @property
    def arrival(self) -> datetime | None:
        """Actual or estimated arrival, at the place of arrival where several places have times."""
        return self._moment("178", "132", "232")

    @property
    def departure(self) -> datetime | None:
        """Actual or estimated departure."""
        return self._moment("186", "136", "133", "189")

    @property
    def issued(self) -> datetime | None:
        """When the document was made (the first DTM 137)."""
        return next((m.at for m in self.moments if m.qualifier == "137"), None)

    @property
    def sender(self) -> Party | None:
        """NAD MS: who sends the report."""
        return party_of(self.parties, "MS", "CA", "CG", "AG")

    def _moment(self, *qualifiers: str) -> datetime | None:
        here = self.place
        for qualifier in qualifiers:
            found = [m for m in self.moments if m.qualifier == qualifier]
            if found:
                return next((m.at for m in found if m.place == here), found[0].at)
        return None


def place_of(places: tuple[Place, ...], *qualifiers: str) -> str:
    """Code, or else name, of the first place with the first of the qualifiers that says something."""
    for qualifier in qualifiers:
        for place in places:
            if place.qualifier == qualifier and (place.code or place.name):
                return place.code or place.name
    return ""


def party_of(parties: tuple[Party, ...], *roles: str) -> Party | None:
    """The first party in the first of the roles that is held."""
    return next((p for role in roles for p in parties if p.role == role), None)
