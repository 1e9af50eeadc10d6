"""Bookings: a truck's appointment at the gate, and what the gate asks of it (预约)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.operations.subjects.api import plans
from kouan.operations.worklist.api import works
from kouan.services.booking import kinds, records, rules, work

PARTS = (records, rules, kinds)
works(records.Booking.facts.name, work.due)
plans(records.Booking.facts.name, work.planned)
MODULE = declare(
    Module(
        name="services.booking",
        title=Text("进出港预约", "Truck bookings"),
        summary=Text("集卡预约；卡口按预约业务选用规则", "Appointments of trucks; the gate picks its rule set by what is booked"),
        clauses=("10.1", "H6.3-1"),
    )
)
