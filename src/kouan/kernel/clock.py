"""The one clock. Every time in the platform is aware and UTC; zones belong to screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_now: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - a replaceable function value


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _now()


def use(source: Callable[[], datetime]) -> Callable[[], datetime]:
    """Replace the source of time (clock-skew drills and tests); answers the former one."""
    global _now
    former, _now = _now, source
    return former


def local(moment: datetime, zone: str) -> str:
    """A moment in a place's own time, with its offset, for texts that people read."""
    here = moment.astimezone(ZoneInfo(zone))
    return f"{here:%Y-%m-%d %H:%M} (UTC{here:%z})"


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z, the one canonical form in signed data."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
