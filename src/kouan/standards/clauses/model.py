"""What a row of the mission and a headline topic are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.kernel.text import Text

_SECTION = re.compile(r"[0-9]+(\.[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Clause:
    """One capability that the platform is to have.

    `clause` is its place in HS/T 82-2024 (`7.2.5b`; two places are joined by `;`); `exact` is false when another source
    asked for it and the clause is only the nearest one. `proof` says what shows it.
    """

    id: str
    board: str
    clause: str
    exact: bool
    capability: str
    proof: str

    @property
    def sections(self) -> tuple[str, ...]:
        """The numbered sections without letters: `7.2.5b` is in `7.2.5`."""
        found = (_SECTION.match(place) for place in self.clause.split(";"))
        return tuple(match[0] for match in found if match)


@dataclass(frozen=True, slots=True)
class Topic:
    """A headline of HS/T 82-2024 under a board, with a short title."""

    board: str
    clause: str
    title: Text

    @property
    def depth(self) -> int:
        """2 for `6.1`, 3 for `6.8.1`."""
        return self.clause.count(".") + 1
