"""The words in which AIS layouts are written: fields by width in the order of the standard's tables, and layouts.

A layout is a fact of ITU-R M.1371-5; columns (many messages at once) and values (one message) both read the same layouts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["int", "float", "text", "data", "spare"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its bits, its unit, and the interval of raw values that mean something (others mean "not available").

    A float's value is raw / scale + base. A `text` is of six-bit characters, `data` raw bits to the end of the message;
    both may be of any length when `width` is 0.
    """

    name: str
    width: int
    kind: Kind = "int"
    signed: bool = False
    scale: float = 1.0
    base: float = 0.0
    low: int | None = None
    high: int | None = None
    unit: str = ""
    start: int = 0

    @property
    def end(self) -> int:
        """The bit after the last one."""
        return self.start + self.width

    @property
    def numeric(self) -> bool:
        """Whether it is a number of fixed width."""
        return self.kind in {"int", "float"}


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A message's fields with their offsets. `least`: with fewer bits it is refused; `full`: with fewer its last fields
    are absent, and unless they are `optional` that is counted as truncated.
    """

    code: str
    fields: tuple[Field, ...]
    least: int
    full: int
    optional: bool = False

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(field for field in self.fields if field.name == name)


def num(name: str, width: int, low: int | None = None, high: int | None = None) -> Field:
    """A whole number."""
    return Field(name, width, low=low, high=high)


def real(name: str, width: int, scale: float, unit: str, high: int | None, base: float = 0.0) -> Field:
    """A scaled number without sign."""
    return Field(name, width, "float", scale=scale, base=base, high=high, unit=unit)


def signed(name: str, width: int, scale: float, unit: str, limits: tuple[int, int]) -> Field:
    """A scaled two's-complement number."""
    return Field(name, width, "float", signed=True, scale=scale, low=limits[0], high=limits[1], unit=unit)


def flag(name: str) -> Field:
    """One bit."""
    return Field(name, 1)


def text(name: str, chars: int) -> Field:
    """Six-bit characters; 0 for as many as there are."""
    return Field(name, chars * 6, "text")


def data(name: str = "data") -> Field:
    """The rest of the message as it is."""
    return Field(name, 0, "data")


def spare(width: int) -> Field:
    """Bits without meaning."""
    return Field("", width, "spare")


def place(width: int, per_degree: float, prefix: str = "") -> tuple[Field, Field]:
    """Longitude of `width` bits and latitude of one bit less, degrees WGS 84; 181 and 91 degrees mean "not available"."""
    whole = round(per_degree)
    return (
        signed(f"{prefix}lon", width, per_degree, "deg", (-180 * whole, 180 * whole)),
        signed(f"{prefix}lat", width - 1, per_degree, "deg", (-90 * whole, 90 * whole)),
    )


def lay(code: str, *fields: Field, least: str | int, start: int = 0, optional: bool = False) -> Layout:
    """Give fields their offsets. `least` is a number of bits, or the name of the last field that must be there."""
    laid: list[Field] = []
    at = start
    for field in fields:
        laid.append(replace(field, start=at))
        at += field.width
    kept = tuple(field for field in laid if field.kind != "spare")
    needed = least if isinstance(least, int) else next(field.end for field in kept if field.name == least)
    full = max((field.end for field in kept if field.width and field.kind != "data"), default=0)
    return Layout(code, kept, needed, max(full, needed), optional)
