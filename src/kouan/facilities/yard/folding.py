"""A box's stays at the terminal, folded from its moves in order of event time: told in any order, the same stock.

Pure: what is told late or twice, corrected or cancelled gives the state that it would have given in time (HS/T 82 7.2.1 b)).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

IN, OUT = ("discharge", "gate-in"), ("load", "gate-out")
INSIDE = ("strip", "stuff", "stack", "shift", "to-bay", "from-bay")
ABOARD = ("restow",)
"""Handling aboard a ship does not touch the yard."""
TWICE = timedelta(minutes=30)
"""Within it a second report of coming in or leaving is the same event, told by another party."""
_TURN = {name: turn for turn, names in enumerate((IN, ("strip", "stuff"), ("stack", "shift"), ("to-bay",), ("from-bay",), OUT))
         for name in names}  # fmt: skip
IN_TWICE, OUT_TWICE, NOT_IN = "in_twice", "out_twice", "not_told_in"


@dataclass(frozen=True, slots=True)
class Told:
    """One report about a box: `name` tells reports apart, `corrects` names the one that it replaces or takes back."""

    name: str
    activity: str
    at: datetime
    function: str = "original"
    corrects: str = ""
    place: str | None = None
    position: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    status: str | None = None
    gross_kg: float | None = None
    size_type: str | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """A box at the terminal from one coming in to the next leaving. `presence`: yard, bay, out (by land), aboard (by ship).

    `since`: how long it has stood where it stands. `doubts`: what its reports contradict each other in.
    """

    began: datetime
    how_in: str
    presence: str
    since: datetime
    ended: datetime | None = None
    how_out: str = ""
    place: str | None = None
    position: str | None = None
    vessel: str | None = None
    voyage: str | None = None
    discharged: datetime | None = None
    at_bay: datetime | None = None
    left_bay: datetime | None = None
    status: str | None = None
    gross_kg: float | None = None
    size_type: str | None = None
    moves: int = 1
    doubts: tuple[str, ...] = ()


def effective(told: Iterable[Told]) -> list[Told]:
    """The reports that stand, by event time: without those taken back, and with corrections in the place of what they correct."""
    reports = sorted(set(told), key=lambda one: one.name)
    replaced = {one.corrects for one in reports if one.function != "original" and one.corrects}
    standing = [one for one in reports if one.function != "cancellation" and one.name not in replaced]
    return sorted(standing, key=lambda one: (one.at, _TURN.get(one.activity, 9), one.name))


def fold(told: Iterable[Told]) -> list[Stay]:
    """A box's stays, the oldest first; of the last one tells where the box is now."""
    stays: list[Stay] = []
    for one in effective(told):
        if one.activity in ABOARD:
            continue
        current = stays[-1] if stays and stays[-1].ended is None else None
        if one.activity in IN:
            _comes(stays, current, one)
        elif one.activity in OUT:
            _leaves(stays, current, one)
        elif current is None:
            stays.append(_handled(_begin(one, "", (NOT_IN,)), one))
        else:
            stays[-1] = _handled(current, one, more=1)
    return stays


def _comes(stays: list[Stay], current: Stay | None, one: Told) -> None:
    if current is None:
        stays.append(_begin(one, one.activity))
    elif current.how_in == "" or _again(current, one):
        stays[-1] = _detailed(current, one, discharged=current.discharged or _landed(one), how_in=current.how_in or one.activity)
    else:
        # It comes in and was never told to have left: the old stay ends here, and says so.
        stays[-1] = replace(current, ended=one.at, presence="out", since=one.at, doubts=(*current.doubts, IN_TWICE))
        stays.append(_begin(one, one.activity, (IN_TWICE,)))


def _again(current: Stay, one: Told) -> bool:
    """Whether a report of coming in tells the coming in that is known: of the same voyage, or at about the same time."""
    if one.vessel and one.voyage and current.vessel and current.voyage:
        return current.how_in == one.activity and (one.vessel, one.voyage) == (current.vessel, current.voyage)
    return current.how_in == one.activity and one.at - current.began <= TWICE


def _leaves(stays: list[Stay], current: Stay | None, one: Told) -> None:
    if current is not None:
        presence = "aboard" if one.activity == "load" else "out"
        gone = _detailed(current, one)
        stays[-1] = replace(gone, ended=one.at, how_out=one.activity, presence=presence, since=one.at, place=one.place, position=None)
        return
    last = stays[-1] if stays else None
    if last is not None and last.ended is not None and last.how_out == one.activity and one.at - last.ended <= TWICE:
        stays[-1] = replace(last, moves=last.moves + 1)
        return
    doubt = OUT_TWICE if last is not None else NOT_IN
    presence = "aboard" if one.activity == "load" else "out"
    stays.append(replace(_begin(one, "", (doubt,)), ended=one.at, how_out=one.activity, presence=presence, position=None))


def _begin(one: Told, how: str, doubts: tuple[str, ...] = ()) -> Stay:
    discharged = _landed(one)
    return Stay(one.at, how, "yard", one.at, None, "", one.place, one.position if how != "discharge" else None, one.vessel, one.voyage,
                discharged, status=one.status, gross_kg=one.gross_kg, size_type=one.size_type, doubts=doubts)  # fmt: skip


def _landed(one: Told) -> datetime | None:
    return one.at if one.activity == "discharge" else None


def _detailed(stay: Stay, one: Told, **more: Any) -> Stay:
    known: dict[str, Any] = {
        "vessel": stay.vessel or one.vessel, "voyage": stay.voyage or one.voyage, "status": one.status or stay.status,
        "gross_kg": one.gross_kg or stay.gross_kg, "size_type": one.size_type or stay.size_type, "moves": stay.moves + 1,
    }  # fmt: skip
    return replace(stay, **{**known, **more})


def _handled(stay: Stay, one: Told, more: int = 0) -> Stay:
    """A move inside the terminal."""
    moved = replace(stay, status=one.status or stay.status, gross_kg=one.gross_kg or stay.gross_kg, moves=stay.moves + more)
    if one.activity == "to-bay":
        return replace(moved, presence="bay", place=one.place, position=one.position, since=one.at, at_bay=one.at, left_bay=None)
    if one.activity == "from-bay":
        return replace(moved, presence="yard", place=one.place, position=one.position, since=one.at, left_bay=one.at)
    if one.activity in ("stack", "shift"):
        left = one.at if stay.presence == "bay" else stay.left_bay
        return replace(moved, presence="yard", place=one.place or stay.place, position=one.position or stay.position,
                       since=one.at, left_bay=left)  # fmt: skip
    return moved


def current(stays: Sequence[Stay]) -> Stay | None:
    """The stay that the box is in, or was in last."""
    return stays[-1] if stays else None


FIELD_TIMES = ("since", "began", "ended", "discharged", "at_bay", "left_bay")
"""The fields of a stay that are moments."""
