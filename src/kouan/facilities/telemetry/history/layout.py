"""Where the history lies and under which keys.

    history/<signal>/level=<n>/<YYYY-MM-DD>/<HH>/part-<p>/  files of one hour and partition, and `index` that names those that count
    history/journal/part-<p>/<stream>-<number>.journal      what came last, not yet in files

Each level has a key of its own, derived from the port's master key; each file's key is derived from its level's and its name,
so no key meets two files. Nothing in a file, an index or a journal is plain text; names tell signal, level, time and size only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from kouan.kernel.suites.known import DEFAULT
from kouan.kernel.suites.suite import Key, Suite, Unopened

HOUR = 3_600_000_000
INDEX = "index"
LEVELS = (1, 2, 3, 4)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of the history by level, for the algorithms of the port's suite."""

    root: bytes
    suite: Suite = DEFAULT

    @classmethod
    def of(cls, master: bytes, suite: Suite = DEFAULT) -> Keys:
        """The history's keys out of the port's master key."""
        return cls(suite.mac(master, b"kouan/history"), suite)

    def file(self, level: int, name: str) -> bytes:
        """The secret (32 bytes) of one file of a level."""
        return self.suite.mac(self.suite.mac(self.root, b"level %d" % level), name.encode())

    def key(self, level: int, name: str) -> Key:
        """The key that seals one file of a level."""
        return self.suite.key(self.file(level, name))


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that counts: how many rows it has and from when to when (microseconds UTC)."""

    name: str
    rows: int
    first: int
    last: int


def hour_folder(root: Path, signal: str, level: int, hour: int) -> Path:
    """The folder of an hour; `hour` in hours since 1970, UTC."""
    moment = _EPOCH + timedelta(hours=hour)
    return root / signal / f"level={level}" / f"{moment:%Y-%m-%d}" / f"{moment:%H}"


def aad(folder: Path, name: str) -> str:
    """What a file is bound to: its place. A file that was moved elsewhere does not open."""
    return "/".join((*folder.parts[-5:], name))


def read_index(keys: Keys, folder: Path, level: int) -> list[Entry]:
    """The files of a folder that count; none where there is no index, or one that cannot be opened."""
    try:
        raw = (folder / INDEX).read_bytes()
        plain = keys.key(level, INDEX).open(raw, aad(folder, INDEX).encode())
    except (OSError, Unopened):
        return []
    return [Entry(**entry) for entry in orjson.loads(plain)]


def write_index(keys: Keys, folder: Path, level: int, entries: list[Entry]) -> None:
    """State the files that count, whole or not at all."""
    plain = orjson.dumps([{"name": e.name, "rows": e.rows, "first": e.first, "last": e.last} for e in entries])
    sealed = keys.key(level, INDEX).seal(plain, aad(folder, INDEX).encode())
    making = folder / f"{INDEX}.new"
    with making.open("wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    making.replace(folder / INDEX)
