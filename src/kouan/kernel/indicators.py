"""Indicator: a measured number, defined once and shown anywhere."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from kouan.kernel.text import Text
from kouan.kernel.words import Word

if TYPE_CHECKING:
    from kouan.kernel.port import Port


class Indicator(Word):
    """Base of indicators: unit, clause, formula in words, direction of good."""

    requires = ("title", "unit", "clause", "formula", "good")
    title: ClassVar[Text]
    unit: ClassVar[str]
    clause: ClassVar[str]
    formula: ClassVar[Text]
    good: ClassVar[Literal["up", "down"]]

    @abstractmethod
    async def measure(self, port: Port) -> float | None:
        """The number now; None when there is nothing to measure."""
