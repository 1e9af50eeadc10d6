"""One table for each record type against one table for all: the same documents, filtered and sorted as a list is.

`typed`: a table for the type, jsonb beside typed columns for the declared filters, each with a B-tree (column, seq).
`one`: a table for all types with a GIN index over the jsonb. Both under the same row-level security as the platform,
asked by customs, who reads three rows of seven. CPU is the server's.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import Any

from bench.decisions._server import CUSTOMS, House, house, median, parser, plan_of, spent, tell

POLICY = "readers && string_to_array(current_setting('app.orgs', true), ',')::int[]"
TYPED = """create table typed (seq bigint generated always as identity, readers int[] not null, doc jsonb not null,
      f_reference text, f_office text, f_gross bigint, f_at timestamptz);
    create index on typed (seq); create index on typed using gin (readers);
    create index on typed (f_reference, seq); create index on typed (f_office, seq);
    create index on typed (f_gross, seq); create index on typed (f_at, seq)"""
ONE = """create table one (seq bigint generated always as identity, record text not null, readers int[] not null,
      doc jsonb not null);
    create index on one (record, seq); create index on one using gin (readers);
    create index on one using gin (doc jsonb_path_ops)"""
SECURE = "alter table {0} enable row level security; create policy r on {0} using ({1}); grant select on {0} to kouan_app"
BATCH = 100
KINDS = ("declaration", "manifest", "booking", "passage", "order")
LISTS = {
    "equal: one reference": {
        "typed": "select doc from typed where f_reference = 'R77' order by seq desc limit 50",
        "one": """select doc from one where record = 'declaration' and doc @> '{"reference": "R77"}'
            order by seq desc limit 50""",
    },
    "range, sorted by the field": {
        "typed": "select doc from typed where f_gross >= 9000 order by f_gross, seq limit 50",
        "one": """select doc from one where record = 'declaration' and (doc ->> 'gross')::bigint >= 9000
            order by (doc ->> 'gross')::bigint, seq limit 50""",
    },
}  # fmt: skip


def _documents(count: int) -> list[dict[str, Any]]:
    chance = random.Random(7)
    return [
        {"reference": f"R{n % (count // 20)}", "office": f"99{n % 40:02}", "gross": chance.randrange(10_000),
         "at": f"2026-11-{1 + n % 28:02}T08:00:00Z", "note": "x" * 300}
        for n in range(count)
    ]  # fmt: skip


def _typed(n: int, doc: dict[str, Any]) -> tuple[Any, ...]:
    return (_readers(n), json.dumps(doc), doc["reference"], doc["office"], doc["gross"], doc["at"])


def _one(n: int, doc: dict[str, Any]) -> tuple[Any, ...]:
    return (KINDS[n // 5000 % len(KINDS)], _readers(n), json.dumps(doc))


def _readers(n: int) -> list[int]:
    return [1, 1000 + n % 5000, *([CUSTOMS] if n % 7 < 3 else [])]


INSERTS = {
    "typed": ("""insert into typed (readers, doc, f_reference, f_office, f_gross, f_at)
        values ($1, $2, $3, $4, $5, $6::text::timestamptz)""", _typed),
    "one": ("insert into one (record, readers, doc) values ($1, $2, $3)", _one),
}  # fmt: skip


async def _fill(place: House, conn: Any, way: str, documents: list[dict[str, Any]]) -> dict[str, Any]:
    sql, values = INSERTS[way]
    before, began = place.cpu(), time.monotonic()
    for start in range(0, len(documents), BATCH):
        rows = [values(n, documents[n]) for n in range(start, min(start + BATCH, len(documents)))]
        async with conn.transaction():
            await conn.executemany(sql, rows)
    took = time.monotonic() - began
    cpu = spent(before, place.cpu(), len(documents))
    size = await conn.fetchval(f"select pg_total_relation_size('{way}')")
    await conn.execute(f"vacuum analyze {way}")
    return {"rows_per_s": round(len(documents) / took), "server_cpu_ms_each": cpu["postgres"], "mb": round(size / 1e6, 1)}


async def _ask(place: House, sql: str, runs: int) -> dict[str, Any]:
    conn = await place.connect("kouan_app")
    await conn.execute(f"set plan_cache_mode = force_custom_plan; set jit = off; set app.orgs = '0,{CUSTOMS}'")
    waits = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        rows = await conn.fetch(sql)
        waits.append(time.perf_counter() - began)
    plan = plan_of(await conn.fetch(f"explain (analyze, format json) {sql}"))
    await conn.close()
    return {"rows": len(rows), "median_ms": round(1000 * median(waits[1:]), 2), "plan": plan}


async def _measure(place: House, rows: int, runs: int) -> dict[str, Any]:
    admin = await place.connect("postgres")
    for statement in (TYPED, ONE, SECURE.format("typed", POLICY), SECURE.format("one", POLICY)):
        await admin.execute(statement)
    documents = _documents(rows)
    filled = {way: await _fill(place, admin, way, documents) for way in INSERTS}
    lists = {name: {way: await _ask(place, sql, runs) for way, sql in ways.items()} for name, ways in LISTS.items()}
    await admin.close()
    return {"table_rows": rows, "note": "`one` holds five types, `typed` one: it is asked about a fifth of its rows",
            "filled": filled, "lists": lists}  # fmt: skip


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=100_000)
    made.add_argument("--runs", type=int, default=15)
    given = made.parse_args()
    with house() as place:
        tell(__doc__, asyncio.run(_measure(place, given.rows, given.runs)))


if __name__ == "__main__":
    main()
