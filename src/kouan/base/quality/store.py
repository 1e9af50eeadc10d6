"""What quality reads: stewards' rules, references that exist, and kept records page by page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kouan.base.quality.records import QualityRule
from kouan.kernel.database import Connection
from kouan.kernel.records import Record
from kouan.kernel.store.finding import equal
from kouan.kernel.store.schema import table

PAGE = 500


async def rules(conn: Connection, of: str) -> list[QualityRule]:
    """The stewards' rules in force for a data set."""
    rows = await equal(conn, QualityRule, {"of": of, "active": True}, limit=PAGE)
    return [QualityRule.model_validate(row.doc) for row in rows]


async def existing(conn: Connection, cls: type[Record], refs: Iterable[str]) -> set[str]:
    """Which of some references name a kept record of a type, in the connection's scope."""
    rows = await conn.fetch(f"select ref from {table(cls)} where ref = any($1)", list(refs))  # noqa: S608 - a table of the registry
    return {row["ref"] for row in rows}


async def documents(conn: Connection, cls: type[Record], after: int, most: int) -> Sequence[tuple[int, dict[str, Any]]]:
    """The open documents of a record type behind a sequence number, in order, at most so many."""
    sql = f"select seq, doc from {table(cls)} where seq > $1 order by seq limit $2"  # noqa: S608 - a table of the registry
    return [(row["seq"], row["doc"]) for row in await conn.fetch(sql, after, most)]
