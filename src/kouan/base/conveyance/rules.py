"""What a conveyance's declaration must be to be accepted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kouan.base.conveyance.records import Conveyance, Traveller
from kouan.base.reference.api import doubts
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

OFF = timedelta(days=2)


class DayOfOperation(Rule):
    """Under a day that is not that of its journey a conveyance would not be found again."""

    code = "CV-DAY"
    at = "filing"
    of = Conveyance.facts.name
    title = Text("运行日期与计划时间相符", "Day of operation agrees with the scheduled time")
    clause = "HS/T 82 7.2.1 a) 2)"
    severity = "refuse"
    owner = "carrier"

    def judge(self, record: Conveyance, found: Found) -> Unmet | None:
        """Refuses a scheduled time more than two days from the day of operation."""
        if abs(record.scheduled.date() - record.day) <= OFF:
            return None
        reason = Text("运行日期与计划时间相差超过两天", "The day of operation is more than two days from the scheduled time")
        return Unmet(reason, "day")


class ModesOwn(Rule):
    """A train has wagons, a vehicle trailers; on another mode they are a slip."""

    code = "CV-MODE"
    at = "filing"
    of = Conveyance.facts.name
    title = Text("项目与运输方式相符", "Fields belong to the mode")
    clause = "HS/T 82 7.2.1 a) 2)"
    severity = "refuse"
    owner = "carrier"

    def judge(self, record: Conveyance, found: Found) -> Unmet | None:
        """Refuses wagons off the rails, and trailers and vehicles off the road."""
        own = {"wagons": "rail", "trailers": "road", "vehicle": "road", "aircraft_type": "air"}
        wrong = next((name for name, mode in own.items() if getattr(record, name) and record.mode != mode), None)
        if wrong is None:
            return None
        return Unmet(Text("该项目不属于此运输方式", "This field does not belong to this mode of transport"), wrong)


class ConveyanceReferences(Rule):
    """Identifiers of a conveyance that fail their check are kept, with a warning."""

    code = "CV-IDENTIFIERS"
    at = "filing"
    of = Conveyance.facts.name
    title = Text("标识校验", "Check of identifiers")
    clause = "HS/T 82 7.2.1 a) 2)"
    severity = "warn"
    owner = "carrier"

    def judge(self, record: Conveyance, found: Found) -> Unmet | None:
        """Warns of the first reference that fails its check."""
        return next((Unmet(reason, name, ref) for name, ref, reason in doubts(record)), None)


class OwnList(Rule):
    """Only whoever declared a conveyance, or carries it, states who is on it."""

    code = "CV-OWNER"
    at = "filing"
    of = Traveller.facts.name
    title = Text("人员名单由申报人或承运人提交", "The list is the declarant's or the carrier's to file")
    clause = "HS/T 82 7.2.1 a) 2)"
    severity = "refuse"
    owner = "carrier"

    def needs(self, record: Traveller, filer: str) -> Iterable[Need]:
        """The declaration of the conveyance."""
        return (Need(Conveyance.facts.name, ref=record.conveyance, most=1),)

    def judge(self, record: Traveller, found: Found) -> Unmet | None:
        """Refuses persons stated for another declarant's conveyance; one that is not declared yet passes."""
        for kept in found.of(Need(Conveyance.facts.name, ref=record.conveyance, most=1)):
            carrier = kept.data.carrier if isinstance(kept.data, Conveyance) else None
            if kept.ref == record.conveyance and found.filer not in (kept.filer, (carrier or "").removeprefix("org:")):
                reason = Text("该运输工具由其他单位申报", "This conveyance was declared by another organisation")
                return Unmet(reason, "conveyance", record.conveyance)
        return None
