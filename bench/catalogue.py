"""The data catalogue with very many entries: searches in Chinese and English, as a haulier who owns none of them.

Runs alone: a platform of its own, filled with synthetic data sets by fast SQL (100,000 unless --rows says otherwise), which
the platform's own triggers bring into its index. Closed loop over one HTTP connection, 20 entries an answer; each kind of
search is asked many times with other words. `found` is how many entries fit on average (2,000 at most are put in order).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from bench._command import parser, quantile, say
from bench._platform import Platform, machine, spent, started
from kouan_sim.doors import Door

ROWS, TIMES, WARM = 100_000, 60, 3
LIMIT_MS = 100.0
CHUNK = 20_000
ZH = ("集装箱", "船舶", "危险货物", "泊位", "堆场", "铁路", "航班", "冷链", "检疫", "税费", "舱单", "能耗", "水文", "气象", "车辆", "人员")
EN = ("container", "vessel", "dangerous goods", "berth", "yard", "railway", "flight", "cold chain", "quarantine", "duty", "manifest",
      "energy", "tides", "weather", "vehicle", "person")  # fmt: skip
OF_ZH = ("进港", "离港", "查验", "放行", "作业", "预报", "统计", "历史", "实时", "异常", "计划", "效率")
OF_EN = ("arrivals", "departures", "inspection", "release", "handling", "forecast", "statistics", "history", "live", "anomalies", "plan",
         "efficiency")  # fmt: skip
DOOR = "/api/records/base/catalogue/dataset"
COPY = """
insert into r_base_catalogue_dataset (id, key, ref, version, state, tracks, readers, parties, org, account, submission, filed_at,
    updated_at, doc, sealed, warnings, f_code, f_theme, f_level, f_pace, f_simulated)
select gen.id, gen.code, 'dataset:' || gen.code, 1, t.state, t.tracks, t.readers, t.parties, t.org, t.account, gen.id, t.filed_at,
    t.updated_at, t.doc || jsonb_build_object('code', gen.code, 'title_zh', gen.zh, 'title_en', gen.en,
        'summary_zh', gen.zh || '，模拟口岸数据资源，第 ' || gen.n || ' 号',
        'summary_en', 'Synthetic port data resource no. ' || gen.n || ': ' || gen.en),
    t.sealed, t.warnings, gen.code, t.f_theme, t.f_level, t.f_pace, t.f_simulated
from r_base_catalogue_dataset t cross join lateral (
    select n, uuidv7() id, 'COPY-' || n code,
        ($2::text[])[1 + n % 16] || ($4::text[])[1 + n / 16 % 12] || '数据' || n zh,
        ($3::text[])[1 + n % 16] || ' ' || ($5::text[])[1 + n / 16 % 12] || ' data ' || n en
    from generate_series($6::int, $7::int) n) gen
where t.ref = $1"""


async def seed(platform: Platform, rows: int) -> dict[str, Any]:
    """Register one data set by the public door and copy it under other names; answers how many entries there are."""
    stated = {"code": "FIRST", "title_zh": "首个数据集（模拟）", "title_en": "The first data set (simulated)", "simulated": True,
              "updated": datetime.now(UTC).isoformat()}  # fmt: skip
    async with Door(platform.url, platform.token("maritime"), wait=60.0) as door:
        answer = await door.call("POST", DOOR, stated)
        if not answer.ok:
            raise RuntimeError(answer.reason)
        await door.get("/api/catalogue")
    conn, began = await platform.connect("kouan_owner"), time.monotonic()
    await conn.execute("select set_config('app.orgs', '0,1', false); set synchronous_commit = off")
    for first in range(0, rows, CHUNK):
        await conn.execute(COPY, "dataset:FIRST", list(ZH), list(EN), list(OF_ZH), list(OF_EN), first, min(first + CHUNK, rows) - 1)
    await conn.execute("vacuum (analyze) catalogue_entry")
    kept = await conn.fetchval("select count(*) from catalogue_entry")
    await conn.close()
    return {"entries": kept, "seconds": round(time.monotonic() - began, 1)}


def searches(rows: int) -> dict[str, Callable[[int], dict[str, str]]]:
    """The searches, by name; another one at each call."""
    return {
        "Chinese word": lambda n: {"q": ZH[n % 16]},
        "two Chinese signs within words": lambda n: {"q": (ZH[n % 16] + OF_ZH[n % 12])[1:3]},
        "Chinese name": lambda n: {"q": f"{ZH[n % 16]}{OF_ZH[n // 16 % 12]}数据"},
        "English words": lambda n: {"q": f"{EN[n % 16]} {OF_EN[n // 16 % 12]}"},
        "begun English word": lambda n: {"q": EN[n % 16][:4]},
        "exact code": lambda n: {"q": f"COPY-{n * 7919 % rows}"},
        "both languages": lambda n: {"q": f"{ZH[n % 16]} {OF_EN[n // 16 % 12]}"},
        "word of every entry": lambda n: {"q": ("数据", "data", "模拟", "synthetic")[n % 4]},
        "word of none": lambda n: {"q": f"潜艇{n}"},
        "one kind": lambda n: {"q": ZH[n % 16], "kind": "record"},
        "no word": lambda n: {"skip": str(n * 20 % 2000)},
    }


async def measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    """Every kind of search, many times."""
    found: dict[str, Any] = {}
    async with Door(platform.url, platform.token("trucker"), wait=60.0) as door:
        for name, query in searches(rows).items():
            took, fit = [], 0
            for n in range(-WARM, times):
                began = time.perf_counter()
                answer = await door.get(f"/api/catalogue?{urlencode(query(n % times))}")
                if not answer.ok:
                    raise RuntimeError(f"{name}: {answer.reason}")
                if n >= 0:
                    took.append(time.perf_counter() - began)
                    fit += answer.body["found"]
            found[name] = {"p50_ms": quantile(took, 0.5), "p95_ms": quantile(took, 0.95), "p99_ms": quantile(took, 0.99),
                           "found": round(fit / times, 1)}  # fmt: skip
    return found


async def _measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    seeded = await seed(platform, rows)
    before = platform.cpu()
    by = await measure(platform, rows, times)
    during = spent(before, platform.cpu())
    slowest = max((one["p95_ms"], name) for name, one in by.items())
    return {
        "name": "catalogue", "entries": seeded["entries"], "seeded_s": seeded["seconds"], "p95_ms": slowest[0], "slowest": slowest[1],
        "limit_ms": LIMIT_MS, "requests_each": times, "platform_cpu_s": during, "searches": by,
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES) -> dict[str, Any]:
    """Seed and measure; p95_ms is that of the slowest kind of search."""
    where = machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, rows, times))
    return {**measured, "data": "synthetic data sets", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=ROWS)
    made.add_argument("--times", type=int, default=TIMES, help="requests of each kind of search")
    given = made.parse_args()
    say(run(given.rows, given.times), line=given.json)


if __name__ == "__main__":
    main()
