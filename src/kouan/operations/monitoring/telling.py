"""A loaded figure in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.text import Text
from kouan.operations.monitoring.records import SOURCES
from kouan.operations.monitoring.rules import indicator


def figure(data: Mapping[str, Any]) -> Text:
    """The indicator, its day and value, and whose figure it is."""
    code = str(data["indicator"])
    of = indicator(code)
    title, unit = (of.title, of.unit) if of else (Text(code, code), Text("–", "–"))
    source = SOURCES[str(data.get("source") or "other")]
    day, value = data["day"], data["value"]
    return Text(f"{title.zh} {day}：{value} {unit.zh}（{source.zh}）", f"{title.en} {day}: {value} {unit.en} ({source.en})")
