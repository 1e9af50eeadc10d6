"""Group commit against one transaction for each filing: same code, server, machine and run.

Files declarations (no office, so kept on structure alone) from 64 concurrent callers through the kernel's committer,
with room for 128 in a transaction and with room for one. fsync is on.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

from bench.decisions._server import House, house, parser, spent, tell, who
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port

CALLERS = 64
WAYS = {
    "grouped: up to 128 in a transaction, 2 lanes": (128, 2),
    "single: one in a transaction, 2 lanes": (1, 2),
    "single: one in a transaction, 16 lanes": (1, 16),
}


async def _file(port: Port, numbers: Any, until: float, waits: list[float]) -> None:
    trader = who("trader")
    while time.monotonic() < until:
        began = time.monotonic()
        data = {"functional_reference": f"N{next(numbers):09}", "function_code": "9", "type_code": "IMA"}
        await port.file(trader, [Draft("base.declaration.declaration", data)])
        waits.append(time.monotonic() - began)


async def _way(place: House, size: int, lanes: int, seconds: float, numbers: Any) -> dict[str, Any]:
    async with place.port(size=size, lanes=lanes) as port:
        await _file(port, numbers, time.monotonic() + 0.5, [])
        waits: list[float] = []
        before, began = place.cpu(), time.monotonic()
        until = began + seconds
        await asyncio.gather(*(_file(port, numbers, until, waits) for _ in range(CALLERS)))
        took, after = time.monotonic() - began, place.cpu()
    waits.sort()
    return {
        "filings": len(waits), "per_s": round(len(waits) / took, 1), "p50_ms": round(1000 * waits[len(waits) // 2], 1),
        "p99_ms": round(1000 * waits[len(waits) * 99 // 100], 1), "cpu_ms_each": spent(before, after, len(waits)),
    }  # fmt: skip


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--seconds", type=float, default=6.0)
    given = made.parse_args()
    numbers = itertools.count()
    with house() as place:
        ways = {name: asyncio.run(_way(place, *how, given.seconds, numbers)) for name, how in WAYS.items()}
    first, *others = ways.values()
    ratios = [round(one["cpu_ms_each"]["together"] / first["cpu_ms_each"]["together"], 2) for one in others]
    tell(__doc__, {"callers": CALLERS, "fsync": True, "ways": ways, "cpu_of_single_over_grouped": ratios})


if __name__ == "__main__":
    main()
