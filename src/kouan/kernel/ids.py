"""Time-ordered identifiers (RFC 9562 UUID version 7), so that new rows land at the end of their indexes."""

from __future__ import annotations

import os
import time
from uuid import UUID

from asyncpg.pgproto import pgproto

_RANDOM = (0xFFF << 64) | ((1 << 62) - 1)
_MARKS = (0x7 << 76) | (0b10 << 62)
_EACH, _DRAWN = 10, 256
_drawn: list[int] = []
# A forked process must not go on with the same numbers as its parent.
os.register_at_fork(after_in_child=_drawn.clear)


def _random() -> int:
    """80 random bits of the operating system, drawn many at a time: a dozen identifiers are made for each filing."""
    try:
        return _drawn.pop()
    except IndexError:
        drawn = os.urandom(_EACH * _DRAWN)
        _drawn.extend(int.from_bytes(drawn[at : at + _EACH]) for at in range(_EACH, len(drawn), _EACH))
        return int.from_bytes(drawn[:_EACH])


def uuid7() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, 74 random bits. Of the driver's kind, as every identifier that is read."""
    value = (time.time_ns() // 1_000_000 << 80) | (_random() & _RANDOM) | _MARKS
    made: UUID = pgproto.UUID(value.to_bytes(16))
    return made
