"""The journal of a partition: frames as they came, encrypted record by record, with the place in the stream of each.

The newest record's place says from where to read on. So what is in the journal is neither lost nor read twice, whenever
the process that writes it is killed; a record that was cut off does not count, and the stream still has it.
"""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kouan.facilities.telemetry.codec import unpack
from kouan.facilities.telemetry.history.layout import LEVELS, Keys
from kouan.facilities.telemetry.reader import Place
from kouan.kernel.signals import Frame
from kouan.kernel.suites.suite import Unopened

_HEAD, _PLACE = struct.Struct("<IB"), struct.Struct("<QQ")
SUFFIX = ".journal"
MOST = 64 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of the journal: its place in the stream, level and frame; no frame where it only states a place."""

    place: Place
    level: int
    content: bytes

    @property
    def frame(self) -> Frame | None:
        """The frame."""
        return unpack(self.content) if self.content else None


class Journal:
    """One file that grows; written by one process, read by any."""

    def __init__(self, keys: Keys, path: Path) -> None:
        self.path = path
        self._ciphers = {level: keys.key(level, path.name) for level in LEVELS}
        self._waiting: list[bytes] = []
        self._failed: list[bytes] = []
        self._file = -1
        self.size = self.records = 0

    def open(self, place: Place) -> None:
        """Begin the file, stating the place after which it goes on."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.put(Kept(place, 1, b""))
        self.sync(self.collect())

    def put(self, record: Kept) -> None:
        """A record; it is on disk once it was collected and synced."""
        plain = _PLACE.pack(record.place.stream, record.place.number) + record.content
        sealed = self._ciphers[record.level].seal(plain)
        self._waiting.append(_HEAD.pack(len(sealed), record.level) + sealed)
        self.records += bool(record.content)

    def collect(self) -> list[bytes]:
        """What waits to be written, once; called by the thread that puts."""
        waiting, self._waiting, self._failed = self._failed + self._waiting, [], []
        return waiting

    def sync(self, waiting: list[bytes]) -> None:
        """Bring to disk what was collected. May be called in another thread than puts, by one at a time.

        Raises OSError when there is no room: then all of it is collected again, and no part of a record stays in the file.
        """
        if not waiting:
            return
        content = b"".join(waiting)
        view = memoryview(content)
        try:
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)
        except OSError:
            self._failed = waiting
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise
        self.size += len(content)

    def close(self) -> None:
        """Write no more."""
        if self._file >= 0:
            self.sync(self.collect())
            os.close(self._file)
            self._file = -1

    def give_up(self) -> None:
        """It could not be begun: nothing of it stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        self.path.unlink(missing_ok=True)

    def read(self, start: int = 0) -> Iterator[tuple[int, Kept]]:
        """The whole records from an offset on, each with the offset after it; ends before what was cut off."""
        with self.path.open("rb") as source:
            source.seek(start)
            while len(head := source.read(_HEAD.size)) == _HEAD.size:
                length, level = _HEAD.unpack(head)
                if length > MOST or level not in LEVELS or len(sealed := source.read(length)) < length:
                    return
                try:
                    plain = self._ciphers[level].open(sealed)
                except Unopened:
                    return
                start += _HEAD.size + length
                yield start, Kept(Place(*_PLACE.unpack_from(plain)), level, plain[_PLACE.size :])


def journals(keys: Keys, root: Path, part: int) -> list[Journal]:
    """The journals of a partition, oldest first."""
    folder = root / "journal" / f"part-{part}"
    paths = list(folder.glob(f"*{SUFFIX}")) if folder.exists() else []
    return [Journal(keys, path) for path in sorted(paths, key=_number)]


def _number(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.stem.split("-"))
