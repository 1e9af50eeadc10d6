"""Writing many rows of many tables in one statement: one message to the server and one plan, however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from kouan.kernel.database import Connection

Column = tuple[str, str]
"""A column's name and its PostgreSQL type. `interval`: a moment, as far from the database's own now as the value says."""


def _array(value: Sequence[object] | None) -> str | None:
    """A list as PostgreSQL writes it: an array of arrays cannot be ragged, an array of texts can."""
    return None if value is None else _spelled(tuple(value))


@lru_cache(4096)
def _spelled(value: tuple[object, ...]) -> str:
    # Readers are few lists, said again and again.
    parts = (str(part).replace("\\", "\\\\").replace('"', '\\"') for part in value)
    return '{"' + '","'.join(parts) + '"}' if value else "{}"


def _json(value: object) -> str | None:
    """A value as JSON text: a list among an array's elements would be taken for an array itself. None is no value."""
    return None if value is None else orjson.dumps(value).decode()


@dataclass(slots=True)
class Writing:
    """Parts of one statement, and their parameters: an array for each column."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def insert(self, table: str, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], clash: str = "") -> None:
        """New rows of a table. `clash`: what is done about a row whose key is there (`on conflict ...`)."""
        if rows:
            names = ", ".join(name for name, _ in columns)
            chosen, source = self._source(columns, rows)
            self.parts.append(f"insert into {table} ({names}) select {', '.join(chosen)} from {source} {clash}")

    def update(self, table: str, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> None:
        """New values of some columns; the first column is the key by which its row is found."""
        if rows:
            chosen, source = self._source(columns, rows)
            sets = ", ".join(f"{name} = {value}" for (name, _), value in zip(columns[1:], chosen[1:], strict=True))
            self.parts.append(f"update {table} t set {sets} from {source} where t.{columns[0][0]} = {chosen[0]}")

    def _source(self, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> tuple[list[str], str]:
        chosen, arrays = [], []
        for at, ((_, kind), column) in enumerate(zip(columns, zip(*rows, strict=True), strict=True)):
            spelled = _array if kind.endswith("[]") else _json if kind == "jsonb" else None
            self.values.append([spelled(value) for value in column] if spelled else column)
            arrays.append(f"${len(self.values)}::{'text' if spelled else kind}[]")
            chosen.append(f"w.c{at}::{kind}" if spelled else f"now() + w.c{at}" if kind == "interval" else f"w.c{at}")
        names = ", ".join(f"c{at}" for at in range(len(columns)))
        return chosen, f"unnest({', '.join(arrays)}) w({names})"

    async def run(self, conn: Connection, last: str) -> None:
        """Write all of it; `last` is a select that ends the statement."""
        if self.parts:
            named = ", ".join(f"p{at} as ({part})" for at, part in enumerate(self.parts))
            await conn.execute(f"with {named} {last}", *self.values)
