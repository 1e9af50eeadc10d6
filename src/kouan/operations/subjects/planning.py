"""What is planned for a container: registered by the boards that plan it, read out of their own records (register down)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kouan.base.movement.api import TASKS
from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Intent:
    """A move that a record plans: what, when at the earliest and the latest, and which activities mean that it was done."""

    what: Text
    since: datetime | None
    until: datetime | None
    done_by: tuple[str, ...]


Tell = Callable[[Mapping[str, Any], str], Intent | None]
_tell: dict[str, Tell] = {}
DONE: Mapping[str, tuple[str, ...]] = {
    "accept": ("gate-in",), "release": ("gate-out",), "discharge": ("discharge",), "load": ("load",), "stuff": ("stuff",),
    "strip": ("strip",), "to-bay": ("to-bay",), "from-bay": ("from-bay",), "shift": ("shift", "stack"),
}  # fmt: skip
"""Which report of a move tells that an order's task was done."""


def plans(record: str, tell: Tell) -> None:
    """Let a function say what a record of a type plans for a container, out of the fields that the caller may see."""
    _tell[record] = tell


def tellers() -> Mapping[str, Tell]:
    """All record types that plan moves."""
    return _tell


def moment(data: Mapping[str, Any], name: str) -> datetime | None:
    """A field that holds a moment."""
    value = data.get(name)
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def ordered(data: Mapping[str, Any], container: str) -> Intent | None:
    """What a handling order plans; nothing when it takes another one back or does not name the container."""
    units = data.get("units") or ()
    if data.get("function") == "cancel" or not any(unit.get("equipment") == container for unit in units):
        return None
    task = str(data.get("task") or "other")
    return Intent(TASKS.get(task, TASKS["other"]), moment(data, "opens"), moment(data, "closes"), DONE.get(task, ()))
