"""What is said of moves when they are told. A report is kept whatever it says; what is doubtful is flagged."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.movement.records import Move
from kouan.base.reference.api import doubts
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check

SKEW = timedelta(minutes=15)
LATE = timedelta(hours=24)
REPAIR = Text("{reason};可能是 {repair}", "{reason}; perhaps {repair}")


class MoveIdentifiers(Rule):
    """A wrong digit is told with the likely number, never put right in silence: the report stays as it was told."""

    code = "MOVE-IDENTIFIERS"
    at = "filing"
    of = Move.facts.name
    title = Text("标识校验", "Check of identifiers")
    clause = "ISO 6346"
    severity = "warn"
    owner = "terminal"

    def judge(self, record: Move, found: Found) -> Unmet | None:
        """Warns of the first identifier that fails its check."""
        for field, ref, reason in doubts(record):
            repairs = check("container", ref.partition(":")[2]).repairs if field == "equipment" else ()
            if repairs:
                zh = REPAIR.zh.format(reason=reason.zh, repair=repairs[0])
                reason = Text(zh, REPAIR.en.format(reason=reason.en, repair=repairs[0]))
            return Unmet(reason, field, ref)
        return None


class MoveUnit(Rule):
    """A move that names nothing moved can be found under nothing."""

    code = "MOVE-UNIT"
    at = "filing"
    of = Move.facts.name
    title = Text("应说明所作业的箱、货或车", "What was moved is named")
    clause = "HS/T 82 7.2.1 b) 3)"
    severity = "refuse"
    owner = "terminal"

    def judge(self, record: Move, found: Found) -> Unmet | None:
        """Refuses a move without container, bill, vehicle and booking."""
        if record.equipment or record.bill or record.vehicle or record.booking:
            return None
        return Unmet(
            Text("集装箱、提运单、车辆、预约至少填写一项", "State the container, the bill, the vehicle or the booking"), "equipment"
        )


class MoveTime(Rule):
    """A move of the future, or one told long after, is kept at its own time and flagged."""

    code = "MOVE-TIME"
    at = "filing"
    of = Move.facts.name
    title = Text("作业时间与报告时间", "Event time and time of report")
    clause = "HS/T 82 7.2.1 b) 3)"
    severity = "warn"
    owner = "terminal"

    def judge(self, record: Move, found: Found) -> Unmet | None:
        """Warns of an event more than 15 minutes ahead, or told more than 24 hours after it."""
        if record.at > found.at + SKEW:
            return Unmet(Text("作业时间晚于报告时间", "The event lies in the future of its report"), "at")
        if record.at < found.at - LATE:
            return Unmet(Text("迟报:作业已过24小时以上", "Told late: more than 24 hours after the event"), "at")
        return None
