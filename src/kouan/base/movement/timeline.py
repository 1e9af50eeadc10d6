"""The timeline of a box out of reports that came in any order: what counts, in the order of event time, and what jars.

Pure: the same reports give the same timeline whatever the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kouan.base.movement.records import ACTIVITIES, Activity, Move
from kouan.kernel.text import Text

Where = Literal["aboard", "port", "away", "unknown"]
PLACES: dict[Where, Text] = {
    "aboard": Text("船上", "aboard ship"),
    "port": Text("港内", "in the port"),
    "away": Text("港外", "outside the port"),
    "unknown": Text("不明", "unknown"),
}
AFTER: dict[Activity, Where] = {
    "discharge": "port", "load": "aboard", "restow": "aboard", "gate-in": "port", "gate-out": "away", "stack": "port",
    "shift": "port", "to-bay": "port", "from-bay": "port", "stuff": "port", "strip": "port",
}  # fmt: skip
"""Where a box is once something was done with it."""
JARS: dict[Activity, tuple[Where, ...]] = {
    "discharge": ("port",), "gate-in": ("port",), "load": ("aboard", "away"), "restow": ("away",),
    "gate-out": ("aboard", "away"), "stack": ("aboard", "away"), "shift": ("aboard", "away"),
    "to-bay": ("aboard", "away"), "from-bay": ("aboard", "away"), "stuff": ("aboard", "away"), "strip": ("aboard", "away"),
}  # fmt: skip
"""Where a box cannot have been just before. A box that left may come back by ship or truck unseen, so that does not jar."""
_ORDER = {name: at for at, name in enumerate(("discharge", "gate-in", "stack", "shift", "to-bay", "strip", "stuff",
                                              "from-bay", "restow", "load", "gate-out"))}  # fmt: skip
SAME = timedelta(days=30)
JAR = Text("与前后作业矛盾：{what}，但此前在{where}", "Contradicts other moves: {what}, but just before it was {where}")


@dataclass(frozen=True, slots=True)
class Told:
    """One report: who told it, its reference, when it was kept, and what it says."""

    filer: str
    ref: str
    recorded_at: datetime
    move: Move


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a timeline. `stands`: it counts, no later report corrects or cancels it; `jars`: why it cannot be."""

    told: Told
    stands: bool
    jars: Text | None = None

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.told.move.at


def ordered(reports: Iterable[Told]) -> list[Told]:
    """Reports by event time; at the same moment in the order in which things are done, then by who and what."""
    return sorted(reports, key=lambda t: (t.move.at, _ORDER[t.move.activity], t.filer, t.ref))


def timeline(reports: Iterable[Told]) -> list[Step]:
    """The steps of one box, oldest first, those that were corrected or cancelled included but not counted."""
    known = ordered({told.ref: told for told in reports}.values())
    gone = replaced(known)
    where: Where = "unknown"
    steps = []
    for told in known:
        stands = told.ref not in gone and told.move.function != "cancellation"
        jars = _jars(told.move.activity, where) if stands else None
        if stands:
            where = AFTER[told.move.activity]
        steps.append(Step(told, stands, jars))
    return steps


def replaced(known: Sequence[Told]) -> set[str]:
    """References of reports that a correction or cancellation of the same teller takes out of the count."""
    gone: set[str] = set()
    for one in sorted((t for t in known if t.move.function != "original"), key=lambda t: (t.recorded_at, t.ref)):
        named = next((t for t in known if t.ref == one.move.corrects and t.filer == one.filer), None)
        # A correction that names nothing kept is about the teller's last earlier report of the same kind and voyage.
        about = named or max(
            (t for t in known if _alike(t, one) and t.ref not in gone), key=lambda t: (t.recorded_at, t.ref), default=None
        )
        if about is not None:
            gone.add(about.ref)
    return gone


def _alike(before: Told, one: Told) -> bool:
    a, b = before.move, one.move
    same = before.ref != one.ref and before.filer == one.filer and a.activity == b.activity and a.voyage == b.voyage
    return same and (before.recorded_at, before.ref) < (one.recorded_at, one.ref) and abs(a.at - b.at) < SAME


def _jars(activity: Activity, where: Where) -> Text | None:
    if where not in JARS[activity]:
        return None
    what, place = ACTIVITIES[activity], PLACES[where]
    return Text(JAR.zh.format(what=what.zh, where=place.zh), JAR.en.format(what=what.en, where=place.en))


def standing(steps: Sequence[Step]) -> Where:
    """Where the box is after all that stands."""
    return next((AFTER[step.told.move.activity] for step in reversed(steps) if step.stands), "unknown")


def open_end(steps: Sequence[Step]) -> tuple[str, ...]:
    """What is missing between the first discharge or gate-in and the last gate-out or loading; empty when complete."""
    counted = [step.told.move.activity for step in steps if step.stands]
    came = any(activity in ("discharge", "gate-in") for activity in counted)
    left = bool(counted) and counted[-1] in ("gate-out", "load")
    return tuple(name for name, there in (("arrival", came), ("departure", left)) if not there)
