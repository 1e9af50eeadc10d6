"""The authorisation check with very many grants: is there a grant in force, and what does a refused and a granted read take.

Runs alone: a platform of its own, filled with synthetic grants by fast SQL (a million unless --rows says otherwise). The check is
measured as the platform does it, one statement over its own socket, nothing remembered: for organisations that hold a hundred
grants each, for types that they hold and types that they do not. Then over HTTP: a refused read, and one that answers a record.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench._command import parser, quantile, say
from bench._million import file_some
from bench._platform import Platform, machine, spent, started
from kouan_sim.doors import Door

ROWS, TIMES, HELD = 1_000_000, 2_000, 100
LIMIT_MS = 1.0
CHUNK = 100_000
DOOR, TYPE, OTHER = "/api/records/base/grant/grant", "base.declaration.declaration", "base.manifest.manifest"
COPY = """
insert into r_base_grant_grant (id, key, ref, version, state, tracks, readers, parties, org, account, submission, filed_at, updated_at,
    doc, sealed, warnings, f_number, f_kind, f_grantor, f_grantee, f_record, f_valid_until)
select uuidv7(), 'COPY' || n, 'grant:COPY' || n, 1, case when n % 10 = 9 then 'revoked' else t.state end, t.tracks,
    array[1, t.org, 1000000 + n % $4::int], t.parties, t.org, t.account, t.submission, t.filed_at, t.updated_at,
    t.doc || jsonb_build_object('number', 'COPY' || n, 'grantee', 'org:u' || n % $4::int), t.sealed, t.warnings, 'COPY' || n, t.f_kind,
    t.f_grantor, 'org:u' || n % $4::int, case when n / $4::int % 20 = 0 then t.f_record else 'base.type.t' || n / $4::int % 20 end,
    t.f_valid_until from r_base_grant_grant t, generate_series($2::int, $3::int) n where t.ref = $1"""
CHECK = "select * from grant_held($1, $2, $3, $4, 1000)"


async def seed(platform: Platform, rows: int) -> dict[str, Any]:
    """Give one grant by the public door and copy it to other users; answers the declaration that it shares."""
    mine = await file_some(platform, 5)
    stated = {"kind": "grant", "grantor": "org:trader", "grantee": "org:trucker", "record": TYPE, "purpose": "benchmark (simulated)",
              "where": [{"name": "ref", "value": mine[0]}], "valid_until": (datetime.now(UTC) + timedelta(days=9)).isoformat()}  # fmt: skip
    async with Door(platform.url, platform.token("trader"), wait=60.0) as door:
        answer = await door.call("POST", DOOR, stated)
        if not answer.ok:
            raise RuntimeError(answer.reason)
    ref = answer.body["item"]["ref"]
    conn, began = await platform.connect("kouan_owner"), time.monotonic()
    await conn.execute("select set_config('app.orgs', '0,1', false); set synchronous_commit = off; set maintenance_work_mem = '256MB'")
    made = [row["indexdef"] for row in await conn.fetch("select indexdef from pg_indexes where tablename = 'r_base_grant_grant'")]
    named = "select indexrelid::regclass::text name from pg_index where indrelid = 'r_base_grant_grant'::regclass and not indisprimary"
    for row in await conn.fetch(named):
        await conn.execute(f"drop index {row['name']}")
    for first in range(0, rows, CHUNK):
        await conn.execute(COPY, ref, first, min(first + CHUNK, rows) - 1, max(rows // HELD, 1))
    for statement in made:
        if "_pkey" not in statement:
            await conn.execute(statement)
    await conn.execute("vacuum (analyze) r_base_grant_grant")
    kept = await conn.fetchval("select count(*) from r_base_grant_grant")
    await conn.close()
    return {"grants": kept, "seconds": round(time.monotonic() - began, 1), "record": mine[0]}


async def check(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    """The check alone, as the platform's own role, for users all over the table."""
    conn = await platform.connect()
    users, found = max(rows // HELD, 1), {}
    for name, kind in (("held", TYPE), ("not held", OTHER)):
        took, got, before = [], 0, platform.cpu()
        for n in range(times):
            user = n * 7919 % users
            began = time.perf_counter()
            answer = await conn.fetch(CHECK, 1_000_000 + user, f"org:u{user}", kind, datetime.now(UTC))
            took.append(time.perf_counter() - began)
            got += len(answer)
        cpu = spent(before, platform.cpu()).get("postgres", 0.0)
        found[name] = {
            "p50_ms": quantile(took, 0.5), "p95_ms": quantile(took, 0.95), "p99_ms": quantile(took, 0.99), "grants": round(got / times, 1),
            "database_cpu_ms": round(cpu / times * 1000, 3),
        }  # fmt: skip
    await conn.close()
    return found


async def doors(platform: Platform, times: int) -> dict[str, Any]:
    """A refused and a granted read over HTTP, each in the audit before it is answered."""
    found: dict[str, Any] = {}
    for name, org, status in (("refused read", "carrier", 403), ("granted read", "trucker", 200)):
        took = []
        async with Door(platform.url, platform.token(org), wait=60.0) as door:
            for _ in range(times):
                began = time.perf_counter()
                answer = await door.get(f"/api/shared/{TYPE}")
                took.append(time.perf_counter() - began)
                if answer.status != status:
                    raise RuntimeError(f"{name}: {answer.status} {answer.reason}")
        found[name] = {"p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99)}
    return found


async def _measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    seeded = await seed(platform, rows)
    before = platform.cpu()
    checks, reads = await check(platform, rows, times), await doors(platform, max(times // 10, 1))
    during = spent(before, platform.cpu())
    return {
        "name": "grants", "grants": seeded["grants"], "seeded_s": seeded["seconds"],
        "p95_ms": max(one["p95_ms"] for one in checks.values()),
        "p99_ms": max(one["p99_ms"] for one in checks.values()), "limit_ms": LIMIT_MS, "checks_each": times, "check": checks,
        "doors": reads, "platform_cpu_s": during,
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES) -> dict[str, Any]:
    """Seed and measure; p99_ms is that of the check alone."""
    where = machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, rows, times))
    return {**measured, "data": "synthetic grants", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=ROWS)
    made.add_argument("--times", type=int, default=TIMES, help="checks of each kind")
    given = made.parse_args()
    say(run(given.rows, given.times), line=given.json)


if __name__ == "__main__":
    main()
