"""What a platform costs that does nothing: CPU of its first and of a later start, and CPU by part while nobody asks anything of it.

Runs alone: a platform of its own with the demo port's organisations and places, without simulators and without traffic. CPU is counted
by process, in hundredths of a second by the system; wake-ups are the voluntary context switches of a part's processes, transactions
those that PostgreSQL committed. CPU seconds depend on the machine and on what runs beside it: compare two versions one after the other,
several times in alternation.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._command import parser, say
from bench._platform import Platform, family, machine, part_of, spent, started

SECONDS, SETTLES = 60.0, 20.0


def wakes(platform: Platform) -> dict[str, int]:
    """Voluntary context switches so far by part, of all threads."""
    found: dict[str, int] = {}
    for pid in family(platform.process.pid):
        part = part_of(pid)
        for status in Path(f"/proc/{pid}/task").glob("*/status"):
            try:
                lines = status.read_text().splitlines()
            except OSError:
                continue
            found[part] = found.get(part, 0) + sum(int(one.split()[1]) for one in lines if one.startswith("voluntary_ctxt"))
    return found


async def transactions(platform: Platform) -> int:
    """Transactions that PostgreSQL committed so far."""
    conn = await platform.connect()
    try:
        return int(await conn.fetchval("select xact_commit from pg_stat_database where datname = current_database()"))
    finally:
        await conn.close()


def rest(platform: Platform, seconds: float, settles: float) -> dict[str, Any]:
    """CPU seconds a minute, wake-ups and transactions a second by part, after `settles` seconds in which the start dies away."""
    time.sleep(settles)
    committed, cpu, woken, began = asyncio.run(transactions(platform)), platform.cpu(), wakes(platform), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    used, now = spent(cpu, platform.cpu()), wakes(platform)
    committed = asyncio.run(transactions(platform)) - committed
    return {
        "seconds": round(took, 1), "cpu_s_per_minute": {part: round(value * 60 / took, 2) for part, value in used.items()},
        "cpu_s_per_minute_in_all": round(sum(used.values()) * 60 / took, 2), "share_of_a_core": round(sum(used.values()) / took, 4),
        "wakes_per_s": {part: round((count - woken.get(part, 0)) / took, 1) for part, count in sorted(now.items())},
        "transactions_per_s": round(committed / took, 1),
    }  # fmt: skip


def begun(platform: Platform) -> dict[str, Any]:
    """CPU seconds that a start took until the platform was healthy, by part."""
    cpu = {part: round(value, 2) for part, value in sorted(platform.cpu().items())}
    return {"cpu_s": round(sum(cpu.values()), 2), "by_part": cpu}


def run(seconds: float = SECONDS, settles: float = SETTLES) -> dict[str, Any]:
    """Start, start again, do nothing."""
    folder = Path(tempfile.mkdtemp(prefix="kouan-bench-"))
    try:
        with started(folder) as platform:
            first = begun(platform)
        (folder / "home" / "run" / "ports.json").unlink(missing_ok=True)
        with started(folder) as platform:
            later, idle = begun(platform), rest(platform, seconds, settles)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"benchmark": "idle", "first_start": first, "later_start": later, "idle": idle, "machine": machine()}


def main() -> None:
    """Command line."""
    asked = parser(__doc__)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    asked.add_argument("--settles", type=float, default=SETTLES)
    given = asked.parse_args()
    say(run(given.seconds, given.settles), line=given.json)


if __name__ == "__main__":
    main()
