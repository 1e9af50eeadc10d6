"""How much room is left where the data lies: filing stops before PostgreSQL is out of it, and goes on by itself.

Two marks. Under the low-water mark the doors take no more facts and audited reads are refused, while what was accepted is
still worked off. Under half of it that rests, too: what is left belongs to the signer and to PostgreSQL's own needs.
Each mark is left again only a quarter above it, so that filing does not flicker.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kouan.kernel.errors import Unavailable
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text

_log = logging.getLogger(__name__)
MEGABYTE = 1024 * 1024
CODE, RETRY = "disk_low", 5
LOW = Text(
    "存储空间不足，暂停受理；空间恢复后自动继续，请稍后用同一幂等键重试",
    "Storage is low and nothing was accepted; this ends by itself once there is room. Try again with the same Idempotency-Key",
)
LOOK = 0.2
"""Seconds for which a look at the disk holds: at 50 MB/s of growth, 10 MB."""
FULL_FOR = 5.0
"""Seconds for which the database's own word that it is full holds; its disk may be another than ours."""


def free(folders: Iterable[Path]) -> int:
    """Bytes that may still be written, on the fullest of the disks on which these folders lie; missing ones do not count."""
    found = []
    for folder in folders:
        try:
            seen = os.statvfs(folder)
        except OSError:
            continue
        found.append(seen.f_bavail * seen.f_frsize)
    return min(found, default=2**63)


def left(settings: Settings) -> int:
    """Bytes left for a data folder: itself, the database in it and that one's log, wherever they lie."""
    home = settings.home
    return free((home, home / "pg", home / "pg" / "pg_wal"))


class Mark:
    """A mark that is reached from above, and left again only a quarter above it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.reached = False

    def look(self, left: int) -> bool:
        """Whether the mark is reached, now that so many bytes are left."""
        self.reached = left < (self._size * 5 // 4 if self.reached else self._size)
        return self.reached


class Room:
    """What is left on the disks of a data folder. Costs one look at the disk in `LOOK` seconds, however often it is asked."""

    def __init__(self, probe: Callable[[], int], low: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._probe, self._clock = probe, clock
        self._low, self._scarce = Mark(low), Mark(low // 2)
        self._next = self._full_until = float("-inf")

    @classmethod
    def of(cls, settings: Settings) -> Room:
        """The room of a data folder."""
        return cls(lambda: left(settings), settings.disk_low_mb * MEGABYTE)

    @classmethod
    def endless(cls) -> Room:
        """Room that never ends, where nobody watches a disk."""
        return cls(lambda: 2**63, 0)

    def low(self) -> bool:
        """Whether no more facts are taken in and audited reads are refused."""
        self._look()
        return self._low.reached or self._clock() < self._full_until

    def scarce(self) -> bool:
        """Whether what was accepted rests, too."""
        self._look()
        return self._scarce.reached or self._clock() < self._full_until

    def full(self) -> None:
        """The database said that it is out of room."""
        self._full_until = self._clock() + FULL_FOR

    def _look(self) -> None:
        at = self._clock()
        if at < self._next:
            return
        self._next, before, left = at + LOOK, self._low.reached, self._probe()
        self._scarce.look(left)
        if self._low.look(left) != before:
            _log.error("storage: %d MB left; filing %s", left // MEGABYTE, "goes on" if before else "stops")


def refusal() -> Unavailable:
    """Not now: storage is low."""
    return Unavailable(LOW, code=CODE, rule="disk.low_water", retry_after=RETRY)
