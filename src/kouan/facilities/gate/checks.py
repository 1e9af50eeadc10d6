"""What the gate asks of what its devices read: radiation, weight against papers, seals, delivery order, values by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kouan.base.manifest.api import Consignment
from kouan.base.movement.api import Move
from kouan.base.transport.api import DeliveryOrder, holder_of, release_for, release_need
from kouan.facilities.gate.lifecycle import RADIATION
from kouan.facilities.gate.records import DEVICES, Passage
from kouan.facilities.gate.rules import LANE, GateRule, lane_of
from kouan.kernel.rules import Found, Kept, Need, Unmet
from kouan.kernel.text import Text

MOVE, CONSIGNMENT = Move.facts.name, Consignment.facts.name
LAST_MOVES = 10
LINES = 50
"""As many lines of a box as the rule on releases reads, so that both are read at once."""
SHARE, LEAST_KG, MOST_KG = 0.05, 300.0, 1_000.0
"""Verified gross mass: 5 per cent, at most 1 t (notice of the Maritime Safety Administration on VGM, 2016), and a scale's own error."""
LIGHTEST_KG, HEAVIEST_KG = 9_000.0, 22_000.0
"""Tractor and semi-trailer without load, where their tare is not known."""
BOX_KG = (2_000.0, 5_000.0)
"""What a container itself weighs: a manifest states the goods alone."""


class NoRadiation(GateRule):
    """A portal's alarm shuts the gate; the vehicle goes to secondary inspection and two persons decide."""

    code = RADIATION
    title = Text("无辐射报警", "No radiation alarm")
    severity = "hold"
    owner = "terminal"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles that went through a portal."""
        return record.radiation is not None

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The lane, which knows where secondary inspection is."""
        return (Need(LANE, key=record.lane),)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Holds at an alarm, whatever the count."""
        if not record.radiation:
            return None
        lane = lane_of(record, found)
        rate = f"{record.radiation_cps or 0:g}"
        reason = Text(f"辐射探测门报警（{rate} 次/秒），请往二次检查区", f"The radiation portal alarms ({rate} per second): to secondary inspection")
        return Unmet(reason, "radiation", to=(lane.secondary if lane else None) or "")


class _Weight(GateRule):
    """The scale's mass less the vehicle's is that of the boxes, which papers and earlier moves state."""

    abstract = True
    clause = "SOLAS VI/2"
    owner = "trucker"

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The manifest lines and last moves of the boxes, where there is a mass to compare."""
        if record.gross_kg is not None:
            for box in record.containers:
                yield moves(box)
                yield Need(CONSIGNMENT, ref=box, most=LINES)


class WeightAsDeclared(_Weight):
    """With a known tare the boxes weigh what their papers say, within the tolerance of verified gross mass."""

    code = "GATE-WEIGHT"
    title = Text("重量与申报相符", "Weight as declared")
    severity = "divert"

    def applies(self, record: Passage, found: Found) -> bool:
        """Vehicles that were weighed, whose tare and boxes are known."""
        stated = declared_kg(record, found)
        return record.gross_kg is not None and record.tare_kg is not None and stated is not None and stated[0] == stated[1]

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Diverts beyond five per cent (at least 300 kg, at most 1 t)."""
        stated = declared_kg(record, found)
        assert record.gross_kg is not None
        assert record.tare_kg is not None
        assert stated is not None
        found_kg = record.gross_kg - record.tare_kg
        if abs(found_kg - stated[0]) <= tolerance(stated[0]):
            return None
        return Unmet(_differs(found_kg, stated[0]), "gross_kg")


class WeightPlausible(_Weight):
    """Without a tare the vehicle would have to weigh what tractors and semi-trailers weigh; else it is said."""

    code = "GATE-WEIGHT-RANGE"
    title = Text("重量与申报大致相符", "Weight about as declared")
    severity = "warn"

    def applies(self, record: Passage, found: Found) -> bool:
        """Vehicles that were weighed, whose boxes are known and whose tare is not."""
        return record.gross_kg is not None and record.tare_kg is None and declared_kg(record, found) is not None

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Warns where the vehicle alone would weigh less than 9 t or more than 22 t."""
        stated = declared_kg(record, found)
        assert record.gross_kg is not None
        assert stated is not None
        least, most = record.gross_kg - stated[1], record.gross_kg - stated[0]
        if most >= LIGHTEST_KG and least <= HEAVIEST_KG:
            return None
        reason = Text("按申报推算车辆自重约 {t:.2f} 吨，不合常理", "By what is declared the vehicle alone would weigh about {t:.2f} t")
        return Unmet(reason.fill(t=most / 1000), "gross_kg")


class SealAsRecorded(GateRule):
    """A box leaves under the seal that was last recorded of it; another one was put on by nobody who told of it."""

    code = "GATE-SEAL-MATCH"
    title = Text("封志与记录一致", "Seal as last recorded")
    clause = "HS/T 82 6.6 a)"
    severity = "refuse"
    owner = "customs"

    def applies(self, record: Passage, found: Found) -> bool:
        """Boxes whose seals were read and of which a seal is on record."""
        return bool(record.seals) and any(last_seals(box, found) for box in record.containers)

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The last moves of the boxes, where seals were read."""
        if record.seals:
            for box in record.containers:
                yield moves(box)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses the first box of whose recorded seals none was read."""
        read = {_plain(seal) for seal in record.seals}
        for box in record.containers:
            known = last_seals(box, found)
            if known and not {_plain(seal) for seal in known} & read:
                number, seals, seen = box.partition(":")[2], ", ".join(known)[:80], ", ".join(record.seals)[:80]
                return Unmet(
                    Text(f"箱 {number} 记录封志为 {seals}，现读为 {seen}", f"Box {number}: seal {seals} on record, {seen} read"), "seals", box
                )
        return None


class OrderHeld(GateRule):
    """A box for which a delivery order was issued is fetched by the order's holder, once, while it is valid."""

    code = "GATE-ORDER"
    title = Text("凭提货单提箱", "Fetched by delivery order")
    clause = "HS/T 82 7.2.1 b)"
    severity = "refuse"
    owner = "carrier"

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The delivery orders of the boxes that leave."""
        if record.direction == "out":
            for box in record.containers:
                yield release_need(box)

    def applies(self, record: Passage, found: Found) -> bool:
        """Only boxes of which a delivery order is known: others leave by the declaration and booking alone."""
        return record.direction == "out" and any(found.of(release_need(box)) for box in record.containers)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses the first box whose orders are all used, cancelled or past."""
        for box in record.containers:
            orders = found.of(release_need(box))
            if orders and not _valid(release_for(orders, box), record):
                number = box.partition(":")[2]
                why = Text(f"箱 {number} 没有有效提货单（已提、作废或过期）", f"No delivery order for box {number} is open: fetched, cancelled or past")
                return Unmet(why, "containers", orders[0].ref)
        return None

    def holds(self, record: Passage, found: Found) -> Text:
        """Names the holders."""
        held = (release_for(found.of(release_need(box)), box) for box in record.containers)
        names = ", ".join(dict.fromkeys(holder_of(one) for one in held if one))
        return Text(f"提货单有效，持有人 {names}", f"The delivery order is open; its holder is {names}")


class ReadByDevices(GateRule):
    """What a silent device did not read and a person entered is marked."""

    code = "GATE-DEVICES"
    title = Text("设备齐全", "All devices answered")
    severity = "warn"
    owner = "terminal"

    def applies(self, record: Passage, found: Found) -> bool:
        """Vehicles that devices reported."""
        return bool(record.readings or record.silent or record.entered)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Names the silent devices, and what was entered by hand."""
        if not record.silent and not record.entered:
            return None
        parts = [(Text("无应答", "silent"), record.silent), (Text("人工补录", "entered by hand"), record.entered)]
        zh = "；".join(f"{what.zh}：{'、'.join(DEVICES[kind].zh for kind in kinds)}" for what, kinds in parts if kinds)
        en = "; ".join(f"{what.en}: {', '.join(DEVICES[kind].en.lower() for kind in kinds)}" for what, kinds in parts if kinds)
        return Unmet(Text(zh, en), "silent" if record.silent else "entered")


def moves(box: str) -> Need:
    """The last moves of a box."""
    return Need(MOVE, ref=box, most=LAST_MOVES)


def tolerance(stated: float) -> float:
    """By how many kilograms a box may differ from what is stated."""
    return min(max(SHARE * stated, LEAST_KG), MOST_KG)


def declared_kg(record: Passage, found: Found) -> tuple[float, float] | None:
    """Between what the boxes weigh: by their last weighed move exactly, by a manifest line of one box about; None where unknown."""
    masses = [_mass(box, found) for box in record.containers]
    known = [mass for mass in masses if mass is not None]
    return (sum(low for low, _ in known), sum(high for _, high in known)) if known and len(known) == len(masses) else None


def _mass(box: str, found: Found) -> tuple[float, float] | None:
    weighed = [(move.at, move.gross_kg) for move in _moves(box, found) if move.gross_kg]
    if weighed:
        return (mass := max(weighed)[1], mass)
    lines = [one.data for one in found.of(Need(CONSIGNMENT, ref=box, most=LINES))]
    listed = [line for line in lines if isinstance(line, Consignment) and line.stands and box in line.containers]
    mine = [line for line in listed if line.manifest == listed[0].manifest]
    if len(mine) != 1 or len(mine[0].containers) != 1 or mine[0].gross_kg is None:
        return None
    return mine[0].gross_kg + BOX_KG[0], mine[0].gross_kg + BOX_KG[1]


def last_seals(box: str, found: Found) -> tuple[str, ...]:
    """The seals of the box's last move that names some."""
    sealed = [move for move in _moves(box, found) if move.seals and move.function != "cancellation"]
    return max(sealed, key=lambda move: move.at).seals if sealed else ()


def _moves(box: str, found: Found) -> Iterator[Move]:
    return (one.data for one in found.of(moves(box)) if isinstance(one.data, Move) and one.data.equipment == box)


def _valid(kept: Kept | None, record: Passage) -> bool:
    order = kept.data if kept else None
    return isinstance(order, DeliveryOrder) and (order.valid_until is None or record.at <= order.valid_until)


def _plain(seal: str) -> str:
    return "".join(seal.upper().split()).replace("-", "")


def _differs(found_kg: float, stated: float) -> Text:
    zh = f"实称箱重 {found_kg / 1000:.2f} 吨，申报 {stated / 1000:.2f} 吨"
    return Text(zh, f"The boxes weigh {found_kg / 1000:.2f} t, {stated / 1000:.2f} t are declared")
