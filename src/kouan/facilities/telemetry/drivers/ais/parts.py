"""Messages of several sentences: parts wait here until their message is whole, in whatever order they come.

Parts belong together by the group of their tag block, else by source, sequence number, channel and count. Sequence
numbers come round again, so a part that waited for DISTANCE lines, or for MINUTE of event time, waits in vain.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

KEPT = 512
DISTANCE = 2_000
MINUTE = 60_000_000
Key = tuple[bytes, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """One sentence of several. `line` counts the lines of this stream; `at` in microseconds UTC, 0 when unknown."""

    key: Key
    number: int
    count: int
    payload: bytes
    fill: int
    line: int
    at: int
    source: int
    simulated: bool


@dataclass(slots=True)
class Waiting:
    """The parts of one message that have come."""

    parts: dict[int, Part] = field(default_factory=dict)

    def stale(self, part: Part) -> bool:
        """Whether a new part cannot belong to these: one of its number is here, or too much lies between."""
        first = next(iter(self.parts.values()))
        apart = part.at and first.at and abs(part.at - first.at) > MINUTE
        return part.number in self.parts or part.line - first.line > DISTANCE or bool(apart)


class Assembly:
    """Puts parts together. `incomplete` counts the sentences that were given up since the last `given_up()`."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Key, Waiting] = OrderedDict()
        self._given_up = 0

    def __len__(self) -> int:
        """How many sentences wait."""
        return sum(len(waiting.parts) for waiting in self._waiting.values())

    def take(self, part: Part) -> list[Part] | None:
        """One more part: all parts of its message in their order when it is whole now."""
        waiting = self._waiting.get(part.key)
        if waiting is not None and waiting.stale(part):
            self._drop(part.key)
            waiting = None
        if waiting is None:
            waiting = self._waiting[part.key] = Waiting()
        waiting.parts[part.number] = part
        if len(waiting.parts) == part.count:
            del self._waiting[part.key]
            return [waiting.parts[number] for number in range(1, part.count + 1)]
        while len(self._waiting) > KEPT:
            self._drop(next(iter(self._waiting)))
        return None

    def given_up(self) -> int:
        """Sentences whose message never became whole, since the last call."""
        count, self._given_up = self._given_up, 0
        return count

    def _drop(self, key: Key) -> None:
        self._given_up += len(self._waiting.pop(key).parts)
