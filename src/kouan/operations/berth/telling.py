"""Berth plans and ship movements in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.text import Text
from kouan.operations.berth.records import ACTIVITIES


def movement(data: Mapping[str, Any]) -> Text:
    """A reported movement."""
    said = ACTIVITIES[str(data["activity"])]
    at = str(data.get("place") or "").removeprefix("place:")
    return Text(f"船舶{said.zh} {at}".strip(), f"Ship {said.en.lower()} {at}".strip())


def planned(data: Mapping[str, Any]) -> Text:
    """A plan."""
    berth = str(data.get("berth") or "").removeprefix("place:")
    return Text(f"计划靠泊 {berth}", f"Planned alongside {berth}")
