"""The desk of one queue: which message goes to which taker next. No database, no socket.

What was given and not acknowledged stays on the desk, and goes to another taker when its own leaves. Messages about one record are
on the way to one taker at a time, in their order; without sharing the whole queue keeps its order.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

WINDOW = 64
"""So many messages are on the way to one taker unacknowledged."""
AHEAD = 1024
"""So many messages may stand on the desk: those that were taken before an older one that is still on the way, too."""
LEASE = 60.0
"""So many seconds has a taker for the oldest of its messages: then it is let go, and others are given them."""


@dataclass(slots=True, eq=False)
class Hand:
    """One who takes. `way`: what is on the way to it, by the number of its packet; `turn`: when it was given something last."""

    way: dict[int, Entry] = field(default_factory=dict)
    turn: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: itertools.cycle(range(1, 1 << 16)))

    def overdue(self, now: float) -> bool:
        """Whether the oldest message on the way was not acknowledged in time."""
        return bool(self.way) and next(iter(self.way.values())).since + LEASE < now


@dataclass(slots=True, eq=False)
class Entry:
    """A message on the desk. `upto`: the number that is told when it and all before it are; `entity`: the record that it is about;
    `tries`: how often a taker left it; `due`: not given before; `expires`: set aside after (seconds since 1970; 0: never)."""

    seq: int
    upto: int
    entity: str
    body: bytes
    tries: int = 0
    due: float = 0.0
    expires: float = 0.0
    since: float = 0.0
    done: bool = False


class Desk:
    """What lies between the number that is told and the newest that was read. `told`: all up to it was acknowledged or set aside."""

    def __init__(self, told: int, *, shared: bool) -> None:
        self.told, self.shared = told, shared
        self._line: deque[Entry] = deque()
        self._waiting: deque[Entry] = deque()
        self._holders: dict[str, tuple[Hand, int]] = {}
        self._turn = 0

    def put(self, entries: list[Entry], upto: int) -> None:
        """Lay a page on it; the last message before a gap stands for those behind it that are withheld."""
        if entries:
            self._line.extend(entries)
            self._waiting.extend(entries)
        elif self._line:
            self._line[-1].upto = upto
        else:
            self.told = upto

    @property
    def hungry(self) -> bool:
        """Whether more is to be read."""
        return len(self._waiting) < WINDOW and len(self._line) < AHEAD

    def give(self, hands: Collection[Hand], now: float) -> list[tuple[Hand, int, Entry]]:
        """Give what can be given now: to whom, under which packet number."""
        given, kept, blocked = list[tuple[Hand, int, Entry]](), list[Entry](), set[str]()
        while self._waiting and any(len(hand.way) < WINDOW for hand in hands):
            entry = self._waiting.popleft()
            hand = None if entry.due > now or entry.entity in blocked else self._for(entry, hands)
            if hand is not None:
                given.append((hand, self._given(entry, hand, now), entry))
                continue
            kept.append(entry)
            blocked.add(entry.entity)
            if not self.shared:
                break
        self._waiting.extendleft(reversed(kept))
        return given

    def _for(self, entry: Entry, hands: Collection[Hand]) -> Hand | None:
        holder = self._holders.get(entry.entity)
        free = [hand for hand in hands if len(hand.way) < WINDOW and (holder is None or hand is holder[0])]
        return min(free, key=lambda hand: (len(hand.way), hand.turn), default=None)

    def _given(self, entry: Entry, hand: Hand, now: float) -> int:
        number = next(number for number in hand.numbers if number not in hand.way)
        self._turn += 1
        entry.since, hand.way[number], hand.turn = now, entry, self._turn
        self._holders[entry.entity] = hand, self._holders.get(entry.entity, (hand, 0))[1] + 1
        return number

    def taken(self, hand: Hand, number: int) -> bool:
        """A taker acknowledged a message; whether more is told now than before. One that was never given is passed over."""
        entry = hand.way.pop(number, None)
        if entry is None:
            return False
        self._freed(entry)
        entry.done = True
        return self._advance()

    def left(self, hand: Hand) -> Entry | None:
        """A taker is gone: what was on the way to it waits again, in order. Answers the oldest of it, which it stumbled over."""
        back = list(hand.way.values())
        hand.way.clear()
        for entry in back:
            self._freed(entry)
        self._waiting = deque(sorted((*back, *self._waiting), key=lambda entry: entry.seq))
        return back[0] if back else None

    def aside(self, entry: Entry) -> bool:
        """Set a message that waits aside; whether more is told now than before."""
        self._waiting.remove(entry)
        entry.done = True
        return self._advance()

    def expired(self, at: float) -> list[Entry]:
        """What waits and is too old at a moment (seconds since 1970)."""
        return [entry for entry in self._waiting if entry.expires and entry.expires < at]

    def _freed(self, entry: Entry) -> None:
        hand, count = self._holders[entry.entity]
        if count > 1:
            self._holders[entry.entity] = hand, count - 1
        else:
            del self._holders[entry.entity]

    def _advance(self) -> bool:
        before = self.told
        while self._line and self._line[0].done:
            self.told = self._line.popleft().upto
        return self.told > before
