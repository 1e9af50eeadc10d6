"""The wall of indicators over millions of events: all tiles in one answer, cold and warm, and each figure beside the sum of its events.

Runs alone: a platform of its own, filled with synthetic facts by fast SQL (2 million unless --rows says otherwise, 20 million with
--full, which takes longer than `kouan bench` allows), spread over 400 days, twenty firms and the values of one dimension; of a
quantile a day has up to 240 classes. Totals are made out of them as the platform would. Cold: PostgreSQL was killed and has
come back, the serving process was begun anew, and the kernel's file cache was emptied where that is allowed (`caches_emptied`).
Warm: the same question again, and other days and periods.
Every tile's figure of the period is compared with the facts themselves (`equal`). Peer: one statement of PostgreSQL that sums the
facts of the same 400 days for all tiles.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench._command import parser, quantile, say
from bench._platform import Platform, family, machine, part_of, spent, started
from kouan.kernel.indicators import QUANTILES
from kouan.operations.monitoring.folding import middle
from kouan.operations.monitoring.store import gather, summarize, unsummarized
from kouan_sim.doors import Door, Unreachable

ROWS, FULL, DAYS, CHUNK, TIMES = 2_000_000, 20_000_000, 400, 500_000, 40
COLD_MS, WARM_MS = 2000.0, 200.0
AWAY = 90.0
DOOR = "/api/monitoring"
KEYS = (
    "alter table monitoring_fact drop constraint if exists monitoring_fact_pkey", "drop index if exists monitoring_fact_at",
)  # fmt: skip
INDEXES = (
    "alter table monitoring_fact add primary key (record_id, indicator, part)",
    "create index monitoring_fact_at on monitoring_fact (indicator, source, at, record_id, part)",
    "vacuum (analyze) monitoring_fact",
)
FACTS = """
insert into monitoring_fact (record_id, indicator, part, record, ref, source, at, dims, org, bin, n, value, simulated, readers)
select gen_random_uuid(), i.code, 0, 'base.movement.move', 'container:BENCH', '',
    $3::timestamptz - ((n::bigint * 7919) % ($4::int * 86400)) * interval '1 s',
    case when i.dim = '' then '{}'::jsonb else jsonb_build_object(i.dim, 'part' || n % 6) end, 1 + n % 20,
    case when i.quantile then 1500 + (n * 31) % 240 else 0 end, 1, n % 50, true, array[0, 1]
from generate_series($5::int, $6::int) n
join unnest($1::text[], $2::text[], $7::bool[]) with ordinality i(code, dim, quantile, place) on i.place = 1 + n % cardinality($1)"""
CELLS = """
insert into monitoring_cell (indicator, source, grain, org, whole, at, dims, bin, n, total, simulated, readers)
select indicator, '', grain, o.org, whole, date_trunc(grain, at, $2), case when whole then '{}'::jsonb else dims end, bin,
    sum(n), sum(value), sum(n), array[0, 1]
from monitoring_fact cross join unnest($3::text[]) grain cross join lateral (values (0), (monitoring_fact.org)) o(org)
    cross join (values (true), (false)) w(whole)
where indicator = $1 group by 1, 3, 4, 5, 6, 7, 8"""
PEER = """select indicator, (at at time zone $1)::date as day, bin, sum(n)::bigint n, sum(value)::float8 total from monitoring_fact
    where source = '' and at >= $2 group by 1, 2, 3"""
SUMS = """select indicator, sum(n)::bigint n, sum(value)::float8 total, percentile_disc(0.5) within group (order by bin) median,
    percentile_disc(0.9) within group (order by bin) p90 from monitoring_fact
    where at >= ($1::date)::timestamp at time zone $3 and at < ($2::date + 1)::timestamp at time zone $3 group by 1"""
ZONE = "Asia/Shanghai"


async def seed(platform: Platform, rows: int) -> tuple[list[dict[str, Any]], float]:
    """Fill facts and totals of every indicator that the port office sees; the indicators, and the seconds that it took."""
    async with Door(platform.url, platform.token("portoffice"), wait=60.0) as door:
        shown = (await door.get(DOOR)).body["indicators"]
    conn, began = await platform.connect("kouan_owner"), time.monotonic()
    for statement in ("set synchronous_commit = off", "set maintenance_work_mem = '1GB'", "set work_mem = '256MB'", *KEYS):
        await conn.execute(statement)
    await conn.execute("select set_config('app.orgs', '0,1', false)")
    codes = [one["code"] for one in shown]
    dims = [one["dimensions"][0]["name"] if one["dimensions"] else "" for one in shown]
    bins = [one["how"] in QUANTILES for one in shown]
    until = await conn.fetchval("select now()")
    for first in range(0, rows, CHUNK):
        await conn.execute(FACTS, codes, dims, until, DAYS, first, min(first + CHUNK, rows) - 1, bins)
    for statement in INDEXES:
        await conn.execute(statement)
    await conn.execute("delete from monitoring_cell")
    for one in shown:
        await conn.execute(CELLS, one["code"], ZONE, list(one["grains"]))
    for one, share in ((one, QUANTILES[one["how"]]) for one in shown if one["how"] in QUANTILES):
        while days := await unsummarized(conn, one["code"], share, 5000):
            await summarize(conn, days)
    await gather(conn)
    await conn.execute("vacuum (analyze) monitoring_cell")
    await conn.close()
    return shown, time.monotonic() - began


async def chill(platform: Platform) -> bool:
    """Kill PostgreSQL and the serving process, empty the kernel's file cache, and wait until filing works; whether it was emptied."""
    conn = await platform.connect("postgres")
    await conn.execute("checkpoint")
    await conn.close()
    serving = [pid for pid in family(platform.process.pid) if part_of(pid) == "serve"]
    for pid in (int((platform.home / "pg" / "postmaster.pid").read_text().split()[0]), *serving):
        os.kill(pid, signal.SIGKILL)
    await asyncio.sleep(1)
    emptied = _emptied()
    limit = time.monotonic() + AWAY
    async with Door(platform.url, "", wait=60.0) as door:
        while not await _well(door):
            if time.monotonic() > limit:
                raise RuntimeError("the platform does not come back")
            await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    return _emptied() and emptied


async def _well(door: Door) -> bool:
    try:
        return (await door.call("GET", "/api/health")).ok
    except Unreachable:
        return False


def _emptied() -> bool:
    try:
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3\n")
    except OSError:
        return False
    return True


async def measure(platform: Platform, times: int) -> dict[str, Any]:
    """One cold question, then warm ones: the same, and other days and periods."""
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    async with Door(platform.url, platform.token("portoffice"), wait=60.0) as door:
        began = time.perf_counter()
        first = await door.get(f"{DOOR}?until={yesterday}&period=7")
        cold = time.perf_counter() - began
        same, other = list[float](), list[float]()
        for n in range(times):
            for found, query in ((same, f"until={yesterday}&period=7"), (other, f"until={yesterday - timedelta(days=n % 30)}&period=30")):
                began = time.perf_counter()
                answer = await door.get(f"{DOOR}?{query}")
                found.append(time.perf_counter() - began)
                if not answer.ok:
                    raise RuntimeError(answer.reason)
    return {
        "cold_ms": round(cold * 1000, 1), "warm": {"p50_ms": quantile(same, 0.5), "p99_ms": quantile(same, 0.99)},
        "other_days": {"p50_ms": quantile(other, 0.5), "p99_ms": quantile(other, 0.99)}, "until": str(yesterday),
        "figures": {one["code"]: (one["how"], one["figures"]) for one in first.body["indicators"]},
    }  # fmt: skip


async def beside(platform: Platform, until: str, figures: dict[str, Any]) -> dict[str, Any]:
    """The same days summed from the facts in one statement, and how many tiles equal the sum of their facts."""
    conn, last = await platform.connect("kouan_owner"), date.fromisoformat(until)
    sums = {row["indicator"]: row for row in await conn.fetch(SUMS, last - timedelta(days=6), last, ZONE)}
    began = time.perf_counter()
    cells = len(await conn.fetch(PEER, ZONE, await conn.fetchval("select now() - interval '400 days'")))
    took = time.perf_counter() - began
    await conn.close()
    equal = 0
    for code, (how, lines) in figures.items():
        shown = next((one for one in lines if one["source"] == ""), None)
        row = sums.get(code)
        if shown is not None and row is not None and shown["cases"] == row["n"]:
            due = float(middle(row[how])) if how in QUANTILES else row["total"]
            equal += how not in ("count", "sum", *QUANTILES) or math.isclose(shown["value"], due, rel_tol=1e-9)
    return {"tiles": len(figures), "equal": equal, "peers": {"one statement over the facts": {"ms": round(took * 1000), "cells": cells}}}


async def _measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    _, took = await seed(platform, rows)
    emptied = await chill(platform)
    before = platform.cpu()
    found = await measure(platform, times)
    during = spent(before, platform.cpu())
    return {
        "name": "tiles", "events": rows, "seeded_s": round(took, 1), "caches_emptied": emptied, "p99_ms": found["warm"]["p99_ms"],
        "cold_ms": found["cold_ms"], "limits_ms": {"cold": COLD_MS, "warm": WARM_MS}, "warm": found["warm"],
        "other_days": found["other_days"],
        "platform_cpu_s": during, **await beside(platform, found["until"], found["figures"]),
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES) -> dict[str, Any]:
    """Seed and measure."""
    where = machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, rows, times))
    return {**measured, "data": "synthetic facts", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=ROWS)
    made.add_argument("--full", action="store_true", help="20 million facts")
    made.add_argument("--times", type=int, default=TIMES, help="warm questions of each kind")
    given = made.parse_args()
    say(run(FULL if given.full else given.rows, given.times), line=given.json)


if __name__ == "__main__":
    main()
