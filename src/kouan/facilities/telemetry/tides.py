"""Up to when the stream is known to be complete: marks that each process which takes signals in puts between its frames.

Who reads a mark has read everything that its writer took in before that moment. So silence is told from a delay: what nobody
heard before a mark was not said, and while no mark comes (the bus away, a process that hangs, a reader that is behind) nothing
is known of who is silent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import orjson

from kouan.facilities.telemetry.leases import dead

NAME = "mark.stream.all"
"""The subject of marks: in the stream, and in none of its partitions, so that no history keeps them."""
EVERY = 1.0
SETTLES = 1_000_000
"""Microseconds that something heard may wait in listener and edge before it is put on the bus."""
SLOW, AWAY = 3_000_000, 60_000_000
"""Microseconds that a writer may be behind its like: then it is looked whether it lives; then it is no longer waited for."""


def mark(role: str, owner: str, at: int) -> tuple[str, bytes]:
    """A mark with an identity of its own: who wrote it, as what, and up to when (microseconds UTC) all it took in is before it."""
    return f"{owner}-{secrets.token_hex(6)}", orjson.dumps({"role": role, "owner": owner, "at": at})


class Tide:
    """The marks of all processes that take signals in, as one reader meets them.

    Sockets are heard by one kind of process (`role`), devices by another. Of each kind the last one is waited for, dead or not:
    until another takes its place nobody listens there.
    """

    def __init__(self, gone: Callable[[str], bool] = dead) -> None:
        self._gone = gone
        self._roles: dict[str, dict[str, int]] = {}

    def take(self, content: bytes) -> int:
        """Read a mark; answers up to when the whole stream is complete. Raises ValueError or KeyError for what is no mark."""
        told = orjson.loads(content)
        owner, at, writers = str(told["owner"]), int(told["at"]), self._roles.setdefault(str(told["role"]), {})
        writers[owner] = at
        for other, last in list(writers.items()):
            if other != owner and (abs(at - last) > AWAY or (at - last > SLOW and self._gone(other))):
                del writers[other]
        return min(last for writers in self._roles.values() for last in writers.values())
