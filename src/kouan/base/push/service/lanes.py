"""One subscriber's lane: what is still to be told, and how its system does. One that is away harms no other."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from kouan.base.push.lifecycle import ACTIVE
from kouan.base.push.matching import Wish
from kouan.base.push.store.lines import Standing
from kouan.base.push.store.messages import Message
from kouan.kernel.clock import now

FIRST_WAIT, LONGEST_AWAY, LONGEST_REFUSED = 0.5, 30.0, 300.0
MOST_REFUSED = 8
"""So often one message may be refused before it is given up."""
MOST_DEAD = 20
"""So many messages in a row may be given up before the subscription is stopped."""
PATIENCE = timedelta(days=3)
"""So long a system may be away before its subscription is stopped."""
LONGEST = 300
NOT_NOW = frozenset({401, 403, 408, 425, 429, 500, 502, 503, 504})
"""Trouble of the subscriber's system with itself or with us, not with this message: it waits and is never given up."""
GONE = 410
Stop = Literal["away", "refused", "gone", "address"]


MOST_FRESH, STALE = 8, 1.0
"""So many messages of a lane are held ready, and for so many seconds: what waits longer is asked for anew whether it may be told."""


class Fresh(NamedTuple):
    """A message as it is told now: made when it was numbered. `body`: None when its subscriber may not read it; `made`: loop time;
    `trace`: the call that it comes from."""

    message: Message
    body: dict[str, Any] | None
    made: float
    trace: str = ""


@dataclass(slots=True)
class Lane:
    """A line in memory. `last`: number of its newest message; `told`: told up to; `due`: when it may be tried (loop time)."""

    wish: Wish
    last: int
    told: int
    epoch: int
    keys: tuple[bytes, ...]
    failures: int = 0
    refused: int = 0
    dead: int = 0
    due: float = 0.0
    busy: bool = False
    away_since: datetime | None = None
    next_try: datetime | None = None
    error: str | None = None
    ok: bool = False
    fresh: deque[Fresh] = field(default_factory=deque)

    @classmethod
    def of(cls, wish: Wish, row: Any, keys: tuple[bytes, ...]) -> Lane:
        """The lane of a kept line. After a restart it is tried at once."""
        return cls(wish, row["last"], row["told"], row["epoch"], keys, failures=row["failures"], refused=row["refused"],
                   away_since=row["away_since"])  # fmt: skip

    @property
    def waits(self) -> bool:
        """Whether there is something to hand over, and it may be."""
        return self.told < self.last and not self.busy and self.wish.state == ACTIVE and self.wish.channel == "webhook"

    @property
    def prompt(self) -> bool:
        """Whether its next message goes out as soon as it is numbered."""
        return self.wish.state == ACTIVE and self.wish.channel == "webhook" and not self.failures and len(self.fresh) < MOST_FRESH

    def ready(self, loop_time: float) -> list[Fresh]:
        """What is held ready right behind what was told; it is held no more."""
        found: list[Fresh] = []
        while self.fresh:
            one = self.fresh.popleft()
            if one.message.seq == self.told + len(found) + 1 and one.made + STALE > loop_time:
                found.append(one)
        return found

    def taken(self, seq: int) -> None:
        """The system took a message."""
        self.told, self.failures, self.refused, self.dead = max(self.told, seq), 0, 0, 0
        self.away_since, self.next_try, self.error, self.ok = None, None, None, True

    def away(self, why: str, loop_time: float) -> Stop | None:
        """The system is away: it is asked again after a pause that doubles. Answers that it has been away for too long."""
        self.failures += 1
        self.away_since = self.away_since or now()
        self._wait(min(FIRST_WAIT * 2.0 ** min(self.failures - 1, 10), LONGEST_AWAY), why, loop_time)
        return "away" if now() - self.away_since > PATIENCE else None

    def refusal(self, seq: int, why: str, loop_time: float) -> tuple[bool, Stop | None]:
        """The system refused a message: whether it is given up, and whether the subscription is to be stopped."""
        self.refused += 1
        self.failures, self.away_since = 0, None
        if self.refused < MOST_REFUSED:
            self._wait(min(FIRST_WAIT * 2.0**self.refused, LONGEST_REFUSED), why, loop_time)
            return False, None
        self.told, self.refused, self.error = seq, 0, why[:LONGEST]
        self.dead += 1
        return True, "refused" if self.dead >= MOST_DEAD else None

    def _wait(self, seconds: float, why: str, loop_time: float) -> None:
        seconds *= random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
        self.due, self.next_try, self.error = loop_time + seconds, now() + timedelta(seconds=seconds), why[:LONGEST]

    def standing(self) -> Standing:
        """How it stands, to be noted."""
        ok, self.ok = self.ok, False
        return Standing(self.wish.line, self.epoch, self.told, self.failures, self.refused, self.next_try, self.error, ok)
