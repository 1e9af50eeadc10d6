"""Where a declaration stands after an agency's notices: which notice may follow which (WCO DM 3.6, response series).

Notices are reports: whatever comes is kept. What could not have happened in that order is told, not refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

ANYWHERE = frozenset(("DMSRCV", "DMSREQ", "DMSQRY", "DMSTAX", "DMSCPI", "DMSCPR"))
"""Notices that change nothing of where a declaration stands: receipts of requests, their answers, queries, duties."""

_OPEN: Mapping[str, str] = {
    "DMSACC": "accepted", "DMSREJ": "rejected", "DMSALV": "lodged", "DMSDOC": "lodged", "DMSCTL": "controlled",
    "DMSINV": "invalidated", "DMSRES": "lodged",
}
_DECIDED: Mapping[str, str] = {
    "DMSACC": "accepted", "DMSALV": "accepted", "DMSDOC": "accepted", "DMSCTL": "controlled", "DMSRES": "accepted",
    "DMSROG": "released", "DMSCLE": "cleared", "DMSINV": "invalidated", "DMSREJ": "rejected", "DMSEXT": "accepted",
}
_OUT: Mapping[str, str] = {"DMSINV": "invalidated", "DMSEOG": "left", "DMSGER": "cleared", "DMSEXT": "cleared"}
MOVES: Mapping[str, Mapping[str, str]] = {
    "lodged": _OPEN,
    "accepted": _DECIDED,
    "controlled": {**_DECIDED, "DMSACC": "controlled", "DMSDOC": "controlled", "DMSRES": "controlled", "DMSALV": "controlled"},
    "released": {**_OUT, "DMSRES": "released", "DMSCLE": "cleared", "DMSCTL": "controlled"},
    "cleared": {**_OUT, "DMSRES": "cleared", "DMSCTL": "controlled"},
    "left": {"DMSRES": "left", "DMSCLE": "left", "DMSGER": "left", "DMSEXT": "left"},
    "rejected": {},
    "invalidated": {},
}
"""By state: the state to which each notice leads that may come in it."""
START = "lodged"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice by its short name, when it was issued, and of which version of the declaration (0: not stated)."""

    name: str
    at: datetime
    version: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The state, and the notices that could not follow what was told before them."""

    state: str
    surprises: tuple[Told, ...] = ()


def standing(notices: Iterable[Told]) -> Standing:
    """Where the notices lead, whatever order they came in: they are told by their times. Notices of one second stand in
    any order in which they can follow each other."""
    state, surprises = START, []
    waiting: list[Told] = []
    for told in sorted(notices, key=lambda one: (one.at, one.version)):
        if waiting and waiting[0].at != told.at:
            state, left = _settle(state, waiting)
            surprises += left
            waiting = []
        waiting.append(told)
    state, left = _settle(state, waiting)
    return Standing(state, (*surprises, *left))


def _settle(state: str, notices: list[Told]) -> tuple[str, list[Told]]:
    """The state after notices of one second, each taken as soon as it may come; and those that never may."""
    left = [one for one in notices if one.name not in ANYWHERE]
    while found := next((one for one in left if one.name in MOVES[state]), None):
        state = MOVES[state][found.name]
        left.remove(found)
    return state, left
