"""What is said of moves when they are told. A report is kept whatever it says; what is doubtful is flagged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from kouan.base.movement.orders import HandlingOrder
from kouan.base.movement.plans import Status, Stowage
from kouan.base.movement.records import Move
from kouan.base.movement.stowing import Clash, Stand, clashes
from kouan.base.movement.timeline import Told, timeline
from kouan.base.reference.api import doubts
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.api import check

SKEW = timedelta(minutes=15)
LATE = timedelta(hours=24)
LOOK_BACK = 60
STACKED = ("stack", "shift", "from-bay")
"""Moves that put a box at a place of the yard."""
NEIGHBOURS, NEIGHBOUR_MOVES = 12, 5
SEPARATED = 2
"""From this term of the Code on, boxes do not share a block; "away from" lets them."""
MORE = Text("{reason}（共 {count} 处）", "{reason} ({count} places in all)")
DONE = Text("码头已完成该指令，不能再变更", "The terminal has carried out this order; it can no longer be changed")
AFTER = Text("报告晚到：{count} 项后发作业已先行报告", "Told out of order: {count} later events were told before it")
REPAIR = Text("{reason}；可能是 {repair}", "{reason}; perhaps {repair}")


class _Identifiers(Rule):
    """A wrong digit is told with the likely number, never put right in silence: the report stays as it was told."""

    abstract = True
    at = "filing"
    title = Text("标识校验", "Check of identifiers")
    clause = "ISO 6346"
    severity = "warn"
    owner = "terminal"

    def judge(self, record: Record, found: Found) -> Unmet | None:
        """Warns of the first identifier that fails its check, with its repair, and of how many there are."""
        wrong = [*doubts(record), *_boxes(record)]
        if not wrong:
            return None
        field, ref, reason = wrong[0]
        repairs = check("container", ref.partition(":")[2]).repairs if ref.startswith("container:") else ()
        if repairs:
            zh = REPAIR.zh.format(reason=reason.zh, repair="、".join(repairs[:3]))
            reason = Text(zh, REPAIR.en.format(reason=reason.en, repair=", ".join(repairs[:3])))
        if len(wrong) > 1:
            zh = MORE.zh.format(reason=reason.zh, count=len(wrong))
            reason = Text(zh, MORE.en.format(reason=reason.en, count=len(wrong)))
        return Unmet(reason, field, ref)


def _boxes(record: Record) -> Iterator[tuple[str, str, Text]]:
    """Box numbers in the parts of an order or plan that fail their check digit."""
    named: list[tuple[str, str | None]] = []
    if isinstance(record, HandlingOrder):
        named = [(f"units.{at}.equipment", unit.equipment) for at, unit in enumerate(record.units)]
    elif isinstance(record, Stowage):
        named = [(f"cells.{at}.equipment", cell.equipment) for at, cell in enumerate(record.cells)]
    for field, ref in named:
        reason = check("container", ref.partition(":")[2]).reason if ref else None
        if ref and reason is not None:
            yield field, ref, reason


class MoveIdentifiers(_Identifiers):
    """Box, ship and truck of a move."""

    code = "MOVE-IDENTIFIERS"
    of = Move.facts.name


class OrderIdentifiers(_Identifiers):
    """Boxes and ship of an order."""

    code = "HANDLING-IDENTIFIERS"
    of = HandlingOrder.facts.name


class PlanIdentifiers(_Identifiers):
    """Boxes and ship of a stowage plan."""

    code = "STOWAGE-IDENTIFIERS"
    of = Stowage.facts.name


class StatusIdentifiers(_Identifiers):
    """Box and ship of a status."""

    code = "STATUS-IDENTIFIERS"
    of = Status.facts.name


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
            return Unmet(Text("迟报：作业已过24小时以上", "Told late: more than 24 hours after the event"), "at")
        return None


class MoveSequence(Rule):
    """A move that cannot follow what the box's other reports say is kept at its time, and said to contradict them."""

    code = "MOVE-SEQUENCE"
    at = "filing"
    of = Move.facts.name
    title = Text("作业先后", "Sequence of moves")
    clause = "HS/T 82 7.2.1 b) 3)"
    severity = "warn"
    owner = "terminal"

    def needs(self, record: Move, filer: str) -> Iterable[Need]:
        """The box's last reports."""
        if record.equipment:
            yield Need(Move.facts.name, ref=record.equipment, most=LOOK_BACK)

    def judge(self, record: Move, found: Found) -> Unmet | None:
        """Warns where this move, or what comes after it, contradicts its neighbours; else where it came out of order."""
        if not record.equipment or record.function == "cancellation":
            return None
        kept = found.of(Need(Move.facts.name, ref=record.equipment, most=LOOK_BACK))
        others = [Told(k.filer, k.ref, k.filed_at, k.data) for k in kept if isinstance(k.data, Move)]
        others = [told for told in others if told.move.equipment == record.equipment]
        before = {step.told.ref for step in timeline(others) if step.jars}
        steps = timeline([*others, Told(found.filer, "", found.at, record)])
        jarring = next((step.jars for step in steps if step.jars and step.told.ref not in before), None)
        if jarring is not None:
            return Unmet(jarring, "activity", record.equipment)
        later = sum(step.stands and step.at > record.at for step in steps)
        if later and record.function == "original":
            return Unmet(Text(AFTER.zh.format(count=later), AFTER.en.format(count=later)), "at", record.equipment)
        return None


class OrderOpen(Rule):
    """What the terminal has done cannot be ordered otherwise."""

    code = "HANDLING-OPEN"
    at = "filing"
    of = HandlingOrder.facts.name
    title = Text("指令未完成方可变更", "An order may be changed until it is done")
    clause = "HS/T 82 7.2.1 b) 3)"
    severity = "refuse"
    owner = "terminal"

    def needs(self, record: HandlingOrder, filer: str) -> Iterable[Need]:
        """The order itself where it is kept already."""
        yield Need(HandlingOrder.facts.name, key=record.key(filer))

    def judge(self, record: HandlingOrder, found: Found) -> Unmet | None:
        """Refuses a change of an order that is done."""
        kept = found.of(Need(HandlingOrder.facts.name, key=record.key(found.filer)))
        return Unmet(DONE, "number", kept[0].ref) if kept and kept[0].state == "done" else None


class StowageSegregation(Rule):
    """Dangerous goods that endanger one another stand apart; a plan that stows them too near is kept, and said to."""

    code = "STOWAGE-SEGREGATION"
    at = "filing"
    of = Stowage.facts.name
    title = Text("危险货物隔离", "Segregation of dangerous goods")
    clause = "IMDG Code 7.2.4, 7.4.3.2"
    severity = "warn"
    owner = "carrier"

    def judge(self, record: Stowage, found: Found) -> Unmet | None:
        """Warns of the gravest two boxes that are too near, with classes and term, and of how many pairs there are."""
        wrong = list(clashes(record))
        if not wrong:
            return None
        worst = max(wrong, key=lambda one: one.term)
        reason = _together(worst) if worst.one is worst.other else _near(worst)
        if len(wrong) > 1:
            reason = Text(
                MORE.zh.format(reason=reason.zh, count=len(wrong)), MORE.en.format(reason=reason.en, count=len(wrong))
            )
        return Unmet(reason, f"cells.{worst.one.at}.hazards", worst.one.cell.equipment or "")


def _box(stand: Stand) -> str:
    return (stand.cell.equipment or "").partition(":")[2] or stand.cell.position


def _together(clash: Clash) -> Text:
    one, other = clash.classes
    term = codes.TERMS[clash.term]
    return Text(
        f"箱 {_box(clash.one)} 内第{one}类与第{other}类应{term.zh}，不得同箱",
        f"Box {_box(clash.one)} holds class {one} and class {other} together, which are to be kept {term.en} one another",
    )


def _near(clash: Clash) -> Text:
    one, other = clash.classes
    term = codes.TERMS[clash.term]
    return Text(
        f"箱 {_box(clash.one)}（{clash.one.cell.position}，第{one}类）与箱 {_box(clash.other)}"
        f"（{clash.other.cell.position}，第{other}类）应{term.zh}",
        f"Box {_box(clash.one)} ({clash.one.cell.position}, class {one}) is to be kept {term.en} box {_box(clash.other)}"
        f" ({clash.other.cell.position}, class {other})",
    )


class YardSegregation(Rule):
    """In one block of the yard stand no boxes whose goods are to be separated: the port's own rule, stricter than a distance."""

    code = "MOVE-SEGREGATION"
    at = "filing"
    of = Move.facts.name
    title = Text("堆场危险货物隔离", "Segregation in the yard")
    clause = "IMDG Code 7.2.4"
    severity = "warn"
    owner = "terminal"

    def needs(self, record: Move, filer: str) -> Iterable[Need]:
        """What was last told of the place, when a box with dangerous goods is put there."""
        if record.dangerous and record.place and record.activity in STACKED:
            yield Need(Move.facts.name, ref=record.place, most=LOOK_BACK)

    def further(self, record: Move, found: Found) -> Iterable[Need]:
        """What was last told of each box with dangerous goods there."""
        for box in _neighbours(record, found):
            yield Need(Move.facts.name, ref=box, most=NEIGHBOUR_MOVES)

    def judge(self, record: Move, found: Found) -> Unmet | None:
        """Warns of the first box that still stands there and whose goods are to be separated from these."""
        mine = [one for number in record.dangerous if (one := _class(number))]
        for box, numbers in _neighbours(record, found).items():
            theirs = [one for number in numbers if (one := _class(number))]
            term, pair = max(((codes.segregation(a, b), (a, b)) for a in mine for b in theirs), default=(0, ("", "")))
            if term >= SEPARATED and _stands(box, record, found):
                number, name = box.partition(":")[2], codes.TERMS[term]
                return Unmet(Text(
                    f"第{pair[0]}类与同场位箱 {number} 所装第{pair[1]}类应{name.zh}",
                    f"Class {pair[0]} is to be kept {name.en} class {pair[1]} in box {number} at the same place",
                ), "place", box)  # fmt: skip
        return None


def _neighbours(record: Move, found: Found) -> dict[str, tuple[str, ...]]:
    """The other boxes with dangerous goods that were put at a move's place, with their UN numbers, the last told first."""
    if not (record.dangerous and record.place and record.activity in STACKED):
        return {}
    told = [kept.data for kept in found.of(Need(Move.facts.name, ref=record.place, most=LOOK_BACK))]
    there = [
        move for move in told if isinstance(move, Move) and move.equipment and move.equipment != record.equipment
        and move.place == record.place and move.activity in STACKED and move.dangerous
    ]  # fmt: skip
    return dict([(str(move.equipment), move.dangerous) for move in there][:NEIGHBOURS])


def _stands(box: str, record: Move, found: Found) -> bool:
    """Whether the last that was told of a box put it at the place of a move."""
    told = [kept.data for kept in found.of(Need(Move.facts.name, ref=box, most=NEIGHBOUR_MOVES))]
    moves = [move for move in told if isinstance(move, Move) and move.equipment == box and move.at <= record.at]
    last = max(moves, key=lambda move: move.at, default=None)
    return last is not None and last.place == record.place and last.activity in STACKED


def _class(number: str) -> str:
    known = codes.lookup("un_number", number)
    return known.parent if known else ""
