"""Traces over very many goods declarations: one key, everything about it that the caller may know.

Runs alone: a platform of its own, filled with synthetic copies by fast SQL (200,000 unless --rows says otherwise, a
million with --full, which takes longer than `kouan bench` allows). Closed loop over one HTTP connection: containers,
bills and declarations, as an officer of customs, of the port office, and as a trader who may see 50 of the rows. Then
open loop: containers at a rate as customs, each counted from the moment at which it should have been asked.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import orjson

from bench._command import quantile
from bench._million import command, over_copies, seed
from bench._platform import Platform, spent
from kouan_sim.doors import Door
from kouan_sim.load import Filing, Plan, Run

ROWS, FULL, TIMES, WARM = 200_000, 1_000_000, 100, 5
RATE, SECONDS, CONNECTIONS = 20.0, 15.0, 8
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


def _asked(rows: int) -> Iterator[Filing]:
    for at in count():
        ref = _keys(rows, ["-"], at)["container"]
        yield Filing(ref, "/api/trace", "application/json", orjson.dumps({"ref": ref}))


async def sustained(platform: Platform, rows: int, seconds: float) -> dict[str, Any]:
    """Containers asked for at a rate, whatever the answers take."""
    found = await Run(Plan(RATE, seconds, CONNECTIONS), platform.url, platform.token("customs"), _asked(rows)).run()
    return {**{name: found[name] for name in ("rate", "sent", "errors", "busy", "p50_ms", "p99_ms")}, "answered": found["accepted"]}


async def _measure(platform: Platform, rows: int, times: int, seconds: float) -> dict[str, Any]:
    seeded = await seed(platform, rows)
    before, began = platform.cpu(), time.perf_counter()
    by = {org: await measure(platform, org, rows, seeded["mine"], times) for org in CALLERS}
    took, during = time.perf_counter() - began, spent(before, platform.cpu())
    at_rate = await sustained(platform, rows, seconds)
    every = [(one["p99_ms"], f"{org}: {kind}") for org, found in by.items() for kind, one in found.items()]
    asked = len(every) * (times + WARM)
    return {
        "name": "trace", "rows": seeded["rows"], "trader_rows": seeded["trader_rows"], "seeded_s": seeded["seconds"],
        "p99_ms": max(every)[0], "slowest": max(every)[1], "limit_ms": LIMIT_MS, "per_s": round(asked / took, 1),
        "per_cpu_s": round(asked / max(sum(during.values()), 0.01), 1), "platform_cpu_s": during,
        "requests_each": times, "traces": by, "sustained": at_rate,
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES, seconds: float = SECONDS) -> dict[str, Any]:
    """Seed and measure; p99_ms is that of the slowest kind of key of all callers."""
    return over_copies(lambda platform: _measure(platform, rows, times, seconds))


def main() -> None:
    """Command line."""
    command(__doc__, run, ROWS, FULL, TIMES)


if __name__ == "__main__":
    main()
