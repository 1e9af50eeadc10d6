"""What container messages say, in terms of their parts: ship, places, boxes; codes as sent, weights in kg, times in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kouan.base.exchange.codecs.problem import Problem


@dataclass(frozen=True, slots=True)
class Party:
    """NAD: its function (DE 3035), code and name."""

    role: str
    code: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """LOC: its function (DE 3227), code and name; `within`: the terminal or berth there, `kind` TER or BER."""

    qualifier: str
    code: str = ""
    name: str = ""
    within: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """DTM: its function (DE 2005) and the moment."""

    qualifier: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reference:
    """RFF: its function (DE 1153) and number."""

    qualifier: str
    number: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """DGS: class, UN number, packing group; flashpoint in degrees Celsius; its name by the FTX (AAC, AAD) that follows."""

    hazard_class: str = ""
    un_number: str = ""
    packing_group: str = ""
    flashpoint: Decimal | None = None
    description: str = ""


SHIP_LISTS = ("103", "146")
"""Lists (DE 1131) by which a ship is named: call signs, and Lloyd's numbers, which are IMO's."""


@dataclass(slots=True)
class Means:
    """TDT: the stage (DE 8051), voyage, mode (DE 8067), carrier, and the means by number, list (DE 1131), name, flag."""

    stage: str = ""
    voyage: str = ""
    mode: str = ""
    kind: str = ""
    carrier: str = ""
    carrier_name: str = ""
    id: str = ""
    listed: str = ""
    name: str = ""
    flag: str = ""
    places: list[Place] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """What can be said of a message as a whole, of a box, of a cell and of a status alike."""

    places: list[Place] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    means: list[Means] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    def place(self, *qualifiers: str) -> Place | None:
        """The first place of the first of some functions that is stated."""
        return next((p for q in qualifiers for p in self.places if p.qualifier == q and (p.code or p.name)), None)

    def moment(self, *qualifiers: str) -> datetime | None:
        """The moment of the first of some functions that is stated."""
        return next((m.at for q in qualifiers for m in self.moments if m.qualifier == q), None)

    def number_of(self, *qualifiers: str) -> str:
        """The reference of the first of some functions that is stated; "" for none."""
        return next((r.number for q in qualifiers for r in self.references if r.qualifier == q and r.number), "")

    def party(self, *roles: str) -> Party | None:
        """The party of the first of some functions that is stated."""
        return next((p for role in roles for p in self.parties if p.role == role), None)

    def remark(self, *subjects: str) -> str:
        """The free texts of some subjects (DE 4451), or of all, put together."""
        return " ".join(text for subject, text in self.remarks if not subjects or subject in subjects)


@dataclass(slots=True)
class Unit(Facts):
    """A piece of equipment (EQD), a stowage cell (LOC+147), or both."""

    kind: str = ""
    id: str = ""
    size_type: str = ""
    movement: str = ""
    load: str = ""
    count: int | None = None
    cell: str = ""
    weights: dict[str, Decimal] = field(default_factory=dict)
    seals: list[str] = field(default_factory=list)
    hazards: list[Hazard] = field(default_factory=list)
    temperature: Decimal | None = None
    sizes: list[str] = field(default_factory=list)
    damages: list[str] = field(default_factory=list)
    handling: list[str] = field(default_factory=list)
    goods: list[str] = field(default_factory=list)
    position: str = ""

    @property
    def gross_kg(self) -> Decimal | None:
        """The verified gross mass where one is stated, else the gross mass."""
        return next((self.weights[q] for q in (*VERIFIED, *GROSS) if q in self.weights), None)

    @property
    def verified(self) -> bool:
        """Whether the gross mass is a verified one (SOLAS VI/2)."""
        return any(q in self.weights for q in VERIFIED)

    @property
    def full(self) -> str:
        """`full`, `empty` or "" where nothing is said (DE 8169)."""
        return {"4": "empty", "5": "full", "6": "", "7": "full", "8": "full"}.get(self.load, "")


VERIFIED = ("VGM", "AET")
GROSS = ("G", "WT", "EGW", "AAB", "AAD", "AAX", "AAE", "GW")


@dataclass(slots=True)
class Status(Facts):
    """STS: its code (DE 4405 or older), words, and the boxes concerned."""

    code: str = ""
    text: str = ""
    category: str = ""
    units: list[Unit] = field(default_factory=list)
    position: str = ""


@dataclass(slots=True)
class Sheet(Facts):
    """One container message: kind of document (DE 1001) with its words, number, function (DE 1225), and what it holds."""

    type: str = ""
    release: tuple[str, str] = ("D", "95B")
    association: str = ""
    document: str = ""
    title: str = ""
    number: str = ""
    function: str = ""
    totals: list[tuple[str, Decimal]] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    position: str = ""
    warnings: list[Problem] = field(default_factory=list)

    @property
    def ship(self) -> Means:
        """The main carriage (TDT+20), or the first stage that is stated."""
        return next((m for m in self.means if m.stage == "20"), self.means[0] if self.means else Means())

    def ship_moment(self, *qualifiers: str) -> datetime | None:
        """A moment of the ship's stage, else of the message as a whole."""
        found = (m.at for q in qualifiers for m in self.ship.moments if m.qualifier == q)
        return next(found, None) or self.moment(*qualifiers)

    @property
    def voyage(self) -> str:
        """The voyage of the ship, by TDT or by a reference."""
        return self.ship.voyage or next((r.number for r in all_references(self) if r.qualifier == "VON"), "")


def all_references(sheet: Sheet) -> Iterable[Reference]:
    """References of a message's head and of its ship."""
    return (*sheet.ship.references, *sheet.references)
