"""How steps depend on each other, and how long they took; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from kouan.kernel.clock import stamp
from kouan.supervision.process.records import CaseStep, Step


def trouble(steps: Sequence[Step]) -> tuple[str, str]:
    """What is wrong with some steps (`twice`, `unknown` or `circle`) and the step concerned; two empty words when nothing is."""
    keys = [step.key for step in steps]
    for key in keys:
        if keys.count(key) > 1:
            return "twice", key
    for step in steps:
        if not set(step.after) <= set(keys):
            return "unknown", step.key
    left = list(steps)
    done: set[str] = set()
    while free := [step for step in left if set(step.after) <= done]:
        done |= {step.key for step in free}
        left = [step for step in left if step.key not in done]
    return ("circle", left[0].key) if left else ("", "")


def begun(steps: Sequence[Step], at: datetime) -> list[dict[str, Any]]:
    """The steps of a new case: those that wait for nobody are ready at once."""
    return opened([{**step.model_dump(mode="json"), "state": "waiting"} for step in steps], at)


def opened(steps: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    """The steps with those made ready that wait for nobody any more."""
    granted = {step["key"] for step in steps if step["state"] == "granted"}
    return [
        {**step, "state": "ready", "ready_at": stamp(at)}
        if step["state"] == "waiting" and set(step.get("after", ())) <= granted
        else dict(step)
        for step in steps
    ]


def outcome(steps: Sequence[CaseStep]) -> str:
    """`granted` when all steps are, `refused` when one is, else empty."""
    held = {step.state for step in steps}
    return "refused" if "refused" in held else "granted" if held == {"granted"} else ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: from application to the last decision, of the longest branch, of all steps one after another; and its steps."""

    elapsed: float
    longest: float
    serial: float
    branch: tuple[str, ...]

    @property
    def won(self) -> float:
        """What was saved against doing the same steps one after another."""
        return max(0.0, self.serial - self.longest)


def timing(steps: Sequence[CaseStep], applied: datetime) -> Timing:
    """How long the decided steps took, each from its being ready; elapsed counts from the application."""
    took = {s.key: (s.decided_at - s.ready_at).total_seconds() for s in steps if s.decided_at and s.ready_at}
    after = {s.key: [key for key in s.after if key in took] for s in steps}

    @cache
    def path(key: str) -> tuple[float, tuple[str, ...]]:
        before = max((path(one) for one in after[key]), default=(0.0, ()))
        return before[0] + took[key], (*before[1], key)

    longest, branch = max((path(key) for key in took), default=(0.0, ()))
    last = max((s.decided_at for s in steps if s.decided_at), default=applied)
    return Timing((last - applied).total_seconds(), longest, sum(took.values()), branch)
