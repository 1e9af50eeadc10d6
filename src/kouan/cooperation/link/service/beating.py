"""Beats between linked platforms: each tells the other every half minute that it is there, signed; who misses two is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kouan.cooperation.link.service import agreements
from kouan.cooperation.link.store import reading
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

EVERY = 30
"""Seconds between two beats."""
MISSED = 2


@dataclass(frozen=True, slots=True)
class Standing:
    """How a partner does. `heard`: when it last said something, signed; `answered`: when it last answered us; `since`: since when
    there is an agreement in force; `at`: now. All by the database's clock."""

    partner: str
    agreement: str
    heard: datetime | None
    answered: datetime | None
    error: str | None
    since: datetime
    at: datetime

    @property
    def silent_s(self) -> float:
        """Seconds since it was heard; since the agreement stands where it never was."""
        return max((self.at - (self.heard or self.since)).total_seconds(), 0.0)

    @property
    def beats(self) -> int:
        """How many of its beats are missing."""
        return int(self.silent_s // EVERY)

    @property
    def silent(self) -> bool:
        """Whether two beats are missing."""
        return self.silent_s >= MISSED * EVERY

    def out(self) -> dict[str, Any]:
        """As data."""
        return {
            "partner": self.partner, "agreement": self.agreement, "heard_at": stamp(self.heard) if self.heard else None,
            "answered_at": stamp(self.answered) if self.answered else None, "error": self.error, "silent_seconds": round(self.silent_s, 1),
            "missed_beats": self.beats, "silent": self.silent,
        }  # fmt: skip


async def heard(port: Port, partner: str, stamp_: int) -> None:
    """Note that a partner was heard, by the time of its signature."""
    number = port.orgs.named(f"org:{partner}")
    if number is not None:
        async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
            await reading.heard(conn, number, stamp_)


async def spoke(port: Port, partner: str, error: str) -> None:
    """Note that a beat went to a partner, and what was wrong when it did not answer."""
    number = port.orgs.named(f"org:{partner}")
    if number is not None:
        async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
            await reading.spoke(conn, number, error)


async def standings(port: Port) -> list[Standing]:
    """How each partner does with which an agreement is in force."""
    known = await agreements.partners(port)
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        rows, at = await reading.hearings(conn), await reading.present(conn)
    found = []
    for slug, kept in sorted(known.items()):
        org = port.orgs.named(f"org:{slug}")
        row = rows.get(org) if org is not None else None
        heard_, answered, error = (row["heard"], row["answered"], row["error"]) if row else (None, None, None)
        since = max(kept.filed_at, agreements.of(kept).since)
        found.append(Standing(f"org:{slug}", agreements.of(kept).number, heard_, answered, error, since, at))
    return found
