"""The one clock. Every time in the platform is aware and UTC; zones belong to screens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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


def span(begins: datetime, ends: datetime, zone: str) -> str:
    """A stretch of time in a place's own time, short; with offsets where the clock is changed around it.

    In the hour that comes twice the digits alone do not say which is meant.
    """
    here, show = ZoneInfo(zone), "%m-%d %H:%M"
    first, last = begins.astimezone(here), ends.astimezone(here)
    if _plain(first, here) and _plain(last, here) and first.utcoffset() == last.utcoffset():
        return f"{first:{show}}–{last:{show}}"
    return f"{first:{show}} (UTC{first:%z})–{last:{show}} (UTC{last:%z})"


def _plain(moment: datetime, zone: ZoneInfo) -> bool:
    offsets = {moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    return len(offsets) == 1


def shift(seconds: float) -> None:
    """Let this process's clock go wrong by so many seconds: drills of skew in demo folders only."""
    by = timedelta(seconds=seconds)
    use(lambda: datetime.now(UTC) + by)


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z, the one canonical form in signed data."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
