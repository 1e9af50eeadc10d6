"""Whether devices live: what was heard of each, births and deaths, and silence. No clock of its own, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

SILENT_AFTER = 1.8
"""Keep-alives after which a device counts as silent: a little before two, so that it is noticed within two."""
MESSAGES, BYTES = 1000.0, 512.0 * 1024
"""Messages and bytes that a device may send in a second; what is saved up of two seconds may come at once."""
SAVED = 2.0
MOST_EVENTS, AN_HOUR = 60, timedelta(hours=1)
Why = Literal["heard", "birth", "will", "silent", "retired"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A device came online or went offline."""

    code: str
    online: bool
    why: Why
    at: datetime


@dataclass(slots=True)
class Life:
    """One device. `last`: the newest reading of each metric as [value, event time in microseconds UTC]."""

    code: str
    keep_alive: timedelta
    online: bool = False
    since: datetime | None = None
    seen: datetime | None = None
    born: datetime | None = None
    died: datetime | None = None
    why: str = ""
    messages: int = 0
    readings: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    last: dict[str, list[float]] = field(default_factory=dict)
    changed: bool = True
    hour: datetime | None = None
    events: int = 0
    budget: list[float] = field(default_factory=lambda: [SAVED * MESSAGES, SAVED * BYTES, 0.0])

    def row(self) -> tuple[Any, ...]:
        """As it is kept."""
        return (
            self.code, self.online, self.since, self.seen, self.born, self.died, self.why, self.messages, self.readings,
            dict(self.refused), self.last,
        )  # fmt: skip

    def may_speak(self, size: int, now: float) -> bool:
        """Whether a message of so many bytes is read at all (`now`: seconds): a device that floods is cut before it costs anything."""
        messages, room, then = self.budget
        passed = min(max(now - then, 0.0), SAVED)
        messages, room = min(messages + MESSAGES * passed, SAVED * MESSAGES), min(room + BYTES * passed, SAVED * BYTES)
        may = messages >= 1 and room >= size
        self.budget = [messages - may, room - size * may, now]
        return may

    def may_tell(self, now: datetime) -> bool:
        """Whether a turn of this device is still filed: sixty an hour, so that a loose plug does not fill the register."""
        if self.hour is None or now - self.hour >= AN_HOUR:
            self.hour, self.events = now, 0
        self.events += 1
        return self.events <= MOST_EVENTS


class Lives:
    """The lives of all devices in use, by code."""

    def __init__(self) -> None:
        self.of: dict[str, Life] = {}

    def __iter__(self) -> Iterator[Life]:
        return iter(self.of.values())

    def keep(self, wanted: Iterable[tuple[str, float]], now: datetime) -> list[Turn]:
        """These devices are in use, each with its keep-alive in seconds; others are let go of."""
        asked = dict(wanted)
        gone = [Turn(code, False, "retired", now) for code, life in self.of.items() if code not in asked and life.online]
        self.of = {code: self.of.get(code) or Life(code, timedelta(seconds=s)) for code, s in asked.items()}
        for code, seconds in asked.items():
            self.of[code].keep_alive = timedelta(seconds=seconds)
        return gone

    def restore(self, code: str, kept: dict[str, Any], now: datetime) -> None:
        """What was known before this process began; who was online has his time anew, for nobody listened meanwhile."""
        life = self.of[code]
        life.online, life.since, life.born, life.died = kept["online"], kept["since"], kept["born_at"], kept["died_at"]
        life.why, life.messages, life.readings = kept["why"], kept["messages"], kept["readings"]
        life.refused, life.last = Counter(kept["refused"]), dict(kept["last"])
        life.seen = now if life.online else kept["seen_at"]

    def heard(self, code: str, now: datetime, why: Why = "heard") -> Turn | None:
        """A device said something."""
        life = self.of[code]
        life.seen, life.changed = now, True
        if why == "birth":
            life.born = now
        return self._turn(life, True, why, now) if not life.online else None

    def died(self, code: str, now: datetime) -> Turn | None:
        """A device said that it goes, or its last will came."""
        life = self.of[code]
        life.died, life.changed = now, True
        return self._turn(life, False, "will", now) if life.online else None

    def sweep(self, now: datetime) -> list[Turn]:
        """Those that are silent too long."""
        return [
            self._turn(life, False, "silent", now)
            for life in self.of.values()
            if life.online and life.seen is not None and now - life.seen > SILENT_AFTER * life.keep_alive
        ]

    @staticmethod
    def _turn(life: Life, online: bool, why: Why, now: datetime) -> Turn:
        life.online, life.since, life.why, life.changed = online, now, why, True
        return Turn(life.code, online, why, now)
