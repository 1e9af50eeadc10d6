"""Looking at what is used now: disk, database, history, ledger, processors, connections."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouan.assurance.running import store
from kouan.assurance.running.measures import CPU_LIMIT
from kouan.kernel.port import Port
from kouan.kernel.room import MEGABYTE
from kouan.kernel.settings import Settings

EXTRA = "assurance.running.processors"
STAT = Path("/proc/stat")
NEVER_BUSY = (3, 4)
"""Columns of the processors' times that are idle and waiting for a disk."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One quantity now, and its limit, None where none is known."""

    value: float
    limit: float | None = None


async def look(port: Port, settings: Settings) -> dict[str, Seen]:
    """What is used now, by measure; one that cannot be seen on this machine is left out."""
    found: dict[str, Seen] = {}
    disk, history = await asyncio.gather(asyncio.to_thread(_disk, settings), asyncio.to_thread(_sizes, settings.home / "history"))
    sizes = await store.sizes(port.pool)
    # A database elsewhere does not grow on our disk.
    here = disk.limit - disk.value if disk and disk.limit is not None else None
    its = None if settings.database_url else here
    if disk is not None:
        found["disk"] = disk
    found["history"] = Seen(history, None if here is None else history + here)
    for name in ("database", "ledger"):
        found[name] = Seen(sizes[name], None if its is None else sizes[name] + its)
    found["facts"] = Seen(sizes["facts"])
    found["connections"] = Seen(sizes["connections"], sizes["most_connections"])
    if (busy := _busy(port.extras)) is not None:
        found["cpu"] = Seen(busy, CPU_LIMIT)
    return found


def _disk(settings: Settings) -> Seen | None:
    try:
        seen = os.statvfs(settings.home)
    except OSError:
        return None
    # What is kept for the superuser is nobody's room: the disk is full when no more is available to us.
    used = (seen.f_blocks - seen.f_bfree) * seen.f_frsize
    return Seen(float(used), float(used + seen.f_bavail * seen.f_frsize - settings.disk_low_mb * MEGABYTE))


def _sizes(folder: Path) -> float:
    """Bytes of all files below a folder; one that goes away meanwhile counts nothing."""
    whole = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                whole += os.stat(os.path.join(where, name)).st_size  # noqa: PTH116, PTH118 - tens of thousands of them
            except OSError:
                continue
    return float(whole)


def _busy(extras: dict[str, Any]) -> float | None:
    """How busy the machine's processors were since this process looked the last time (percent); None at the first look."""
    try:
        line = STAT.read_text().partition("\n")[0]
    except OSError:
        return None
    now = busy_and_all(line)
    before: tuple[int, int] | None = extras.get(EXTRA)
    extras[EXTRA] = now
    if before is None or now[1] <= before[1]:
        return None
    return 100.0 * (now[0] - before[0]) / (now[1] - before[1])


def busy_and_all(line: str) -> tuple[int, int]:
    """Busy ticks and all ticks out of the first line of /proc/stat (proc(5)); guests' time is within user time already."""
    times = [int(part) for part in line.split()[1:9]]
    return sum(times) - sum(times[n] for n in NEVER_BUSY if n < len(times)), sum(times)


def tasks_each() -> float | None:
    """Tasks of the machine that run or wait to run now, for each processor; None where the machine does not tell."""
    try:
        text = STAT.read_text()
    except OSError:
        return None
    return running(text) / (os.cpu_count() or 1) or None


def running(text: str) -> int:
    """Runnable tasks out of /proc/stat (proc(5)); 0 where it does not tell."""
    found = next((line for line in text.splitlines() if line.startswith("procs_running ")), "")
    return int(found.split()[1]) if found else 0


def rows(seen: Mapping[str, Seen]) -> list[tuple[str, float, float | None]]:
    """As the store takes them."""
    return [(name, one.value, one.limit) for name, one in sorted(seen.items())]
