"""Where the history lies and under which keys.

    history/<signal>/level=<n>/<YYYY-MM-DD>/<HH>/part-<p>/  files of one hour and partition, and `index` that names those that count
    history/journal/part-<p>/<stream>-<number>.journal      what came last, not yet in files

Each level has a key of its own, derived from the port's master key; each file's key is derived from its level's and its name,
so no key meets two files. Nothing in a file, an index or a journal is plain text; names tell signal, level, time and size only.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HOUR = 3_600_000_000
INDEX = "index"
LEVELS = (1, 2, 3, 4)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of the history by level."""

    root: bytes

    @classmethod
    def of(cls, master: bytes) -> Keys:
        """The history's keys out of the port's master key."""
        return cls(hmac.digest(master, b"kouan/history", hashlib.sha256))

    def file(self, level: int, name: str) -> bytes:
        """The key (32 bytes) of one file of a level."""
        return hmac.digest(hmac.digest(self.root, b"level %d" % level, hashlib.sha256), name.encode(), hashlib.sha256)


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
        plain = AESGCM(keys.file(level, INDEX)).decrypt(raw[:12], raw[12:], aad(folder, INDEX).encode())
    except (OSError, InvalidTag):
        return []
    return [Entry(**entry) for entry in orjson.loads(plain)]


def write_index(keys: Keys, folder: Path, level: int, entries: list[Entry]) -> None:
    """State the files that count, whole or not at all."""
    nonce = secrets.token_bytes(12)
    plain = orjson.dumps([{"name": e.name, "rows": e.rows, "first": e.first, "last": e.last} for e in entries])
    sealed = nonce + AESGCM(keys.file(level, INDEX)).encrypt(nonce, plain, aad(folder, INDEX).encode())
    making = folder / f"{INDEX}.new"
    with making.open("wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    making.replace(folder / INDEX)
