"""What a booking must be, and what bookings mean at the gate: one lane picks its rule set by the business booked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from kouan.base.reference.api import doubts
from kouan.facilities.gate.api import BUSINESSES, GateRule, Passage
from kouan.kernel.clock import span
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.services.booking.records import Booking

BOOKING = Booking.facts.name
CLAUSE = "HS/T 82 10.1"
LATEST = 60
"""Bookings of a vehicle that are looked at, the last made first: more than a week of trips."""
GRACE = timedelta(minutes=30)
REACH = timedelta(days=7)
LONGEST = timedelta(hours=24)
PAST = timedelta(days=1)


class SaneWindow(Rule):
    """An appointment has a beginning, an end after it, and lies not in the past."""

    code = "BK-WINDOW"
    at = "filing"
    of = BOOKING
    title = Text("时窗合理", "Sane window")
    clause = CLAUSE
    severity = "refuse"
    owner = "trucker"

    def judge(self, record: Booking, found: Found) -> Unmet | None:
        """Refuses a window that ends before it begins, is longer than a day, or ended a day ago."""
        if record.closes <= record.opens:
            return Unmet(Text("时窗结束应晚于开始", "The window must end after it begins"), "closes")
        if record.closes - record.opens > LONGEST:
            return Unmet(Text("时窗不得超过 24 小时", "The window may not be longer than 24 hours"), "closes")
        if record.closes < found.at - PAST:
            return Unmet(Text("时窗已过", "The window is over"), "closes")
        return None


class FittingBusiness(Rule):
    """A coach carries persons, not boxes."""

    code = "BK-BUSINESS"
    at = "filing"
    of = BOOKING
    title = Text("业务与集装箱相符", "Business fits the containers")
    clause = CLAUSE
    severity = "refuse"
    owner = "trucker"

    def judge(self, record: Booking, found: Found) -> Unmet | None:
        """Refuses containers on a coach."""
        if record.business != "coach" or not record.containers:
            return None
        return Unmet(Text("客车预约不能含集装箱", "A coach's booking holds no containers"), "containers")


class KnownIdentifiers(Rule):
    """A plate or container number that fails its check is kept, with a warning; the gate will look at it again."""

    code = "BK-IDENTIFIERS"
    at = "filing"
    of = BOOKING
    title = Text("标识校验", "Check of identifiers")
    clause = CLAUSE
    severity = "warn"
    owner = "trucker"

    def judge(self, record: Booking, found: Found) -> Unmet | None:
        """Warns of the first one that fails."""
        return next((Unmet(reason, field, ref) for field, ref, reason in doubts(record)), None)


class BookingRule(GateRule):
    """Base of rules at the gate that look at the vehicle's bookings."""

    abstract = True
    clause = CLAUSE
    owner = "trucker"

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The bookings of the vehicle."""
        return (bookings(record.vehicle),)

    def applies(self, record: Passage, found: Found) -> bool:
        """Vehicles that carry boxes, and those that have booked: an empty truck or a car comes and goes without."""
        return bool(record.containers) or booking_of(record, found) is not None


class BookingHeld(BookingRule):
    """Boxes are brought and fetched by appointment."""

    code = "GATE-BOOKING"
    title = Text("持有有效预约", "Booking held")
    severity = "refuse"

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses a vehicle with boxes for which no booking of it stands."""
        if booking_of(record, found) is not None:
            return None
        if found.of(bookings(record.vehicle)):
            return Unmet(Text("该车预约与所载集装箱或方向不符", "No booking of this vehicle is for these containers and direction"))
        return Unmet(Text("该车没有预约", "This vehicle has no booking"))

    def holds(self, record: Passage, found: Found) -> Text:
        """Names the booking and its business."""
        booking = data_of(booking_of(record, found))
        if booking is None:
            return self.title
        title = BUSINESSES[booking.business]
        return Text(f"预约 {booking.number}（{title.zh}）", f"Booking {booking.number} ({title.en.lower()})")

    def tells(self, record: Passage, found: Found) -> Mapping[str, str]:
        """Whose booking it is, which, and for what business."""
        kept = booking_of(record, found)
        booking = data_of(kept)
        if kept is None or booking is None:
            return {}
        return {"trucker": kept.filer, "booking": kept.ref, "business": booking.business}


class BookingWindow(BookingRule):
    """Who comes too early or too late waits aside, half an hour forgiven."""

    code = "GATE-WINDOW"
    title = Text("在预约时窗内", "Within the window booked")
    severity = "divert"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles with a booking; officers on duty come when they must."""
        booking = data_of(booking_of(record, found))
        return booking is not None and booking.business != "inspection"

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Diverts a vehicle outside its window."""
        booking = data_of(booking_of(record, found))
        if booking is None or covers(booking, record.at):
            return None
        window = _window(booking, found.site.get("zone", "UTC"))
        if record.at < booking.opens:
            return Unmet(Text(f"早于预约时窗（{window}）", f"Earlier than the window booked ({window})"), "at")
        return Unmet(Text(f"晚于预约时窗（{window}）", f"Later than the window booked ({window})"), "at")


class SealedTransit(BookingRule):
    """Bonded goods travel under seal (customs transit)."""

    code = "GATE-SEAL"
    title = Text("保税货物加封", "Bonded goods under seal")
    severity = "refuse"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only bonded business with boxes."""
        booking = data_of(booking_of(record, found))
        return booking is not None and booking.business == "bonded" and bool(record.containers)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses boxes without a seal each."""
        if len(record.seals) >= len(record.containers):
            return None
        return Unmet(Text("保税货物每箱须有封志", "Each box of bonded goods must bear a seal"), "seals")


class CoachWithoutGoods(BookingRule):
    """A passenger coach carries no boxes."""

    code = "GATE-COACH"
    title = Text("客车不载货", "Coach carries no goods")
    severity = "refuse"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only vehicles booked as coaches."""
        return any((b := data_of(kept)) and b.business == "coach" for kept in near(record, found))

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses boxes on a coach."""
        if not record.containers:
            return None
        return Unmet(Text("客车不得载运集装箱", "A coach may not carry containers"), "containers")


def bookings(vehicle: str) -> Need:
    """The last bookings of a vehicle."""
    return Need(BOOKING, ref=vehicle, most=LATEST)


def data_of(kept: Kept | None) -> Booking | None:
    """The booking of a kept record."""
    return kept.data if kept is not None and isinstance(kept.data, Booking) else None


def covers(booking: Booking, moment: datetime) -> bool:
    """Whether a moment lies in the window, half an hour before and after forgiven."""
    return booking.opens - GRACE <= moment <= booking.closes + GRACE


def fits(booking: Booking, record: Passage) -> bool:
    """Whether a booking is for what the vehicle carries; without boxes any booking of the vehicle is."""
    if not record.containers:
        return record.direction == "in" or not booking.containers
    return booking.direction == record.direction and set(record.containers) <= set(booking.containers)


def near(record: Passage, found: Found) -> list[Kept]:
    """The vehicle's kept bookings within a week of the passage, the nearest first."""
    kept = [(one, one.data) for one in found.of(bookings(record.vehicle)) if one.state == "kept"]
    held = [(one, b) for one, b in kept if isinstance(b, Booking) and b.vehicle == record.vehicle]
    close = [(_distance(b, record.at), one) for one, b in held if _distance(b, record.at) <= REACH]
    return [one for _, one in sorted(close, key=lambda pair: pair[0])]


def booking_of(record: Passage, found: Found) -> Kept | None:
    """The booking that a passage goes by: the nearest in time that is for what the vehicle carries."""
    fitting: Sequence[Kept] = [k for k in near(record, found) if (b := data_of(k)) is not None and fits(b, record)]
    return next(iter(fitting), None)


def _distance(booking: Booking, moment: datetime) -> timedelta:
    if booking.opens <= moment <= booking.closes:
        return timedelta(0)
    return min(abs(moment - booking.opens), abs(moment - booking.closes))


def _window(booking: Booking, zone: str) -> str:
    return span(booking.opens, booking.closes, zone)
