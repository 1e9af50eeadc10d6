"""What a port call must be to be accepted (IMO FAL Convention, annex 2.1-2.2; IMO Res. A.1117(30); ITU-R M.585)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kouan.base.portcall.lists import (
    CargoDeclaration,
    CrewEffects,
    HealthDeclaration,
    SecurityDeclaration,
    ShipStores,
    WasteDeclaration,
)
from kouan.base.portcall.records import PersonAboard, PortCall
from kouan.base.reference.api import doubts
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

LATEST = timedelta(days=30)


class ShipNumber(Rule):
    """A ship's IMO number carries a check digit; a call under a wrong one would never be found again."""

    code = "PC-IMO"
    at = "filing"
    of = PortCall.facts.name
    title = Text("IMO编号校验", "IMO number's check digit")
    clause = "IMO Res. A.1117(30)"
    severity = "refuse"
    owner = "agent"

    def judge(self, record: PortCall, found: Found) -> Unmet | None:
        """Refuses a wrong check digit, with the likely number; calls of ships without IMO number pass."""
        scheme, _, number = record.vessel.removeprefix("vessel:").partition(":")
        verdict = check("imo", number) if scheme == "imo" else None
        if verdict is None or verdict.ok or verdict.reason is None:
            return None
        return Unmet(_repaired(verdict.reason, verdict.repairs), "vessel", record.vessel)


class ArrivalNotLongPast(Rule):
    """A call announced for a time long past is a slip of the year or month."""

    code = "PC-ETA"
    at = "filing"
    of = PortCall.facts.name
    title = Text("预抵时间不早于30天前", "Arrival not more than 30 days past")
    clause = "HS/T 82 7.2.1"
    severity = "refuse"
    owner = "agent"

    def judge(self, record: PortCall, found: Found) -> Unmet | None:
        """Refuses an estimated arrival more than 30 days before the moment of filing."""
        if record.eta >= found.at - LATEST:
            return None
        return Unmet(
            Text("预抵时间早于30天前，请核对年月", "The estimated arrival is more than 30 days past: check year and month"),
            "eta",
        )


class StationNumber(Rule):
    """An MMSI whose beginning is assigned to nobody will not match the ship's AIS."""

    code = "PC-MMSI"
    at = "filing"
    of = PortCall.facts.name
    title = Text("MMSI 形式", "Form of the MMSI")
    clause = "ITU-R M.585"
    severity = "warn"
    owner = "agent"

    def judge(self, record: PortCall, found: Found) -> Unmet | None:
        """Warns of an MMSI of no known kind or country."""
        verdict = check("mmsi", record.mmsi) if record.mmsi else None
        if verdict is None or verdict.ok or verdict.reason is None:
            return None
        return Unmet(_repaired(verdict.reason, verdict.repairs), "mmsi")


class CallReferences(Rule):
    """Other identifiers of a call that fail their check are kept, with a warning."""

    code = "PC-IDENTIFIERS"
    at = "filing"
    of = PortCall.facts.name
    title = Text("标识校验", "Check of identifiers")
    clause = "HS/T 82 7.2.1"
    severity = "warn"
    owner = "agent"

    def judge(self, record: PortCall, found: Found) -> Unmet | None:
        """Warns of the first reference that fails its check."""
        return next((Unmet(reason, field, ref) for field, ref, reason in doubts(record)), None)


class PersonReferences(Rule):
    """Identifiers of a person's entry that fail their check are kept, with a warning."""

    code = "PA-IDENTIFIERS"
    at = "filing"
    of = PersonAboard.facts.name
    title = Text("标识校验", "Check of identifiers")
    clause = "HS/T 82 7.2.1 a) 2)"
    severity = "warn"
    owner = "agent"

    def judge(self, record: PersonAboard, found: Found) -> Unmet | None:
        """Warns of the first reference that fails its check."""
        return next((Unmet(reason, field, ref) for field, ref, reason in doubts(record)), None)


class OwnCall(Rule):
    """Base of the rules that only a call's declarant, or its carrier, files what belongs to it."""

    abstract = True
    at = "filing"
    title = Text("由申报该船舶口岸动态的单位或承运人提交", "Filed by the call's declarant or its carrier")
    clause = "HS/T 82 7.2.1 a) 2)"
    severity = "refuse"
    owner = "agent"

    def needs(self, record: Record, filer: str) -> Iterable[Need]:
        """The call."""
        return (_call_of(record),)

    def judge(self, record: Record, found: Found) -> Unmet | None:
        """Refuses what is filed about another declarant's call; a call that is not declared yet passes."""
        need = _call_of(record)
        for kept in found.of(need):
            carrier = kept.data.carrier if isinstance(kept.data, PortCall) else None
            if kept.ref == need.ref and found.filer not in (kept.filer, (carrier or "").removeprefix("org:")):
                reason = Text("该船舶口岸动态由其他单位申报", "This call was declared by another organisation")
                return Unmet(reason, "call", need.ref)
        return None


def _call_of(record: Record) -> Need:
    return Need(PortCall.facts.name, ref=str(getattr(record, "call", "")), most=3)


class OwnPersons(OwnCall):
    """The persons aboard a call are its declarant's to state."""

    code = "FAL-OWNER-PERSON"
    of = PersonAboard.facts.name


class OwnCargo(OwnCall):
    """So is its cargo declaration."""

    code = "FAL-OWNER-CARGO"
    of = CargoDeclaration.facts.name


class OwnStores(OwnCall):
    """So are its stores."""

    code = "FAL-OWNER-STORES"
    of = ShipStores.facts.name


class OwnEffects(OwnCall):
    """So are its crew's effects."""

    code = "FAL-OWNER-EFFECTS"
    of = CrewEffects.facts.name


class OwnHealth(OwnCall):
    """So is its declaration of health."""

    code = "FAL-OWNER-HEALTH"
    of = HealthDeclaration.facts.name


class OwnSecurity(OwnCall):
    """So is its security information."""

    code = "FAL-OWNER-SECURITY"
    of = SecurityDeclaration.facts.name


class OwnWaste(OwnCall):
    """So is its notification of waste."""

    code = "FAL-OWNER-WASTE"
    of = WasteDeclaration.facts.name


def _repaired(reason: Text, repairs: tuple[str, ...]) -> Text:
    if not repairs:
        return reason
    return Text(f"{reason.zh}；可能是 {repairs[0]}", f"{reason.en}; perhaps {repairs[0]}")
