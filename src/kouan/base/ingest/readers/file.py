"""What the readers read: a file that lies open, or one that lies sealed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol


class File(Protocol):
    """A file of any length, read from any place, several times."""

    @property
    def name(self) -> str:
        """How it is called, with its ending where it has one."""

    def size(self) -> int:
        """Its bytes."""

    def open(self) -> BinaryIO:
        """Its bytes, from the first on. Raises OSError."""

    def for_arrow(self) -> Any:
        """What pyarrow reads it from."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A file of this machine."""

    path: Path

    @property
    def name(self) -> str:
        """Its name in its folder."""
        return self.path.name

    def size(self) -> int:
        """Its bytes."""
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        """Its bytes."""
        return self.path.open("rb")

    def for_arrow(self) -> Any:
        """Its place: pyarrow opens it by itself."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes that are at hand, as a file."""

    name: str
    body: bytes

    def size(self) -> int:
        """How many they are."""
        return len(self.body)

    def open(self) -> BinaryIO:
        """They."""
        return io.BytesIO(self.body)

    def for_arrow(self) -> Any:
        """They."""
        return self.open()


def whole(file: File) -> bytes:
    """All bytes of a file, whose size was looked at."""
    with file.open() as opened:
        return opened.read()
