"""What a message of a device says, whatever its protocol."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

STATED_QUALITY = {"good": 0, "uncertain": 1, "bad": 2}


@dataclass(frozen=True, slots=True)
class Value:
    """One reading: the metric as the device names it, its value, event time in microseconds UTC (0: not told), quality 0 to 2."""

    metric: str
    value: float
    at: int = 0
    quality: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A device's answer to a command, by the command's number."""

    number: str
    done: bool
    text: str = ""


@dataclass(slots=True)
class Told:
    """What a message said: readings, whether the device comes or goes, answers to commands, and what was refused, by cause."""

    values: list[Value] = field(default_factory=list)
    life: Literal["", "birth", "death"] = ""
    answers: list[Answer] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def refuse(self, cause: str, rows: int = 1) -> None:
        """Count what could not be read."""
        self.refused[cause] += rows
