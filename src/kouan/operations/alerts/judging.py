"""Running the Alert words: each once a second, in order, in the stream's own thread; one that fails or stalls stands alone.

A word that holds the thread longer than its time is interrupted by the process's alarm signal, so that the others go on;
it is tried again after a pause that grows. A call into C that never returns cannot be interrupted so; the supervisor's
health check is what remains for that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kouan.kernel.alerts import Alert, Parameter, Raised
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.alerts.book import Alarm
from kouan.operations.alerts.bounding import at_most

log = logging.getLogger(__name__)
MOST_SECONDS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
MOST_RAISED = 5000


@dataclass(slots=True)
class Health:
    """How a word or rule does: runs, seconds in all, the longest one, what went wrong last, isolated until when."""

    code: str
    runs: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    failures: int = 0
    problem: str = ""
    failed_at: datetime | None = None
    until: datetime | None = None

    def out(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "code": self.code, "runs": self.runs, "seconds": round(self.seconds, 3), "longest_s": round(self.longest, 4),
            "failures": self.failures, "problem": self.problem or None,
            "failed_at": self.failed_at.isoformat() if self.failed_at else None,
            "isolated_until": self.until.isoformat() if self.until else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Set:
    """What staff set of a word: its numbers, and whether it is in use."""

    values: Mapping[str, float]
    enabled: bool = True


class Judges:
    """The words that are declared, and how each does."""

    def __init__(self) -> None:
        self.words: dict[str, Alert] = {word.code: word() for word in every(Alert)}
        self.health = {code: Health(code) for code in self.words}
        self.settings: dict[str, Set] = {}

    def judge(self, code: str, view: Any, now: datetime) -> list[Alarm] | None:
        """The conditions of a word that hold now; None when it could not be asked, so that nothing is known of them."""
        word, health = self.words[code], self.health[code]
        stated = self.settings.get(code, Set({}))
        if health.until is not None and now < health.until:
            return None
        if not stated.enabled:
            return []
        began = time.perf_counter()
        try:
            with at_most(MOST_SECONDS):
                raised = list(word.judge(view, numbers(word.parameters, stated.values), now))[:MOST_RAISED]
        except Exception as problem:  # noqa: BLE001 - a word may fail in any way; it stands alone then
            self._failed(health, problem, now)
            return None
        took = time.perf_counter() - began
        health.runs, health.seconds, health.longest = health.runs + 1, health.seconds + took, max(health.longest, took)
        health.until, health.failures = None, 0
        return [alarm_of(word, one) for one in raised]

    def _failed(self, health: Health, problem: Exception, now: datetime) -> None:
        log.warning("alert %s is isolated: %s: %s", health.code, type(problem).__name__, problem)
        health.failures += 1
        health.problem, health.failed_at = f"{type(problem).__name__}: {problem}"[:200], now
        health.until = now + min(FIRST_PAUSE * 2 ** min(health.failures - 1, 10), LONGEST_PAUSE)


def numbers(parameters: Mapping[str, Parameter], stated: Mapping[str, float]) -> dict[str, float]:
    """A word's numbers: what staff set within its bounds, else its defaults."""
    return {
        name: min(max(float(stated.get(name, one.default)), one.lowest), one.highest) for name, one in parameters.items()
    }


def alarm_of(word: Alert, raised: Raised) -> Alarm:
    """What a word raised, as the book takes it."""
    title = word.title
    return Alarm(
        word.code, raised.key, Text(title.zh, title.en), raised.message, raised.at, raised.severity or word.severity, word.owner,
        word.respond, word.clears_after, word.clause, raised.subjects, raised.evidence, raised.lon, raised.lat, raised.value,
        raised.threshold, _unit(word, raised), raised.orgs, simulated=raised.simulated,
    )  # fmt: skip


def _unit(word: Alert, raised: Raised) -> str:
    """The unit of the parameter that the threshold came from, where only one has that unit."""
    units = {one.unit for one in word.parameters.values() if one.unit}
    return units.pop() if raised.threshold is not None and len(units) == 1 else ""
