"""What the acts of the living demo port share: the rhythm, the ship, the papers, and doors for every party."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from kouan_sim.doors import Accounts, Answer, Door
from kouan_sim.identifiers import References
from kouan_sim.ships import Voyager
from kouan_sim.traders import Bill, Box, Desk, Voyage
from kouan_sim.trucks import Yard

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """The rhythm: seconds between declarations and between trucks, and how much faster than life ships sail."""

    declaration: float = 20.0
    truck: float = 15.0
    factor: float = 20.0
    officers: float = 30.0
    start: float = 2.0
    box: float = 4.0


@dataclass(slots=True)
class Scene:
    """What the acts of the demo share. `boxes`: what is known of a box by its number, for its seal and mass.

    `dangerous`: UN numbers of what is in a box.
    """

    url: str
    accounts: Accounts
    refs: References
    pace: Pace
    ship: Voyager
    desk: Desk
    home: Path
    yard: Yard = field(default_factory=Yard)
    undeclared: deque[tuple[Voyage, Bill]] = field(default_factory=deque)
    declared: dict[str, Bill] = field(default_factory=dict)
    aboard: deque[tuple[Voyage, Bill]] = field(default_factory=deque)
    landed: set[str] = field(default_factory=set)
    boxes: dict[str, Box] = field(default_factory=dict)
    dangerous: dict[str, tuple[str, ...]] = field(default_factory=dict)
    alongside: str = ""

    def door(self, org: str, user: str = "") -> Door:
        """A door with an organisation's token, or with that of one of its accounts; raises NoAccount."""
        return Door(self.url, self.accounts.token(org, user=user))

    def expect(self, voyage: Voyage) -> None:
        """A voyage is announced: its bills will be declared, its boxes discharged."""
        self.undeclared.extend((voyage, bill) for bill in voyage.bills)
        self.aboard.extend((voyage, bill) for bill in voyage.bills)
        self.boxes |= {box.number: box for bill in voyage.bills for box in bill.boxes}
        for bill in voyage.bills:
            numbers = tuple(goods.un for goods in bill.goods if goods.un)
            self.dangerous |= {box.number: numbers for box in bill.boxes if numbers}


def said(what: str, answer: Answer, *, kept: bool = False) -> None:
    """Log a refusal; `kept`: what is kept already is no trouble."""
    if not answer.ok and not (kept and answer.status == 409):
        log.warning("simulated %s refused: %s", what, answer.reason)
