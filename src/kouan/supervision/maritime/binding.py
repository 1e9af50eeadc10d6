"""What orders bind a berth plan to; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from kouan.kernel.rules import Kept
from kouan.supervision.maritime.records import MaritimeOrder

IN_FORCE = "in-force"


class Stay(Protocol):
    """A berth and a time, planned or possible."""

    @property
    def berth(self) -> str:
        """The berth."""
        ...

    @property
    def begin(self) -> datetime:
        """When the ship comes alongside."""
        ...

    @property
    def end(self) -> datetime:
        """When it leaves."""
        ...


def in_force(orders: Iterable[Kept], call: str) -> list[MaritimeOrder]:
    """The orders about a call that are in force."""
    found = [kept.data for kept in orders if kept.state == IN_FORCE]
    return [one for one in found if isinstance(one, MaritimeOrder) and one.call == call]


def broken(stay: Stay, order: MaritimeOrder) -> str:
    """The field of the plan that breaks an order; "" when it complies. A stop is broken by any stay."""
    if order.kind == "stop":
        return "call"
    if (order.berths and stay.berth not in order.berths) or stay.berth in order.not_berths:
        return "berth"
    if order.not_before and stay.begin < order.not_before:
        return "planned_from"
    if order.not_after and stay.end > order.not_after:
        return "planned_to"
    return ""


def complies(stay: Stay, orders: Sequence[MaritimeOrder]) -> bool:
    """Whether a stay breaks none of some orders."""
    return not any(broken(stay, order) for order in orders)


def soonest(orders: Sequence[MaritimeOrder]) -> datetime | None:
    """The moment before which no order lets the ship come alongside."""
    return max((one.not_before for one in orders if one.not_before), default=None)


def falls_under(cargo: str, limit: str) -> bool:
    """Whether a class of goods is of a class, or of its division (1.1D is of 1, of 1.1 and of 1.1D)."""
    rest = cargo.removeprefix(limit)
    if not cargo.startswith(limit) or not rest:
        return cargo == limit
    return rest.startswith(".") if "." not in limit else not rest[0].isdigit()
