"""Leaf types of the WCO Data Model: what a value may be, after its own format notation (an..35, n..16,3, a2).

Names of kinds are those of the UN/CEFACT core types. A leaf is data; `checks` knows what it means.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `size` is the most characters (text) or digits (numbers); 0 is unlimited.

    `exact`: exactly `size` characters. `letters`, `digits`: nothing else may stand in it. `fraction` is the most
    decimal places, None without a limit. `values` are the only ones allowed, if any. `free`: may be empty or of several
    lines, as the leaves of a response may.
    """

    kind: str
    size: int = 0
    exact: bool = False
    letters: bool = False
    digits: bool = False
    fraction: int | None = None
    values: frozenset[str] = frozenset()
    free: bool = False

    @property
    def format(self) -> str:
        """The WCO notation, for people."""
        if self.kind == "date":
            return "CCYYMMDD[HHMMSS±HH]"
        if self.fraction is not None:
            return f"n..{self.size}" + (f",{self.fraction}" if self.fraction else "")
        if self.kind in NUMBERS:
            return "n"
        letter = "a" if self.letters else "n" if self.digits else "an"
        return f"{letter}{'' if self.exact else '..'}{self.size or '∞'}"


NUMBERS = frozenset(("amount", "quantity", "measure", "numeric"))
COLLAPSED = frozenset(("code", "token", *NUMBERS))
"""Kinds whose surrounding space does not count (XML Schema: whiteSpace collapse)."""


def ident(size: int) -> Leaf:
    """An identifier, an..size."""
    return Leaf("id", size)


def token(size: int) -> Leaf:
    """An identifier of a response, an..size: space around it does not count, and it may be empty."""
    return Leaf("token", size, free=True)


def free_code(size: int, *, digits: bool = False) -> Leaf:
    """A code of a response, an..size (n..size if `digits`), which may be empty."""
    return Leaf("code", size, digits=digits, free=True)


def free_text(size: int) -> Leaf:
    """Text of a response, which may be empty or of several lines."""
    return Leaf("text", size, free=True)


def code(size: int = 0, *values: str) -> Leaf:
    """A code, an..size, perhaps one of some values."""
    return Leaf("code", size, values=frozenset(values))


def alpha(size: int) -> Leaf:
    """A code of exactly so many letters."""
    return Leaf("code", size, exact=True, letters=True)


def digits(size: int, *values: str, exact: bool = False, kind: str = "code") -> Leaf:
    """A code of digits."""
    return Leaf(kind, size, exact, digits=True, values=frozenset(values))


def text(size: int = 0) -> Leaf:
    """Free text, an..size."""
    return Leaf("text", size)


def numeric(size: int = 0, fraction: int | None = None) -> Leaf:
    """A number without a unit."""
    return Leaf("numeric", size, fraction=fraction)


def quantity(size: int, fraction: int = 0) -> Leaf:
    """A count or amount of goods, perhaps with a unit."""
    return Leaf("quantity", size, fraction=fraction)


def measure(size: int, fraction: int = 0) -> Leaf:
    """A measure; without a unit in the one that the element implies (kg, m³, cm)."""
    return Leaf("measure", size, fraction=fraction)


AMOUNT = Leaf("amount", 16, fraction=3)
DATE = Leaf("date", 35)
SEQUENCE = numeric(5, 0)
COUNTRY = alpha(2)
