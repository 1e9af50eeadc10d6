"""A database with very many goods declarations: one real filing of each side, copied by fast SQL under other keys.

The copies are synthetic. They have the columns, references, readers and parties that a filing has; they have no
versions, events and ledger entries, which neither a list page nor a search by reference reads. Indexes are those of
the platform: dropped while rows are copied and made again by its own statements.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from bench._command import parser, say
from bench._platform import Platform, machine, started
from kouan.app import registry
from kouan.base.declaration.api import Declaration
from kouan.kernel.store.schema import record_ddl, table
from kouan_sim.doors import Door
from kouan_sim.identifiers import References
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import OFFICE, Desk

MINE = 50
TABLE = table(Declaration)
COPY = f"""
insert into {TABLE} (id, key, ref, version, state, tracks, readers, parties, org, account, submission, filed_at,
    updated_at, doc, sealed, warnings, f_functional_reference, f_type_code, f_office, f_declarant, f_importer, f_vessel,
    f_containers, f_bills, f_origin, f_hs)
select gen.id, 'agent|COPY' || gen.n, 'declaration:AGENT/COPY' || gen.n, 1, gen.state, t.tracks, gen.readers,
    t.parties || jsonb_build_object('declarant', jsonb_build_array($1::int)), $1, t.account, gen.id,
    t.filed_at - gen.n * interval '1 second', t.updated_at - gen.n * interval '1 second',
    t.doc || jsonb_build_object('functional_reference', 'COPY' || gen.n, 'type_code', gen.type, 'declarant',
        gen.declarant, 'importer', gen.importer, 'vessel', gen.vessel, 'containers', gen.boxes, 'bills', gen.bills,
        'origin', gen.origin, 'hs', gen.hs), t.sealed, t.warnings, 'COPY' || gen.n, gen.type, t.f_office, gen.declarant,
    gen.importer, gen.vessel, gen.boxes, gen.bills, gen.origin, gen.hs
from {TABLE} t cross join lateral (
    select n, uuidv7(n * interval '-1 second') id, (array['released', 'released', 'released', 'assessed', 'lodged'])[1 + n % 5] state,
        array_append(array_remove(t.readers, t.org), $1::int) readers,
        (array['IMA', 'EXA', 'IMD', 'EXD'])[1 + n % 4] type, 'enterprise:D' || n % 500 declarant,
        'enterprise:I' || n % 5000 importer, 'vessel:imo:' || 9000000 + n % 200 vessel,
        array['container:COPY' || n] boxes, array['bill:COPY' || n / 2] bills,
        (array['KR', 'JP', 'DE', 'BR', 'VN', 'US', 'FR', 'IT', 'TH', 'MY'])[1 + n % 10] origin,
        (850000 + n % 1000)::text hs
    from generate_series($2::int, $3::int) n) gen
where t.ref = $4"""
LINKS = f"""
insert into ref (ref, record, record_id, readers, at)
select unnest(array_cat(array[f.ref, f.f_vessel], array_cat(f.f_containers, f.f_bills))), '{Declaration.facts.name}',
    f.id, f.readers, f.filed_at from {TABLE} f where f.key like 'agent|COPY%'"""
REF_KEY = "alter table ref add primary key (ref, record, record_id)"
REF_INDEXES = ("create index if not exists ref_record on ref (record_id)",)
CHUNK = 50_000


async def file_some(platform: Platform, count: int = MINE) -> list[str]:
    """File declarations of the trader's own with their cargo report; answers their references."""
    now, desk, refs = datetime.now(UTC), Desk(References()), References()
    voyage = desk.voyage(now + timedelta(hours=6), count)
    kept = []
    async with Door(platform.url, platform.token("carrier"), wait=60.0) as door:
        answer = await door.call("POST", "/api/intake/edifact", cuscar(voyage, now), media="application/edifact")
        if not answer.ok:
            raise RuntimeError(f"cargo report not taken: {answer.reason}")
    async with Door(platform.url, platform.token("trader"), wait=60.0) as door:
        for bill in voyage.bills:
            body = wco_declaration(voyage, bill, refs.next("MINE"), now, office=OFFICE)
            answer = await door.call("POST", "/api/intake/wco-dec", body, media="application/xml")
            if not answer.ok:
                raise RuntimeError(f"declaration not taken: {answer.reason}")
            kept.append(str(answer.body["records"][0]["ref"]))
    return kept


async def seed(platform: Platform, rows: int) -> dict[str, Any]:
    """Fill the database; answers how many rows there are and how long it took."""
    registry.load()
    mine = await file_some(platform)
    conn, began = await platform.connect("kouan_owner"), time.monotonic()
    await conn.execute("set maintenance_work_mem = '256MB'; set synchronous_commit = off")
    agent = await conn.fetchval("select id from organisation where slug = 'agent'")
    await conn.execute("select set_config('app.orgs', $1, false)", f"0,1,{agent}")
    await _bare(conn)
    for first in range(0, rows, CHUNK):
        last = min(first + CHUNK, rows) - 1
        await conn.execute(COPY, agent, first, last, mine[0])
    await conn.execute(LINKS)
    for statement in (REF_KEY, *(one for one in (*REF_INDEXES, *record_ddl(Declaration)) if "index" in one)):
        await conn.execute(statement)
    await conn.execute(f"vacuum (analyze) {TABLE}")
    await conn.execute("vacuum (analyze) ref")
    kept = await conn.fetchval(f"select count(*) from {TABLE}")
    await conn.close()
    return {"rows": kept, "seconds": round(time.monotonic() - began, 1), "trader_rows": len(mine), "mine": mine}


async def _bare(conn: asyncpg.Connection) -> None:
    """Drop the indexes: to make them at the end over all rows is much faster than to keep them up row by row."""
    rows = await conn.fetch(
        "select indexrelid::regclass::text name from pg_index where indrelid = $1::regclass and not indisprimary", TABLE
    )
    for row in rows:
        await conn.execute(f"drop index {row['name']}")
    await conn.execute("drop index if exists ref_record; alter table ref drop constraint ref_pkey")


def over_copies(measure: Callable[[Platform], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    """What is measured on a platform of its own, with what it was measured of and where."""
    where = machine()
    with started() as platform:
        found = asyncio.run(measure(platform))
    return {**found, "data": "synthetic copies of simulated declarations", "machine": where}


def command(about: str | None, run: Callable[[int, int], dict[str, Any]], rows: int, full: int, times: int) -> None:
    """The command line of a benchmark over copies: how many, and how often each thing is asked."""
    made = parser(about)
    made.add_argument("--rows", type=int, default=rows)
    made.add_argument("--full", action="store_true", help=f"{full:,} rows")
    made.add_argument("--times", type=int, default=times, help="requests of each kind")
    given = made.parse_args()
    say(run(full if given.full else given.rows, given.times), line=given.json)
