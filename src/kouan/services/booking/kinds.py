"""Rule sets of further kinds of business at one lane: dangerous goods, staff, and inspection vehicles of authorities."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.movement.api import Move
from kouan.facilities.gate.api import Passage
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.services.booking.records import AUTHORITIES, Booking
from kouan.services.booking.rules import BOOKING, CLAUSE, BookingRule, booking_of, data_of, near
from kouan.standards.codes import api as codes

LAST_MOVES = 10
"""As many moves of a box as the gate's own rules read, so that they are read once."""
LIGHT_KG = 4_500.0
"""The heaviest light vehicle (GA 802: total mass below 4.5 t); what weighs more at a staff booking is none."""
EMPTY_HANDED = ("staff", "inspection")


class DangerousNamed(Rule):
    """A booking for dangerous goods names them, and only such a booking does."""

    code = "BK-DANGEROUS"
    at = "filing"
    of = BOOKING
    title = Text("危险货物预约列明联合国编号", "Bookings for dangerous goods name their UN numbers")
    clause = CLAUSE
    severity = "refuse"
    owner = "trucker"

    def judge(self, record: Booking, found: Found) -> Unmet | None:
        """Refuses a hazardous booking without UN numbers or with unknown ones, and UN numbers on another business."""
        if record.business != "hazardous":
            wrong = Text("载有危险货物须按“危险货物”业务预约", "Dangerous goods are booked as that business")
            return Unmet(wrong, "business") if record.dangerous else None
        if not record.dangerous:
            return Unmet(Text("请填写联合国编号", "State the UN numbers"), "dangerous")
        strange = next((number for number in record.dangerous if codes.lookup("un_number", number) is None), None)
        if strange is None:
            return None
        return Unmet(Text(f"UN {strange} 不在危险货物一览表中", f"UN {strange} is not on the list of dangerous goods"), "dangerous")


class OfficialVehicle(Rule):
    """Only authorities book their own vehicles for inspection, and authorities book nothing else."""

    code = "BK-OFFICIAL"
    at = "filing"
    of = BOOKING
    title = Text("查验车辆由监管部门预约", "Inspection vehicles are booked by authorities")
    clause = CLAUSE
    severity = "refuse"
    owner = "trucker"

    def judge(self, record: Booking, found: Found) -> Unmet | None:
        """Refuses an inspection booking by a firm, and any other one by an authority."""
        if (record.business == "inspection") == (found.filer in AUTHORITIES):
            return None
        return Unmet(Text("查验车辆只能由监管部门预约，监管部门也只预约查验车辆",
                          "Authorities, and nobody else, book inspection vehicles, and nothing else"), "business")  # fmt: skip


class NoBoxesBooked(Rule):
    """Staff and officers come without boxes."""

    code = "BK-NO-BOXES"
    at = "filing"
    of = BOOKING
    title = Text("员工与查验车辆不载集装箱", "Staff and inspection vehicles carry no containers")
    clause = CLAUSE
    severity = "refuse"
    owner = "trucker"

    def judge(self, record: Booking, found: Found) -> Unmet | None:
        """Refuses containers on such a booking."""
        if record.business not in EMPTY_HANDED or not record.containers:
            return None
        return Unmet(Text("该类预约不能含集装箱", "Such a booking holds no containers"), "containers")


class DangerousAsBooked(BookingRule):
    """A box with dangerous goods travels on a booking that names them."""

    code = "GATE-DANGEROUS"
    title = Text("危险货物与预约相符", "Dangerous goods as booked")
    clause = "JT/T 617"
    severity = "refuse"

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The bookings, and what was last told of the boxes."""
        yield from super().needs(record, filer)
        yield from (_moves(box) for box in record.containers)

    def applies(self, record: Passage, found: Found) -> bool:
        """Boxes of which dangerous goods were told, and bookings for them."""
        booking = data_of(booking_of(record, found))
        return bool(_told(record, found)) or (booking is not None and booking.business == "hazardous")

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses goods that the booking does not name; a booking that names more is met."""
        booking = data_of(booking_of(record, found))
        missing = sorted(_told(record, found) - set(booking.dangerous if booking else ()))
        if not missing:
            return None
        numbers = ", ".join(missing)
        return Unmet(Text(f"预约未列明危险货物 UN {numbers}", f"The booking does not name dangerous goods UN {numbers}"), "containers")


class StaffCar(BookingRule):
    """Staff come in a light vehicle and without boxes."""

    code = "GATE-STAFF"
    title = Text("员工车辆", "Staff vehicle")
    severity = "divert"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles booked for staff."""
        return _booked(record, found, "staff")

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Diverts a vehicle that carries boxes or is no light one."""
        if record.containers:
            return Unmet(Text("员工车辆不得载运集装箱", "A staff vehicle may not carry containers"), "containers")
        if record.gross_kg is not None and record.gross_kg >= LIGHT_KG:
            return Unmet(Text("总重超出小型车辆", "Heavier than a light vehicle"), "gross_kg")
        return None


class InspectionCar(BookingRule):
    """Officers on duty come without boxes; nothing else is asked of them at the barrier."""

    code = "GATE-INSPECTION"
    title = Text("查验车辆", "Inspection vehicle")
    severity = "divert"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles that an authority booked for inspection."""
        return _booked(record, found, "inspection")

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Diverts a vehicle that carries boxes."""
        if not record.containers:
            return None
        return Unmet(Text("查验车辆不得载运集装箱", "An inspection vehicle may not carry containers"), "containers")


def _booked(record: Passage, found: Found, business: str) -> bool:
    """Whether the vehicle's nearest booking is for a business."""
    return next((b.business == business for kept in near(record, found) if (b := data_of(kept))), False)


def _moves(box: str) -> Need:
    return Need(Move.facts.name, ref=box, most=LAST_MOVES)


def _told(record: Passage, found: Found) -> set[str]:
    """UN numbers that the last moves of the boxes name."""
    numbers: set[str] = set()
    for box in record.containers:
        moves = [one.data for one in found.of(_moves(box)) if isinstance(one.data, Move) and one.data.equipment == box]
        stating = [move for move in moves if move.dangerous and move.function != "cancellation"]
        numbers |= set(max(stating, key=lambda move: move.at).dangerous) if stating else set()
    return numbers
