"""List pages over very many goods declarations: every declared filter, as an officer of customs and as a trader.

Runs alone: a platform of its own, filled with synthetic copies by fast SQL (200,000 unless --rows says otherwise, a
million with --full, which takes longer than `kouan bench` allows). Closed loop over one HTTP connection: each page of
50 rows is asked for with another value. The trader may see 50 of the rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from bench._command import quantile
from bench._million import command, over_copies, seed
from bench._platform import Platform, spent
from kouan.app import registry
from kouan.base.declaration.api import Declaration
from kouan.kernel.store.schema import filters
from kouan_sim.doors import Door

ROWS, FULL, TIMES, WARM = 200_000, 1_000_000, 60, 5
LIMIT_MS = 100.0
PATH = "/api/records/" + Declaration.facts.name.replace(".", "/")
Value = Callable[[int], str]


def values(rows: int) -> dict[str, Value]:
    """For every declared filter, a value that some copies have; another one at each call."""

    def some(n: int) -> int:
        return n * 7919 % rows

    return {
        "functional_reference": lambda n: f"COPY{some(n)}",
        "type_code": lambda n: ("IMA", "EXA", "IMD", "EXD")[n % 4],
        "office": lambda _: "9901",
        "declarant": lambda n: f"enterprise:D{some(n) % 500}",
        "importer": lambda n: f"enterprise:I{some(n) % 5000}",
        "vessel": lambda n: f"imo:{9_000_000 + some(n) % 200}",
        "containers": lambda n: f"COPY{some(n)}",
        "bills": lambda n: f"COPY{some(n) // 2}",
        "origin": lambda n: ("KR", "JP", "DE", "BR", "VN")[n % 5],
        "hs": lambda n: str(850_000 + some(n) % 1000),
    }


def pages(rows: int) -> dict[str, Callable[[int], dict[str, str]]]:
    """The pages asked for, by name: no filter, each declared filter, state, time, two at once, sorted."""
    registry.load()
    known = values(rows)
    found: dict[str, Callable[[int], dict[str, str]]] = {"(none)": lambda _: {}}
    for name in filters(Declaration):
        found[name] = lambda n, name=name: {name: known[name](n)}  # type: ignore[misc]  # the default is bound on purpose
    found["state"] = lambda n: {"state": ("released", "lodged")[n % 2]}
    found["state that none has"] = lambda _: {"state": "held"}
    found["value that none has"] = lambda n: {"hs": f"99{n}"}
    found["type_code and origin"] = lambda n: {"type_code": known["type_code"](n), "origin": known["origin"](n)}
    found["sorted by importer"] = lambda n: {"sort": "importer" if n % 2 else "-importer"}
    found["office sorted by hs"] = lambda _: {"office": "9901", "sort": "hs"}
    return found


async def _ask(door: Door, query: Mapping[str, str]) -> tuple[float, int]:
    began = time.perf_counter()
    answer = await door.get(f"{PATH}?{urlencode(query)}" if query else PATH)
    took = time.perf_counter() - began
    if not answer.ok:
        raise RuntimeError(f"{query}: {answer.reason}")
    return took, len(answer.body["items"])


async def measure(platform: Platform, org: str, rows: int, times: int) -> dict[str, Any]:
    """Every page, many times, as one organisation."""
    found: dict[str, Any] = {}
    async with Door(platform.url, platform.token(org), wait=60.0) as door:
        for name, query in pages(rows).items():
            for n in range(WARM):
                await _ask(door, query(n + times))
            asked = [await _ask(door, query(n)) for n in range(times)]
            took = [one for one, _ in asked]
            found[name] = {
                "p50_ms": quantile(took, 0.5), "p99_ms": quantile(took, 0.99),
                "rows": round(sum(count for _, count in asked) / times, 1),
            }  # fmt: skip
    return found


async def _measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    seeded = await seed(platform, rows)
    before, began = platform.cpu(), time.perf_counter()
    by = {org: await measure(platform, org, rows, times) for org in ("customs", "trader")}
    took, during = time.perf_counter() - began, spent(before, platform.cpu())
    every = [(one["p99_ms"], f"{org}: {name}") for org, found in by.items() for name, one in found.items()]
    asked = len(every) * (times + WARM)
    return {
        "name": "lists", "rows": seeded["rows"], "trader_rows": seeded["trader_rows"], "seeded_s": seeded["seconds"],
        "p99_ms": max(every)[0], "slowest": max(every)[1], "limit_ms": LIMIT_MS,
        "over_limit": sorted(name for p99, name in every if p99 > LIMIT_MS), "per_s": round(asked / took, 1),
        "per_cpu_s": round(asked / max(sum(during.values()), 0.01), 1), "platform_cpu_s": during,
        "requests_each": times, "pages": by,
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES) -> dict[str, Any]:
    """Seed and measure; p99_ms is that of the slowest page of all."""
    return over_copies(lambda platform: _measure(platform, rows, times))


def main() -> None:
    """Command line."""
    command(__doc__, run, ROWS, FULL, TIMES)


if __name__ == "__main__":
    main()
