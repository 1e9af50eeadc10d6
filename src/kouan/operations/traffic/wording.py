"""Stays and approaches in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.text import Text


def visit(data: Mapping[str, Any]) -> Text:
    """A stay."""
    place = str(data.get("place") or "").removeprefix("place:")
    if data.get("left"):
        minutes = round(int(data.get("duration_s") or 0) / 60)
        return Text(f"离开 {place}，停留 {minutes} 分钟", f"Left {place} after {minutes} min")
    return Text(f"到达 {place}", f"Arrived at {place}")


def approach(data: Mapping[str, Any]) -> Text:
    """An approach."""
    place = str(data.get("place") or "").removeprefix("place:")
    return Text(f"推算抵达 {place}", f"Computed arrival at {place}")
