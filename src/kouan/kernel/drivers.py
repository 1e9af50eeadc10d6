"""Driver: a device protocol and its readings."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kouan.kernel.signals import Frame
from kouan.kernel.text import Text
from kouan.kernel.words import Word


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a chunk of a device's bytes held: observations in columns, single ones, and what was refused, by cause."""

    observations: Sequence[Mapping[str, Any]] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    frames: Sequence[Frame] = ()


_LINE_END = re.compile(rb"\r*\n|\r+(?=[^\r\n])")


class Lines:
    """Cuts a device's bytes into lines. What is no whole line yet waits for the next chunk, `longest` bytes of it at most.

    A line ends with LF, CR LF, CR, or CR CR LF as in bulletins (WMO-No. 386); none of these makes an empty line of its own.
    """

    def __init__(self, longest: int) -> None:
        self._longest, self._rest, self._lost = longest, b"", False

    def cut(self, chunk: bytes, refused: Counter[str]) -> list[bytes]:
        """The lines that end in this chunk, without their ends. A longer one is dropped to its end and counted once, as `too_long`."""
        content = self._rest + chunk
        *lines, self._rest = _LINE_END.split(content) if b"\r" in content else content.split(b"\n")
        if self._lost and lines:
            self._lost = False
            del lines[0]
        if len(self._rest) > self._longest:
            if not self._lost:
                refused["too_long"] += 1
            self._rest, self._lost = b"", True
        return lines


class Driver(Word):
    """Base of drivers: protocol, signal and a decoder of the device's bytes; one instance for each connection."""

    requires: ClassVar[tuple[str, ...]] = ("title", "protocol", "signal")
    title: ClassVar[Text]
    protocol: ClassVar[str]
    signal: ClassVar[str]

    @abstractmethod
    def decode(self, chunk: bytes) -> Decoded:
        """Decode whole lines or frames; an incomplete rest is kept for the next call. Never raises for bad bytes."""
