"""What inspections do about events: the terminal is asked to move boxes, and its reports move the visit on."""

from __future__ import annotations

from kouan.facilities.yard.api import INSTRUCTION, MOVE
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.supervision.inspection import moving
from kouan.supervision.inspection.records import InspectionOrder

ORDER = InspectionOrder.facts.name


class AskTerminal(Handler):
    """A visit is ordered: the terminal is asked to move its boxes to the bay."""

    code = "supervision.inspection.ask_terminal"
    title = Text("下达查验即通知码头调箱", "Ask the terminal to move the boxes")
    on = (f"{ORDER}:filed",)
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Issue one instruction for each box."""
        await moving.issue(port, await port.get(PLATFORM, ORDER, event.record_id))


class FollowMoves(Handler):
    """The terminal told a move: a box that was ordered to the bay is there, or is back."""

    code = "supervision.inspection.follow_moves"
    title = Text("按作业动态推进查验", "Move visits on by the terminal's reports")
    on = (f"{MOVE}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Only the terminal's own reports count."""
        if event.principal.kind == "terminal":
            await moving.follow_move(port, event.record_id)


class NoticeAcknowledged(Handler):
    """The terminal acknowledged what it was asked for."""

    code = "supervision.inspection.notice_acknowledged"
    title = Text("码头确认即登记通知", "Note that the terminal has its notice")
    on = (f"{INSTRUCTION}:acknowledge",)

    async def handle(self, event: Event, port: Port) -> None:
        """The order stands as notified."""
        await moving.acknowledged(port, event.record_id)


class EndOfVisit(Handler):
    """Results were entered, or the terminal said by hand that the box is at the bay."""

    code = "supervision.inspection.end_of_visit"
    title = Text("查验结束后移回集装箱", "Have boxes moved back after the visit")
    on = (f"{ORDER}:enter", f"{ORDER}:move")
    acts_for = "customs"

    async def handle(self, event: Event, port: Port) -> None:
        """Ask for the boxes to be moved back when the visit is over; instructions that a person's word completed are done."""
        order = await port.get(PLATFORM, ORDER, event.record_id)
        if event.what == "move":
            await moving.moved_by_hand(port, order)
        if order.state == "finished":
            await moving.over(port, order)
