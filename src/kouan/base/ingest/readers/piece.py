"""A piece of a source: rows as columns, numbered as their source numbers them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.quality.api import ROW
from kouan.kernel.text import Text

SIZE = 65_536
"""Rows of a piece where the format reads by columns."""
SOME = 8_192
"""Rows of a piece where each row is a Python object first."""
MOST_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that could not be read, as it stood, and why."""

    row: int
    text: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a source in columns, with their number in `_row`; `broken`: rows of the same stretch that could not be read.

    `after`: the key behind which its source goes on, `marks`: what else of its place is kept; `settle`: what its source is told once
    the piece is kept.
    """

    table: pa.Table
    broken: Sequence[Broken] = ()
    after: str | int | float | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    settle: Callable[[], Awaitable[None]] | None = None

    @property
    def last(self) -> int:
        """The number of its last row, broken ones included; 0 of an empty piece."""
        ends = [row.row for row in self.broken]
        if self.table.num_rows:
            ends.append(self.table.column(ROW)[-1].as_py())
        return max(ends, default=0)


class Unreadable(Exception):
    """A file that is not of its format, or goes beyond what is taken; `reason` in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def unique(names: Iterable[object]) -> list[str]:
    """Names of columns, each once: blank ones are numbered, doubled ones too."""
    found: list[str] = []
    for at, name in enumerate(names, 1):
        bare = str(name).strip().replace("\0", "") if name is not None else ""
        bare = bare or f"column{at}"
        while bare in found or bare == ROW:
            bare = f"{bare}_{at}"
        found.append(bare)
    return found


def of_rows(rows: Sequence[tuple[int, Mapping[str, Any]]], names: Sequence[str] | None = None) -> pa.Table:
    """Rows of names and values as columns of text. Nested values are JSON; a column that a row lacks is empty there."""
    columns = list(names) if names is not None else list(dict.fromkeys(name for _, row in rows for name in row))
    held = {name: pa.array([text(row.get(name)) for _, row in rows], pa.string()) for name in columns[:MOST_COLUMNS]}
    return pa.table({ROW: pa.array([number for number, _ in rows], pa.int64()), **held})


def grouped(rows: Iterable[tuple[int, Mapping[str, Any]]], size: int = SOME) -> Iterator[Piece]:
    """Rows in pieces."""
    some: list[tuple[int, Mapping[str, Any]]] = []
    for row in rows:
        some.append(row)
        if len(some) >= size:
            yield Piece(of_rows(some))
            some = []
    if some:
        yield Piece(of_rows(some))


def text(value: Any) -> str | None:
    """A value as a cell of text; None of an empty one."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "") or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float | timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.hex() or None
    return orjson.dumps(value, default=str).decode()
