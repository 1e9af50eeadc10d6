"""Driver: a device protocol and its readings."""

from __future__ import annotations

from abc import abstractmethod
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


class Driver(Word):
    """Base of drivers: protocol, signal and a decoder of the device's bytes; one instance for each connection."""

    requires: ClassVar[tuple[str, ...]] = ("title", "protocol", "signal")
    title: ClassVar[Text]
    protocol: ClassVar[str]
    signal: ClassVar[str]

    @abstractmethod
    def decode(self, chunk: bytes) -> Decoded:
        """Decode whole lines or frames; an incomplete rest is kept for the next call. Never raises for bad bytes."""
