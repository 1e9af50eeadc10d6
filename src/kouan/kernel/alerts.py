"""Alert: a rule over signals and records that raises a handled warning, with severity, place, evidence and fate."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from kouan.kernel.text import Text
from kouan.kernel.words import Word


class Alert(Word):
    """Base of alerts; the engine in operations evaluates them over the latest state."""

    requires = ("title", "clause", "severity", "signal", "threshold")
    title: ClassVar[Text]
    clause: ClassVar[str]
    severity: ClassVar[str]
    signal: ClassVar[str]
    threshold: ClassVar[float]

    @abstractmethod
    def raised(self, state: Mapping[str, Any]) -> Text | None:
        """What is wrong, or None."""
