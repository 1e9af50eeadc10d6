"""What extraction holds of a subject that is erased: rows set aside lose their content, staged rows their values; that they were stays."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.base.ingest import store
from kouan.base.ingest.staging import Part, Staging, incoming
from kouan.base.quality.api import ROW
from kouan.kernel.database import Connection
from kouan.kernel.mention import Looked, Sought
from kouan.kernel.port import Port
from kouan.kernel.vault import unseal

MOST_ROWS = 500
WINDOW, LAP = 64 << 20, 1024
"""Bytes of an upload that are looked through at once, and how far one stretch reaches into the next."""
PARTS: tuple[Part, ...] = ("raw", "clean", "changes")
ABOUT = {ROW, "row", "field", "rule"}
"""Columns that say which row it was, and what was done to it, but nothing that it held."""


async def look_aside(port: Port, conn: Connection, sought: Sought, after: str, *, destroy: bool) -> Looked:
    """Look through the next rows that were set aside, of all runs; `destroy` the content of those that tell of the subject."""
    run, piece, row = (after or f"{UUID(int=0)} -1 -1").split()
    found = await store.aside_behind(conn, UUID(run), int(piece), int(row), MOST_ROWS)
    keys = await port.vault.subject_keys(conn, {f"ingest:{one['run']}" for one in found}, create=False)

    def telling() -> list[tuple[Any, Any, str]]:
        return [(one, *cleaned) for one in found if (cleaned := _cleaned(one, keys.get(f"ingest:{one['run']}"), sought))]

    told = await asyncio.to_thread(telling)
    if destroy:
        for one, problems, note in told:
            await store.erase_aside(conn, one["run"], (one["piece"], one["row"]), problems, note)
    last = found[-1] if len(found) == MOST_ROWS else None
    return Looked(f"{last['run']} {last['piece']} {last['row']}" if last else "", len(found), len(told))


def _cleaned(row: Any, key: Any, sought: Sought) -> tuple[Any, str] | None:
    """Problems and note of a row that tells of the subject, without its number; None of any other."""
    place = f"{row['piece']}/{row['row']}"
    sealed = ((place, row["sealed"]), (f"{place}/mended", row["mended"]))
    held = [unseal(key, at, text) for at, text in sealed if key and text]
    problems, note = sought.scrubbed(row["problems"]), str(sought.scrubbed(row["note"]))
    if (problems, note) == (row["problems"], row["note"]) and not sought.told(json.dumps(held, ensure_ascii=False)):
        return None
    return problems, note


async def look_staged(port: Port, conn: Connection, sought: Sought, after: str, *, destroy: bool) -> Looked:
    """Look through the next run's staging area and its upload; `destroy`: empty the rows that tell of the subject, remove the upload.

    A run whose upload was removed cannot be resumed. Data sets are looked through as all else that is staged.
    """
    run = await store.run_behind(conn, UUID(after or "0" * 32))
    if run is None:
        return Looked("")
    staging = Staging(port, str(run["source"]), str(run["id"]))

    def whole() -> int:
        told = sum(_piece(staging, number, sought, destroy=destroy) for number in range(run["pieces"]))
        return told + _upload(port, str(run["id"]), sought, destroy=destroy)

    return Looked(str(run["id"]), run["pieces"], await asyncio.to_thread(whole))


def _upload(port: Port, run: str, sought: Sought, *, destroy: bool) -> int:
    held = incoming(port, run)
    if not held.exists():
        return 0
    told, at = False, 0
    with held.open() as file:
        while not told and (stretch := file.read(WINDOW)):
            told, at = bool(sought.within(stretch)), at + WINDOW - LAP
            file.seek(at)
            if len(stretch) < WINDOW:
                break
    if told and destroy:
        held.remove()
    return int(told)


def _piece(staging: Staging, number: int, sought: Sought, *, destroy: bool) -> int:
    """How many rows of a piece tell of the subject in any of its parts; emptied in all of them."""
    tables = {part: table for part in PARTS if (table := staging.read(part, number)) is not None}
    rows = {row for table in tables.values() for row in _telling(table, sought)}
    if not rows or not destroy:
        return len(rows)
    for part, table in tables.items():
        emptied = _emptied(table, rows)
        if not emptied.equals(table):
            about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items() if not key.startswith(b"ARROW")}
            staging.write(part, number, emptied, about=about)
    return len(rows)


def _number(table: Any) -> Any:
    return table.column(ROW if ROW in table.column_names else "row")


def _telling(table: Any, sought: Sought) -> set[int]:
    """The numbers of a table's rows that tell of the subject."""
    found: set[int] = set()
    if not table.num_rows:
        return found
    for name in table.column_names:
        if name not in ABOUT:
            column = table.column(name).combine_chunks()
            # Equal values are looked at once, and only those that a cheaper pattern lets through.
            likely = pc.indices_nonzero(_likely(column, sought))
            numbers, values = _number(table).take(likely).to_pylist(), column.take(likely).to_pylist()
            found.update(row for row, value in zip(numbers, values, strict=True) if sought.told(str(value)))
    return found


def _likely(column: Any, sought: Sought) -> Any:
    try:
        text = pc.utf8_upper(pc.utf8_normalize(pc.cast(column, pa.string()), form="NFKC"))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        text = pa.array([str(value).upper() for value in column.to_pylist()], pa.string())
    hits = [pc.match_substring_regex(text, pattern) for group in sought.groups for pattern in group.loose[:1]]
    mask = hits[0]
    for hit in hits[1:]:
        mask = pc.or_(mask, hit)
    return pc.fill_null(mask, False)


def _emptied(table: Any, rows: set[int]) -> Any:
    """A table without the values of some rows; the rows stay, so that nothing behind them moves."""
    gone = pc.is_in(_number(table), value_set=pa.array(sorted(rows), _number(table).type))
    for at, name in enumerate(table.column_names):
        if name not in ABOUT:
            field, column = table.schema.field(at), table.column(name)
            table = table.set_column(at, field.with_nullable(True), pc.if_else(gone, pa.scalar(None, column.type), column))
    return table
