"""History beside records: one query of DuckDB over readings and the records that a caller may see.

Both sides come as Arrow tables: readings with the caller's levels and readers, records page by page through the same doors as lists,
so rows and fields are those of the caller's entitlement and restricted reads are audited. The query is the platform's own; what a caller
states goes in as parameters. The base in which it runs reaches no file, no network and no extension, and its settings are locked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.facilities.telemetry.history.reading import History
from kouan.facilities.telemetry.numbers import Series
from kouan.facilities.telemetry.signals import SIMULATED
from kouan.kernel.database import scope
from kouan.kernel.errors import Refused
from kouan.kernel.http.reads import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.store import reading
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

BATCH, MOST = 500, 20_000
MUCH = Text("涉及记录超过 {most} 条，请缩短时段", "More than {most} records: ask for less time")
LOCKED = {
    "enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
    "memory_limit": "256MB", "threads": "1", "lock_configuration": "true",
}  # fmt: skip
INSTANT = pa.timestamp("us")
"""Times in these tables: microseconds, UTC, without a zone."""


async def readings(
    history: History, who: Principal, series: Sequence[Series], since: datetime, until: datetime, every: timedelta | None = None
) -> pa.Table:
    """Readings of some series, which the caller may read: device, metric, at, value, quality, simulated."""
    keys = np.array([one.number for one in series], np.uint64)
    frame = await history.range("reading", keys, since, until, None, every, levels=range(1, who.clearance + 1))
    place = {one.number: n for n, one in enumerate(series)}
    rows = np.array([place[key] for key in frame["key"].tolist()], np.intp)
    names = [pa.array([getattr(one, name) for one in series], pa.string()) for name in ("device", "metric")]
    return pa.table({
        "device": names[0].take(rows), "metric": names[1].take(rows), "at": pa.array(frame["at"], pa.int64()).cast(INSTANT),
        "value": frame["value"], "quality": frame["quality"], "simulated": (frame["flags"] & SIMULATED).astype(bool),
    })  # fmt: skip


async def records(
    port: Port, who: Principal, cls: type[Record], where: Mapping[str, str], fields: Mapping[str, pa.DataType]
) -> pa.Table:
    """Records that meet conditions, as the caller may see them: `ref` and these fields; what is hidden or masked is null.

    Refused when there are more than 20,000.
    """
    schema = pa.schema([("ref", pa.string()), *fields.items()])
    batches: list[pa.RecordBatch] = []
    after: str | None = ""
    while after is not None:
        query = reading.Query(where, "", after, BATCH, who)
        async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
            page = await reading.page(conn, cls, query, port.vault)
            items = await shown(port, who, cls, list(page.rows), conn)
        columns = [pa.array([_value(item, name, kind) for item in items], kind) for name, kind in fields.items()]
        batches.append(pa.RecordBatch.from_arrays([pa.array([item["ref"] for item in items], pa.string()), *columns], schema=schema))
        after = page.next
        if len(batches) * BATCH > MOST:
            raise Refused(MUCH.fill(most=MOST), field="since", rule="beside.most", code="beside.too_much")
    return pa.Table.from_batches(batches, schema)


def _value(item: Mapping[str, Any], name: str, kind: pa.DataType) -> Any:
    value = None if name in item["masked"] else item["data"].get(name)
    return datetime.fromisoformat(value).replace(tzinfo=None) if value is not None and kind == INSTANT else value


async def joined(sql: str, tables: Mapping[str, pa.Table], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows that a query of the platform's own finds in these tables; `values` are its parameters (`$name`)."""
    return await asyncio.to_thread(_joined, sql, tables, values)


def _joined(sql: str, tables: Mapping[str, pa.Table], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    with duckdb.connect(config=dict(LOCKED)) as base:
        for name, table in tables.items():
            base.register(name, table)
        done = base.execute(sql, dict(values))
        names = [column[0] for column in done.description or ()]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]
