"""Sealed files that grow at their end: what comes in parts, and must not lie open on the disk until it is used.

    8 bytes     KOUANSG1
    16 bytes    salt, from which its owner derives the file's key
    stretches   4 bytes length, big-endian; 12 bytes nonce, the text, 16 bytes tag; each bound to where it begins in the text

A stretch that was moved, changed or taken from another file does not open. What was cut off at the end is not noticed here: the text is
shorter, as after a crash while it was written. Whoever needs to know keeps its length or its digest.
"""

from __future__ import annotations

import io
import os
import secrets
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kouan.kernel.suites.blocks import CHANGED, Reader
from kouan.kernel.suites.suite import NONCE_BYTES, TAG_BYTES, Key, Unopened

MAGIC = b"KOUANSG1"
SALT_BYTES = 16
STRETCH = 1 << 20
"""Bytes of text in a stretch at most."""
_HEAD = len(MAGIC) + SALT_BYTES
_LENGTH = 4
_MORE = NONCE_BYTES + TAG_BYTES


class Growing:
    """One such file; `key_of` gives the key of a salt, which meets this file alone."""

    def __init__(self, path: Path, key_of: Callable[[bytes], Key], name: str = "") -> None:
        self.path, self.name, self._key_of = path, name or path.name, key_of

    def exists(self) -> bool:
        """Whether it was begun."""
        return self.path.is_file()

    def begin(self) -> None:
        """Make it, with nothing in it, unless it was begun before."""
        draft = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}.new")
        try:
            with open(draft, "xb", opener=lambda place, flags: os.open(place, flags, 0o600)) as out:
                out.write(MAGIC + secrets.token_bytes(SALT_BYTES))
                out.flush()
                os.fsync(out.fileno())
            os.link(draft, self.path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)

    def remove(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes of its text. Raises OSError where it is no such file."""
        with self.path.open("rb") as file:
            return _Laid(file).length

    def open(self) -> BinaryIO:
        """Its text, to be read from any place. Raises OSError where it cannot be read, or was changed."""
        return io.BufferedReader(_Text(self.path, self._key_of), STRETCH)

    def for_arrow(self) -> Any:
        """What pyarrow reads it from."""
        return self.open()

    @contextmanager
    def appending(self) -> Iterator[Callable[[bytes], None]]:
        """Puts texts behind what is there; at the end all of them are on the disk. What a crash left half written goes."""
        with self.path.open("r+b") as file:
            laid = _Laid(file)
            key, at, held = self._key_of(laid.salt), laid.length, bytearray()
            file.truncate(laid.end)
            file.seek(laid.end)

            def written(least: int) -> None:
                nonlocal at
                while len(held) >= max(least, 1):
                    text = bytes(held[:STRETCH])
                    file.write(len(text).to_bytes(_LENGTH, "big") + key.seal(text, _bound(at)))
                    at += len(text)
                    del held[:STRETCH]

            def put(text: bytes) -> None:
                held.extend(text)
                written(STRETCH)

            try:
                yield put
            finally:
                written(1)
                file.flush()
                os.fsync(file.fileno())


def _bound(at: int) -> bytes:
    return at.to_bytes(8, "big")


class _Laid:
    """How a file is laid out: where each stretch's text begins, where it lies, and where the last whole one ends."""

    def __init__(self, file: BinaryIO) -> None:
        head = file.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(MAGIC):
            raise OSError(CHANGED)
        self.salt = head[len(MAGIC) :]
        self.begins, self.places = list[int](), list[int]()
        self.length, self.end, whole = 0, _HEAD, os.fstat(file.fileno()).st_size
        while self.end + _LENGTH + _MORE < whole:
            file.seek(self.end)
            size = int.from_bytes(file.read(_LENGTH), "big")
            behind = self.end + _LENGTH + _MORE + size
            if not 0 < size <= STRETCH or behind > whole:
                break
            self.begins.append(self.length)
            self.places.append(self.end + _LENGTH)
            self.length, self.end = self.length + size, behind


class _Text(Reader):
    def __init__(self, path: Path, key_of: Callable[[bytes], Key]) -> None:
        super().__init__()
        self._held = (-1, b"")
        self._file = path.open("rb")
        try:
            self._laid = _Laid(self._file)
            self._length = self._laid.length
            self._key = key_of(self._laid.salt)
        except BaseException:
            self._file.close()
            raise

    def readinto(self, buffer: Any) -> int:
        wanted = memoryview(buffer).cast("B")
        if self._at >= self._length:
            return 0
        number = bisect_right(self._laid.begins, self._at) - 1
        begin = self._at - self._laid.begins[number]
        part = self._stretch(number)[begin : begin + len(wanted)]
        wanted[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        self._held = (-1, b"")
        self._file.close()
        super().close()

    def _stretch(self, number: int) -> bytes:
        if self._held[0] != number:
            begins, place = self._laid.begins, self._laid.places[number]
            behind = begins[number + 1] if number + 1 < len(begins) else self._length
            self._file.seek(place)
            try:
                text = self._key.open(self._file.read(behind - begins[number] + _MORE), _bound(begins[number]))
            except Unopened as changed:
                raise OSError(CHANGED) from changed
            self._held = number, text
        return self._held[1]
