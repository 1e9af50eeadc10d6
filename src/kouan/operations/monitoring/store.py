"""Facts and cells: what each record counts for, and the totals by day or hour and part that they add up to.

A fact stands once, under its record, indicator and number. When a record is counted again its facts are put in the place of
those that it had, and each cell is changed by the difference, in one transaction: told twice, late, or in another order, the
totals are the same. Facts are read by those who see what they were made of; cells by the readers that the indicator names
(`org` 0: the port's totals) and by the firm whose own they are (`org` its number).

Of a quantile each day has a cell for every class of values; beside them stands one of class `SUMMARY`, whose total is the class in
which the quantile of that day lies, so that a year's chart needs one row a day; `classes` holds all of them, so that a quantile
over many days needs no more. Which values a dimension had, and on which day last, is kept beside (`monitoring_part`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from kouan.base.place.api import Place
from kouan.kernel.database import Connection
from kouan.kernel.store.schema import secure, table
from kouan.kernel.store.writing import Writing
from kouan.operations.monitoring.adding import Cell, Change, Fact, spelled

DDL: tuple[str, ...] = (
    """create table if not exists monitoring_fact (
        record_id uuid not null, indicator text not null, part int not null, record text not null, ref text not null,
        source text not null, at timestamptz not null, dims jsonb not null, org int not null, bin int not null, n bigint not null,
        value numeric not null, simulated boolean not null, readers int[] not null, primary key (record_id, indicator, part))""",
    "create index if not exists monitoring_fact_at on monitoring_fact (indicator, source, at, record_id, part)",
    *secure("monitoring_fact", "select, insert, update, delete"),
    """create table if not exists monitoring_cell (
        indicator text not null, source text not null, grain text not null, org int not null, whole boolean not null,
        at timestamptz not null, dims jsonb not null, bin int not null, n bigint not null, total numeric not null,
        simulated bigint not null, readers int[] not null,
        primary key (indicator, source, grain, org, whole, at, bin, dims))""",
    *secure("monitoring_cell", "select, insert, update, delete"),
    "alter table monitoring_cell add column if not exists classes bytea",
    # A year of many indicators lies on as many pages as it has days; the index alone answers, where the rows are long settled.
    """create index if not exists monitoring_cell_year on monitoring_cell (indicator, org, at) include (bin, n, total, simulated, readers)
        where source = '' and grain = 'day' and whole and bin <= 0""",
    "drop index if exists monitoring_cell_days",
    "create index if not exists monitoring_cell_loaded on monitoring_cell (indicator, at) where source <> ''",
    """create table if not exists monitoring_part (
        indicator text not null, org int not null, dimension text not null, part text not null, last timestamptz not null,
        readers int[] not null, primary key (indicator, org, dimension, part))""",
    *secure("monitoring_part", "select, insert, update, delete"),
    """create table if not exists monitoring_counted (
        record text primary key, formulas text not null, upto bigint not null, done boolean not null)""",
    "grant select, insert, update, delete on monitoring_counted to kouan_app",
)
_FACT = (
    ("record_id", "uuid"), ("indicator", "text"), ("part", "int"), ("record", "text"), ("ref", "text"), ("source", "text"),
    ("at", "timestamptz"), ("dims", "jsonb"), ("org", "int"), ("bin", "int"), ("n", "bigint"), ("value", "numeric"),
    ("simulated", "boolean"), ("readers", "int[]"),
)  # fmt: skip
_CELL = (
    ("indicator", "text"), ("source", "text"), ("grain", "text"), ("org", "int"), ("whole", "boolean"), ("at", "timestamptz"),
    ("bin", "int"), ("dims", "jsonb"), ("n", "bigint"), ("total", "numeric"), ("simulated", "bigint"), ("readers", "int[]"),
)  # fmt: skip
SUMMARY = -1
SUMMARIES, PARTS = "@summaries", "@parts"
_PART = (
    ("indicator", "text"), ("org", "int"), ("dimension", "text"), ("part", "text"), ("last", "timestamptz"), ("readers", "int[]"),
)  # fmt: skip
_DIMS = Fact._fields.index("dims")
_FACTS = f"select {', '.join(name for name, _ in _FACT)} from monitoring_fact where record_id = any($1)"  # noqa: S608 - names only
_ADD = """on conflict (indicator, source, grain, org, whole, at, bin, dims) do update set n = monitoring_cell.n + excluded.n,
    total = monitoring_cell.total + excluded.total, simulated = monitoring_cell.simulated + excluded.simulated,
    readers = excluded.readers"""
_SEEN = """on conflict (indicator, org, dimension, part) do update set last = excluded.last, readers = excluded.readers
    where monitoring_part.last < excluded.last"""


async def lock(conn: Connection, records: Iterable[UUID]) -> None:
    """Let nobody else count these records until the transaction ends."""
    keys = sorted({int.from_bytes(one.bytes[8:], "big", signed=True) for one in records})
    await conn.execute("select pg_advisory_xact_lock(key) from (select unnest($1::bigint[]) key order by 1) keys", keys)


async def facts_of(conn: Connection, records: Sequence[UUID]) -> set[Fact]:
    """The facts that some records have."""
    return {_fact(row) for row in await conn.fetch(_FACTS, list(records))}


def _fact(row: asyncpg.Record) -> Fact:
    return Fact(*row)._replace(dims=spelled(row["dims"]), readers=tuple(row["readers"]))


async def replace(conn: Connection, gone: Iterable[Fact], come: Iterable[Fact]) -> None:
    """Take some facts away and put others in."""
    marks = sorted({(one.record_id, one.indicator, one.part) for one in gone})
    if marks:
        await conn.execute(
            """delete from monitoring_fact where (record_id, indicator, part) in
               (select * from unnest($1::uuid[], $2::text[], $3::int[]))""",
            *(list(column) for column in zip(*marks, strict=True)),
        )
    writing = Writing()
    writing.insert("monitoring_fact", _FACT, [(*f[:_DIMS], orjson.Fragment(f.dims), *f[_DIMS + 1 :]) for f in come])
    await writing.run(conn, "select 1")


async def change(
    conn: Connection, changes: Mapping[Cell, Change], readers: Mapping[Cell, Sequence[int]], shares: Mapping[str, float]
) -> None:
    """Change totals; always in the same order, so that two transactions do not wait for each other. Empty ones go.

    `shares`: of the indicators that are quantiles, which (0.5: the median).
    """
    rows = [
        (cell.indicator, cell.source, cell.grain, cell.org, cell.whole, cell.at, cell.bin, orjson.Fragment(cell.dims), by.n, by.total,
         by.simulated, list(readers[cell]))
        for cell, by in sorted(changes.items(), key=lambda one: one[0])
        if by.n or by.total or by.simulated
    ]  # fmt: skip
    if not rows:
        return
    writing = Writing()
    writing.insert("monitoring_cell", _CELL, rows, _ADD)
    writing.insert("monitoring_part", _PART, _parts((cell for cell, by in changes.items() if by.n > 0), readers), _SEEN)
    await writing.run(conn, "select 1")
    if any(row[8] < 0 for row in rows):
        sql = "delete from monitoring_cell where n = 0 and indicator = any($1) and at = any($2)"
        await conn.execute(sql, sorted({row[0] for row in rows}), sorted({row[5] for row in rows}))
    touched = sorted({
        (cell.indicator, cell.org, cell.at, shares[cell.indicator]) for cell in changes
        if cell.indicator in shares and cell.whole and cell.grain == "day" and not cell.source
    })  # fmt: skip
    if touched:
        await summarize(conn, touched)


def _parts(cells: Iterable[Cell], readers: Mapping[Cell, Sequence[int]]) -> list[tuple[Any, ...]]:
    """The values of dimensions that some days have, each with the last of these days, in one order."""
    found: dict[tuple[str, int, str, str], Cell] = {}
    for cell in cells:
        if cell.grain == "day" and not cell.whole and cell.dims != "{}":
            for dimension, part in orjson.loads(cell.dims).items():
                key = cell.indicator, cell.org, dimension, part
                if key not in found or found[key].at < cell.at:
                    found[key] = cell
    return [(*key, cell.at, list(readers[cell])) for key, cell in sorted(found.items())]


_GATHER = """
insert into monitoring_part (indicator, org, dimension, part, last, readers)
select indicator, org, key, value, max(at), max(readers) from monitoring_cell, jsonb_each_text(dims)
where grain = 'day' and not whole group by 1, 2, 3, 4
on conflict (indicator, org, dimension, part) do update set last = greatest(monitoring_part.last, excluded.last)"""


async def gather(conn: Connection) -> None:
    """Note the values of dimensions of all that was counted before."""
    await conn.execute(_GATHER)


_FORGET = (
    "delete from monitoring_fact where indicator <> all($1)", "delete from monitoring_cell where indicator <> all($1)",
    "delete from monitoring_part where indicator <> all($1)",
)  # fmt: skip
_TOUCHED = "unnest($1::text[], $2::int[], $3::timestamptz[], $4::float8[]) t(indicator, org, at, share)"
_EMPTY = f"""
delete from monitoring_cell c using {_TOUCHED}
where c.indicator = t.indicator and c.source = '' and c.grain = 'day' and c.org = t.org and c.whole and c.at = t.at and c.bin = {SUMMARY}
    and not exists (select from monitoring_cell b where b.indicator = t.indicator and b.source = '' and b.grain = 'day'
        and b.org = t.org and b.whole and b.at = t.at and b.bin > 0)"""  # noqa: S608 - a constant
_SUMMARIZE = f"""
with classes as (
    select c.indicator, c.org, c.at, c.bin, c.n, c.simulated, c.readers,
        sum(c.n) over (partition by c.indicator, c.org, c.at order by c.bin)
            >= t.share * sum(c.n) over (partition by c.indicator, c.org, c.at) as within
    from {_TOUCHED} join monitoring_cell c on c.indicator = t.indicator and c.source = '' and c.grain = 'day' and c.org = t.org
        and c.whole and c.at = t.at and c.bin > 0)
insert into monitoring_cell (indicator, source, grain, org, whole, at, bin, dims, n, total, simulated, readers, classes)
select indicator, '', 'day', org, true, at, {SUMMARY}, '{{}}', sum(n), min(bin) filter (where within), sum(simulated), max(readers),
    string_agg(int4send(bin) || int8send(n), '' order by bin)
from classes group by indicator, org, at having sum(n) > 0
on conflict (indicator, source, grain, org, whole, at, bin, dims) do update set n = excluded.n, total = excluded.total,
    simulated = excluded.simulated, readers = excluded.readers, classes = excluded.classes"""  # noqa: S608 - a constant


async def summarize(conn: Connection, days: Sequence[tuple[str, int, datetime, float]]) -> None:
    """Say anew in which class the quantile of some days lies: indicator, organisation, the day's beginning, share."""
    columns = [list(column) for column in zip(*days, strict=True)]
    await conn.execute(_EMPTY, *columns)
    await conn.execute(_SUMMARIZE, *columns)


async def unsummarized(conn: Connection, code: str, share: float, limit: int) -> list[tuple[str, int, datetime, float]]:
    """Days of a quantile that have no summary yet, as `summarize` takes them."""
    rows = await conn.fetch(
        f"""select distinct org, at from monitoring_cell c where indicator = $1 and source = '' and grain = 'day' and whole and bin > 0
            and not exists (select from monitoring_cell s where s.indicator = $1 and s.source = '' and s.grain = 'day' and s.org = c.org
                and s.whole and s.at = c.at and s.bin = {SUMMARY}) limit $2""",  # noqa: S608 - a constant
        code, limit,
    )  # fmt: skip
    return [(code, row["org"], row["at"], share) for row in rows]


_STEPS = """select record_id, split_part(topic, ':', 2) as action, at, org, coalesce((principal->>'service')::boolean, false) automatic
    from event where record_id = any($1) order by record_id, version, seq"""


async def steps_of(conn: Connection, records: Sequence[UUID]) -> dict[UUID, list[asyncpg.Record]]:
    """What was done to some records, the oldest first."""
    found: dict[UUID, list[asyncpg.Record]] = {}
    for row in await conn.fetch(_STEPS, list(records)):
        found.setdefault(row["record_id"], []).append(row)
    return found


async def kinds_of(conn: Connection, places: Sequence[str]) -> dict[str, str]:
    """The kinds of some places, by reference."""
    sql = f"select ref, f_kind from {table(Place)} where ref = any($1)"  # noqa: S608 - a name of the registry
    return {row["ref"]: row["f_kind"] for row in await conn.fetch(sql, list(places))}


async def counted(conn: Connection) -> dict[str, asyncpg.Record]:
    """For each record type how far it was counted anew, and by which formulas."""
    return {row["record"]: row for row in await conn.fetch("select * from monitoring_counted")}


async def note(conn: Connection, record: str, formulas: str, upto: int, done: bool) -> None:
    """Remember how far a record type was counted."""
    await conn.execute(
        """insert into monitoring_counted values ($1, $2, $3, $4)
           on conflict (record) do update set formulas = $2, upto = $3, done = $4""",
        record, formulas, upto, done,
    )  # fmt: skip


async def forget(conn: Connection, known: Sequence[str]) -> None:
    """Drop what is kept of indicators that nobody declares any more."""
    for sql in _FORGET:
        await conn.execute(sql, list(known))
