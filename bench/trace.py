"""Traces over very many goods declarations: one key, everything about it that the caller may know.

Runs alone: a platform of its own, filled with synthetic copies by fast SQL (200,000 unless --rows says otherwise, a
million with --full, which takes longer than `kouan bench` allows). Closed loop over one HTTP connection: containers,
bills and declarations, as an officer of customs, of the port office, and as a trader who may see 50 of the rows.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from bench._command import parser, quantile, say
from bench._million import seed
from bench._platform import Platform, machine, spent, started
from kouan_sim.doors import Door

ROWS, FULL, TIMES, WARM = 200_000, 1_000_000, 100, 5
LIMIT_MS = 50.0
CALLERS = ("customs", "portoffice", "trader")


def _keys(rows: int, mine: list[str], at: int) -> dict[str, str]:
    some = at * 7919 % rows
    return {
        "container": f"container:COPY{some}", "bill": f"bill:COPY{some // 2}",
        "declaration": f"declaration:AGENT/COPY{some}", "own declaration": mine[at % len(mine)],
        "none": f"container:NONE{at}",
    }  # fmt: skip


async def _ask(door: Door, ref: str) -> tuple[float, int]:
    began = time.perf_counter()
    answer = await door.call("POST", "/api/trace", {"ref": ref})
    took = time.perf_counter() - began
    if not answer.ok:
        raise RuntimeError(f"{ref}: {answer.reason}")
    return took, len(answer.body["documents"])


async def measure(platform: Platform, org: str, rows: int, mine: list[str], times: int) -> dict[str, Any]:
    """Every kind of key, many times, as one organisation."""
    found: dict[str, Any] = {}
    async with Door(platform.url, platform.token(org), wait=60.0) as door:
        for kind in _keys(rows, mine, 0):
            for at in range(WARM):
                await _ask(door, _keys(rows, mine, at + times)[kind])
            asked = [await _ask(door, _keys(rows, mine, at)[kind]) for at in range(times)]
            took = [one for one, _ in asked]
            found[kind] = {
                "p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99),
                "documents": round(sum(count for _, count in asked) / times, 1),
            }  # fmt: skip
    return found


async def _measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    seeded = await seed(platform, rows)
    before, began = platform.cpu(), time.perf_counter()
    by = {org: await measure(platform, org, rows, seeded["mine"], times) for org in CALLERS}
    took, during = time.perf_counter() - began, spent(before, platform.cpu())
    every = [(one["p99_ms"], f"{org}: {kind}") for org, found in by.items() for kind, one in found.items()]
    asked = len(every) * (times + WARM)
    return {
        "name": "trace", "rows": seeded["rows"], "trader_rows": seeded["trader_rows"], "seeded_s": seeded["seconds"],
        "p99_ms": max(every)[0], "slowest": max(every)[1], "limit_ms": LIMIT_MS, "per_s": round(asked / took, 1),
        "per_cpu_s": round(asked / max(sum(during.values()), 0.01), 1), "platform_cpu_s": during,
        "requests_each": times, "traces": by,
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES) -> dict[str, Any]:
    """Seed and measure; p99_ms is that of the slowest kind of key of all callers."""
    where = machine()
    with started() as platform:
        measured = asyncio.run(_measure(platform, rows, times))
    return {**measured, "data": "synthetic copies of simulated declarations", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--rows", type=int, default=ROWS)
    made.add_argument("--full", action="store_true", help="a million rows")
    made.add_argument("--times", type=int, default=TIMES, help="requests of each kind of key")
    given = made.parse_args()
    say(run(FULL if given.full else given.rows, given.times), line=given.json)


if __name__ == "__main__":
    main()
