"""Sealed files that can be read in part: blocks of 256 KiB, each sealed by itself, bound to file, place and length.

    8 bytes    KOUANSB1
    8 bytes    length of the text, big-endian
    blocks     12 bytes nonce, the block, 16 bytes tag; the last one is shorter, and there is always one

A block that was moved, left out or taken from another file does not open; nor does any when the stated length was changed.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

from kouan.kernel.suites.suite import NONCE_BYTES, TAG_BYTES, Key, Unopened

MAGIC = b"KOUANSB1"
BLOCK = 256 * 1024
_HEAD = len(MAGIC) + 8
_MORE = NONCE_BYTES + TAG_BYTES
_HELD = 8
CHANGED = "this file was changed, cut off, or does not belong here"


def _bound(place: str, length: int, number: int) -> bytes:
    return place.encode() + b"\0" + length.to_bytes(8, "big") + number.to_bytes(8, "big")


def write(out: BinaryIO, key: Key, place: str, content: memoryview) -> None:
    """Write a text as a sealed file. `key` meets this file alone; `place` must be told to read it."""
    length = len(content)
    out.write(MAGIC + length.to_bytes(8, "big"))
    for number in range(max(1, -(-length // BLOCK))):
        part = bytes(content[number * BLOCK : (number + 1) * BLOCK])
        out.write(key.seal(part, _bound(place, length, number)))


class Reader(io.RawIOBase):
    """Reads a text of known length from any place; a subclass says what stands there."""

    def __init__(self) -> None:
        super().__init__()
        self._at = self._length = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place of the text."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence])
        return self._at

    def tell(self) -> int:
        """The place of the text that is read next."""
        return self._at


class Blocks(Reader):
    """A sealed file, to be read from any place. Raises OSError where it cannot be read, or was changed."""

    def __init__(self, path: Path, key: Key, place: str) -> None:
        super().__init__()
        self._key, self._place = key, place
        self._held: OrderedDict[int, bytes] = OrderedDict()
        self._file = path.open("rb")
        try:
            head = self._file.read(_HEAD)
            if len(head) < _HEAD or not head.startswith(MAGIC):
                raise OSError(CHANGED)
            self._length = int.from_bytes(head[len(MAGIC) :], "big")
            self._block(0)
        except BaseException:
            self._file.close()
            raise

    def readinto(self, buffer: Any) -> int:
        """Read up to the end of a block."""
        wanted = memoryview(buffer).cast("B")
        if self._at >= self._length:
            return 0
        number, begin = divmod(self._at, BLOCK)
        part = self._block(number)[begin : begin + len(wanted)]
        wanted[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Read no more."""
        self._held.clear()
        self._file.close()
        super().close()

    def _block(self, number: int) -> bytes:
        if number in self._held:
            self._held.move_to_end(number)
            return self._held[number]
        size = min(BLOCK, self._length - number * BLOCK)
        self._file.seek(_HEAD + number * (BLOCK + _MORE))
        try:
            plain = self._key.open(self._file.read(size + _MORE), _bound(self._place, self._length, number))
        except Unopened as changed:
            raise OSError(CHANGED) from changed
        self._held[number] = plain
        if len(self._held) > _HELD:
            self._held.popitem(last=False)
        return plain
