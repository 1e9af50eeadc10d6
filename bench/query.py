"""A statement of SQL over very many goods declarations: totals by group, as an officer of customs and as a trader.

Runs alone: a platform of its own, filled with synthetic copies by fast SQL (200,000 unless --rows says otherwise, a million with --full,
which takes longer than `kouan bench` allows). Customs may see all of them, the trader 50. Each statement is asked some times over HTTP,
one after the other: what is loaded is read, handed over and totalled anew each time. The figures are compared with those of PostgreSQL.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from bench._command import quantile
from bench._million import TABLE, command, over_copies, seed
from bench._platform import Platform, family, memory_of, spent
from kouan_sim.doors import Door

ROWS, FULL, TIMES = 200_000, 1_000_000, 5
T = "base_declaration_declaration"
STATEMENTS: Mapping[str, str] = {
    "count": f"select count(*) from {T}",
    "totals": f"select state, count(*) n, sum(gross_kg) kg from {T} group by state order by state",
    "totals of three columns": f"select origin, type_code, count(*) n, sum(packages) p from {T} group by all order by all",
    "totals of what a filter finds": f"select origin, count(*) n, sum(gross_kg) kg from {T} where hs = '850007' group by 1 order by 1",
    "held: joined with itself": f"select count(*) from {T} a join {T} b on a.ref = b.ref",
}
CHECK = f"select state, count(*)::int, sum((doc->>'gross_kg')::float8) from {TABLE} group by state order by state"


class Child:
    """The most memory that the process of a query has held, in MiB: looked at twenty times a second."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._stop = platform, threading.Event()
        self.most = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.05):
            self.most = max([self.most, *(memory_of(pid) for pid in family(self._platform.process.pid) if _asks(pid))])


def _asks(pid: int) -> bool:
    try:
        return b"query/child.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def asked(platform: Platform, org: str, times: int) -> dict[str, Any]:
    """Every statement, some times, as one organisation."""
    found: dict[str, Any] = {}
    async with Door(platform.url, platform.token(org), wait=120.0) as door:
        for name, sql in STATEMENTS.items():
            took, before = [], platform.cpu()
            with Child(platform) as child:
                for _ in range(times):
                    began = time.perf_counter()
                    answer = await door.call("POST", "/api/query/sql", {"sql": sql})
                    took.append(time.perf_counter() - began)
                    if not answer.ok:
                        break
            used = {part: round(one / len(took), 2) for part, one in spent(before, platform.cpu()).items()}
            told = {"p50_ms": quantile(took, 0.5), "most_ms": quantile(took, 1.0), "asked": len(took), "child_mib": round(child.most, 1),
                    "platform_cpu_s_each": used}  # fmt: skip
            found[name] = told | ({"rows": answer.body["rows"][:5], "loaded": answer.body["loaded"]} if answer.ok else
                                  {"refused": str(answer.reason)})  # fmt: skip
    return found


async def _measure(platform: Platform, rows: int, times: int) -> dict[str, Any]:
    seeded = await seed(platform, rows)
    by = {org: await asked(platform, org, times) for org in ("customs", "trader")}
    conn = await platform.connect("kouan_owner")
    await conn.execute("select set_config('app.orgs', $1, false)", "0,1")
    truth = [list(row) for row in await conn.fetch(CHECK)]
    await conn.close()
    same = [[state, n, round(kg or 0, 3)] for state, n, kg in truth]
    told = [[state, n, round(kg or 0, 3)] for state, n, kg in by["customs"]["totals"].get("rows", [])]
    return {
        "name": "query", "rows": seeded["rows"], "trader_rows": seeded["trader_rows"], "seeded_s": seeded["seconds"],
        "totals_are_those_of_the_database": told == same, "as": by,
    }  # fmt: skip


def run(rows: int = ROWS, times: int = TIMES) -> dict[str, Any]:
    """Seed and measure."""
    return over_copies(lambda platform: _measure(platform, rows, times))


def main() -> None:
    """Command line."""
    command(__doc__, run, ROWS, FULL, TIMES)


if __name__ == "__main__":
    main()
