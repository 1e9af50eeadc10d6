"""Growing forms of the parts of a cargo report, while its segments are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from kouan.base.exchange.codecs.edifact.cuscar import model
from kouan.base.exchange.codecs.edifact.values import joined


@dataclass(slots=True)
class Weighed:
    """What a MEA can be about."""

    gross: Decimal | None = None
    net: Decimal | None = None
    tare: Decimal | None = None
    volume: Decimal | None = None


@dataclass(slots=True)
class PlacementDraft(Weighed):
    """SGP with the MEA after it."""

    container: str = ""
    packages: int | None = None

    def done(self) -> model.Placement:
        """The finished part."""
        return model.Placement(self.container, self.packages, self.gross)


@dataclass(slots=True)
class EquipmentDraft(Weighed):
    """EQD with its seals and weights."""

    kind: str = ""
    id: str = ""
    size_type: str = ""
    status: str = ""
    load: str = ""
    seals: list[str] = field(default_factory=list)

    def done(self) -> model.Equipment:
        """The finished part."""
        return model.Equipment(
            self.id, self.kind, self.size_type, self.status, self.load, tuple(self.seals), self.gross, self.tare
        )


@dataclass(slots=True)
class GoodsDraft(Weighed):
    """GID with its texts, weights, classes and placements."""

    sequence: int | None = None
    packages: int | None = None
    package_type: str = ""
    description: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    hs: list[str] = field(default_factory=list)
    un_numbers: list[str] = field(default_factory=list)
    hazard_classes: list[str] = field(default_factory=list)
    placements: list[PlacementDraft] = field(default_factory=list)
    references: list[model.Reference] = field(default_factory=list)

    def done(self) -> model.GoodsItem:
        """The finished part. Without a weight of its own, the goods weigh what their placements weigh together."""
        placements = tuple(p.done() for p in self.placements)
        parts = [p.gross_kg for p in placements if p.gross_kg is not None]
        summed = sum(parts, Decimal(0)) if parts and len(parts) == len(placements) else None
        return model.GoodsItem(
            self.sequence, self.packages, self.package_type, joined(self.description),
            summed if self.gross is None else self.gross, self.net, self.volume, "\n".join(self.marks),
            tuple(dict.fromkeys(self.hs)), tuple(dict.fromkeys(self.un_numbers)),
            tuple(dict.fromkeys(self.hazard_classes)), placements, tuple(self.references),
        )


@dataclass(slots=True)
class ConsignmentDraft:
    """A bill while its segments are read. `stage` is the tag that came last."""

    sequence: int | None = None
    document: str = ""
    fallback: str = ""
    position: str = ""
    stage: str = ""
    places: list[model.Place] = field(default_factory=list)
    parties: list[model.Party] = field(default_factory=list)
    goods: list[GoodsDraft] = field(default_factory=list)
    references: list[model.Reference] = field(default_factory=list)
    placements: list[PlacementDraft] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def filled(self) -> bool:
        """Whether more than references has been read."""
        return bool(self.places or self.parties or self.goods or self.remarks)

    def bill(self) -> str:
        """The bill's number: a reference that names a transport document, the CNI's own number, a master bill."""
        numbers = {r.qualifier: r.number for r in reversed(self.references)}
        for qualifier in model.BILLS:
            if numbers.get(qualifier):
                return numbers[qualifier]
        if self.fallback:
            return self.fallback
        return next((numbers[q] for q in model.MASTERS if numbers.get(q)), "")

    def done(self) -> model.Consignment:
        """The finished part."""
        return model.Consignment(
            self.sequence, self.bill(), self.document, tuple(self.places), tuple(self.parties),
            tuple(g.done() for g in self.goods), tuple(self.references), tuple(p.done() for p in self.placements),
            tuple(self.remarks), self.position,
        )
