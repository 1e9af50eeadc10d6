"""Signal: a high-rate observation that is streamed, not filed, and may be thinned under load (and says so)."""

from __future__ import annotations

from typing import ClassVar

from kouan.kernel.text import Text
from kouan.kernel.words import Word


class Signal(Word):
    """One kind of observation: its readings (name → unit) and its level. What may not be lost is a Record."""

    requires = ("title", "readings", "level")
    title: ClassVar[Text]
    readings: ClassVar[dict[str, str]]
    level: ClassVar[int]
