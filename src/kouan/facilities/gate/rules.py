"""What the gate itself asks of a vehicle, and the base of what higher boards ask there (at = gate)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import ClassVar

from kouan.facilities.gate.records import Lane, Passage
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import Check, check

PASSAGE = Passage.facts.name
LANE = Lane.facts.name
HEAVIEST_KG = 49_000.0
"""The heaviest combination allowed on roads (GB 1589-2016: six axles, 49 t)."""
HISTORY = 10
LATE, EARLY = timedelta(minutes=15), timedelta(minutes=2)


class GateRule(Rule):
    """Base of rules at the gate. A higher board declares one, and every lane asks it (多混合验放: one lane, many businesses).

    A rule that does not apply to a vehicle's business is left out of its rule set.
    """

    abstract = True
    at = "gate"
    of = PASSAGE
    clause: ClassVar[str] = "HS/T 82 6.3"

    def applies(self, record: Passage, found: Found) -> bool:
        """Whether this rule belongs to the rule set of the vehicle."""
        return True

    def holds(self, record: Passage, found: Found) -> Text:
        """What is said when the rule holds."""
        return self.title

    def tells(self, record: Passage, found: Found) -> Mapping[str, str]:
        """What the rule knows of the visit: `trucker` (organisation), `booking` (reference), `business`."""
        return {}


class PlateShape(GateRule):
    """A plate of no known form was misread or is none; a person looks at it."""

    code = "GATE-PLATE"
    title = Text("车牌格式有效", "Plate is of a known form")
    clause = "GA 36"
    severity = "divert"
    owner = "terminal"

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Diverts when vehicle or trailer bear no plate of the Mainland, Hong Kong or Macao."""
        for name, ref in (("vehicle", record.vehicle), ("trailer", record.trailer)):
            verdict = check("plate", ref.partition(":")[2]) if ref else None
            if verdict is not None and not verdict.ok:
                return Unmet(repaired(Text("车牌", "Plate"), verdict), name)
        return None


class ContainerDigit(GateRule):
    """A wrong check digit is a misread number; the camera's text is looked at by a person."""

    code = "GATE-CONTAINER"
    title = Text("箱号校验位正确", "Container check digit is right")
    clause = "ISO 6346"
    severity = "divert"
    owner = "terminal"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles with containers."""
        return bool(record.containers)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Diverts at the first number that fails, with the likely one."""
        for at, ref in enumerate(record.containers):
            verdict = check("container", ref.partition(":")[2])
            if not verdict.ok:
                return Unmet(repaired(Text("箱号", "Container"), verdict), f"containers.{at}", ref)
        return None


class GrossMass(GateRule):
    """An overweight combination does not take to the road."""

    code = "GATE-MASS"
    title = Text("总重不超过 49 吨", "Gross mass within 49 t")
    clause = "GB 1589-2016"
    severity = "refuse"
    owner = "trucker"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles that were weighed."""
        return record.gross_kg is not None

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses more than 49 t."""
        if record.gross_kg is None or record.gross_kg <= HEAVIEST_KG:
            return None
        reason = Text("总重 {t:.2f} 吨，超过 49 吨限值", "The gross mass of {t:.2f} t is over the limit of 49 t")
        return Unmet(reason.fill(t=record.gross_kg / 1000), "gross_kg")


class LaneDirection(GateRule):
    """A lane serves one direction."""

    code = "GATE-LANE"
    title = Text("方向与车道一致", "Direction is the lane's")
    severity = "refuse"
    owner = "terminal"

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The lane."""
        return (Need(LANE, key=record.lane),)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses a vehicle that goes against its lane."""
        lane = lane_of(record, found)
        if lane is None or lane.direction == record.direction:
            return None
        reason = Text(
            f"{lane.name_zh}只供{'进港' if lane.direction == 'in' else '出港'}",
            f"{lane.name_en} is for vehicles going {lane.direction} only",
        )
        return Unmet(reason, "direction")


class LeavesOnce(GateRule):
    """A box that has left and leaves again was let out twice, or its number is not its own: said, and looked into."""

    code = "GATE-ONCE"
    title = Text("箱未曾出港", "Box has not left already")
    severity = "warn"
    owner = "terminal"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only boxes on their way out."""
        return record.direction == "out" and bool(record.containers)

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The passages of the boxes."""
        return [history(box) for box in record.containers]

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Speaks when the last open passage of a box was out, too."""
        for box in record.containers:
            open_ones = (
                kept
                for kept in found.of(history(box))
                if isinstance(kept.data, Passage) and kept.data.decision == "open"
            )
            last = next(open_ones, None)
            if last and isinstance(last.data, Passage) and last.data.direction == "out":
                reason = Text("记录显示该箱已于 {at} 出港", "By the records this box left at {at}")
                at = f"{last.data.at:%Y-%m-%d %H:%M} UTC"
                return Unmet(reason.fill(at=at), "containers", last.ref)
        return None


class ToldInTime(Rule):
    """A passage is reported when it happens; one told late or ahead of its time is kept, and said so."""

    code = "PSG-TIME"
    at = "filing"
    of = PASSAGE
    title = Text("及时报告", "Told in time")
    clause = "HS/T 82 6.3"
    severity = "warn"
    owner = "terminal"

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Warns of more than 15 minutes late or 2 minutes early."""
        if record.at < found.at - LATE:
            return Unmet(Text("补报：迟于发生时间 15 分钟以上", "Told late: more than 15 minutes after it happened"), "at")
        if record.at > found.at + EARLY:
            return Unmet(Text("时间晚于当前时间", "The time lies ahead of now"), "at")
        return None


def history(box: str) -> Need:
    """The last passages of a box."""
    return Need(PASSAGE, ref=box, most=HISTORY)


def lane_of(record: Passage, found: Found) -> Lane | None:
    """The lane of a passage, if it is known."""
    kept = next(iter(found.of(Need(LANE, key=record.lane))), None)
    return kept.data if kept and isinstance(kept.data, Lane) else None


def repaired(what: Text, verdict: Check) -> Text:
    """Why a number fails, with the likeliest right one."""
    why = verdict.reason or Text("无效", "is not valid")
    zh, en = f"{what.zh} {verdict.value}：{why.zh}", f"{what.en} {verdict.value}: {why.en}"
    if verdict.repairs:
        zh, en = f"{zh}，可能是 {verdict.repairs[0]}", f"{en}; perhaps {verdict.repairs[0]}"
    return Text(zh, en)
