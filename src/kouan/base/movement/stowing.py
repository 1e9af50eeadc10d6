"""Where boxes stand in a ship (cells of ISO 9711) and whether dangerous goods among them are far enough apart.

After IMDG Code 7.4.3.2 for closed containers in ships with closed holds, as far as a bay plan can tell: it knows no bulkheads,
so that below deck two bays that are no neighbours count as parted by one. A slot fore and aft is 6 m, a row athwartships 2.4 m.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kouan.base.movement.plans import Cell, Stowage
from kouan.standards.codes import api as codes

DECK = 70
"""Tiers from here on stand on deck."""
FAR = 4
"""Slots fore and aft that make 24 m."""
_CELL = re.compile(r"(\d{2,3})(\d\d)(\d\d)\Z")
MOST = 200
"""Clashes that are looked for: a plan with more is wrong throughout."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A box with dangerous goods: first and last slot fore and aft, place athwartships, tier."""

    at: int
    cell: Cell
    first: int
    last: int
    across: int
    tier: int
    classes: tuple[str, ...]

    @property
    def on_deck(self) -> bool:
        """Whether it stands on the deck or a hatch cover."""
        return self.tier >= DECK


@dataclass(frozen=True, slots=True)
class Clash:
    """Two boxes, or one and itself, nearer than their goods allow; the classes and the number of the term (IMDG 7.2.2.2)."""

    one: Stand
    other: Stand
    classes: tuple[str, str]
    term: int


def stands(plan: Stowage) -> list[Stand]:
    """The boxes with dangerous goods, from the bow on; cells that cannot be read are left out."""
    read = [(at, cell, found) for at, cell in enumerate(plan.cells) if (found := _CELL.match(cell.position.strip()))]
    centred = any(found.group(2) == "00" for _, _, found in read)
    made = [_stand(at, cell, found, centred) for at, cell, found in read if cell.hazards]
    return sorted((one for one in made if one.classes), key=lambda one: (one.first, one.at))


def _stand(at: int, cell: Cell, found: re.Match[str], centred: bool) -> Stand:
    bay, row, tier = (int(part) for part in found.groups())
    # An even bay is a 40' box over the two odd bays beside it: 02 over 01 and 03. Odd rows lie to starboard, even ones to port.
    first, last = (bay // 2 - 1, bay // 2) if bay % 2 == 0 else (bay // 2, bay // 2)
    across = (row + 1) // 2 if row % 2 else -(row // 2) + (0 if centred else 1)
    classes = tuple(dict.fromkeys(one for hazard in cell.hazards if (one := _class(hazard.imdg_class, hazard.un_number))))
    return Stand(at, cell, first, last, across, tier, classes)


def _class(stated: str, number: str) -> str:
    if stated:
        return stated
    known = codes.lookup("un_number", number) if number else None
    return known.parent if known else ""


def clashes(plan: Stowage) -> Iterator[Clash]:
    """Boxes too near one another, and boxes with goods in them that may not be together; at most `MOST`."""
    found, ordered = 0, stands(plan)
    for at, one in enumerate(ordered):
        for other in (one, *_near(ordered, at)):
            worst = _worst(one, other)
            if worst and (one is other or not apart(one, other, worst.term)):
                yield worst
                found += 1
                if found >= MOST:
                    return


def _near(ordered: Sequence[Stand], at: int) -> Iterator[Stand]:
    """Those behind it that stand less than 24 m away."""
    reach = ordered[at].last + FAR
    for later in ordered[at + 1 :]:
        if later.first > reach:
            return
        yield later


def _worst(one: Stand, other: Stand) -> Clash | None:
    pairs = [(codes.segregation(a, b), (a, b)) for a in one.classes for b in other.classes]
    term, classes = max(pairs, key=lambda pair: pair[0], default=(0, ("", "")))
    return Clash(one, other, classes, term) if term else None


def apart(one: Stand, other: Stand, term: int) -> bool:
    """Whether two boxes stand as a term asks."""
    along = max(other.first - one.last, one.first - other.last) - 1
    aside = abs(one.across - other.across) - 1
    if term == 1:
        return True
    if term == 4:
        return along >= FAR
    if one.on_deck != other.on_deck:
        return True
    if one.on_deck:
        return along >= 1 or aside >= term - 1
    return along >= 1 or (term == 2 and aside >= 1)
